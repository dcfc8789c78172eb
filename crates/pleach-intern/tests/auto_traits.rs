//! Which types may go from thread to thread, or be looked at by several.

use std::hash::Hash;
use std::panic::{RefUnwindSafe, UnwindSafe};

use pleach_intern::*;
use static_assertions::{assert_impl_all, assert_not_impl_any};

assert_impl_all!(SharedMapping: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin);
assert_impl_all!(SharedMappingHandle: Clone, Default, Send, Sync, UnwindSafe, RefUnwindSafe, Unpin);
assert_impl_all!(WritePermit: Send, UnwindSafe, Unpin);
// Two threads that intern through one permit would write to one slot at once.
assert_not_impl_any!(WritePermit: Sync, Clone);
assert_impl_all!(ThreadPermission: Send, Sync, Default, Unpin);
assert_impl_all!(Symbol: Copy, Eq, Ord, Hash, Send, Sync, AsRef<[u8]>, TryFrom<[u8; 8]>, Unpin);
assert_impl_all!(Iter<'static>: Clone, Send, Sync);
assert_impl_all!(InternError: Copy, Eq, std::error::Error, Send, Sync);
assert_impl_all!(PermitError: Copy, Eq, std::error::Error, Send, Sync);
assert_impl_all!(LoadError: std::error::Error, Send, Sync);
assert_impl_all!(SaveError: std::error::Error, Send, Sync);

#[test]
fn a_symbol_is_eight_bytes() {
    assert_eq!(size_of::<Symbol>(), 8);
}
