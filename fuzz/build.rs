//! The C that targets compare with.

/// Relative to this folder: ELKS's arithmetic for a.out and NE, and its decoder.
const SOURCES: [&str; 3] =
    ["reference/elks_exec.c", "reference/elks_ne.c", "../aout-minix/tests/c/kernel_decode.c"];

fn main() {
    SOURCES.iter().for_each(|source| println!("cargo::rerun-if-changed={source}"));
    cc::Build::new()
        .files(SOURCES)
        // The decoder judges each of its accesses.
        .define("CHECKED", None)
        .warnings(true)
        .extra_warnings(true)
        .compile("execfmt_references");
}
