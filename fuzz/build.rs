//! Compiles what the targets compare the library with.

/// In C, for it is what the systems themselves are written in; in `reference/`.
const SOURCES: [&str; 1] = ["elks_exec"];

fn main() {
    for source in SOURCES {
        let path = format!("reference/{source}.c");
        println!("cargo::rerun-if-changed={path}");
        cc::Build::new()
            .std("c99")
            .warnings(true)
            .extra_warnings(true)
            .warnings_into_errors(true)
            .file(path)
            .compile(source);
    }
}
