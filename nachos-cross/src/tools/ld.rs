//! ld: its command line.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Run, write};
use execfmt_common::Escaped;

use crate::link::script::{Script, number};
use crate::link::{Input, LinkOptions, Linked, link};
use crate::names::Tool;
use crate::options::{Word, sort};

/// Sections are padded to a multiple of this, as the old linker did.
const GRANULARITY: u64 = 16;

#[derive(Default)]
struct Job {
    output: Option<String>,
    script: Option<String>,
    options: LinkOptions,
    folders: Vec<PathBuf>,
    /// Files, and `-lx`.
    inputs: Vec<String>,
    map: Option<String>,
    print_map: bool,
    trace: bool,
    version: bool,
}

impl Job {
    fn read(run: &Run, arguments: &[String]) -> Result<Self, String> {
        let mut job = Self::default();
        for word in sort(Tool::Ld, arguments)? {
            let (row, value) = match word {
                Word::File(file) => {
                    job.inputs.push(file);
                    continue;
                }
                Word::Unknown(option) => {
                    run.note(format_args!("unknown option {option} ignored"));
                    continue;
                }
                Word::Known { row, value, .. } => (row.option, value),
            };
            match row.trim_end_matches('=') {
                "-o" => job.output = Some(value),
                // A number is the address of .text, in hexadecimal even without 0x.
                "-T" => match address(&value).filter(|_| !Path::new(&value).exists()) {
                    Some(address) => job.options.addresses.push((".text".into(), address)),
                    None => job.script = Some(value),
                },
                "--script" => job.script = Some(value),
                "-Ttext" | "-Tdata" | "-Tbss" => {
                    let section = row.trim_end_matches('=').replace("-T", ".");
                    let address = address(&value).ok_or_else(|| format!("{row} {value}: not an address"))?;
                    job.options.addresses.push((section, address));
                }
                "-e" | "--entry" => job.options.entry = Some(value),
                "-L" => job.folders.push(value.into()),
                "-l" => job.inputs.push(format!("-l{value}")),
                "-u" => job.options.undefined.push(value),
                "-defsym" | "--defsym" => {
                    let parts = value
                        .split_once('=')
                        .and_then(|(name, value)| Some((name.to_owned(), number(value)?)));
                    job.options
                        .symbols
                        .push(parts.ok_or_else(|| format!("{row} {value}: not SYMBOL=NUMBER"))?);
                }
                "-Map" => job.map = Some(value),
                "-warn-common" | "--warn-common" => job.options.warn_common = true,
                "-M" => job.print_map = true,
                "-t" => job.trace = true,
                "-v" | "-V" | "--version" => job.version = true,
                _ => {}
            }
        }
        Ok(job)
    }

    /// The file of an input.
    fn find(&self, input: &str) -> Result<PathBuf, String> {
        let Some(library) = input.strip_prefix("-l") else { return Ok(input.into()) };
        let here = PathBuf::from(".");
        let named = self.folders.iter().filter(|folder| **folder != here);
        let folders: Vec<&PathBuf> = std::iter::once(&here).chain(named).collect();
        let found =
            folders.iter().map(|folder| folder.join(format!("lib{library}.a"))).find(|file| file.is_file());
        found.ok_or_else(|| {
            let names: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
            format!("cannot find {input}: there is no lib{library}.a in {}", names.join(", "))
        })
    }
}

fn address(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    u32::from_str_radix(digits, 16).ok().map(u64::from)
}

impl Run {
    pub(super) fn ld(&self, arguments: &[String]) -> Result<u8, String> {
        let mut job = Job::read(self, arguments)?;
        if job.version {
            println!("GNU ld compatible linker of execfmt {}", env!("CARGO_PKG_VERSION"));
            if job.inputs.is_empty() {
                return Ok(0);
            }
        }
        if self.verbose {
            eprintln!("+ {}", Escaped::of(&format!("{} {}", self.name, arguments.join(" "))));
        }
        let script = match &job.script {
            Some(file) => {
                let text =
                    fs::read(file).map_err(|error| format!("cannot read linker script {file}: {error}"))?;
                Script::parse(&String::from_utf8_lossy(&text)).map_err(|error| format!("{file}: {error}"))?
            }
            None => Script::default(),
        };
        job.folders.extend(script.search_dirs.iter().map(PathBuf::from));
        job.options.granularity = self.family.map_or(GRANULARITY, |family| family.granularity);
        job.options.avoid_whole_pages = match self.family {
            Some(family) => family.avoid_whole_pages,
            None => script.is_paged(),
        };
        let files = self.files(&job)?;
        let inputs: Vec<Input<'_>> = files
            .iter()
            .map(|(name, bytes, runtime)| Input { name: name.clone(), bytes, runtime: *runtime })
            .collect();
        let linked = link(&inputs, &script, &job.options).map_err(|error| match (&error, &job.script) {
            (crate::link::LinkError::Value { .. }, Some(file)) => format!("{file}: {error}"),
            _ => error.to_string(),
        })?;
        for note in &linked.notes {
            self.note(note);
        }
        self.finish(&job, &linked)
    }

    fn finish(&self, job: &Job, linked: &Linked) -> Result<u8, String> {
        let output = job.output.as_deref().unwrap_or("a.out");
        // The big-endian kernels load ELF.
        let bytes = if self.big_endian() { linked.to_elf() } else { linked.to_coff() };
        let bytes = bytes.map_err(|error| error.to_string())?;
        write(Path::new(output), &bytes, true)?;
        if let Some(file) = &job.map {
            write(Path::new(file), map(linked).as_bytes(), false)?;
        }
        if job.print_map {
            print!("{}", map(linked));
        }
        self.check(output, linked, &bytes);
        Ok(0)
    }

    /// The inputs, and the objects of the folder: name, bytes, whether it is one of the latter.
    fn files(&self, job: &Job) -> Result<Vec<(String, Vec<u8>, bool)>, String> {
        let mut files = Vec::new();
        for input in &job.inputs {
            // If it is missing, the folder's objects provide the functions of the compiler's own library.
            if input == "-lgcc" && job.find(input).is_err() {
                continue;
            }
            let path = job.find(input)?;
            let bytes =
                fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            let name = path.display().to_string();
            if job.trace {
                println!("{name}");
            }
            files.push((name, bytes, false));
        }
        if files.is_empty() {
            return Err("no input files".into());
        }
        let big = files
            .iter()
            .find(|(_, bytes, _)| bytes.starts_with(b"\x7fELF"))
            .is_some_and(|(_, bytes, _)| bytes.get(5) == Some(&2));
        let folder = self.runtime.as_ref().map(|folder| folder.join(if big { "eb" } else { "el" }));
        if let Some(entries) = folder.and_then(|folder| fs::read_dir(folder).ok()) {
            let mut objects: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            objects.retain(|path| path.extension().is_some_and(|end| end == "o"));
            objects.sort();
            for path in objects {
                if let Ok(bytes) = fs::read(&path) {
                    files.push((path.display().to_string(), bytes, true));
                }
            }
        }
        Ok(files)
    }
}

/// The link map.
fn map(linked: &Linked) -> String {
    let mut text = String::new();
    for (index, section) in linked.sections.iter().enumerate() {
        let _ = writeln!(text, "{:<16} {:#010x} {:#8x}", section.name, section.address, section.size);
        let mut symbols: Vec<_> =
            linked.symbols.iter().filter(|symbol| symbol.section == Some(index) && symbol.global).collect();
        symbols.sort_by_key(|symbol| symbol.value);
        for symbol in symbols {
            let _ =
                writeln!(text, "{:16} {:#010x}          {}", "", symbol.value, symbol.name.escape_debug());
        }
    }
    text
}
