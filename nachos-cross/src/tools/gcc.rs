//! gcc, as and cpp.

use std::ffi::OsStr;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use mips_scan::{Code, CodeRule, ScanOptions, scan};

use super::Run;
use crate::assembly::{Mend, mend};
use crate::compiler::Brand;
use crate::family::Family;
use crate::link::{Kind, ObjectFile};
use crate::names::Tool;
use crate::options::{Action, Word, sort};

#[derive(Default)]
struct Job {
    /// `-c`, `-S`, `-E`, `-M`, `-MM`; empty to link.
    mode: String,
    output: Option<String>,
    /// Options for the compiler.
    options: Vec<String>,
    /// Options for the linker.
    link: Vec<String>,
    files: Vec<String>,
    big_endian: bool,
    has_standard: bool,
    language: Option<String>,
    /// Preprocess as before C90.
    traditional: bool,
}

impl Job {
    fn read(tool: Tool, arguments: &[String]) -> Result<Self, String> {
        let mut job = Self::default();
        for word in sort(tool, arguments)? {
            let (row, value, words) = match word {
                Word::File(file) => {
                    job.files.push(file);
                    continue;
                }
                Word::Unknown(option) => {
                    job.options.push(option);
                    continue;
                }
                Word::Known { row, value, words } => (row, value, words),
            };
            match (row.option, row.action) {
                ("-c" | "-S", _) if job.mode.is_empty() => job.mode = row.option.into(),
                ("-E" | "-M" | "-MM", _) => job.mode = row.option.into(),
                ("-o", _) => job.output = Some(value),
                ("-EB" | "-meb" | "-mbig-endian", _) => job.big_endian = true,
                ("-Wl,", _) => job.link.extend(value.split(',').map(str::to_owned)),
                ("-traditional", _) => job.traditional = true,
                ("-Xlinker", _) => job.link.push(value),
                ("-l", _) => job.files.push(format!("-l{value}")),
                ("-L", _) => job.link.push(format!("-L{value}")),
                ("-e" | "-N" | "-s" | "-u", _) => job.link.extend(words),
                (option, _) if option.starts_with("-T") => job.link.extend(words),
                ("-Wa,", _) => {
                    let dropped = ["-mips", "-mcpu", "-march", "-O", "-G"];
                    let keep = |word: &&str| !dropped.iter().any(|start| word.starts_with(start));
                    let kept: Vec<&str> = value.split(',').filter(keep).collect();
                    if !kept.is_empty() {
                        job.options.push(format!("-Wa,{}", kept.join(",")));
                    }
                }
                (_, Action::Translate(to)) => job.options.push(to.into()),
                (option, Action::Pass) => {
                    job.has_standard |= matches!(option, "-std=" | "-ansi");
                    if option == "-x" {
                        job.language = Some(value.clone());
                    }
                    match (tool, option) {
                        // One word each for the assembler, through a driver.
                        (Tool::As, "-I") => job.options.push(format!("-I{value}")),
                        (Tool::As, "-defsym" | "--defsym") => {
                            job.options.push(format!("-Wa,--defsym,{value}"));
                        }
                        _ => job.options.extend(words),
                    }
                }
                _ => {}
            }
        }
        Ok(job)
    }
}

/// Assembly code is preprocessed whatever the letter case of the suffix, as many Makefiles expect of gcc -E.
fn is_assembler(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|end| end.eq_ignore_ascii_case("s"))
}

fn is_linked(file: &str) -> bool {
    file.starts_with("-l") || Path::new(file).extension().is_some_and(|end| end == "o" || end == "a")
}

impl Run {
    pub(super) fn gcc(&self, arguments: &[String]) -> Result<u8, String> {
        let job = Job::read(Tool::Gcc, arguments)?;
        if job.files.is_empty() {
            return self.run(self.compiler_command().args(arguments));
        }
        let is_source = |file: &&String| !is_linked(file);
        match job.mode.as_str() {
            "" => self.compile_and_link(&job),
            "-c" => {
                // make's built-in rule for a program, with -c among the flags.
                for file in job.files.iter().filter(|file| is_linked(file)) {
                    self.note(format_args!(
                        "{file}: not linked, since -c requests an object file, not a program"
                    ));
                }
                for file in job.files.iter().filter(is_source) {
                    let object = job.output.as_ref().map_or_else(|| in_this_folder(file, "o"), PathBuf::from);
                    let code = self.object(&job, file, &object)?;
                    if code != 0 {
                        return Ok(code);
                    }
                }
                Ok(0)
            }
            mode => {
                let mut command = self.compiler_command();
                command
                    .args(self.flags(&job, job.files.first().is_some_and(|file| is_assembler(file))))
                    .arg(mode);
                if mode != "-S" && job.language.is_none() && job.files.iter().any(|file| is_assembler(file)) {
                    command.args(["-x", "assembler-with-cpp"]);
                }
                if mode == "-E" && job.traditional {
                    command.arg("-traditional-cpp");
                }
                if job.files.iter().any(|file| file == "-") {
                    command.stdin(std::process::Stdio::inherit());
                }
                command.args(&job.files);
                if let Some(output) = &job.output {
                    command.args(["-o", output]);
                }
                self.run(&mut command)
            }
        }
    }

    fn flags(&self, job: &Job, assembler: bool) -> Vec<String> {
        let big = job.big_endian || self.big_endian();
        let mut flags = self.compiler.base(big, self.big_endian());
        let processor = if assembler { self.compiler.assembling() } else { self.compiler.compiling() };
        flags.extend(processor.iter().map(|flag| (*flag).to_owned()));
        if assembler {
            flags.push("-U_MIPS_SIM".into());
        } else {
            flags.extend(self.compiler.language());
            if !job.has_standard {
                flags.push("-std=gnu89".into());
            }
        }
        flags.extend(job.options.iter().cloned());
        flags
    }

    /// Compiles or assembles one file; returns the exit code.
    fn object(&self, job: &Job, source: &str, object: &Path) -> Result<u8, String> {
        let assembler = is_assembler(source);
        // For unspecified kernels, what any of them needs.
        let (unsigned_immediates, first_or) = self
            .family
            .map(Family::faults)
            .map_or((true, true), |faults| (faults.unsigned_immediates, faults.first_or));
        if assembler || self.compiler.brand == Brand::Gcc {
            let mut command = self.compiler_command();
            command.args(self.flags(job, assembler));
            if assembler && source.ends_with(".S") {
                command.args(["-x", "assembler-with-cpp"]);
            }
            let code = self.run(command.args(["-c", source, "-o"]).arg(object))?;
            if code != 0 || assembler || !needs_mending(object, unsigned_immediates, first_or) {
                return Ok(code);
            }
        }
        // Through the assembly code. Dependencies have already been written if gcc ran.
        let mips2 = self.compiler.brand == Brand::Clang;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let (text, mended) = (folder.path().join("compiled.s"), folder.path().join("mended.s"));
        let mut command = self.compiler_command();
        let mut flags = self.flags(job, false);
        if mips2 {
            let writes = |flag: &&str| matches!(*flag, "-MD" | "-MMD");
            if flags.iter().map(String::as_str).any(|flag| writes(&flag))
                && !flags.iter().any(|flag| flag == "-MF")
            {
                flags.extend(["-MF".into(), object.with_extension("d").display().to_string()]);
                flags.extend(["-MT".into(), object.display().to_string()]);
            }
        } else {
            flags.retain(|flag| !matches!(flag.as_str(), "-MD" | "-MMD"));
            // Three instructions do not fit where one was.
            flags.push("-fno-delayed-branch".into());
            flags.push("-w".into());
        }
        let code = self.run(command.args(flags).args(["-S", source, "-o"]).arg(&text))?;
        if code != 0 {
            return Ok(code);
        }
        let compiled = fs::read_to_string(&text).map_err(|error| format!("{}: {error}", text.display()))?;
        let big_endian = job.big_endian || self.big_endian();
        let what = Mend { mips2, unsigned_immediates, first_or, parts_of_words: true, big_endian };
        let better = mend(&compiled, what).map_err(|names| {
            format!(
                "{source}: the compiler emitted code that cannot be rewritten for a simulated MIPS I: {}",
                names.join(", ")
            )
        })?;
        fs::write(&mended, better).map_err(|error| format!("{}: {error}", mended.display()))?;
        let mut command = self.compiler_command();
        command.args(self.compiler.base(big_endian, self.big_endian()));
        command.args(self.compiler.assembling());
        self.run(command.arg("-c").arg(&mended).arg("-o").arg(object))
    }

    fn compile_and_link(&self, job: &Job) -> Result<u8, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut link = job.link.clone();
        for (index, file) in job.files.iter().enumerate() {
            if is_linked(file) {
                link.push(file.clone());
                continue;
            }
            let object = folder.path().join(format!("{index}.o"));
            let code = self.object(job, file, &object)?;
            if code != 0 {
                return Ok(code);
            }
            link.push(object.display().to_string());
        }
        link.extend(["-o".into(), job.output.clone().unwrap_or_else(|| "a.out".into())]);
        self.ld(&link)
    }

    pub(super) fn assemble(&self, arguments: &[String]) -> Result<u8, String> {
        let job = Job::read(Tool::As, arguments)?;
        if job.files.is_empty() {
            return self.run(self.compiler_command().args(arguments));
        }
        let mut command = self.compiler_command();
        let big = job.big_endian || self.big_endian();
        command.args(self.compiler.base(big, self.big_endian())).args(self.compiler.assembling());
        if self.compiler.brand == Brand::Gcc {
            // gcc's driver does not have such options.
            command.args(job.options.iter().map(|word| {
                if word.starts_with("-I") || word.starts_with("-Wa,") {
                    word.clone()
                } else {
                    format!("-Wa,{word}")
                }
            }));
        } else {
            command.args(&job.options);
        }
        if job.files.iter().any(|file| file == "-") {
            command.stdin(std::process::Stdio::inherit());
        }
        command.args(["-x", "assembler", "-c"]).args(&job.files);
        self.run(command.args(["-o", job.output.as_deref().unwrap_or("a.out")]))
    }

    pub(super) fn preprocess(&self, arguments: &[String]) -> Result<u8, String> {
        let mut job = Job::read(Tool::Cpp, arguments)?;
        if job.files.len() > 1 && job.output.is_none() {
            job.output = job.files.pop();
        }
        let mut command = self.compiler_command();
        command.args(self.compiler.base(self.big_endian(), self.big_endian())).arg("-E");
        command.args(self.compiler.compiling()).arg("-U_MIPS_SIM").args(&job.options);
        if job.files.is_empty() || job.files.iter().any(|file| file == "-") {
            command.stdin(std::process::Stdio::inherit());
        }
        if job.language.is_none() {
            let assembler = job.files.iter().any(|file| is_assembler(file));
            command.args(["-x", if assembler { "assembler-with-cpp" } else { "c" }]);
        }
        if job.files.is_empty() {
            job.files.push("-".into());
        }
        command.args(&job.files);
        if let Some(output) = job.output.filter(|output| output != "-") {
            command.args(["-o", &output]);
        }
        self.run(&mut command)
    }
}

fn in_this_folder(source: &str, end: &str) -> PathBuf {
    PathBuf::from(Path::new(source).file_stem().unwrap_or(OsStr::new("a"))).with_extension(end)
}

/// Whether an object contains instructions that simulated machines execute incorrectly.
fn needs_mending(path: &Path, nachos5j: bool, first_or: bool) -> bool {
    let Ok(bytes) = fs::read(path) else { return false };
    let Ok(object) = ObjectFile::parse(String::new(), &bytes) else { return false };
    let mut found = false;
    for section in object.sections.iter().filter(|section| section.kind == Kind::Text) {
        let code = Code { bytes: section.bytes, address: 0, file_offset: 0, byte_order: object.byte_order };
        let counts = scan(&code, ScanOptions { nachos5j }, &mut |finding| {
            // The low half of an address is not yet a number.
            let is_address =
                || section.relocations.iter().any(|at| at.offset == u64::from(finding.field.address));
            found |= match finding.rule {
                CodeRule::UnalignedAccess => true,
                CodeRule::UnsignedImmediate => !is_address(),
                _ => false,
            };
            if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found |= first_or && counts.ors != 0;
    }
    found
}
