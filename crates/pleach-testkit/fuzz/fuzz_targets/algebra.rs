//! Expressions of set algebra.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pleach_fuzz::algebra(bytes));
