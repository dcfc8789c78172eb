//! Two leaves: their entries merged in order, as one list.

use super::list::{List, Text};
use super::pos::Pos;
use super::{IDENT_BOTH, Out, Policy, Verdict, judge};
use crate::ByteMask;
use crate::algebra::{COUNTER_IDENT, SELF_IDENT};
use crate::raw::bucket::Bucket;
use crate::raw::bytes::lead;
use crate::raw::dense::{self, Dense};
use crate::raw::node::Node;
use pleach_ptr::{Allocator, PtrKind};
use std::cmp::Ordering;

/// What merging needs room for: kept from one pair to the next.
pub(super) struct Merge<'a, V> {
    buffer: Vec<u8>,
    left: Vec<Entry<'a, V>>,
    right: Vec<Entry<'a, V>>,
    texts: Vec<Text>,
    values: Vec<Verdict<'a, V>>,
    /// The values on their way into nodes.
    made: Vec<Option<V>>,
}

/// An entry of one of the two.
struct Entry<'a, V> {
    text: Text,
    /// The first eight bytes of the text, in an order that is theirs.
    lead: u64,
    value: Option<&'a V>,
}

impl<'a, V: Clone> Merge<'a, V> {
    /// Room for nothing yet.
    pub(super) fn new() -> Self {
        Self {
            buffer: Vec::new(),
            left: Vec::new(),
            right: Vec::new(),
            texts: Vec::new(),
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
        self.buffer.clear();
        self.texts.clear();
        self.values.clear();
        if !P::COVERS
            && let (Node::Dense(a), Node::Dense(b)) = (left.node(), right.node())
            && let (Some(prefix), Some(other)) = (left.prefix_below(), right.prefix_below())
            && prefix == other
        {
            let (mask, idents) = self.merge_dense(a, b, policy);
            if mask.is_empty_mask() {
                return Out::Nothing;
            }
            return Out::of_idents(idents, left, right).unwrap_or_else(|| {
                self.take_values();
                if self.made.len() > Bucket::<V>::CAP {
                    return Out::New(self.dense::<K, A>(prefix, mask, alloc));
                }
                for byte in mask {
                    let start = self.buffer.len();
                    self.buffer.extend_from_slice(prefix);
                    self.buffer.push(byte);
                    self.texts.push(Text::last(&self.buffer, start));
                }
                Out::New(self.list::<K, A>(alloc))
            });
        }
        load(left, &mut self.buffer, &mut self.left);
        load(right, &mut self.buffer, &mut self.right);
        let idents = self.merge(policy);
        if self.texts.is_empty() {
            return Out::Nothing;
        }
        Out::of_idents(idents, left, right).unwrap_or_else(|| {
            self.take_values();
            Out::New(self.list::<K, A>(alloc))
        })
    }

    /// Clones what is kept: the last of the user's code before nodes are made.
    fn take_values(&mut self) {
        self.made.clear();
        let values = self.values.drain(..).map(Verdict::into_value);
        self.made.extend(values);
    }

    /// The subtrie of the list.
    fn list<K: PtrKind, A: Allocator>(&mut self, alloc: &A) -> K::Ptr {
        List::new(&self.buffer, &self.texts, &mut self.made, alloc).into_node::<K>()
    }

    /// A dense leaf of the values made, all of which are some.
    fn dense<K: PtrKind, A: Allocator>(
        &mut self,
        prefix: &[u8],
        mask: ByteMask,
        alloc: &A,
    ) -> K::Ptr {
        let fresh = dense::Fresh::<V, A>::new(alloc, &[prefix], mask, 0);
        let values = fresh.leaf().values();
        for (i, value) in self.made.drain(..).flatten().enumerate() {
            // SAFETY: an empty slot of the new block, which has one for each byte.
            unsafe { values.add(i).write(value) };
        }
        fresh.finish::<K>()
    }

    /// As `merge`, of dense leaves with the same prefix: byte by byte. Fills the values alone.
    fn merge_dense<P: Policy<V>>(
        &mut self,
        left: Dense<'a, V>,
        right: Dense<'a, V>,
        policy: &mut P,
    ) -> (ByteMask, u64) {
        let (in_left, in_right) = (left.mask(), right.mask());
        let (mut kept, mut idents) = (ByteMask::EMPTY, IDENT_BOTH);
        let (mut i, mut j) = (0, 0);
        for byte in in_left | in_right {
            let a = in_left.test_bit(byte).then(|| left.value(i));
            let b = in_right.test_bit(byte).then(|| right.value(j));
            i += usize::from(a.is_some());
            j += usize::from(b.is_some());
            let (verdict, same) = match (a, b) {
                (Some(a), None) if P::LEFT => (Some(Verdict::Keep(a)), SELF_IDENT),
                (None, Some(b)) if P::RIGHT => (Some(Verdict::Keep(b)), COUNTER_IDENT),
                (Some(_), None) => (None, COUNTER_IDENT),
                (None, _) => (None, SELF_IDENT),
                (a, b) => judge(policy, a, b),
            };
            idents &= same;
            if let Some(verdict) = verdict {
                kept.set_bit(byte);
                self.values.push(verdict);
            }
        }
        (kept, idents)
    }

    /// Fills the list, and tells which of the two it equals.
    fn merge<P: Policy<V>>(&mut self, policy: &mut P) -> u64 {
        let (mut i, mut j, mut idents) = (0, 0, IDENT_BOTH);
        // The entry on the right below which all of the left is kept.
        let mut cover: Option<Text> = None;
        loop {
            let (a, b) = (self.left.get(i), self.right.get(j));
            let order = match (a, b) {
                (Some(a), Some(b)) => a.lead.cmp(&b.lead).then_with(|| {
                    let (a, b) = (a.text.of(&self.buffer), b.text.of(&self.buffer));
                    a.cmp(b)
                }),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return idents,
            };
            let a = a.filter(|_| order != Ordering::Greater);
            let b = b.filter(|_| order != Ordering::Less);
            let Some(text) = a.or(b).map(|entry| entry.text) else {
                return idents;
            };
            i += usize::from(a.is_some());
            j += usize::from(b.is_some());
            let bytes = text.of(&self.buffer);
            let leads_on = |next: Option<&Entry<'a, V>>| {
                next.is_some_and(|next| next.text.of(&self.buffer).starts_with(bytes))
            };
            let mut covered = cover.is_some_and(|cover| bytes.starts_with(cover.of(&self.buffer)));
            if P::COVERS && !covered && b.is_some_and(|b| b.value.is_some()) {
                (cover, covered) = (Some(text), true);
            }
            let (va, vb) = (a.and_then(|a| a.value), b.and_then(|b| b.value));
            let (tip_a, tip_b) = (a.is_some() && va.is_none(), b.is_some() && vb.is_none());
            if a.is_some() && covered {
                let kept = va.map_or(Verdict::Bare, Verdict::Keep);
                // On the right there is as much only if it has the same entry, with the value.
                idents &= SELF_IDENT;
                self.push(text, kept);
            } else if b.is_none() && !leads_on(self.right.get(j)) {
                // The left alone.
                idents &= if P::LEFT { SELF_IDENT } else { COUNTER_IDENT };
                if P::LEFT {
                    self.push(text, va.map_or(Verdict::Bare, Verdict::Keep));
                }
            } else if a.is_none() && !leads_on(self.left.get(i)) {
                // The right alone.
                idents &= if P::RIGHT { COUNTER_IDENT } else { SELF_IDENT };
                if P::RIGHT {
                    self.push(text, vb.map_or(Verdict::Bare, Verdict::Keep));
                }
            } else {
                let (verdict, same) = judge(policy, va, vb);
                idents &= same;
                if let Some(verdict) = verdict {
                    self.push(text, verdict);
                } else if P::BARE && tip_a {
                    self.push(text, Verdict::Bare);
                    idents &= if tip_b { IDENT_BOTH } else { SELF_IDENT };
                } else {
                    idents &= if tip_a { COUNTER_IDENT } else { IDENT_BOTH };
                    idents &= if tip_b { SELF_IDENT } else { IDENT_BOTH };
                }
            }
        }
    }

    /// Adds the next entry in order. An entry without a value that is a prefix of it goes.
    fn push(&mut self, text: Text, value: Verdict<'a, V>) {
        if let (Some(last), Some(Verdict::Bare)) = (self.texts.last(), self.values.last())
            && text.of(&self.buffer).starts_with(last.of(&self.buffer))
        {
            self.texts.pop();
            self.values.pop();
        }
        self.texts.push(text);
        self.values.push(value);
    }
}

/// Writes down the entries at and below a position in a leaf, from there on.
fn load<'a, V, K: PtrKind>(
    pos: Pos<'a, V, K>,
    buffer: &mut Vec<u8>,
    entries: &mut Vec<Entry<'a, V>>,
) {
    entries.clear();
    let (range, depth) = pos.entries();
    let node = pos.node();
    let prefix = node.prefix();
    let (prefix, cut) = match prefix.get(depth..) {
        Some(rest) => (rest, 0),
        None => (&[][..], depth - prefix.len()),
    };
    let mut enter = |suffix: &[u8], value| {
        let start = buffer.len();
        buffer.extend_from_slice(prefix);
        buffer.extend_from_slice(suffix);
        let text = Text::last(buffer, start);
        let bytes = text.of(buffer);
        entries.push(Entry {
            text,
            lead: lead(bytes, bytes.len()),
            value,
        });
    };
    match node {
        Node::Inner(_) => {}
        Node::Bucket(bucket) => {
            let texts = bucket.texts();
            for i in range {
                enter(&texts.suffix(i)[cut..], bucket.value(i));
            }
        }
        Node::Dense(dense) => {
            for i in range {
                enter(&[dense.byte(i)][cut..], Some(dense.value(i)));
            }
        }
    }
}
