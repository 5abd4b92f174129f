//! The C that targets compare with.

/// Relative to this folder.
const SOURCES: [&str; 1] = ["reference/elks_exec.c"];

fn main() {
    SOURCES.iter().for_each(|source| println!("cargo::rerun-if-changed={source}"));
    cc::Build::new()
        .files(SOURCES)
        .std("c99")
        .warnings(true)
        .extra_warnings(true)
        .compile("execfmt_references");
}
