//! The C library in programs of C and C++: what compiles them and with which options.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::library::{self, Kind};
use crate::shell::{exists, output, program, root, run};

/// The library for kernels, without std.
pub fn library() -> Result<PathBuf> {
    library::build(Kind::Kernel)
}

/// The library for programs on an ordinary system, with what allocates.
pub fn library_with_std() -> Result<PathBuf> {
    library::build(Kind::Std)
}

/// What a program on an ordinary system links besides the library with std.
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

/// C that every compiler takes.
pub const C89: &[&str] = &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror"];
/// What the library without std does not have, the header hides.
pub const FREESTANDING: &[&str] =
    &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror", "-DEXECFMT_FREESTANDING"];
/// The library for kernels has no builder of images.
pub const READING_ONLY: &[&str] = &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror", "-DREADING_ONLY"];
/// C++ that every compiler takes.
pub const CXX98: &[&str] = &["-std=c++98", "-pedantic", "-Wall", "-Wextra", "-Wshadow", "-Werror"];

/// The images that the reference model wrote, unpacked: what the Coyotos programs take as arguments.
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
