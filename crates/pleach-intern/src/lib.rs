//! A concurrent interner.
#![deny(unsafe_code)]

mod error;
mod file;
mod hash;
mod iter;
mod limits;
mod mapping;
mod memory;
mod ordered;
mod permission;
#[allow(unsafe_code, reason = "a permit lends its slot to its own insertions")]
mod permit;
#[allow(
    unsafe_code,
    reason = "strings and tables that one thread publishes and all read without a lock"
)]
mod raw;
mod symbol;

pub use error::{InternError, InvalidSymbol, LoadError, Part, PermitError, SaveError};
pub use iter::Iter;
pub use limits::Limits;
pub use mapping::{SharedMapping, SharedMappingHandle};
pub use memory::Memory;
pub use permission::ThreadPermission;
pub use permit::WritePermit;
pub use raw::store::MAX_WRITER_THREADS;
pub use symbol::Symbol;
