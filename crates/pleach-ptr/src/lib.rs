//! Reference-counted node pointers for copy-on-write trees: a slim tagged kind and a standard one.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "declares and implements an unsafe trait")]
mod allocator;
mod count;
#[allow(unsafe_code, reason = "declares an unsafe trait over raw blocks")]
mod kind;
#[allow(unsafe_code, reason = "owns raw blocks")]
mod shared;
#[allow(unsafe_code, reason = "reads the count through a tagged pointer")]
mod slim;
#[allow(unsafe_code, reason = "implements an unsafe trait")]
mod standard;
mod tag;

pub use allocator::SharedAllocator;
pub use count::Count;
pub use kind::{BLOCK_ALIGN, PtrKind};
pub use pleach_atomic::alloc::{AllocError, Allocator, Global, Layout, handle_alloc_error};
pub use shared::Shared;
pub use slim::{Slim, SlimPtr};
pub use standard::{Standard, StandardPtr};
pub use tag::Tag;
