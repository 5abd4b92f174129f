//! The library with its Rust under AddressSanitizer, and with the preconditions of the standard library's unsafe functions
//! checked: the C tests once more, and the proof that both are on.

use std::fs;

use anyhow::{Result, ensure};
use execfmt_system_tests::c::{Build, SYSTEM, compile, coyotos_images, library_with_std};
use execfmt_system_tests::library::{self, Kind};
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{output, program};
use execfmt_system_tests::tools::{C_LIBRARY, Tool, have};

use crate::{SANITIZED, SANITIZED_CXX, build_and_run};

/// A message of the checks, which is in a library that makes them and in no other.
const PRECONDITION: &[u8] = b"unsafe precondition(s) violated";

#[test]
fn programs_on_the_sanitized_library() -> Result<()> {
    let tools = ["gzip", "rustc"].map(Tool::Program);
    if !have(&[&C_LIBRARY[..], &tools].concat())? {
        return Ok(());
    }
    let (folder, library) = (Scratch::new("c-sanitized")?, library::build(Kind::Sanitized)?);
    let builds = [
        Build { compiler: "gcc", flags: SANITIZED, source: "noff_c89.c" },
        Build { compiler: "g++", flags: SANITIZED_CXX, source: "noff_cxx98.cpp" },
        Build { compiler: "gcc", flags: SANITIZED, source: "aout_c89.c" },
        Build { compiler: "g++", flags: SANITIZED_CXX, source: "aout_cxx98.cpp" },
        Build { compiler: "gcc", flags: SANITIZED, source: "ne_c89.c" },
        Build { compiler: "gcc", flags: SANITIZED, source: "coff_c89.c" },
        Build { compiler: "gcc", flags: SANITIZED, source: "compress_c89.c" },
    ];
    build_and_run(&folder, &builds, &library, SYSTEM, &[])?;
    let builds = [
        Build { compiler: "gcc", flags: SANITIZED, source: "coyotos_c89.c" },
        Build { compiler: "g++", flags: SANITIZED_CXX, source: "coyotos_cxx98.cpp" },
    ];
    let arguments = [&coyotos_images(&folder)?[..], &[folder.join("symbols.img")]].concat();
    build_and_run(&folder, &builds, &library, SYSTEM, &arguments)?;

    // A caller that passes a wrong length: this library detects it, in Rust; the other does not.
    let fault = Build { compiler: "gcc", flags: SANITIZED, source: "faults.c" };
    for (library, notices) in [(&library, true), (&library_with_std()?, false)] {
        let binary = folder.join(format!("faults-{notices}"));
        compile(&fault, &binary, library, SYSTEM)?;
        ensure!(output(program(&binary, 60).arg("16"))?.status.success(), "16 bytes of 16 are a fault");
        let ran = output(program(&binary, 60).arg("44"))?;
        let said = String::from_utf8_lossy(&ran.stderr);
        let place = said.lines().find(|line| line.trim_start().starts_with("#0")).unwrap_or_default();
        let noticed = said.contains("AddressSanitizer: heap-buffer-overflow");
        ensure!(
            noticed == notices && noticed != ran.status.success(),
            "44 bytes of 16, {}: {}\n{said}",
            library.display(),
            ran.status
        );
        ensure!(!notices || place.contains("noff"), "it is not the library that was noticed: {place}");
        let checks = fs::read(library)?.windows(PRECONDITION.len()).any(|bytes| bytes == PRECONDITION);
        ensure!(checks == notices, "{}: checks of preconditions: {checks}", library.display());
    }
    println!("a length that is too long is noticed in the sanitized library, and not in the other");
    Ok(())
}
