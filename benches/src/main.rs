//! pleach-benches
fn main() {}
