//! A planted bug, which the fuzzer has to find.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pleach_fuzz::canary(bytes));
