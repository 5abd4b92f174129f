//! The programs of `examples` on the C library: their output, and that the command does the same.

use anyhow::{Result, ensure};
use execfmt_system_tests::c::{C89, SYSTEM, compile_file, library, library_with_std};
use execfmt_system_tests::c_headers;
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{execfmt, output, program, root, run, stdout};
use execfmt_system_tests::tools::{C_LIBRARY, Tool, have};

/// The example at the top of each header: it compiles without a warning, and runs.
#[test]
fn examples_of_the_headers() -> Result<()> {
    if !have(&C_LIBRARY)? {
        return Ok(());
    }
    let (folder, library) = (Scratch::new("c-headers")?, library_with_std()?);
    for header in c_headers::names()? {
        let name = c_headers::stem(&header);
        let (example, binary) =
            (root().join("ffi/headers").join(name).with_extension("c"), folder.join(name));
        compile_file(&example, "gcc", C89, &binary, &library, SYSTEM)?;
        let printed = stdout(&mut program(&binary, 10))?;
        println!("ffi/headers/{name}.c: {}", printed.lines().last().unwrap_or_default());
    }
    Ok(())
}

/// The example that converts a program to an image: the image is the one of `execfmt convert`, and the mappings are those that
/// `readelf -l` shows for the program.
#[test]
fn install_of_coyotos() -> Result<()> {
    if !have(&C_LIBRARY)? {
        return Ok(());
    }
    let (folder, library, execfmt) = (Scratch::new("c-install")?, library_with_std()?, execfmt()?);
    let binary = folder.join("install");
    compile_file(&root().join("examples/coyotos/install.c"), "gcc", C89, &binary, &library, SYSTEM)?;
    let (elf, images) =
        (root().join("testdata/coyotos/hello.elf"), [folder.join("ours.img"), folder.join("theirs.img")]);
    let printed = stdout(program(&binary, 10).arg(&elf).arg(&images[0]))?;
    let expected = "0x08048000 r--\n0x08049000 r-x\n0x0804a000 r--\n0x0804b000 rw-\n0x0804c000 rw-\n\
                    starts at 0x08049033, _start\n0 blocks of memory left\n";
    ensure!(printed == expected, "install prints\n{printed}");
    run(program(execfmt, 10)
        .arg("convert")
        .arg(&elf)
        .arg("-o")
        .arg(&images[1])
        .args(["--to", "coyotos", "--no-gzip", "--debug"])
        .arg(folder.join("hello.debug")))?;
    ensure!(std::fs::read(&images[0])? == std::fs::read(&images[1])?, "install and the command differ");
    let refused = output(program(&binary, 10).arg(root().join("README.md")).arg(&images[0]))?;
    let said = String::from_utf8_lossy(&refused.stderr);
    ensure!(refused.status.code() == Some(1) && said.contains("is not the ELF magic"), "install: {said}");
    println!(
        "examples/coyotos/install.c: mapped as the program headers say, the image that of execfmt convert"
    );
    Ok(())
}

/// The example chmem on the library: its columns are those of the specification, computed by hand, and the
/// files it writes are those of `execfmt chmem`.
#[test]
fn chmem_of_elks() -> Result<()> {
    if !have(&C_LIBRARY)? {
        return Ok(());
    }
    let (folder, execfmt) = (Scratch::new("c-chmem")?, execfmt()?);
    let binary = folder.join("chmem");
    compile_file(&root().join("examples/elks/chmem.c"), "gcc", C89, &binary, &library()?, &[])?;
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
    for (name, tool, first) in [("ours", &binary, None), ("theirs", &execfmt, Some("chmem"))] {
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
    println!("examples/elks/chmem.c: rows as computed by hand, files as execfmt chmem writes them");
    Ok(())
}

/// The example that shows ELKS programs: compiled with every warning about conversions, by both compilers.
#[test]
fn elksdump_of_elks() -> Result<()> {
    if !have(&[&C_LIBRARY[..], &[Tool::Program("clang")]].concat())? {
        return Ok(());
    }
    let (folder, library) = (Scratch::new("c-elksdump")?, library()?);
    let flags = ["-std=c99", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wsign-conversion", "-Werror"];
    let binary = folder.join("elksdump");
    for compiler in ["clang", "gcc"] {
        let source = root().join("examples/elks/elksdump.c");
        compile_file(&source, compiler, &flags, &binary, &library, &[])?;
    }
    // Computed by hand. The data segment of the NE program: 48 bytes are 3 paragraphs, stack, heap and the arguments'
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
