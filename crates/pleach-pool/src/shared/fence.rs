//! A pair of fences, one of which costs nothing.
//!
//! A thread that uses its own cache would need a full fence between saying so and looking whether
//! somebody else wants it. It does that all the time, the other one almost never. So the fence is
//! moved over: Linux's `membarrier` makes every running thread of the process perform one. See
//! D. Dice, H. Huang, M. Yang: *Asymmetric Dekker synchronization* (2001), and the crates `seize`
//! and `haphazard`, which do the same.
//!
//! Where the system has no such call both sides perform a fence.

use pleach_atomic::atomic::Ordering;
use pleach_atomic::{compiler_fence, fence};

/// Which fences there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fences {
    asymmetric: bool,
}

impl Fences {
    pub(super) fn new() -> Self {
        let asymmetric = system::has_barrier();
        Self { asymmetric }
    }

    /// The frequent side: our stores before it are seen, or our loads after it see the others'.
    #[inline(always)]
    pub(super) fn light(self) {
        if self.asymmetric {
            // SeqCst (POOL-15): we say that we are busy, before we look whether we are wanted;
            // pairs with POOL-16.
            compiler_fence("POOL-15");
        } else {
            fence("POOL-15", Ordering::SeqCst);
        }
    }

    /// The rare side.
    pub(super) fn heavy(self) {
        // SeqCst (POOL-16): we say what we want, before we look who is busy; pairs with POOL-15.
        fence("POOL-16", Ordering::SeqCst);
        if self.asymmetric {
            system::barrier();
        }
    }
}

#[cfg(all(target_os = "linux", not(any(pleach_loom, pleach_shuttle, miri))))]
mod system {
    use std::sync::LazyLock;

    use rustix::thread::{MembarrierCommand, membarrier};

    /// Whether this process may make its threads perform a fence. To ask is to register for it.
    static HAS_BARRIER: LazyLock<bool> =
        LazyLock::new(|| membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok());

    pub(super) fn has_barrier() -> bool {
        *HAS_BARRIER
    }

    pub(super) fn barrier() {
        let done = membarrier(MembarrierCommand::PrivateExpedited);
        // The kernel promises that it does not fail once registered.
        assert!(done.is_ok(), "a registered barrier failed: {done:?}");
    }
}

/// In models the light side performs a fence too, and the system has nothing to do.
#[cfg(any(pleach_loom, pleach_shuttle))]
mod system {
    pub(super) const fn has_barrier() -> bool {
        true
    }

    pub(super) const fn barrier() {}
}

#[cfg(all(
    not(any(pleach_loom, pleach_shuttle)),
    any(miri, not(target_os = "linux"))
))]
mod system {
    pub(super) const fn has_barrier() -> bool {
        false
    }

    pub(super) const fn barrier() {}
}
