//! Two leaves: their entries merged in order, as one list; dense ones by their masks.

use super::lines::{Lines, Room, in_both, in_order, lines};
use super::list::List;
use super::pos::Pos;
use super::{IDENT_BOTH, Out, Policy, Verdict, judge};
use crate::ByteMask;
use crate::algebra::{COUNTER_IDENT, SELF_IDENT};
use crate::raw::bucket::Bucket;
use crate::raw::dense::{self, Dense};
use crate::raw::node::Node;
use pleach_ptr::{Allocator, PtrKind};
use std::cmp::Ordering;

/// What merging needs room for: kept from one pair to the next.
pub(super) struct Merge<'a, V> {
    rooms: [Room; 2],
    /// The entries that are kept, in order.
    picks: Vec<Pick>,
    /// What they have for values.
    values: Vec<Verdict<'a, V>>,
    /// The values on their way into nodes.
    made: Vec<Option<V>>,
}

/// An entry of one of the two.
#[derive(Clone, Copy)]
struct Pick {
    right: bool,
    entry: u8,
}

impl Pick {
    #[inline(always)]
    fn tail<'t>(self, lines: &[Lines<'t>; 2]) -> (&'t [u8], usize) {
        lines[usize::from(self.right)].tail(self.entry.into())
    }

    #[inline]
    fn text<'t>(self, lines: &[Lines<'t>; 2]) -> &'t [u8] {
        lines[usize::from(self.right)].text(self.entry.into())
    }
}

impl<'a, V: Clone> Merge<'a, V> {
    /// Room for nothing yet.
    pub(super) fn new() -> Self {
        Self {
            rooms: Default::default(),
            picks: Vec::new(),
            values: Vec::new(),
            made: Vec::new(),
        }
    }

    /// What `policy` makes of two positions in leaves.
    pub(super) fn run<K: PtrKind, A: Allocator, P: Policy<V>>(
        &mut self,
        left: Pos<'a, V, K>,
        right: Pos<'a, V, K>,
        alloc: &A,
        policy: &mut P,
    ) -> Out<'a, V, K> {
        self.picks.clear();
        self.values.clear();
        if let (Node::Dense(a), Node::Dense(b)) = (left.node(), right.node())
            && let ((prefix, 0), (other, 0)) = (left.prefix_below(), right.prefix_below())
            && prefix == other
        {
            let (mask, idents) = self.merge_dense(a, b, policy);
            if mask.is_empty_mask() {
                return Out::Nothing;
            }
            return Out::of_idents(idents, left, right).unwrap_or_else(|| {
                self.take_dense::<P>(a, b, mask);
                Out::New(self.dense::<K, A>(prefix, mask, alloc))
            });
        }
        let mut rooms = std::mem::take(&mut self.rooms);
        let (head, lines) = lines(left, right, &mut rooms);
        let idents = self.merge((left, right), lines, policy);
        let out = match Out::of_idents(idents, left, right) {
            _ if self.picks.is_empty() => Out::Nothing,
            Some(out) => out,
            None => {
                self.made.clear();
                let values = self.values.drain(..).map(Verdict::into_value);
                self.made.extend(values);
                // No more of the user's code runs.
                let picks = &self.picks;
                let text = |i: usize| picks[i].tail(&lines);
                Out::New(List::new(text, &mut self.made, alloc).into_node::<K>(head))
            }
        };
        self.rooms = rooms;
        out
    }

    /// As `merge`, of dense leaves with the same prefix, by their masks: which bytes stay, and which
    /// side that equals. Fills the values of those that both have.
    fn merge_dense<P: Policy<V>>(
        &mut self,
        left: Dense<'a, V>,
        right: Dense<'a, V>,
        policy: &mut P,
    ) -> (ByteMask, u64) {
        let (in_left, in_right) = (left.mask(), right.mask());
        let both = in_left & in_right;
        let mut idents = alone::<V, P>(in_left != both, in_right != both);
        let mut kept = both;
        if P::LEFT {
            kept |= in_left;
        }
        if P::RIGHT {
            kept |= in_right;
        }
        in_both(in_left, in_right, |byte, i, j| {
            let (a, b) = (left.value(i), right.value(j));
            let (verdict, same) = match P::COVERS {
                true => (Some(Verdict::Keep(a)), SELF_IDENT),
                false => judge(policy, Some(a), Some(b)),
            };
            idents &= same;
            match verdict {
                Some(verdict) => self.values.push(verdict),
                None => kept.clear_bit(byte),
            }
        });
        (kept, idents)
    }

    /// Clones the values of the bytes that stay: the last of the user's code before nodes are made.
    fn take_dense<P: Policy<V>>(
        &mut self,
        left: Dense<'a, V>,
        right: Dense<'a, V>,
        kept: ByteMask,
    ) {
        let (in_left, in_right) = (left.mask(), right.mask());
        let (mut i, mut j) = (0, 0);
        self.made.clear();
        let mut values = self.values.drain(..);
        for byte in in_left | in_right {
            let (a, b) = (in_left.test_bit(byte), in_right.test_bit(byte));
            if kept.test_bit(byte) {
                let value = match (a, b) {
                    (true, true) => values.next().and_then(Verdict::into_value),
                    (true, false) => Some(left.value(i).clone()),
                    _ => Some(right.value(j).clone()),
                };
                self.made.push(value);
            }
            i += usize::from(a);
            j += usize::from(b);
        }
    }

    /// A leaf of the values made, all of which are some, for the bytes of `mask`.
    fn dense<K: PtrKind, A: Allocator>(
        &mut self,
        prefix: &[u8],
        mask: ByteMask,
        alloc: &A,
    ) -> K::Ptr {
        if self.made.len() <= Bucket::<V>::CAP {
            let mut bytes = [0; 256];
            for (to, byte) in bytes.iter_mut().zip(mask) {
                *to = byte;
            }
            let text = |i: usize| (&bytes[i..], 1);
            return List::new(text, &mut self.made, alloc).into_node::<K>(prefix);
        }
        let fresh = dense::Fresh::<V, A>::new(alloc, &[prefix], mask, 0);
        let values = fresh.leaf().values();
        for (i, value) in self.made.drain(..).flatten().enumerate() {
            // SAFETY: an empty slot of the new block, which has one for each byte.
            unsafe { values.add(i).write(value) };
        }
        fresh.finish::<K>()
    }

    /// Fills the list, and tells which of the two it equals.
    #[inline]
    fn merge<K: PtrKind, P: Policy<V>>(
        &mut self,
        (left, right): (Pos<'a, V, K>, Pos<'a, V, K>),
        lines: [Lines<'_>; 2],
        policy: &mut P,
    ) -> u64 {
        let mut idents = IDENT_BOTH;
        // The entry on the right below which all of the left is kept.
        let mut cover: Option<usize> = None;
        in_order(lines, |order, i, j| {
            let (in_left, in_right) = (order != Ordering::Greater, order != Ordering::Less);
            let a = if in_left { left.entry(i) } else { None };
            let b = if in_right { right.entry(j) } else { None };
            let pick = Pick {
                right: !in_left,
                entry: if in_left { i } else { j } as u8,
            };
            if P::COVERS {
                if b.is_some() {
                    let text = lines[1].text(j);
                    let within = cover.is_some_and(|c| text.starts_with(lines[1].text(c)));
                    cover = if within { cover } else { Some(j) };
                }
                let above = |c: usize| lines[0].text(i).starts_with(lines[1].text(c));
                if in_left && cover.is_some_and(above) {
                    // On the right there is as much only if it has the same entry, with the value.
                    idents &= SELF_IDENT;
                    return self.push(lines, pick, a.map_or(Verdict::Bare, Verdict::Keep));
                }
            }
            let (tip_a, tip_b) = (in_left && a.is_none(), in_right && b.is_none());
            // A location without a value may lie on the way to another one on the other side.
            let passed = match order {
                Ordering::Less => tip_a && lines[1].leads_on(j, lines[0].text(i)),
                Ordering::Greater => tip_b && lines[0].leads_on(i, lines[1].text(j)),
                Ordering::Equal => true,
            };
            if !passed {
                idents &= alone::<V, P>(in_left, in_right);
                if in_left && P::LEFT {
                    self.push(lines, pick, a.map_or(Verdict::Bare, Verdict::Keep));
                } else if in_right && P::RIGHT {
                    self.push(lines, pick, b.map_or(Verdict::Bare, Verdict::Keep));
                }
                return;
            }
            let (verdict, same) = judge(policy, a, b);
            idents &= same;
            if let Some(verdict) = verdict {
                self.push(lines, pick, verdict);
            } else if P::BARE && tip_a {
                self.push(lines, pick, Verdict::Bare);
                idents &= if tip_b { IDENT_BOTH } else { SELF_IDENT };
            } else {
                idents &= if tip_a { COUNTER_IDENT } else { IDENT_BOTH };
                idents &= if tip_b { SELF_IDENT } else { IDENT_BOTH };
            }
        });
        idents
    }

    /// Adds the next entry in order. An entry without a value that is a prefix of it goes.
    #[inline]
    fn push(&mut self, lines: [Lines<'_>; 2], pick: Pick, value: Verdict<'a, V>) {
        if let (Some(last), Some(Verdict::Bare)) = (self.picks.last(), self.values.last())
            && pick.text(&lines).starts_with(last.text(&lines))
        {
            self.picks.pop();
            self.values.pop();
        }
        self.picks.push(pick);
        self.values.push(value);
    }
}

/// Which sides the result equals where one has what the other has not.
#[inline(always)]
pub(super) fn alone<V, P: Policy<V>>(left: bool, right: bool) -> u64 {
    let of_left = if P::LEFT { SELF_IDENT } else { COUNTER_IDENT };
    let of_right = if P::RIGHT { COUNTER_IDENT } else { SELF_IDENT };
    (if left { of_left } else { IDENT_BOTH }) & (if right { of_right } else { IDENT_BOTH })
}
