//! Concurrent copy-on-write byte tries with O(1) snapshots and zippers.
