//! What nobody uses goes back: from magazines to lists, from lists to free spans, from free
//! segments to the system.

use std::collections::BTreeMap;

use pleach_atomic::atomic::Ordering;

use super::local::Local;
use super::segment::Use;
use super::{Core, Short};
use crate::class::Class;
use crate::memory::geometry::{self, NIL};

impl Core {
    /// Tries again, alone: as it is, with what the magazines held, with what is left over by other
    /// classes.
    #[cold]
    pub(super) fn with_maintenance<T>(
        &self,
        mut attempt: impl FnMut() -> Result<T, Short>,
    ) -> Result<T, Short> {
        let _guard = self
            .maintenance
            .lock()
            .expect("nothing panics under this lock");
        let result = attempt();
        if result.is_ok() {
            return result;
        }
        self.drain();
        let result = attempt();
        if result.is_ok() {
            return result;
        }
        self.reclaim();
        attempt()
    }

    /// Gives empty segments back to the system. Returns how many bytes those were.
    pub(crate) fn trim(&self) -> usize {
        let _guard = self
            .maintenance
            .lock()
            .expect("nothing panics under this lock");
        self.drain();
        self.reclaim()
    }

    /// Empties all magazines.
    pub(crate) fn drain(&self) {
        self.registry.visit(|_, magazines| {
            for (class, magazine) in Class::all().zip(magazines) {
                let blocks = magazine.free.drain(..);
                // SAFETY: the blocks of a magazine are of its class and free.
                unsafe { self.push_all(class, blocks, &mut 0) };
            }
        });
    }

    /// Empties the magazines of the calling thread, which is about to end.
    pub(super) fn flush(&self, local: &Local) {
        let mut entry = loop {
            match local.enter() {
                Some(entry) => break entry,
                None => local.await_dismissal(),
            }
        };
        for class in Class::all() {
            entry.magazine(class, |magazine| {
                let blocks = std::mem::take(&mut magazine.free);
                // SAFETY: the blocks of a magazine are of its class and free.
                unsafe { self.push_all(class, blocks.into_iter(), &mut 0) };
            });
        }
    }

    /// Takes empty spans from their classes and the memory from empty segments. Returns how many
    /// bytes those were. Maintenance's lock is held.
    fn reclaim(&self) -> usize {
        let mut free = Vec::new();
        for class in Class::all() {
            self.reclaim_class(class, &mut free);
        }
        self.release_spans(free) + self.release_pages()
    }

    /// Takes the empty spans of a class.
    fn reclaim_class(&self, class: Class, free: &mut Vec<u32>) {
        let list = &self.classes[class.index()];
        let cursor = list.take_cursor();
        let chain = self.chain(list.free.take_all());
        let span_of = |index| self.geometry.span_number(self.geometry.locate(index).0);
        let slots = |span| geometry::slots(self.geometry.span_id(span).span, class);
        let mut counts = BTreeMap::new();
        for &index in &chain {
            *counts.entry(span_of(index)).or_insert(0) += 1;
        }
        if let Some(place) = cursor {
            *counts.entry(place.span).or_insert(0) += slots(place.span) - place.next;
        }
        counts.retain(|&span, count| *count == slots(span));
        let is_empty = |span| counts.contains_key(&span);
        let rest = chain.into_iter().filter(|&index| !is_empty(span_of(index)));
        self.push_chain(class, rest, &mut 0);
        if let Some(place) = cursor.filter(|place| !is_empty(place.span))
            && !list.put_cursor(place)
        {
            let id = self.geometry.span_id(place.span);
            let uncarved = place.next..slots(place.span);
            let uncarved = uncarved.map(|slot| self.geometry.index(id, slot));
            self.push_chain(class, uncarved, &mut 0);
        }
        for &span in counts.keys() {
            list.slots.sub(u64::from(slots(span)));
            let id = self.geometry.span_id(span);
            self.segment(id.segment).span(id.span).assign(None);
            free.push(span);
        }
    }

    /// The indices of a chain that is in our hands.
    fn chain(&self, first: u32) -> Vec<u32> {
        let next = |&index: &u32| {
            let link = self.link(index).expect("a block has a link");
            // Relaxed: the chain was acquired with its head.
            Some(link.load(Ordering::Relaxed)).filter(|&next| next != NIL)
        };
        std::iter::successors(Some(first).filter(|&first| first != NIL), next).collect()
    }

    /// Takes the memory from segments all of whose spans are free; gives the spans back.
    fn release_spans(&self, mut free: Vec<u32>) -> usize {
        let mut next = self.free_spans.take_all();
        while next != NIL {
            free.push(next);
            let link = self.span_link(next).expect("a span has a link");
            next = link.load(Ordering::Relaxed);
        }
        let mut counts = BTreeMap::new();
        for &span in &free {
            *counts
                .entry(self.geometry.span_id(span).segment)
                .or_insert(0) += 1;
        }
        let mut released = 0;
        for (segment, count) in counts {
            if count == self.geometry.spans_per_segment() {
                released += self.segment(segment).release();
            }
        }
        self.uncommit(released);
        // Spans that have memory are to be taken first, those that lie low before others.
        let has_memory = |span| {
            let segment = self.geometry.span_id(span).segment;
            self.segment(segment).base().is_some()
        };
        free.sort_by_key(|&span| (has_memory(span), u32::MAX - span));
        for span in free {
            self.give_span(span, None, &mut 0);
        }
        released
    }

    /// Takes the memory from segments all of whose pages are free.
    fn release_pages(&self) -> usize {
        let mut large = self.lock_large();
        let mut released = 0;
        for order in large.pages.empty_segments() {
            large.pages.remove(order);
            let segment = self.segment(large.paged[order as usize]);
            debug_assert!(matches!(segment.used_for, Use::Pages { .. }));
            released += segment.release();
            large.unpaged.push(order);
        }
        self.uncommit(released);
        released
    }
}
