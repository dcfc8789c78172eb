//! From hashes to symbols: shards of buckets that are read without a lock, and grow in place.
//!
//! A shard's buckets lie in segments: the first has a few, each further one as many as all before it
//! together. A bucket is a cache line of seven words, and a mark for each of them:
//!
//! ```text
//!   63 ........ 40   39 ................ 0          7     6 ........ 0
//!  | tag: 24 bits  | symbol, zero: empty  |        | 1  | 7 other bits |   zero: empty
//! ```
//!
//! With 2^n buckets, a string's *home* is the bucket that the lowest n bits of its tag name. It is in
//! the first place that was free there or in the buckets behind, round and round within the segment.
//! Where in its bucket a string is, nobody can predict; the marks say it without a branch, all at once.
//!
//! **Growing** adds a segment and so a bit to all homes. Where that bit is set, the word is copied to
//! its new home, in the new segment; what it leaves behind is *stale*: a later insertion may write
//! over it. The tag holds every bit that a home can need, so no string is hashed again or looked at.
//! No table is given up, and a word that is not empty never becomes so.
//!
//! **Reading** goes from the home to the first bucket that is not full. Whatever is found is checked against its
//! bytes, so a hit is right, wherever it was. A miss may be wrong if the shard has grown and a stale
//! word on the way was written over; but then the reader has acquired the writer's word or mark, and
//! with it the new size of the shard. It looks at the size again, and goes again if it has changed.
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

use super::place::{Place, slice_of};
use crate::{InternError, Symbol};

/// How many shards there are: writers of different shards do not meet.
const SHARD_COUNT: usize = scaled(64, 1);

/// Words in a bucket: with their marks, a cache line.
const BUCKET_LEN: usize = scaled(7, 2);

/// The top bits of eight marks, of those that a bucket has, and the lowest bits.
const TOPS: u64 = 0x8080_8080_8080_8080;
const TOPS_HERE: u64 = TOPS >> (64 - 8 * BUCKET_LEN);
const ONES: u64 = 0x0101_0101_0101_0101;

/// The bits of a hash from this one on are its mark's; those below are the tag's.
const MARK_SHIFT: u32 = scaled_u32(TAG_BITS, 0);

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
    shards: Box<[Shard; SHARD_COUNT]>,
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
    segments: [Place<Box<[Bucket]>>; SEGMENT_COUNT],
}

#[repr(align(64))]
struct Bucket {
    /// A byte for each word.
    marks: AtomicU64,
    words: [AtomicU64; BUCKET_LEN],
}

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
const _: () = assert!(size_of::<Bucket>() == 64);

/// The part of a hash that a word keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tag(u32);

/// The part of a hash that stands beside a word. Its top bit is set.
#[derive(Clone, Copy)]
struct Mark(u8);

/// The places of a bucket for which something holds, as the top bits of their bytes.
#[derive(Clone, Copy)]
struct Places(u64);

/// What a table's place for a symbol holds.
#[derive(Clone, Copy)]
struct Word(u64);

/// A bucket, by its segment. Segments begin at multiples of their lengths, so its number in the
/// segment is the rest of its number among all.
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

/// The bits of which a tag has one if, among so many segments, its home is behind this segment: a
/// word with one of them is stale here.
#[inline]
fn later_bits(segment: usize, size: u32) -> usize {
    bucket_count(size) - bucket_count(segment as u32 + 1)
}

impl Home {
    /// The home of a tag among the buckets of so many segments, not zero.
    #[inline]
    fn of(tag: Tag, size: u32) -> Self {
        let bucket = tag.0 as usize & (bucket_count(size) - 1);
        // Segment s > 0 begins at bucket 2^(FIRST_BITS + s - 1) and has as many.
        let bits = (bucket << 1 | 1 << FIRST_BITS).ilog2();
        let segment = (bits - FIRST_BITS) as usize;
        Self { segment, bucket }
    }
}

impl Iterator for Places {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let place = (self.0 != 0).then(|| self.0.trailing_zeros() as usize / 8);
        self.0 &= self.0.wrapping_sub(1);
        place
    }
}

impl Bucket {
    fn new() -> Self {
        Self {
            marks: AtomicU64::new(0),
            words: array::from_fn(|_| AtomicU64::new(Word::EMPTY)),
        }
    }

    /// The places with this mark, and whether the bucket is full.
    #[inline(always)]
    fn places_of(&self, mark: Mark) -> (Places, bool) {
        // Acquire (INT-14): a mark is seen with its word, and one that was written over with the size
        // under which it was stale; pairs with INT-13.
        let marks = self.marks.load(ord("INT-14", Ordering::Acquire));
        // Bytes that are zero where the mark is; its top bit is set, so no empty one is.
        let other = marks ^ u64::from(mark.0).wrapping_mul(ONES);
        let differs = ((other & !TOPS) + !TOPS) | other;
        (Places(!differs & TOPS_HERE), !marks & TOPS_HERE == 0)
    }

    /// The word at a place.
    #[inline(always)]
    fn word(&self, place: usize) -> Word {
        // Acquire (INT-10): a word that was written over brings the size with it, under which it was
        // stale; pairs with INT-9.
        Word(self.words[place].load(ord("INT-10", Ordering::Acquire)))
    }

    /// What is at a place, for the holder of the lock.
    fn held(&self, place: usize) -> (Mark, Word) {
        // Relaxed: only the holder writes.
        let mark = self.marks.load(Ordering::Relaxed) >> (8 * place);
        let word = self.words[place].load(Ordering::Relaxed);
        (Mark(mark as u8), Word(word))
    }

    /// Puts a word in a free place. For the holder of the lock.
    fn put(&self, place: usize, mark: Mark, word: Word) {
        // Release (INT-9): who reads this word over a stale one sees the size; pairs with INT-10.
        self.words[place].store(word.0, ord("INT-9", Ordering::Release));
        // Relaxed: only the holder writes.
        let marks = self.marks.load(Ordering::Relaxed);
        let shift = 8 * place;
        let marks = marks & !(0xFF << shift) | u64::from(mark.0) << shift;
        // Release (INT-13): the word, and the size as above, before the mark; pairs with INT-14.
        self.marks.store(marks, ord("INT-13", Ordering::Release));
    }

    /// The first place that is empty or, by these bits of its tag, stale. For the holder of the lock.
    fn free_place(&self, later: usize) -> Option<usize> {
        (0..BUCKET_LEN).find(|&place| {
            let (_, word) = self.held(place);
            word.0 == Word::EMPTY || word.tag().0 as usize & later != 0
        })
    }
}

/// The buckets of a segment from one on, round to where they began.
#[inline]
fn buckets_from(segment: &[Bucket], bucket: usize) -> impl Iterator<Item = &Bucket> {
    let mask = segment.len() - 1;
    (0..segment.len()).map(move |step| &segment[(bucket + step) & mask])
}

impl Table {
    fn new() -> Self {
        Self {
            size: AtomicU32::new(0),
            segments: array::from_fn(|_| Place::new()),
        }
    }

    #[inline]
    fn segment(&self, segment: usize) -> &[Bucket] {
        debug_assert!(self.segments[segment].get().is_some());
        // SAFETY: whoever knows of the segment acquired a size that counts it, and it was published
        // before that was stored.
        unsafe { self.segments[segment].get_published() }
    }

    /// The symbol with this tag and mark whose string `is_it`.
    #[inline(always)]
    fn find(&self, (tag, mark): (Tag, Mark), is_it: impl Fn(Symbol) -> bool) -> Option<Symbol> {
        // Acquire (INT-8): as many segments are there, with their words; pairs with INT-7.
        let mut size = self.size.load(ord("INT-8", Ordering::Acquire));
        loop {
            if size == 0 {
                return None;
            }
            if let Some(symbol) = self.find_in(size, (tag, mark), &is_it) {
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
    #[inline(always)]
    fn find_in(
        &self,
        size: u32,
        (tag, mark): (Tag, Mark),
        is_it: impl Fn(Symbol) -> bool,
    ) -> Option<Symbol> {
        let home = Home::of(tag, size);
        for bucket in buckets_from(self.segment(home.segment), home.bucket) {
            let (places, is_full) = bucket.places_of(mark);
            for place in places {
                let word = bucket.word(place);
                debug_assert!(word.0 != Word::EMPTY);
                if word.tag() == tag && is_it(word.symbol()) {
                    return Some(word.symbol());
                }
            }
            if !is_full {
                return None;
            }
        }
        None
    }

    /// A place for a word with this tag; `strings` are there. For the holder of the lock.
    fn place(&self, tag: Tag, strings: usize) -> Result<(&Bucket, usize), InternError> {
        loop {
            // Relaxed, here and below: only the holder of the lock writes.
            let size = self.size.load(Ordering::Relaxed);
            let capacity = bucket_count(size) * BUCKET_LEN;
            // Three words in four: buckets seldom overflow.
            if strings < capacity / 4 * 3 + capacity % 4 {
                let home = Home::of(tag, size);
                let later = later_bits(home.segment, size);
                let mut buckets = buckets_from(self.segment(home.segment), home.bucket);
                let free = buckets.find_map(|bucket| Some((bucket, bucket.free_place(later)?)));
                if let Some(place) = free {
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
            let buckets = self.segment(segment).iter();
            let all = buckets.flat_map(|bucket| (0..BUCKET_LEN).map(|place| bucket.held(place)));
            let later = later_bits(segment, size);
            for (mark, word) in all.filter(|(_, word)| word.0 != Word::EMPTY) {
                let bits = word.tag().0 as usize;
                if bits & later == 0 && bits & old != 0 {
                    let home = Home::of(word.tag(), size + 1);
                    let mut buckets = buckets_from(&fresh, home.bucket);
                    let free = buckets.find_map(|bucket| Some((bucket, bucket.free_place(0)?)));
                    let (bucket, place) = free.expect("it has as many words as there were");
                    bucket.put(place, mark, word);
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
        let shards: Box<[Shard]> = (0..SHARD_COUNT).map(shard).collect();
        let shards = shards.try_into();
        Self {
            shards: shards.unwrap_or_else(|_| unreachable!("there are as many")),
        }
    }

    #[inline]
    fn shard(&self, hash: u64) -> (&Shard, (Tag, Mark)) {
        let shard = &self.shards[(hash >> 32) as usize % SHARD_COUNT];
        let tag = Tag(hash as u32 & ((1 << TAG_BITS) - 1));
        (shard, (tag, Mark((hash >> MARK_SHIFT) as u8 | 0x80)))
    }

    /// The symbol with this hash whose string `is_it`, which is asked about symbols that were put here
    /// before. Takes no lock and writes nothing.
    #[inline(always)]
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(Symbol) -> bool) -> Option<Symbol> {
        let (shard, key) = self.shard(hash);
        shard.table.find(key, is_it)
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
        let (shard, key) = self.shard(hash);
        let guard = shard.strings.0.lock();
        let mut strings = guard.unwrap_or_else(PoisonError::into_inner);
        let found = shard.table.find(key, is_it);
        #[cfg(any(pleach_loom, pleach_shuttle))]
        let found = found.filter(|_| !pleach_atomic::model::planted("unasked_again"));
        if let Some(symbol) = found {
            return Ok(symbol);
        }
        let (tag, mark) = key;
        let (bucket, place) = shard.table.place(tag, *strings)?;
        let symbol = issue();
        *strings += 1;
        bucket.put(place, mark, Word::new(tag, symbol));
        Ok(symbol)
    }

    /// How many bytes this takes.
    pub(crate) fn bytes(&self) -> usize {
        let segments = self.shards.iter().flat_map(|shard| &shard.table.segments);
        let segments = segments
            .filter_map(Place::get)
            .map(|buckets| size_of_val(&**buckets));
        size_of_val(&*self.shards) + segments.sum::<usize>()
    }
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use std::hash::{BuildHasher, Hasher};

    use super::*;
    use crate::SharedMapping;

    impl Index {
        /// How many buckets a look-up of each string reads, most and on average.
        fn probes(&self) -> (usize, f64) {
            let (mut most, mut read, mut strings) = (0, 0, 0);
            for table in self.shards.iter().map(|shard| &shard.table) {
                let size = table.size.load(Ordering::Acquire);
                let segments = (0..size as usize).map(|segment| (segment, table.segment(segment)));
                for (segment, buckets) in segments {
                    for (number, place) in (0..buckets.len())
                        .flat_map(|number| (0..BUCKET_LEN).map(move |place| (number, place)))
                    {
                        let word = buckets[number].word(place);
                        let home = Home::of(word.tag(), size);
                        if word.0 == Word::EMPTY || home.segment != segment {
                            continue;
                        }
                        let walk = number + buckets.len() - home.bucket % buckets.len();
                        let buckets_read = walk % buckets.len() + 1;
                        most = most.max(buckets_read);
                        read += buckets_read;
                        strings += 1;
                    }
                }
            }
            (most, read as f64 / f64::from(strings.max(1)))
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
        let index = map.store.index();
        let (most, mean) = index.probes();
        let unfairness = index.unfairness();
        println!(
            "{} strings: {mean:.2} buckets each, {most} at most, {unfairness:.2}",
            map.len()
        );
        assert!(mean < 1.25 && most < 40, "{mean}, {most}");
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
