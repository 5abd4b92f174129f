//! Which external tools are installed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, ensure};

use crate::shell::{exists, program};

/// The environment variable that makes a test fail if a tool is missing.
pub const REQUIRE_ALL: &str = "EXECFMT_REQUIRE_ALL";

/// A tool that a test may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// A program on the path.
    Program(&'static str),
    /// A compiler that can compile and link a program with a header and options: name, options, header.
    Compiler(&'static str, &'static [&'static str], &'static str),
    /// A file from another package of the system.
    File(&'static str),
}

/// The tools that assemble and link the static libraries.
pub const C_LIBRARY: [Tool; 5] = [
    Tool::Program("ld"),
    Tool::Program("nm"),
    Tool::Program("objcopy"),
    Tool::Program("ar"),
    Tool::Program("gcc"),
];
/// The C library's headers for 32 bits.
pub const MULTILIB: Tool = Tool::Compiler("gcc", M32, "stdint.h");
/// The same for C++.
pub const MULTILIB_CXX: Tool = Tool::Compiler("g++", M32, "cstring");
/// The emulator behind the machines.
pub const UNICORN: Tool = Tool::Compiler("gcc", &["-lunicorn"], "unicorn/unicorn.h");
/// The library that decompresses Coyotos images.
pub const ZLIB: Tool = Tool::Compiler("gcc", &["-lz"], "zlib.h");
/// The compiler of ELKS, with its assembler, linker and library.
pub const BCC: Tool = Tool::Compiler("bcc", &["-ansi"], "string.h");
/// The current compiler for Nachos.
pub const MIPS: Tool = Tool::Program("mipsel-linux-gnu-gcc");

/// The options that gcc needs for 32 bits if a compiler for another machine is installed.
pub const M32: &[&str] = &["-m32", "-idirafter", "/usr/include/x86_64-linux-gnu"];

impl Tool {
    fn is_there(self) -> bool {
        static KNOWN: Mutex<BTreeMap<Tool, bool>> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(self).or_insert_with(|| match self {
            Self::Program(name) => exists(name),
            Self::Compiler(compiler, options, header) => compiles(compiler, options, header).is_ok(),
            Self::File(path) => Path::new(path).exists(),
        })
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(name) | Self::File(name) => out.write_str(name),
            Self::Compiler(compiler, options, header) => {
                write!(out, "{compiler} {} with <{header}>", options.join(" "))
            }
        }
    }
}

fn compiles(compiler: &str, options: &[&str], header: &str) -> Result<()> {
    ensure!(exists(compiler), "{compiler} is missing");
    let folder = crate::scratch::Scratch::new(&format!("probe-{}", compiler.replace('+', "x")))?;
    let source = folder.join("probe.c");
    std::fs::write(&source, format!("#include <{header}>\nint main() {{ return 0; }}\n"))?;
    let mut compile = program(compiler, 60);
    // bcc leaves its temporary files in the current folder.
    compile.current_dir(&*folder).arg(&source).args(options).arg("-o").arg(folder.join("probe"));
    let status = compile.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    ensure!(status.success(), "{compiler}: {status}");
    Ok(())
}

/// Whether all of these tools are installed. If not, a notice is printed, also for a test that passes; under
/// [`REQUIRE_ALL`] it is an error.
pub fn have(tools: &[Tool]) -> Result<bool> {
    // Every program is started through it: none runs forever.
    let limit = Tool::Program("timeout");
    let Some(missing) = [&[limit], tools].concat().into_iter().find(|tool| !tool.is_there()) else {
        return Ok(true);
    };
    let test = thread::current().name().unwrap_or("a test").to_string();
    ensure!(std::env::var_os(REQUIRE_ALL).is_none(), "{test} needs {missing}");
    execfmt_testkit::skipped(&test, &format!("{missing} is missing"));
    Ok(false)
}
