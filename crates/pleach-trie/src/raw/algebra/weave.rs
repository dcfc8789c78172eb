//! Making the result of a walk: bottom up, from what is kept of either side and what is new.
//!
//! A part of the result that is equal to what one side has is that side's node and nothing else. So
//! as long as a branch is only compared, nothing is allocated; where both sides were changed, nodes
//! are made from the leaves up, each once. The user's code runs while values are put together and
//! cloned; what has been made by then is released if it unwinds.

use super::leaves::{Merge, alone};
use super::pos::{Kids, Pos};
use super::walk::{Fork, Step, Walk, Wants};
use super::{Out, Policy, Verdict, judge};
use crate::ByteMask;
use crate::raw::inner::{Blank, Shape};
use crate::raw::node::Node;
use crate::raw::ops::{collapse, prepend, release, single, small};
use pleach_ptr::{Allocator, PtrKind};

/// What has been made of the branches passed so far.
pub(super) struct Weave<'a, 'x, V, K: PtrKind, A: Allocator> {
    alloc: &'x A,
    open: Vec<Open<'a, V, K>>,
    /// What was made of children to which both lead, in order, those of the last fork at the end.
    kids: Vec<(u8, Out<'a, V, K>)>,
    /// All children of a fork that is being made a node.
    whole: Vec<(u8, Out<'a, V, K>)>,
}

/// A fork whose children have not all been passed.
struct Open<'a, V, K: PtrKind> {
    fork: Fork<'a, V, K>,
    value: Option<Verdict<'a, V>>,
    /// Which sides the result equals so far.
    idents: u64,
    /// Whether any child is kept.
    any: bool,
    /// Its first child among all.
    kids: usize,
    /// Bytes of the path at the fork.
    at: usize,
}

/// What a walk for `policy` reports: nothing that is found at a fork all at once.
pub(super) fn wants<V, P: Policy<V>>(policy: &P) -> Wants {
    Wants {
        left: false,
        right: false,
        same: policy.shared().map(|_| false),
    }
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
    let mut walk = Walk::new(left, right, wants(policy));
    let mut weave = Weave::new(alloc);
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
            // Found at their fork, all at once.
            Step::Left(_) | Step::Right(_) => continue,
            Step::Same(pos) => match policy.shared() {
                Some(true) => (walk.path.len(), Out::Both(pos)),
                _ => (walk.path.len(), Out::Nothing),
            },
            Step::Leaves(left, right) => {
                let out = merge.run(left, right, alloc, policy);
                (walk.path.len(), out)
            }
            // SAFETY: the caller's promise.
            Step::Back => unsafe { weave.close(&mut walk.path, &*policy) },
        };
        if weave.open.is_empty() {
            return out;
        }
        weave.add(walk.path[start - 1], out);
    }
    Out::Nothing
}

impl<'a, 'x, V: Clone, K: PtrKind, A: Allocator> Weave<'a, 'x, V, K, A> {
    /// Nothing yet, to be made in `alloc`.
    pub(super) fn new(alloc: &'x A) -> Self {
        Self {
            alloc,
            open: Vec::new(),
            kids: Vec::new(),
            whole: Vec::new(),
        }
    }

    /// Opens a fork, or tells at once what becomes of all of it.
    pub(super) fn enter<P: Policy<V>>(
        &mut self,
        fork: Fork<'a, V, K>,
        at: usize,
        policy: &mut P,
    ) -> Option<Out<'a, V, K>> {
        let (a, b) = fork.values;
        if P::COVERS && b.is_some() {
            return Some(Out::Left(fork.left));
        }
        let (value, mut idents) = judge(policy, a, b);
        let mut any = P::LEFT && fork.lefts || P::RIGHT && fork.rights;
        idents &= alone::<V, P>(fork.lefts, fork.rights);
        if fork.sames {
            match policy.shared() {
                Some(true) => any = true,
                _ => idents = 0,
            }
        }
        self.open.push(Open {
            fork,
            value,
            idents,
            any,
            kids: self.kids.len(),
            at,
        });
        None
    }

    /// Takes what became of a child of the last fork to which both lead.
    pub(super) fn add(&mut self, byte: u8, out: Out<'a, V, K>) {
        if let Some(open) = self.open.last_mut() {
            open.idents &= out.idents();
            open.any |= !matches!(out, Out::Nothing);
        }
        self.kids.push((byte, out));
    }

    /// The result of the last fork, all of whose children have been passed, and where in the path
    /// it begins.
    ///
    /// # Safety
    /// The nodes of both tries come from `alloc`.
    pub(super) unsafe fn close<P: Policy<V>>(
        &mut self,
        path: &mut Vec<u8>,
        policy: &P,
    ) -> (usize, Out<'a, V, K>) {
        let Some(open) = self.open.pop() else {
            return (path.len(), Out::Nothing);
        };
        let Fork {
            left, right, start, ..
        } = open.fork;
        let empty = open.value.is_none() && !open.any;
        let out = match Out::of_idents(open.idents, left, right) {
            _ if empty && !(P::BARE && open.fork.bare) => Out::Nothing,
            Some(out) => out,
            None => {
                self.gather(&open, policy);
                // SAFETY: the caller's promise.
                return (start, Out::New(unsafe { self.node(open, path) }));
            }
        };
        self.kids.truncate(open.kids);
        (start, out)
    }

    /// Lists all children of a fork that are kept.
    fn gather<P: Policy<V>>(&mut self, open: &Open<'a, V, K>, policy: &P) {
        let Fork {
            left, right, start, ..
        } = open.fork;
        let run = open.at - start;
        let (mut a, mut b) = (Kids::new(left.down(run)), Kids::new(right.down(run)));
        let (in_left, in_right) = (a.mask, b.mask);
        let mut made = self.kids.drain(open.kids..).peekable();
        for byte in in_left | in_right {
            let out = match (in_left.test_bit(byte), in_right.test_bit(byte)) {
                (true, false) if P::LEFT => Out::Left(a.to(byte)),
                (false, true) if P::RIGHT => Out::Right(b.to(byte)),
                (true, true) => match made.next_if(|(at, _)| *at == byte) {
                    Some((_, out)) => out,
                    // Not walked: the same node in both.
                    None if policy.shared() == Some(true) => Out::Both(a.to(byte)),
                    None => continue,
                },
                _ => continue,
            };
            if !matches!(out, Out::Nothing) {
                self.whole.push((byte, out));
            }
        }
    }

    /// A new node for a fork, of the children listed.
    ///
    /// # Safety
    /// As for `close`.
    unsafe fn node(&mut self, open: Open<'a, V, K>, path: &mut Vec<u8>) -> K::Ptr {
        let value = open.value.and_then(Verdict::into_value);
        for (_, kid) in &mut self.whole {
            // SAFETY: the caller's promise.
            unsafe { kid.make(self.alloc) };
        }
        // From here on, no code of the user's runs.
        let kids = self.whole.drain(..).filter_map(|(byte, kid)| match kid {
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
        for (_, kid) in self.kids.drain(..).chain(self.whole.drain(..)) {
            if let Out::New(node) = kid {
                // SAFETY: made here of nodes from this allocator, and given up once.
                unsafe { release::<V, K, A>(self.alloc, node) };
            }
        }
    }
}
