//! The C library in C and C++ programs: their compilers and options.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::library::{self, Kind};
use crate::shell::{exists, output, program, root, run};

/// The library for kernels, without std.
pub fn library() -> Result<PathBuf> {
    library::build(Kind::Kernel)
}

/// The library for programs on an ordinary system, including the functions that allocate.
pub fn library_with_std() -> Result<PathBuf> {
    library::build(Kind::Std)
}

/// The libraries that a program on an ordinary system links besides the one with std.
pub const SYSTEM: &[&str] = &["-lpthread", "-ldl", "-lm"];

/// A C or C++ program of the tests.
pub struct Build<'a> {
    /// The compiler.
    pub compiler: &'a str,
    /// Its options.
    pub flags: &'a [&'a str],
    /// A file in `ffi/tests/c`.
    pub source: &'a str,
}

/// C that every compiler accepts.
pub const C89: &[&str] = &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror"];
/// The header hides what the library without std does not have.
pub const FREESTANDING: &[&str] =
    &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror", "-DEXECFMT_FREESTANDING"];
/// The library for kernels has no builder of images.
pub const READING_ONLY: &[&str] = &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror", "-DREADING_ONLY"];
/// C++ that every compiler accepts.
pub const CXX98: &[&str] = &["-std=c++98", "-pedantic", "-Wall", "-Wextra", "-Wshadow", "-Werror"];

/// The images that the reference model wrote, uncompressed: the arguments of the Coyotos programs.
pub fn coyotos_images(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut images = Vec::new();
    for name in ["i386", "coldfire", "arm"] {
        let image = folder.join(format!("{name}.img"));
        let packed = root().join("testdata/coyotos").join(format!("{name}.img.gz"));
        let bytes = output(program("gzip", 10).arg("-dc").arg(packed))?;
        ensure!(bytes.status.success(), "gzip: {}", bytes.status);
        std::fs::write(&image, bytes.stdout)?;
        images.push(image);
    }
    Ok(images)
}

/// Compiles and links one of the test programs.
pub fn compile(build: &Build<'_>, binary: &Path, library: &Path, system: &[&str]) -> Result<()> {
    let source = root().join("ffi/tests/c").join(build.source);
    compile_file(&source, build.compiler, build.flags, binary, library, system)
}

/// Compiles and links a program.
pub fn compile_file(
    source: &Path,
    compiler: &str,
    flags: &[&str],
    binary: &Path,
    library: &Path,
    system: &[&str],
) -> Result<()> {
    ensure!(exists(compiler), "{compiler} is missing");
    run(program(compiler, 120)
        .args(flags)
        .arg("-I")
        .arg(root().join("include"))
        .arg("-o")
        .arg(binary)
        .arg(source)
        .arg(library)
        .args(system))
    .with_context(|| format!("{compiler} {}", source.display()))
}
