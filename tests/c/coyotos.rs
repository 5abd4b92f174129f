//! The Coyotos functions, on the images that the reference model wrote.

use anyhow::{Result, ensure};
use execfmt_system_tests::c::{
    Build, C89, READING_ONLY, SYSTEM, compile, coyotos_images, library, library_with_std,
};
use execfmt_system_tests::library::{self, Kind};
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{output, program, root};
use execfmt_system_tests::tools::{C_LIBRARY, Tool, have};

use crate::{HOOKS_ONLY_VALGRIND, SANITIZED, build_and_run};

/// The library for kernels has a builder if requested, and even then no memory of its own.
const HOOKS_ONLY: &[&str] = &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror", "-DHOOKS_ONLY"];

#[test]
fn coyotos_programs() -> Result<()> {
    if !have(&[&C_LIBRARY[..], &[Tool::Program("gzip")]].concat())? {
        return Ok(());
    }
    let folder = Scratch::new("c-coyotos")?;
    let images = coyotos_images(&folder)?;
    let (kernel, builder, std) = (library()?, library::build(Kind::KernelBuilder)?, library_with_std()?);
    let with_std = [
        Build { compiler: "gcc", flags: C89, source: "coyotos_c89.c" },
        Build { compiler: "gcc", flags: SANITIZED, source: "coyotos_c89.c" },
        Build {
            compiler: "clang++",
            flags: &["-std=c++98", "-Wall", "-Werror"],
            source: "coyotos_cxx98.cpp",
        },
    ];
    let reading = [Build { compiler: "gcc", flags: READING_ONLY, source: "coyotos_c89.c" }];
    let with_builder = [
        Build { compiler: "gcc", flags: HOOKS_ONLY, source: "coyotos_c89.c" },
        Build { compiler: "gcc", flags: HOOKS_ONLY_VALGRIND, source: "coyotos_c89.c" },
    ];
    // The first writes symbols.img, the input of those that only read.
    let arguments = [&images[..], &[folder.join("symbols.img")]].concat();
    build_and_run(&folder, &with_std, &std, SYSTEM, &arguments)?;
    build_and_run(&folder, &reading, &kernel, &[], &arguments)?;
    build_and_run(&folder, &with_builder, &builder, &[], &arguments)
}

/// How much stack the functions use.
#[test]
fn coyotos_stack() -> Result<()> {
    if !have(&[&C_LIBRARY[..], &[Tool::Program("gzip")]].concat())? {
        return Ok(());
    }
    let folder = Scratch::new("c-coyotos-stack")?;
    let images = coyotos_images(&folder)?;
    let elf = root().join("testdata/coyotos/hello.elf");
    for (define, kind, system) in [
        ("-DSTD", Kind::Std, SYSTEM),
        ("-DREADING_ONLY", Kind::Kernel, &[]),
        ("-DHOOKS_ONLY", Kind::KernelBuilder, &[]),
    ] {
        let flags = ["-std=gnu99", "-O1", "-Wall", "-Wextra", "-Werror", define];
        let build = Build { compiler: "gcc", flags: &flags, source: "coyotos_stack.c" };
        let binary = folder.join(format!("stack{define}"));
        compile(&build, &binary, &library::build(kind)?, system)?;
        let ran = output(program(&binary, 60).arg(&elf).args(&images))?;
        let said = String::from_utf8_lossy(&ran.stdout);
        ensure!(ran.status.success(), "{} {define}: {}\n{said}", build.source, ran.status);
        let deepest = said.lines().find(|line| line.starts_with("deepest")).unwrap_or_default();
        println!("gcc {} {define}: {deepest}", build.source);
    }
    Ok(())
}
