//! Histories of calls on a map.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pleach_fuzz::map(bytes));
