//! Saved mappings, and what is none.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pleach_fuzz::load(bytes));
