//! What tests of many threads share: how long they run, what they draw, and how both are repeated.

use std::env;
use std::str::FromStr;
use std::time::{Duration, Instant, SystemTime};

/// Threads of a stress test: eight for each core of a small machine, so that most are interrupted
/// where they stand.
pub const THREADS: usize = 16;

/// How long a stress test runs, and from which seed its threads draw.
#[derive(Clone, Copy, Debug)]
pub struct Stress {
    /// Seconds of the whole test.
    pub seconds: f64,
    /// Where the seeds of its threads begin.
    pub seed: u64,
}

impl Stress {
    /// A second and a seed of the time, unless `PLEACH_STRESS_SECONDS` and `PLEACH_STRESS_SEED` say
    /// otherwise. Prints the seed, which repeats what each thread draws, if not how the threads meet.
    pub fn from_env() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let time = now.map_or(0, |time| time.as_nanos() as u64);
        let stress = Self {
            seconds: variable("PLEACH_STRESS_SECONDS").unwrap_or(1.0),
            seed: variable("PLEACH_STRESS_SEED").unwrap_or(time),
        };
        println!("seed {}", stress.seed);
        stress
    }

    /// The same for half of the time: of a test that has two parts.
    #[must_use]
    pub fn half(self) -> Self {
        Self {
            seconds: self.seconds / 2.0,
            ..self
        }
    }

    /// When a test that begins now is over.
    pub fn end(self) -> Instant {
        Instant::now() + Duration::from_secs_f64(self.seconds)
    }

    /// What each of the [`THREADS`] draws.
    pub fn draws(self) -> impl Iterator<Item = Draws> {
        (0..THREADS as u64).map(move |thread| Draws::new(self.seed.wrapping_add(thread << 32)))
    }
}

/// The value of an environment variable, if it is there and can be read.
pub fn variable<T: FromStr>(name: &str) -> Option<T> {
    env::var(name).ok()?.parse().ok()
}

/// The numbers of one thread: splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, 2014).
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    /// The numbers that follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is not zero.
    pub fn below(&mut self, n: u64) -> u64 {
        self.number() % n
    }

    /// An index of something that has `len` elements, and is not empty.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }
}
