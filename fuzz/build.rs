//! The C that targets compare with, compiled so that it judges each of its accesses where it can.

/// Relative to this folder.
const SOURCES: [&str; 2] = ["reference/elks_exec.c", "../aout-minix/tests/c/kernel_decode.c"];

fn main() {
    SOURCES.iter().for_each(|source| println!("cargo::rerun-if-changed={source}"));
    cc::Build::new()
        .files(SOURCES)
        .std("c99")
        .define("CHECKED", None)
        .warnings(true)
        .extra_warnings(true)
        .compile("execfmt_references");
}
