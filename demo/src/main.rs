//! pleach-demo
fn main() {}
