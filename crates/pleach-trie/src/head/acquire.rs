//! Futures of zippers, for any executor or none.

use super::Parts;
use super::door::Entering;
use super::paths::Access;
use crate::zipper::{ReadZipperTracked, WriteZipperTracked};
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A write zipper to come: see [`ZipperHead::acquire_write_async`](super::ZipperHead::acquire_write_async).
///
/// It takes its place in the queue when it is first polled, and leaves it when it is dropped.
#[must_use = "futures do nothing unless polled"]
pub struct AcquireWrite<'h, V, K: PtrKind = Slim, A: Allocator = Global> {
    entering: Entering<'h>,
    parts: Option<Parts<'h, V, K, A>>,
}

/// A read zipper to come: see [`ZipperHead::acquire_read_async`](super::ZipperHead::acquire_read_async).
///
/// It takes its place in the queue when it is first polled, and leaves it when it is dropped.
#[must_use = "futures do nothing unless polled"]
pub struct AcquireRead<'h, V, K: PtrKind = Slim, A: Allocator = Global> {
    entering: Entering<'h>,
    parts: Option<Parts<'h, V, K, A>>,
}

impl<'h, V: Clone, K: PtrKind, A: Allocator + Clone> AcquireWrite<'h, V, K, A> {
    pub(super) fn new(parts: Parts<'h, V, K, A>, path: &[u8]) -> Self {
        Self {
            entering: parts.enter(path, Access::Write),
            parts: Some(parts),
        }
    }
}

impl<'h, V: Clone, K: PtrKind, A: Allocator + Clone> AcquireRead<'h, V, K, A> {
    pub(super) fn new(parts: Parts<'h, V, K, A>, path: &[u8]) -> Self {
        Self {
            entering: parts.enter(path, Access::Read),
            parts: Some(parts),
        }
    }
}

// Nothing in them is pinned.
impl<V, K: PtrKind, A: Allocator> Unpin for AcquireWrite<'_, V, K, A> {}
impl<V, K: PtrKind, A: Allocator> Unpin for AcquireRead<'_, V, K, A> {}

impl<'h, V: Clone, K: PtrKind, A: Allocator + Clone> Future for AcquireWrite<'h, V, K, A> {
    type Output = WriteZipperTracked<'h, V, K, A>;

    /// # Panics
    /// If it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let claim = ready!(Pin::new(&mut self.entering).poll(context));
        let parts = self.parts.take().expect("polled after it was ready");
        let path = claim.path().to_vec();
        Poll::Ready(parts.write(&path, Some(claim)))
    }
}

impl<'h, V: Clone, K: PtrKind, A: Allocator + Clone> Future for AcquireRead<'h, V, K, A> {
    type Output = ReadZipperTracked<'h, V, K, A>;

    /// # Panics
    /// If it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let claim = ready!(Pin::new(&mut self.entering).poll(context));
        let parts = self.parts.take().expect("polled after it was ready");
        let path = claim.path().to_vec();
        Poll::Ready(parts.read(&path, Some(claim)))
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for AcquireWrite<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AcquireWrite").field(&self.entering).finish()
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for AcquireRead<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AcquireRead").field(&self.entering).finish()
    }
}
