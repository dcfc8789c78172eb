//! Edits through zippers that write.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pleach_fuzz::write(bytes));
