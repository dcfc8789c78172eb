//! From hashes to symbols: shards of buckets that are read without a lock, and grow in place.
//!
//! A shard's buckets lie in segments: the first has a few, each further one as many as all before it
//! together. A bucket is a cache line of words:
//!
//! ```text
//!   63 ........ 40   39 ................ 0
//!  | tag: 24 bits  | symbol, zero: empty  |
//! ```
//!
//! With 2^n buckets, a string's *home* is the bucket that the lowest n bits of its tag name. It is in
//! the first word that was free there or in the buckets behind, round and round within the segment.
//!
//! **Growing** adds a segment and so a bit to all homes. Where that bit is set, the word is copied to
//! its new home, in the new segment; what it leaves behind is *stale*: a later insertion may write
//! over it. The tag holds every bit that a home can need, so no string is hashed again or looked at.
//! No table is given up, and a word that is not empty never becomes so.
//!
//! **Reading** goes from the home to the first empty word. Whatever is found is checked against its
//! bytes, so a hit is right, wherever it was. A miss may be wrong if the shard has grown and a stale
//! word on the way was written over; but then the reader has acquired the writer's word, and with it
//! the new size of the shard. It looks at the size again, and goes again if it has changed.
//!
//! **Writing** holds the shard's lock, and looks again first: so equal strings meet.
//!
//! (Segments that double and bits that come one at a time are linear hashing's: Litwin, 1980. Tags
//! that tell the next home are quotients in the sense of Cleary, 1984.)

use std::array;
use std::sync::PoisonError;

use pleach_atomic::atomic::{AtomicU32, AtomicU64, Ordering};
use pleach_atomic::sync::Mutex;
use pleach_atomic::{ord, scaled, scaled_u32};

use super::published::{Published, slice_of};
use crate::{InternError, Symbol};

/// How many shards there are: writers of different shards do not meet.
const SHARD_COUNT: usize = scaled(64, 1);

/// Words in a bucket: a cache line of them.
const BUCKET_LEN: usize = scaled(8, 2);

/// The first segment of a shard has 2^FIRST_BITS buckets.
const FIRST_BITS: u32 = scaled_u32(4, 0);

/// How many segments a shard can have: a home is named by bits of the tag.
const SEGMENT_COUNT: usize = (scaled_u32(TAG_BITS, 3) - FIRST_BITS + 1) as usize;

/// The bits of a word that are its tag.
const TAG_BITS: u32 = u64::BITS - SYMBOL_BITS;

/// The bits of a word that are its symbol.
const SYMBOL_BITS: u32 = 40;

const _: () = {
    let slots = super::store::SLOT_COUNT as u64;
    assert!(slots < 1 << (SYMBOL_BITS - crate::symbol::INDEX_BITS));
};

/// Symbols by the hashes of their strings.
pub(crate) struct Index {
    shards: Box<[Shard]>,
}

/// One part of the hashes. What readers read and what writers write are on lines of their own.
#[repr(align(128))]
struct Shard {
    table: Table,
    /// The number of strings. Whoever holds the lock may write in the table.
    strings: OwnLine<Mutex<usize>>,
}

#[repr(align(128))]
struct OwnLine<T>(T);

/// The buckets of a shard.
struct Table {
    /// How many of the segments are there.
    size: AtomicU32,
    segments: [Published<Bucket>; SEGMENT_COUNT],
}

#[repr(align(64))]
struct Bucket([AtomicU64; BUCKET_LEN]);

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
const _: () = assert!(size_of::<Bucket>() == 64);

/// The part of a hash that a word keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tag(u32);

/// What a table's place for a symbol holds.
#[derive(Clone, Copy)]
struct Word(u64);

/// A bucket, by its segment.
struct Home {
    segment: usize,
    bucket: usize,
}

impl Word {
    const EMPTY: u64 = 0;

    fn new(tag: Tag, symbol: Symbol) -> Self {
        debug_assert!(symbol.to_u64() >> SYMBOL_BITS == 0);
        Self(u64::from(tag.0) << SYMBOL_BITS | symbol.to_u64())
    }

    #[inline]
    fn tag(self) -> Tag {
        Tag((self.0 >> SYMBOL_BITS) as u32)
    }

    #[inline]
    fn symbol(self) -> Symbol {
        Symbol::from_u64(self.0 & ((1 << SYMBOL_BITS) - 1))
    }
}

/// How many buckets so many segments have.
#[inline]
fn bucket_count(size: u32) -> usize {
    match size {
        0 => 0,
        _ => 1 << (FIRST_BITS + size - 1),
    }
}

impl Home {
    /// The home of a tag among the buckets of so many segments, not zero.
    #[inline]
    fn of(tag: Tag, size: u32) -> Self {
        let bucket = tag.0 as usize & (bucket_count(size) - 1);
        // Segment s > 0 begins at bucket 2^(FIRST_BITS + s - 1) and has as many.
        match (bucket >> FIRST_BITS).checked_ilog2() {
            None => Self { segment: 0, bucket },
            Some(bits) => Self {
                segment: bits as usize + 1,
                bucket: bucket ^ (1 << (FIRST_BITS + bits)),
            },
        }
    }
}

impl Bucket {
    fn new() -> Self {
        Self(array::from_fn(|_| AtomicU64::new(Word::EMPTY)))
    }
}

/// The words of a segment from a bucket on, round to where they began.
#[inline]
fn words_from(segment: &[Bucket], bucket: usize) -> impl Iterator<Item = &AtomicU64> {
    let mask = segment.len() - 1;
    (0..segment.len()).flat_map(move |step| segment[(bucket + step) & mask].0.iter())
}

impl Table {
    fn new() -> Self {
        Self {
            size: AtomicU32::new(0),
            segments: array::from_fn(|_| Published::new()),
        }
    }

    #[inline]
    fn segment(&self, segment: usize) -> &[Bucket] {
        let segment = self.segments[segment].get();
        segment.expect("a segment is there before the size counts it")
    }

    /// The symbol with this tag whose string `is_it`.
    #[inline]
    fn find(&self, tag: Tag, is_it: impl Fn(Symbol) -> bool) -> Option<Symbol> {
        // Acquire (INT-8): as many segments are there, with their words; pairs with INT-7.
        let mut size = self.size.load(ord("INT-8", Ordering::Acquire));
        loop {
            if size == 0 {
                return None;
            }
            if let Some(symbol) = self.find_in(size, tag, &is_it) {
                return Some(symbol);
            }
            #[cfg(any(pleach_loom, pleach_shuttle))]
            if pleach_atomic::model::planted("trusted_miss") {
                return None;
            }
            // Acquire (INT-8): as above. That it is not older than the words we read, INT-10 sees to.
            let now = self.size.load(ord("INT-8", Ordering::Acquire));
            if now == size {
                return None;
            }
            size = now;
        }
    }

    /// Looks where a table of so many segments has this tag.
    #[inline]
    fn find_in(&self, size: u32, tag: Tag, is_it: impl Fn(Symbol) -> bool) -> Option<Symbol> {
        let home = Home::of(tag, size);
        for place in words_from(self.segment(home.segment), home.bucket) {
            // Acquire (INT-10): a word that was written over brings the size with it, under which
            // it was stale; pairs with INT-9.
            let word = Word(place.load(ord("INT-10", Ordering::Acquire)));
            if word.0 == Word::EMPTY {
                return None;
            }
            if word.tag() == tag && is_it(word.symbol()) {
                return Some(word.symbol());
            }
        }
        None
    }

    /// A place for a word with this tag; `strings` are there. For the holder of the lock.
    fn place(&self, tag: Tag, strings: usize) -> Result<&AtomicU64, InternError> {
        loop {
            // Relaxed, here and below: only the holder of the lock writes.
            let size = self.size.load(Ordering::Relaxed);
            let capacity = bucket_count(size) * BUCKET_LEN;
            // Three words in four: buckets seldom overflow.
            if strings < capacity / 4 * 3 + capacity % 4 {
                let home = Home::of(tag, size);
                let is_free = |place: &&AtomicU64| {
                    let word = Word(place.load(Ordering::Relaxed));
                    word.0 == Word::EMPTY || Home::of(word.tag(), size).segment != home.segment
                };
                let mut words = words_from(self.segment(home.segment), home.bucket);
                if let Some(place) = words.find(is_free) {
                    return Ok(place);
                }
                // Strings of few tags fill a segment while the table is almost empty. No growth
                // separates them; nobody without the key makes them.
                if strings < capacity / 8 {
                    return Err(InternError::SymbolSpaceExhausted);
                }
            }
            self.grow(size)?;
        }
    }

    /// Adds a segment. For the holder of the lock.
    #[cold]
    fn grow(&self, size: u32) -> Result<(), InternError> {
        let place = self.segments.get(size as usize);
        let place = place.ok_or(InternError::SymbolSpaceExhausted)?;
        let old = bucket_count(size);
        let fresh = slice_of(bucket_count(size + 1) - old, Bucket::new)?;
        for segment in 0..size as usize {
            let words = self.segment(segment).iter().flat_map(|bucket| &bucket.0);
            let words = words.map(|place| Word(place.load(Ordering::Relaxed)));
            for word in words.filter(|word| word.0 != Word::EMPTY) {
                let is_stale = Home::of(word.tag(), size).segment != segment;
                let home = Home::of(word.tag(), size + 1);
                if !is_stale && home.segment != segment {
                    let mut places = words_from(&fresh, home.bucket);
                    let is_empty = |p: &&AtomicU64| p.load(Ordering::Relaxed) == Word::EMPTY;
                    let place = places.find(is_empty);
                    let place = place.expect("it has as many words as there were");
                    place.store(word.0, Ordering::Relaxed);
                }
            }
        }
        // SAFETY: we hold the lock, and this segment was not there.
        unsafe { place.publish(fresh) };
        // Release (INT-7): who counts the segment sees it and its words; pairs with INT-8.
        self.size.store(size + 1, ord("INT-7", Ordering::Release));
        Ok(())
    }
}

impl Index {
    /// An index without strings.
    pub(crate) fn new() -> Self {
        let shard = |_| Shard {
            table: Table::new(),
            strings: OwnLine(Mutex::new(0)),
        };
        Self {
            shards: (0..SHARD_COUNT).map(shard).collect(),
        }
    }

    #[inline]
    fn shard(&self, hash: u64) -> (&Shard, Tag) {
        let shard = &self.shards[(hash >> 32) as usize % SHARD_COUNT];
        (shard, Tag(hash as u32 & ((1 << TAG_BITS) - 1)))
    }

    /// The symbol with this hash whose string `is_it`. Takes no lock and writes nothing.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(Symbol) -> bool) -> Option<Symbol> {
        let (shard, tag) = self.shard(hash);
        shard.table.find(tag, is_it)
    }

    /// The symbol with this hash whose string `is_it`, or else the one that `issue` gives. Locks the
    /// shard; what is called must not call the index.
    ///
    /// # Errors
    ///
    /// [`InternError`], if there is no room; then `issue` was not called.
    pub(crate) fn find_or_insert(
        &self,
        hash: u64,
        is_it: impl Fn(Symbol) -> bool,
        issue: impl FnOnce() -> Symbol,
    ) -> Result<Symbol, InternError> {
        let (shard, tag) = self.shard(hash);
        let guard = shard.strings.0.lock();
        let mut strings = guard.unwrap_or_else(PoisonError::into_inner);
        let found = shard.table.find(tag, is_it);
        #[cfg(any(pleach_loom, pleach_shuttle))]
        let found = found.filter(|_| !pleach_atomic::model::planted("unasked_again"));
        if let Some(symbol) = found {
            return Ok(symbol);
        }
        let place = shard.table.place(tag, *strings)?;
        let symbol = issue();
        *strings += 1;
        let word = Word::new(tag, symbol);
        // Release (INT-9): who reads this word over a stale one sees the size; pairs with INT-10.
        place.store(word.0, ord("INT-9", Ordering::Release));
        Ok(symbol)
    }

    /// How many bytes this takes.
    pub(crate) fn bytes(&self) -> usize {
        let segments = self.shards.iter().flat_map(|shard| &shard.table.segments);
        let segments = segments.filter_map(Published::get).map(size_of_val);
        size_of_val(&*self.shards) + segments.sum::<usize>()
    }
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use std::hash::{BuildHasher, Hasher};

    use super::*;
    use crate::SharedMapping;

    impl Index {
        /// How many words a look-up of each string reads, most and on average.
        fn probes(&self) -> (usize, f64) {
            let (mut most, mut words, mut strings) = (0, 0, 0);
            for shard in &self.shards {
                let table = &shard.table;
                let size = table.size.load(Ordering::Acquire);
                for segment in 0..size as usize {
                    for bucket in table.segment(segment) {
                        for place in &bucket.0 {
                            let word = Word(place.load(Ordering::Acquire));
                            let home = Home::of(word.tag(), size);
                            if word.0 == Word::EMPTY || home.segment != segment {
                                continue;
                            }
                            let mut walk = words_from(table.segment(segment), home.bucket);
                            let at = walk.position(|other| std::ptr::eq(other, place));
                            let read = at.map_or(0, |at| at + 1);
                            most = most.max(read);
                            words += read;
                            strings += 1;
                        }
                    }
                }
            }
            (most, words as f64 / f64::from(strings.max(1)))
        }

        /// How many strings the fullest shard has, as a multiple of what is fair.
        fn unfairness(&self) -> f64 {
            let shards = self
                .shards
                .iter()
                .map(|shard| *shard.strings.0.lock().unwrap());
            let shards: Vec<usize> = shards.collect();
            let all: usize = shards.iter().sum();
            let most = shards.into_iter().max().unwrap_or(0);
            most as f64 * SHARD_COUNT as f64 / all.max(1) as f64
        }
    }

    fn spread(strings: impl Iterator<Item = Vec<u8>>) {
        let map = SharedMapping::new();
        for string in strings {
            map.intern(string);
        }
        let (most, mean) = map.index.probes();
        let unfairness = map.index.unfairness();
        println!(
            "{} strings: {mean:.2} words each, {most} at most, {unfairness:.2}",
            map.len()
        );
        assert!(mean < 7.0 && most < 120, "{mean}, {most}");
        assert!(unfairness < 1.6, "{unfairness}");
    }

    #[test]
    fn names_with_one_beginning_spread_over_all_shards() {
        let uri = |n: u32| format!("http://www.w3.org/2006/03/wn/wn20/instances/{n}");
        spread((0..40_000).map(|n| uri(n).into_bytes()));
        let end = |n: u32| [&n.to_be_bytes()[..], &[0; 40]].concat();
        spread((0..40_000).map(end));
        // One length, and one byte that differs, somewhere.
        spread((0..20_000usize).map(|n| {
            let mut name = vec![b'.'; 100];
            name[n / 200] = (n % 200) as u8;
            name
        }));
    }

    #[test]
    fn names_that_collide_without_a_key_spread_with_one() {
        let unkeyed = foldhash::quality::FixedState::with_seed(0);
        let hash = |name: &[u8]| {
            let mut hasher = unkeyed.build_hasher();
            hasher.write(name);
            hasher.finish()
        };
        // All of one shard and of eight buckets, were the seed known.
        let names = (0..1_000_000u32).map(|n| format!("{n}").into_bytes());
        let collide = |name: &Vec<u8>| (hash(name) >> 32) % 64 == 7 && hash(name) % 4 == 1;
        let names: Vec<_> = names.filter(collide).collect();
        assert!(names.len() > 3_000);
        spread(names.into_iter());
    }

    #[test]
    fn homes_are_split_and_never_joined() {
        for tag in (0..1 << TAG_BITS).step_by(997).map(Tag) {
            for size in 1..SEGMENT_COUNT as u32 {
                let (home, next) = (Home::of(tag, size), Home::of(tag, size + 1));
                assert!(home.segment < size as usize);
                let stays = (home.segment, home.bucket) == (next.segment, next.bucket);
                assert!(stays || next.segment == size as usize);
            }
        }
    }

    #[test]
    fn strings_of_one_tag_are_refused_before_the_table_is_blown_up() {
        let index = Index::new();
        let mut symbols = (0..).map(|n| Symbol::new(0, n));
        let mut insert = || index.find_or_insert(42, |_| false, || symbols.next().unwrap());
        let taken = (0..10_000).map_while(|_| insert().ok()).count();
        assert!((100..2_000).contains(&taken), "{taken}");
        assert!(index.bytes() < 128 << 10);
        assert_eq!(insert(), Err(InternError::SymbolSpaceExhausted));
    }
}
