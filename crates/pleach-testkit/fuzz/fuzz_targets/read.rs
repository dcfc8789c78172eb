//! Walks of zippers that read.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pleach_fuzz::read(bytes));
