//! Model checking: a closure under every schedule that loom can tell apart, or under many that
//! shuttle draws.

#[cfg(pleach_loom)]
pub(crate) mod counted;
#[cfg(pleach_loom)]
mod every;
#[cfg(pleach_shuttle)]
mod random;

use std::env;
use std::sync::OnceLock;

#[cfg(pleach_loom)]
pub use every::{PREEMPTION_BOUND, check, check_within};
#[cfg(pleach_shuttle)]
pub use random::{below, random};

/// Tells whether the environment variable `PLEACH_MUTANT` names this planted bug.
///
/// A planted bug stands behind `cfg(any(pleach_loom, pleach_shuttle))`, so that no build that ships
/// has it, and in the ledger, `docs/memory-ordering.md`. A suite of models that passes with one has
/// not looked.
#[must_use]
pub fn planted(id: &str) -> bool {
    static SELECTED: OnceLock<Option<String>> = OnceLock::new();
    let selected = SELECTED.get_or_init(|| env::var("PLEACH_MUTANT").ok());
    selected.as_deref() == Some(id)
}
