//! The C library, from C and C++.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::archive::{HOST, MEMORY_FUNCTIONS};
use crate::headers;
use crate::layouts;
use crate::library::{self, Kind};
use crate::shell::{cargo, exists, output, program, root, run, scratch, stdout, target};

/// The library for kernels, without std.
pub(crate) fn library() -> Result<PathBuf> {
    library::build(Kind::Kernel)
}

/// The library for programs on an ordinary system, with what allocates.
pub(crate) fn library_with_std() -> Result<PathBuf> {
    library::build(Kind::Std)
}

/// The proof that the libraries for kernels need no std and no libc, and that no panic can be reached in them.
///
/// The crate defines the panic handler itself, which a build that links std refuses as defined twice. The handler
/// calls a function that exists nowhere, so that a panic path left by the optimiser would not link. What the libraries
/// want from elsewhere is listed, and a program links that names every exported function, with the whole archive and
/// without collecting sections, as some kernels do.
pub(crate) fn freestanding() -> Result<()> {
    prove(&library()?, &[])?;
    prove(&library::build(Kind::KernelBuilder)?, &["-DBUILDER", "-DEXECFMT_WITH_BUILDER"])
}

fn prove(library: &Path, flags: &[&str]) -> Result<()> {
    let wanted = HOST.wanted(library)?;
    let strangers: Vec<_> = wanted.iter().filter(|name| !MEMORY_FUNCTIONS.contains(&name.as_str())).collect();
    ensure!(strangers.is_empty(), "the C library for kernels wants {strangers:?}");
    let exported = HOST.exported(library)?;
    let listed = stdout(program("nm", 60).args(["--quiet", "-g", "--defined-only"]).arg(library))?;
    let globals = listed.lines().filter_map(|line| line.split_whitespace().nth(2));
    let others: Vec<_> = globals.filter(|name| !exported.iter().any(|known| known == name)).collect();
    ensure!(others.is_empty(), "the C library for kernels also defines {others:?}");

    let folder = scratch("freestanding")?;
    let everything = folder.join("everything.c");
    let names: String = exported.iter().map(|name| format!("    (void (*)(void)){name},\n")).collect();
    let text = format!(
        "#include <execfmt.h>\nextern void (*const execfmt_all[])(void);\n\
         void (*const execfmt_all[])(void) = {{\n{names}}};\n"
    );
    std::fs::write(&everything, text)?;
    for (name, how) in
        [("plain", &[][..]), ("collected", &["-Wl,--gc-sections"]), ("whole", &["-Wl,--whole-archive"])]
    {
        let binary = folder.join(name);
        let mut compile = program("gcc", 60);
        compile
            .args(["-O1", "-ffreestanding", "-nostdlib", "-static", "-DEXECFMT_FREESTANDING", "-I"])
            .arg(root().join("include"))
            .arg("-o")
            .arg(&binary)
            .args(flags)
            .arg(root().join("ffi/tests/c/freestanding.c"));
        if name != "collected" {
            compile.arg(&everything);
        }
        run(compile.args(how).arg(library))?;
        run(&mut program(&binary, 10))?;
        let sizes = stdout(program("size", 10).arg(&binary))?;
        let text = sizes.lines().nth(1).and_then(|line| line.split_whitespace().next().map(String::from));
        println!("without a C library, {name}: {} bytes of text", text.unwrap_or_default());
    }
    println!("{} functions; wanted from elsewhere: {}", exported.len(), wanted.join(", "));
    Ok(())
}

/// A C or C++ program of the tests.
pub(crate) struct Build<'a> {
    pub(crate) compiler: &'a str,
    pub(crate) flags: &'a [&'a str],
    pub(crate) source: &'a str,
}

pub(crate) const C89: &[&str] = &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror"];
/// What the library without std does not have, the header hides.
pub(crate) const FREESTANDING: &[&str] =
    &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror", "-DEXECFMT_FREESTANDING"];
/// The library for kernels has no builder of images.
pub(crate) const READING_ONLY: &[&str] =
    &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror", "-DREADING_ONLY"];
const FREESTANDING_VALGRIND: &[&str] = &["-std=c89", "-g", "-DEXECFMT_FREESTANDING"];
const HOOKS_ONLY_VALGRIND: &[&str] = &["-std=c89", "-g", "-DHOOKS_ONLY"];
pub(crate) const CXX98: &[&str] = &["-std=c++98", "-pedantic", "-Wall", "-Wextra", "-Wshadow", "-Werror"];
const CXX17: &[&str] = &["-std=gnu++17", "-Wall", "-Wextra", "-Wshadow", "-Werror"];
const VALGRIND: &[&str] = &["-std=c89", "-g"];
const SANITIZED: &[&str] =
    &["-std=c89", "-Wall", "-Werror", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const SANITIZED_CXX: &[&str] =
    &["-std=c++98", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// A test program that was built, ready to run: under valgrind where its flags say so. The sanitizers see the C side
/// only; valgrind sees the library as well.
fn test(build: &Build<'_>, binary: &Path) -> Command {
    if ![VALGRIND, FREESTANDING_VALGRIND, HOOKS_ONLY_VALGRIND].contains(&build.flags) {
        return program(binary, 60);
    }
    let mut test = program("valgrind", 120);
    test.args(["--quiet", "--error-exitcode=9", "--leak-check=full"]).arg(binary);
    test
}

/// The C and C++ programs against the committed headers and the static library.
pub(crate) fn tests() -> Result<()> {
    let folder = scratch("c")?;
    let builds = [
        Build { compiler: "gcc", flags: C89, source: "noff_c89.c" },
        Build { compiler: "clang", flags: C89, source: "noff_c89.c" },
        Build { compiler: "tcc", flags: &["-std=c89", "-Wall", "-Werror"], source: "noff_c89.c" },
        Build { compiler: "gcc", flags: SANITIZED, source: "noff_c89.c" },
        Build { compiler: "gcc", flags: VALGRIND, source: "noff_c89.c" },
        Build { compiler: "g++", flags: CXX98, source: "noff_cxx98.cpp" },
        Build { compiler: "g++", flags: CXX17, source: "noff_cxx98.cpp" },
        Build { compiler: "clang++", flags: CXX98, source: "noff_cxx98.cpp" },
        Build { compiler: "g++", flags: SANITIZED_CXX, source: "noff_cxx98.cpp" },
        Build { compiler: "gcc", flags: FREESTANDING, source: "aout_c89.c" },
        Build { compiler: "tcc", flags: FREESTANDING, source: "aout_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING_VALGRIND, source: "aout_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING, source: "ne_c89.c" },
        Build { compiler: "tcc", flags: FREESTANDING, source: "ne_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING_VALGRIND, source: "ne_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING, source: "coff_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING_VALGRIND, source: "coff_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING, source: "compress_c89.c" },
        Build { compiler: "tcc", flags: FREESTANDING, source: "compress_c89.c" },
        Build { compiler: "gcc", flags: FREESTANDING_VALGRIND, source: "compress_c89.c" },
    ];
    let with_std = [
        Build { compiler: "clang", flags: C89, source: "aout_c89.c" },
        Build { compiler: "gcc", flags: SANITIZED, source: "aout_c89.c" },
        Build { compiler: "g++", flags: CXX98, source: "aout_cxx98.cpp" },
        Build { compiler: "gcc", flags: SANITIZED, source: "ne_c89.c" },
        Build { compiler: "g++", flags: CXX98, source: "ne_cxx98.cpp" },
        Build { compiler: "gcc", flags: C89, source: "compress_c89.c" },
        Build { compiler: "clang", flags: C89, source: "compress_c89.c" },
        Build { compiler: "gcc", flags: SANITIZED, source: "compress_c89.c" },
    ];
    let (freestanding, std) = (library()?, library_with_std()?);
    let builds = builds.iter().map(|build| (build, &freestanding, &[][..]));
    let with_std = with_std.iter().map(|build| (build, &std, &["-lpthread", "-ldl", "-lm"][..]));
    for (index, (build, library, system)) in builds.chain(with_std).enumerate() {
        let binary = folder.join(format!("test{index}"));
        compile(build, &binary, library, system)?;
        let ran = output(&mut test(build, &binary))?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.success(), "{} {}: {}\n{said}", build.compiler, build.source, ran.status);
        println!(
            "{} {}: {}",
            build.compiler,
            build.flags.first().unwrap_or(&""),
            said.lines().last().unwrap_or("")
        );
    }
    // A 32-bit kernel: the headers' sizes and offsets are checked when compiling. `cargo xtask cross` links and runs.
    for (compiler, flags, source) in [
        ("gcc-12", C89, "noff_c89.c"),
        ("gcc-12", C89, "aout_c89.c"),
        ("gcc-12", C89, "compress_c89.c"),
        ("g++-12", CXX98, "noff_cxx98.cpp"),
    ] {
        let object = folder.join(format!("{source}.m32.o"));
        let include = root().join("include");
        run(program(compiler, 60)
            .args(flags)
            .args(["-m32", "-idirafter", "/usr/include/x86_64-linux-gnu", "-I"])
            .arg(include)
            .arg("-c")
            .arg(root().join("ffi/tests/c").join(source))
            .arg("-o")
            .arg(object))?;
        println!("{compiler} -m32 {source}: compiles");
    }
    header_examples(&folder, &std)?;
    layouts::not_packed(&folder)?;
    layouts::wire(&folder)?;
    layouts::cxx_layer(&folder, &freestanding)?;
    layouts::stack(&folder, &freestanding)?;
    chmem(&folder, &freestanding)?;
    elksdump(&folder, &freestanding)?;
    coyotos(&folder, &freestanding, &std)?;
    install(&folder, &std)
}

/// The example at the top of each header: it compiles without a warning, and runs.
fn header_examples(folder: &Path, library: &Path) -> Result<()> {
    for name in headers::names() {
        let (_, example) = headers::overview_and_example(name);
        let binary = folder.join(format!("example-{name}"));
        compile_file(&example, "gcc", C89, &binary, library, &["-lpthread", "-ldl", "-lm"])?;
        let printed = stdout(&mut program(&binary, 10))?;
        println!("ffi/headers/{name}.c: {}", printed.lines().last().unwrap_or_default());
    }
    Ok(())
}

/// The images that the reference model wrote, unpacked: what the Coyotos programs take as arguments.
pub(crate) fn coyotos_images(folder: &Path) -> Result<Vec<PathBuf>> {
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

/// The Coyotos functions, on the images that the reference model wrote.
fn coyotos(folder: &Path, freestanding: &Path, std: &Path) -> Result<()> {
    let images = coyotos_images(folder)?;
    // The library for kernels has a builder when it is asked for, and then no memory of its own.
    let hooks_only = &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror", "-DHOOKS_ONLY"];
    let with_builder = library::build(Kind::KernelBuilder)?;
    let system: &[&str] = &["-lpthread", "-ldl", "-lm"];
    let builds = [
        (Build { compiler: "gcc", flags: C89, source: "coyotos_c89.c" }, std, system),
        (Build { compiler: "gcc", flags: SANITIZED, source: "coyotos_c89.c" }, std, system),
        (
            Build {
                compiler: "clang++",
                flags: &["-std=c++98", "-Wall", "-Werror"],
                source: "coyotos_cxx98.cpp",
            },
            std,
            system,
        ),
        (Build { compiler: "gcc", flags: READING_ONLY, source: "coyotos_c89.c" }, freestanding, &[]),
        (Build { compiler: "gcc", flags: hooks_only, source: "coyotos_c89.c" }, &with_builder, &[]),
        (Build { compiler: "gcc", flags: HOOKS_ONLY_VALGRIND, source: "coyotos_c89.c" }, &with_builder, &[]),
    ];
    let elf = root().join("testdata/coyotos/hello.elf");
    for (define, library, system) in
        [("-DSTD", std, system), ("-DREADING_ONLY", freestanding, &[]), ("-DHOOKS_ONLY", &with_builder, &[])]
    {
        let (flags, source) =
            (&["-std=gnu99", "-O1", "-Wall", "-Wextra", "-Werror", define][..], "coyotos_stack.c");
        let (build, binary) =
            (Build { compiler: "gcc", flags, source }, folder.join(format!("stack{define}")));
        compile(&build, &binary, library, system)?;
        let ran = output(program(&binary, 60).arg(&elf).args(&images))?;
        let said = String::from_utf8_lossy(&ran.stdout);
        ensure!(ran.status.success(), "{source} {define}: {}\n{said}", ran.status);
        let deepest = said.lines().find(|line| line.starts_with("deepest")).unwrap_or_default();
        println!("gcc {source} {define}: {deepest}");
    }
    for (index, (build, library, system)) in builds.iter().enumerate() {
        let binary = folder.join(format!("coyotos{index}"));
        compile(build, &binary, library, system)?;
        let ran = output(test(build, &binary).args(&images).arg(folder.join("symbols.img")))?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.success(), "{} {}: {}\n{said}", build.compiler, build.source, ran.status);
        println!("{} {}: {}", build.compiler, build.source, said.lines().last().unwrap_or(""));
    }
    Ok(())
}

/// The example that makes an image of a program: the image is that of `execfmt convert`, and what is mapped what
/// `readelf -l` says of the program.
fn install(folder: &Path, library: &Path) -> Result<()> {
    let binary = folder.join("install");
    let system = ["-lpthread", "-ldl", "-lm"];
    compile_file(&root().join("examples/coyotos/install.c"), "gcc", C89, &binary, library, &system)?;
    run(cargo().args(["build", "--quiet", "-p", "execfmt"]))?;
    let (elf, images) =
        (root().join("testdata/coyotos/hello.elf"), [folder.join("ours.img"), folder.join("theirs.img")]);
    let printed = stdout(program(&binary, 10).arg(&elf).arg(&images[0]))?;
    let expected = "0x08048000 r--\n0x08049000 r-x\n0x0804a000 r--\n0x0804b000 rw-\n0x0804c000 rw-\n\
                    starts at 0x08049033, _start\n0 blocks of memory left\n";
    ensure!(printed == expected, "install prints\n{printed}");
    run(program(target().join("debug/execfmt"), 10)
        .arg("convert")
        .arg(&elf)
        .arg("-o")
        .arg(&images[1])
        .args(["--to", "coyotos", "--no-gzip", "--debug"])
        .arg(folder.join("hello.debug")))?;
    ensure!(std::fs::read(&images[0])? == std::fs::read(&images[1])?, "install and the command differ");
    let refused = output(program(&binary, 10).arg(root().join("README.md")).arg(&images[0]))?;
    let said = String::from_utf8_lossy(&refused.stderr);
    ensure!(
        refused.status.code() == Some(1) && said.contains("does not begin an ELF file"),
        "install: {said}"
    );
    println!(
        "examples/coyotos/install.c: mapped as the program headers say, the image that of execfmt convert"
    );
    Ok(())
}

/// The example chmem on the library: its columns are those that the specification gives, worked out by hand, and the
/// files that it writes those of `execfmt chmem`.
fn chmem(folder: &Path, library: &Path) -> Result<()> {
    let binary = folder.join("chmem");
    run(program("gcc", 60)
        .args(C89)
        .arg("-I")
        .arg(root().join("include"))
        .arg("-o")
        .arg(&binary)
        .arg(root().join("examples/elks/chmem.c"))
        .arg(library))?;
    run(cargo().args(["build", "--quiet", "-p", "execfmt"]))?;
    let heading = " TEXT  FTEXT   DATA    BSS   HEAP  STACK  TOTDATA  TOTAL\n";
    // greet: 224 bytes of text, 24 + 300 of data and bss; version 0, chmem 33092 = 324 + 32768.
    // Version 1 counts heap and stack: 324 + 4096 + 2048 = 6468; a heap of 0 counts 4096; all that fits is 65520.
    let rows = [
        "  224      0     24    300  32768      0    33092  33316 file (v0 header)\n",
        "  224      0     24    300   4096   2048     6468   6692 file\n",
        "  224      0     24    300      0   2048     6468   6692 file\n",
        "  224      0     24    300  65535   2048    65520  65744 file\n",
    ];
    // A change prints the row before and after.
    let runs: [(&[&str], &[&str]); 4] = [
        (&[], &rows[..1]),
        (&["-h", "0x1000", "-s", "2048"], &rows[..2]),
        (&["-h", "0"], &rows[1..3]),
        (&["-h", "65535"], &rows[2..]),
    ];
    let mut folders = Vec::new();
    for (name, tool, first) in
        [("ours", &binary, None), ("theirs", &target().join("debug/execfmt"), Some("chmem"))]
    {
        let place = folder.join(name);
        std::fs::create_dir(&place)?;
        std::fs::copy(root().join("testdata/elks/greet.aout"), place.join("file"))?;
        for (arguments, shown) in runs {
            let mut command = program(tool, 10);
            command.current_dir(&place).args(first).args(arguments).arg("file");
            let printed = stdout(&mut command)?;
            ensure!(
                printed == format!("{heading}{}", shown.concat()),
                "{name} chmem {arguments:?} prints\n{printed}"
            );
        }
        folders.push(std::fs::read(place.join("file"))?);
    }
    ensure!(folders[0] == folders[1], "the two chmem write different files");
    let refused =
        output(program(&binary, 10).args(["-h", "70000", "file"]).current_dir(folder.join("ours")))?;
    ensure!(refused.status.code() == Some(1), "a heap of 70000 is {}", refused.status);
    ensure!(std::fs::read(folder.join("ours/file"))? == folders[0], "a refused change changes the file");
    println!("examples/elks/chmem.c: rows as worked out by hand, files as execfmt chmem writes them");
    Ok(())
}

/// The example that shows ELKS programs: compiled with every warning about conversions, by both compilers.
fn elksdump(folder: &Path, library: &Path) -> Result<()> {
    let flags = ["-std=c99", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wsign-conversion", "-Werror"];
    let binary = folder.join("elksdump");
    for compiler in ["clang", "gcc"] {
        run(program(compiler, 60)
            .args(flags)
            .arg("-I")
            .arg(root().join("include"))
            .arg("-o")
            .arg(&binary)
            .arg(root().join("examples/elks/elksdump.c"))
            .arg(library))?;
    }
    // Worked out by hand. The data segment of the NE program: 48 bytes are 3 paragraphs, stack, heap and the arguments'
    // 10 bytes 513.
    let shown: [(&str, i32, &[&str]); 4] = [
        (
            "elks/far.aout",
            0,
            &[
                "a.out of version 1: text 16, far text 20, data 15, bss 101",
                "text:0003 = segment of far text",
                "ELKS runs it",
            ],
        ),
        (
            "ne/small-model.os2",
            0,
            &[
                "data segment of 8256 bytes: data and bss end at 0030, break 0030, SP 2036, stack of 4096",
                "ELKS runs it",
            ],
        ),
        ("ne/auto-not-last-far-jump.os2", 0, &["segment 1:0001 = segment 3", "entry 1:0000", "ELKS runs it"]),
        ("ne/windows.os2", 1, &["NE for 16-bit Windows", "error: ", "ELKS does not run it"]),
    ];
    for (file, status, lines) in shown {
        let dumped = output(program(&binary, 10).arg(root().join("testdata").join(file)))?;
        let text = String::from_utf8_lossy(&dumped.stdout);
        ensure!(dumped.status.code() == Some(status), "elksdump {file}: {}\n{text}", dumped.status);
        for line in lines {
            ensure!(text.contains(line), "elksdump {file} lacks `{line}`:\n{text}");
        }
    }
    println!("examples/elks/elksdump.c: compiled without a warning about conversions, shows a.out and NE");
    Ok(())
}

pub(crate) fn compile(build: &Build<'_>, binary: &Path, library: &Path, system: &[&str]) -> Result<()> {
    let source = root().join("ffi/tests/c").join(build.source);
    compile_file(&source, build.compiler, build.flags, binary, library, system)
}

fn compile_file(
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
