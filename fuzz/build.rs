//! The C that targets compare with, compiled so that it judges each of its accesses.

/// Relative to this folder.
const SOURCES: [&str; 2] = ["reference/elks_exec.c", "../aout-minix/tests/c/kernel_decode.c"];

fn main() {
    SOURCES.iter().for_each(|source| println!("cargo::rerun-if-changed={source}"));
    cc::Build::new()
        .files(SOURCES)
        .define("CHECKED", None)
        .std("c99")
        .warnings(true)
        .extra_warnings(true)
        .compile("execfmt_references");
}
