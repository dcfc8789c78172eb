//! What a mapping takes, and what for.

use crate::SharedMapping;

/// The memory of a mapping, in bytes as they were asked of the allocator.
///
/// Made by [`SharedMapping::memory`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Memory {
    /// How many symbols there are.
    pub symbols: usize,
    /// The bytes of all strings together.
    pub text: usize,
    /// What the strings lie in: with their lengths, their marks, and room for more.
    pub strings: usize,
    /// From strings to symbols.
    pub index: usize,
    /// The slots, which are there without any string.
    pub fixed: usize,
    /// How many strings are in the map of [`SharedMapping::ordered`], whose memory is not in `total`.
    pub ordered: usize,
}

impl Memory {
    pub(crate) fn of(mapping: &SharedMapping) -> Self {
        let store = &mapping.store;
        let mut memory = Self {
            symbols: mapping.len(),
            index: store.index().bytes(),
            fixed: store.fixed_bytes(),
            ordered: mapping.ordered.len(),
            ..Self::default()
        };
        for (slot, pages) in store.parts() {
            memory.text += slot.text_bytes() as usize;
            memory.strings += slot.long_bytes() as usize + pages.memory();
        }
        memory
    }

    /// Returns all of it, but for the map in order.
    #[must_use]
    pub fn total(&self) -> usize {
        self.strings + self.index + self.fixed
    }

    /// Returns what a symbol costs beyond the bytes of its string, on average.
    #[must_use]
    pub fn beyond_text(&self) -> f64 {
        let beyond = self.total().saturating_sub(self.text);
        beyond as f64 / self.symbols.max(1) as f64
    }
}
