//! Prints how fast images are built, written, checked and looked up in.

fn main() {}
