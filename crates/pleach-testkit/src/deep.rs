//! Long keys, and a stack too small for a recursion as deep as they are.

use std::panic::resume_unwind;
use std::thread::Builder;

/// Bytes of the longest keys.
pub const MIB: usize = 1 << 20;

/// Runs `body` on a stack of 256 KiB.
///
/// # Panics
///
/// If `body` does, with the same panic.
pub fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    let thread = Builder::new().stack_size(256 * 1024).spawn(body);
    if let Err(panic) = thread.expect("the thread starts").join() {
        resume_unwind(panic);
    }
}

/// The first `len` bytes of a sequence without short periods.
pub fn aperiodic(len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}
