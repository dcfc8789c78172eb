//! What a pool is told when it is made.

use pleach_atomic::scaled;

use crate::error::ConfigError;
use crate::memory::geometry::{SPAN_BYTES, SPANS_PER_SEGMENT_MAX};

/// How a pool is to be: the same description for all levels.
///
/// Begin with a preset and change fields. [`validate`](Self::validate), which every constructor
/// calls, names the field that cannot be.
///
/// # Examples
///
/// ```
/// use pleach_pool::{FiveLevelPoolConfig, LockFreePool, Pool};
///
/// let config = FiveLevelPoolConfig {
///     max_bytes: Some(16 << 20),
///     ..FiveLevelPoolConfig::performance_optimized()
/// };
/// let pool = LockFreePool::new(config)?;
/// assert_eq!(pool.stats().capacity_bytes, 16 << 20);
/// # Ok::<(), pleach_pool::PoolError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiveLevelPoolConfig {
    /// The most bytes that a pool of levels 1 to 4 takes from the system; it grows as far as memory
    /// goes without one. At least two segments, one for small blocks and one for large ones.
    pub max_bytes: Option<usize>,
    /// The bytes that a pool of level 5 has from the beginning.
    pub fixed_bytes: usize,
    /// What levels 1 to 4 take from the system at a time: a power of two from 256 KiB to 4 MiB.
    pub segment_bytes: usize,
    /// Level 4: how many bytes of free blocks a thread keeps in each size class.
    pub magazine_bytes: usize,
    /// Whether the system is advised to use huge pages;
    /// [`PoolStats::huge_page_bytes`](crate::PoolStats::huge_page_bytes) tells what came of it.
    pub huge_pages: bool,
    /// Whether the adaptive pool is to have a fixed capacity, and so level 5.
    pub fixed: bool,
    /// How many cores the adaptive pool shall count on, where the caller knows better than
    /// [`available_parallelism`](std::thread::available_parallelism), which knows of affinity and
    /// control groups.
    pub cores: Option<usize>,
    /// The size of the blocks that are asked for most, by which the adaptive pool chooses on few
    /// cores.
    pub typical_block_bytes: usize,
    /// How many bytes will be in use, by which the adaptive pool chooses on many cores.
    pub expected_bytes: usize,
}

impl FiveLevelPoolConfig {
    /// The smallest segment.
    const SEGMENT_MIN: usize = scaled(4, 2) * SPAN_BYTES;
    /// The largest segment.
    const SEGMENT_MAX: usize = SPANS_PER_SEGMENT_MAX * SPAN_BYTES;
    /// The most that a pool of level 5 can have: 2^31 units of 64 bytes would be more than its
    /// tables address, so a quarter of that.
    const FIXED_MAX: u64 = 1 << 35;

    /// High throughput: large segments, huge pages where the system has them, large caches.
    #[must_use]
    pub const fn performance_optimized() -> Self {
        Self {
            max_bytes: None,
            fixed_bytes: 64 << 20,
            segment_bytes: 64 * SPAN_BYTES,
            magazine_bytes: SPAN_BYTES,
            huge_pages: true,
            fixed: false,
            cores: None,
            typical_block_bytes: 256,
            expected_bytes: 1 << 30,
        }
    }

    /// Low memory: small segments, small caches.
    #[must_use]
    pub const fn memory_optimized() -> Self {
        Self {
            max_bytes: None,
            fixed_bytes: 4 << 20,
            segment_bytes: Self::SEGMENT_MIN,
            magazine_bytes: SPAN_BYTES / 16,
            huge_pages: false,
            fixed: false,
            cores: None,
            typical_block_bytes: 256,
            expected_bytes: 16 << 20,
        }
    }

    /// Predictable latency: what level 5 is for, with 16 MiB; the adaptive pool uses that level.
    #[must_use]
    pub const fn realtime() -> Self {
        Self {
            max_bytes: Some(16 << 20),
            fixed_bytes: 16 << 20,
            segment_bytes: 16 * SPAN_BYTES,
            magazine_bytes: SPAN_BYTES / 4,
            huge_pages: false,
            fixed: true,
            cores: None,
            typical_block_bytes: 256,
            expected_bytes: 16 << 20,
        }
    }

    /// Tells whether a pool can be like this.
    ///
    /// # Errors
    ///
    /// Names the first field that cannot be.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let error = |field, value, expected: String| {
            Err(ConfigError {
                field,
                value,
                expected,
            })
        };
        let (least, most) = (Self::SEGMENT_MIN, Self::SEGMENT_MAX);
        if !self.segment_bytes.is_power_of_two() || !(least..=most).contains(&self.segment_bytes) {
            let expected = format!("a power of two from {least} to {most}");
            return error("segment_bytes", self.segment_bytes, expected);
        }
        if let Some(max) = self.max_bytes.filter(|&max| max < 2 * self.segment_bytes) {
            let expected = format!("two segments ({}) or more", 2 * self.segment_bytes);
            return error("max_bytes", max, expected);
        }
        if self.fixed_bytes < SPAN_BYTES || self.fixed_bytes as u64 > Self::FIXED_MAX {
            let expected = format!("from {SPAN_BYTES} to {}", Self::FIXED_MAX);
            return error("fixed_bytes", self.fixed_bytes, expected);
        }
        if self.magazine_bytes > self.segment_bytes {
            let expected = format!("at most a segment ({})", self.segment_bytes);
            return error("magazine_bytes", self.magazine_bytes, expected);
        }
        if self.cores == Some(0) {
            return error("cores", 0, "one or more".to_owned());
        }
        for (field, value) in [
            ("typical_block_bytes", self.typical_block_bytes),
            ("expected_bytes", self.expected_bytes),
        ] {
            if value == 0 {
                return error(field, value, "one or more".to_owned());
            }
        }
        Ok(())
    }
}

impl Default for FiveLevelPoolConfig {
    fn default() -> Self {
        Self::performance_optimized()
    }
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn the_presets_can_be() {
        for config in [
            FiveLevelPoolConfig::default(),
            FiveLevelPoolConfig::memory_optimized(),
            FiveLevelPoolConfig::realtime(),
        ] {
            assert_eq!(config.validate(), Ok(()));
        }
    }

    #[test]
    fn the_field_that_cannot_be_is_named() {
        type Spoil = fn(&mut FiveLevelPoolConfig);
        let cases: [(&str, Spoil); 7] = [
            ("segment_bytes", |c| c.segment_bytes = (1 << 20) + 1),
            ("max_bytes", |c| c.max_bytes = Some(c.segment_bytes)),
            ("fixed_bytes", |c| c.fixed_bytes = 100),
            ("magazine_bytes", |c| c.magazine_bytes = usize::MAX),
            ("cores", |c| c.cores = Some(0)),
            ("typical_block_bytes", |c| c.typical_block_bytes = 0),
            ("expected_bytes", |c| c.expected_bytes = 0),
        ];
        for (field, spoil) in cases {
            let mut config = FiveLevelPoolConfig::default();
            spoil(&mut config);
            assert_eq!(config.validate().unwrap_err().field, field);
        }
    }
}
