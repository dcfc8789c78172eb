//! Making the result of a walk: bottom up, from what is kept of either side and what is new.
//!
//! A part of the result that is equal to what one side has is that side's node and nothing else. So
//! as long as a branch is only compared, nothing is allocated; where both sides were changed, nodes
//! are made from the leaves up, each once. The user's code runs while values are put together and
//! cloned; what has been made by then is released if it unwinds.

use super::leaves::Merge;
use super::pos::Pos;
use super::walk::{Fork, Step, Walk};
use super::{IDENT_BOTH, Out, Policy, Verdict, judge};
use crate::ByteMask;
use crate::algebra::{COUNTER_IDENT, SELF_IDENT};
use crate::raw::inner::{Blank, Shape};
use crate::raw::node::Node;
use crate::raw::ops::{collapse, prepend, release, single, small};
use pleach_ptr::{Allocator, PtrKind};

/// What has been made of the branches passed so far.
struct Weave<'a, 'x, V, K: PtrKind, A: Allocator> {
    alloc: &'x A,
    open: Vec<Open<'a, V, K>>,
    /// Children of the open forks, in order, those of the last one at the end.
    kids: Vec<(u8, Out<'a, V, K>)>,
}

/// A fork whose children have not all been passed.
struct Open<'a, V, K: PtrKind> {
    fork: Fork<'a, V, K>,
    value: Option<Verdict<'a, V>>,
    /// Which sides the result equals so far.
    idents: u64,
    /// Its first child among all.
    kids: usize,
    /// Bytes of the path at the fork.
    at: usize,
}

/// What `policy` makes of two positions.
///
/// # Safety
/// The nodes of both come from `alloc`.
pub(super) unsafe fn weave<'a, V: Clone, K: PtrKind, A: Allocator, P: Policy<V>>(
    left: Pos<'a, V, K>,
    right: Pos<'a, V, K>,
    alloc: &A,
    policy: &mut P,
) -> Out<'a, V, K> {
    let mut walk = Walk::new(left, right, policy.shared().is_some(), true);
    let mut weave = Weave {
        alloc,
        open: Vec::new(),
        kids: Vec::new(),
    };
    let mut merge = Merge::new();
    while let Some(step) = walk.next() {
        let (start, out) = match step {
            Step::Fork(fork) => {
                let start = fork.start;
                match weave.enter(fork, walk.path.len(), policy) {
                    Some(out) => {
                        walk.leave();
                        (start, out)
                    }
                    None => continue,
                }
            }
            Step::Left(pos) => {
                weave.alone::<P>(Out::Left(pos), &walk.path);
                continue;
            }
            Step::Right(pos) => {
                weave.alone::<P>(Out::Right(pos), &walk.path);
                continue;
            }
            Step::Same(pos) => match policy.shared() {
                Some(true) => (walk.path.len(), Out::Both(pos)),
                _ => (walk.path.len(), Out::Nothing),
            },
            Step::Leaves(left, right) => {
                let out = merge.run(left, right, alloc, policy);
                (walk.path.len(), out)
            }
            // SAFETY: the caller's promise.
            Step::Back => unsafe { weave.close::<P>(&mut walk.path) },
        };
        let Some(open) = weave.open.last_mut() else {
            return out;
        };
        open.idents &= out.idents();
        if !matches!(out, Out::Nothing) {
            weave.kids.push((walk.path[start - 1], out));
        }
    }
    Out::Nothing
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> Weave<'a, '_, V, K, A> {
    /// Opens a fork, or tells at once what becomes of all of it.
    fn enter<P: Policy<V>>(
        &mut self,
        fork: Fork<'a, V, K>,
        at: usize,
        policy: &mut P,
    ) -> Option<Out<'a, V, K>> {
        let (a, b) = fork.values;
        if P::COVERS && b.is_some() {
            return Some(Out::Left(fork.left));
        }
        let (value, idents) = judge(policy, a, b);
        self.open.push(Open {
            fork,
            value,
            idents,
            kids: self.kids.len(),
            at,
        });
        None
    }

    /// A branch that only one side has.
    fn alone<P: Policy<V>>(&mut self, out: Out<'a, V, K>, path: &[u8]) {
        let (own, kept) = match out {
            Out::Left(_) => (SELF_IDENT, P::LEFT),
            _ => (COUNTER_IDENT, P::RIGHT),
        };
        if let (Some(open), Some(&byte)) = (self.open.last_mut(), path.last()) {
            open.idents &= if kept { own } else { IDENT_BOTH ^ own };
            if kept {
                self.kids.push((byte, out));
            }
        }
    }

    /// The result of the last fork, all of whose children have been passed, and where in the path
    /// it begins.
    ///
    /// # Safety
    /// The nodes of both tries come from `alloc`.
    unsafe fn close<P: Policy<V>>(&mut self, path: &mut Vec<u8>) -> (usize, Out<'a, V, K>) {
        let Some(open) = self.open.pop() else {
            return (path.len(), Out::Nothing);
        };
        let Fork {
            left, right, start, ..
        } = open.fork;
        let empty = open.value.is_none() && self.kids.len() == open.kids;
        if empty && !(P::BARE && open.fork.bare) {
            return (start, Out::Nothing);
        }
        let out = match Out::of_idents(open.idents, left, right) {
            Some(out) => {
                self.kids.truncate(open.kids);
                out
            }
            // SAFETY: the caller's promise.
            None => Out::New(unsafe { self.node(open, path) }),
        };
        (start, out)
    }

    /// A new node for a fork.
    ///
    /// # Safety
    /// As for `close`.
    unsafe fn node(&mut self, open: Open<'a, V, K>, path: &mut Vec<u8>) -> K::Ptr {
        let value = open.value.and_then(Verdict::into_value);
        for (_, kid) in &mut self.kids[open.kids..] {
            // SAFETY: the caller's promise.
            unsafe { kid.make(self.alloc) };
        }
        // From here on, no code of the user's runs.
        let kids = self
            .kids
            .drain(open.kids..)
            .filter_map(|(byte, kid)| match kid {
                Out::New(node) => Some((byte, node)),
                _ => None,
            });
        let mut kids = kids.peekable();
        let start = open.fork.start;
        let Some(&(byte, _)) = kids.peek() else {
            return single::<V, K, A>(self.alloc, &path[start..], value);
        };
        let len = kids.size_hint().1.unwrap_or(1);
        if len == 1 && value.is_none() {
            let Some((_, mut node)) = kids.next() else {
                unreachable!("there is one child")
            };
            path.push(byte);
            // SAFETY: the node is ours, or counted once for us.
            unsafe { prepend::<V, K, A>(&mut node, self.alloc, &path[start..]) };
            return node;
        }
        let prefix = &path[start..open.at];
        let shape = Shape::for_children(len, prefix.len(), value.is_some());
        let blank = Blank::<V, K>::new(self.alloc, shape, len);
        let mut mask = ByteMask::EMPTY;
        let mut count = u64::from(value.is_some());
        for (i, (byte, node)) in kids.enumerate() {
            mask.set_bit(byte);
            // SAFETY: live.
            let below = unsafe { Node::<V, K>::new(&node) }.count(Default::default());
            count = count.saturating_add(below);
            blank.write_child(i, node);
        }
        blank.write_prefix(&[prefix]);
        blank.write_index(mask);
        blank.write_count(count);
        if let Some(value) = value {
            blank.write_value(value);
        }
        let mut node = blank.finish();
        if count <= small::<V>() {
            // SAFETY: nobody has seen the node.
            unsafe { collapse::<V, K, A>(&mut node, self.alloc) };
        }
        node
    }
}

impl<V, K: PtrKind, A: Allocator> Drop for Weave<'_, '_, V, K, A> {
    /// Releases what was made if the user's code has unwound.
    fn drop(&mut self) {
        for (_, kid) in self.kids.drain(..) {
            if let Out::New(node) = kid {
                // SAFETY: made here of nodes from this allocator, and given up once.
                unsafe { release::<V, K, A>(self.alloc, node) };
            }
        }
    }
}
