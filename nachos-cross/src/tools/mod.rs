//! The tools: each takes the arguments of the old one, and does its work with a current tool or by itself.

mod archive;
mod check;
mod gcc;
mod inspect;
mod ld;

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use execfmt_common::Escaped;

use crate::compiler::Compiler;
use crate::family::Family;
use crate::names::Tool;
use crate::profile::Profile;

/// Shows the commands that are run, if set.
pub const VERBOSE: &str = "EXECFMT_VERBOSE";

/// A run of a tool.
#[derive(Clone, Debug)]
pub struct Run {
    /// The name under which it was called, which begins its messages.
    pub name: String,
    /// The compiler.
    pub compiler: Compiler,
    /// The family of the course.
    pub family: Option<&'static Family>,
    /// The objects with the functions that compilers call implicitly, by byte order; `None` outside a folder.
    pub runtime: Option<std::path::PathBuf>,
    /// Whether to show the commands.
    pub verbose: bool,
}

/// Runs the tool under whose name a program was called, and returns its exit code.
#[must_use]
pub fn main(tool: Tool, program: &Path, arguments: impl Iterator<Item = OsString>) -> u8 {
    let name = program.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let arguments: Vec<String> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    let outcome = Run::new(program, name.clone()).and_then(|run| run.tool(tool, &arguments));
    outcome.unwrap_or_else(|message| {
        for line in message.lines() {
            eprintln!("{}: {}", Escaped::of(&name), Escaped::of(line));
        }
        1
    })
}

impl Run {
    fn new(program: &Path, name: String) -> Result<Self, String> {
        let verbose = std::env::var_os(VERBOSE).is_some_and(|value| !value.is_empty());
        if let Some(profile) = Profile::of_tool(program) {
            return Ok(Self::of_profile(&profile, name, verbose));
        }
        Ok(Self { name, compiler: Compiler::find(None)?, family: None, runtime: None, verbose })
    }

    /// Runs as a tool of a folder.
    #[must_use]
    pub fn of_profile(profile: &Profile, name: String, verbose: bool) -> Self {
        let runtime = Some(profile.folder.join("lib/runtime"));
        Self { name, compiler: profile.compiler.clone(), family: profile.family, runtime, verbose }
    }

    /// Runs a tool; returns the exit code.
    ///
    /// # Errors
    /// A message for the user.
    pub fn tool(mut self, tool: Tool, arguments: &[String]) -> Result<u8, String> {
        if arguments.iter().any(|word| word == "-v") && arguments.len() > 1 {
            self.verbose = true;
        }
        match tool {
            Tool::Gcc => self.gcc(arguments),
            Tool::As => self.assemble(arguments),
            Tool::Cpp => self.preprocess(arguments),
            Tool::Ld => self.ld(arguments),
            Tool::Ar => self.archive(arguments),
            Tool::Ranlib | Tool::Objdump | Tool::Nm => self.inspect(tool, arguments),
            Tool::Strip => Self::strip(arguments),
        }
    }

    fn big_endian(&self) -> bool {
        self.family.is_some_and(|family| family.big_endian_elf)
    }

    /// Runs a command; returns the exit code.
    fn run(&self, command: &mut Command) -> Result<u8, String> {
        if self.verbose {
            eprintln!("+ {}", Escaped::of(&shown(command)));
        }
        let status = command
            .status()
            .map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))?;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
    }

    fn compiler_command(&self) -> Command {
        let mut command = Command::new(&self.compiler.path);
        // Variables that are meant for the compiler of another Makefile.
        command.env_remove("GCC_EXEC_PREFIX").env_remove("COMPILER_PATH").stdin(Stdio::null());
        command
    }

    fn note(&self, text: impl std::fmt::Display) {
        eprintln!("{}: {}", Escaped::of(&self.name), Escaped::of(&text.to_string()));
    }
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted = words.map(|word| {
        let word = word.to_string_lossy();
        let plain = |c: char| c.is_alphanumeric() || "-_=./,:+".contains(c);
        if word.chars().all(plain) { word.into_owned() } else { format!("'{word}'") }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// Writes a file that may be a link to another, or that may be in use: a new file replaces it.
fn write(path: &Path, bytes: &[u8], executable: bool) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".execfmt").tempfile_in(folder).map_err(failed)?;
    io::Write::write_all(&mut file, bytes).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = if executable { 0o755 } else { 0o644 };
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    #[cfg(not(unix))]
    let _ = executable;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
