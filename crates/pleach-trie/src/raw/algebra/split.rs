//! The same on rayon's threads: the children of a fork to which both lead are tasks of their own.
//!
//! A fork is left to the walk of one thread where either side has few values below, and at a depth
//! that keys do not decide. The parts come back as tries, which release their nodes if another task
//! unwinds, and the fork is closed as it always is: so the result is that of one thread, node for
//! node.

use super::pos::Pos;
use super::walk::{Step, Walk};
use super::weave::{Weave, wants, weave};
use super::{Combined, Out, Policy};
use crate::raw::Trie;
use pleach_ptr::{PtrKind, SharedAllocator};
use rayon::prelude::*;

/// Values on the poorer side below which a branch is not divided.
const LEAST: u64 = 1024;

/// Forks above each other that are divided: each takes a frame of the stack.
const DEEPEST: usize = 32;

/// A part of the result, on its way from one thread to another.
enum Part<'a, V, K: PtrKind, A: SharedAllocator> {
    Nothing,
    Left(Pos<'a, V, K>),
    Right(Pos<'a, V, K>),
    Both(Pos<'a, V, K>),
    New(Trie<V, K, A>),
}

impl<'a, V: Clone, K: PtrKind, A: SharedAllocator> Part<'a, V, K, A> {
    fn of(out: Out<'a, V, K>, alloc: &A) -> Self {
        match out {
            Out::Nothing => Self::Nothing,
            Out::Left(pos) => Self::Left(pos),
            Out::Right(pos) => Self::Right(pos),
            Out::Both(pos) => Self::Both(pos),
            Out::New(node) => Self::New(Trie::of_root(Some(node), alloc.clone())),
        }
    }

    fn into_out(self) -> Out<'a, V, K> {
        match self {
            Self::Nothing => Out::Nothing,
            Self::Left(pos) => Out::Left(pos),
            Self::Right(pos) => Out::Right(pos),
            Self::Both(pos) => Out::Both(pos),
            Self::New(mut trie) => trie.take_root().map_or(Out::Nothing, Out::New),
        }
    }
}

/// As [`weave`], on all threads of the pool.
///
/// # Safety
/// The nodes of both come from `alloc`.
unsafe fn split<'a, V, K, A, P>(
    left: Pos<'a, V, K>,
    right: Pos<'a, V, K>,
    alloc: &A,
    policy: &P,
    depth: usize,
) -> Part<'a, V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: SharedAllocator + Send + Sync,
    P: Policy<V> + Clone + Send + Sync,
{
    let mut own = policy.clone();
    let mut walk = Walk::new(left, right, wants(policy));
    let divides = depth < DEEPEST && left.count().min(right.count()) >= LEAST;
    let fork = match divides.then(|| walk.next()) {
        Some(Some(Step::Fork(fork))) => fork,
        // SAFETY: the caller's promise.
        _ => return Part::of(unsafe { weave(left, right, alloc, &mut own) }, alloc),
    };
    let mut weave = Weave::new(alloc);
    if let Some(out) = weave.enter(fork, walk.path.len(), &mut own) {
        return Part::of(out, alloc);
    }
    let below = |(byte, left, right)| {
        // SAFETY: the caller's promise.
        (byte, unsafe {
            split(left, right, alloc, policy, depth + 1)
        })
    };
    let parts: Vec<_> = walk.pairs().into_par_iter().map(below).collect();
    for (byte, part) in parts {
        weave.add(byte, part.into_out());
    }
    // SAFETY: the caller's promise.
    let (_, out) = unsafe { weave.close(&mut walk.path, policy) };
    Part::of(out, alloc)
}

impl<V, K, A> Trie<V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: SharedAllocator + Send + Sync,
{
    /// As `combine` at the root, on all threads of the pool.
    pub(crate) fn par_combine<P>(&self, other: &Self, policy: &P) -> Combined<V, K, A>
    where
        P: Policy<V> + Clone + Send + Sync,
    {
        self.combine_by(&[], other, &mut policy.clone(), |left, right, alloc, _| {
            // SAFETY: of `combine_by`: the nodes of both come from `alloc`.
            unsafe { split(left, right, alloc, policy, 0) }.into_out()
        })
    }
}
