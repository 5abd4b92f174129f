//! The C that targets compare with, compiled so that it judges each of its accesses.

fn main() {
    let source = "../aout-minix/tests/c/kernel_decode.c";
    println!("cargo::rerun-if-changed={source}");
    cc::Build::new().file(source).define("CHECKED", None).warnings(true).compile("execfmt_references");
}
