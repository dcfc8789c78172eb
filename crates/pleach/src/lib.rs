//! Copy-on-write tries that share branches: maps, snapshots and zippers over byte strings.
