//! Programs of real compilers: bcc, as86 and ld86 of Debian's packages bcc, bin86 and elks-libc.
//! `cargo xtask test elks` runs them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of a test, which may panic")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aout_minix::elks::{self, ElksRule, Memory, Options, Segments};
use aout_minix::minix2::{self, WordSize};
use aout_minix::{AoutFinding, Builder, Cpu, FileType, Section, Symbols, chmem};
use execfmt_testkit::hex;
use support::ask;

const PROGRAMS: [&str; 4] = ["hello", "sieve", "words", "queens"];

struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Compiles a program; `None` when there is no bcc.
fn compile(folder: &Path, name: &str, options: &[&str]) -> Option<Vec<u8>> {
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/elks").join(name).with_extension("c");
    let out = folder.join(name);
    let mut command = Command::new("timeout");
    command.args(["60", "bcc", "-ansi"]).args(options).arg("-o").arg(&out).arg(source);
    let output = command.stdin(Stdio::null()).current_dir(folder).output().ok()?;
    if output.status.code() == Some(127) {
        return None;
    }
    assert!(output.status.success(), "bcc {options:?} {name}: {}", String::from_utf8_lossy(&output.stderr));
    Some(std::fs::read(out).unwrap())
}

#[test]
fn programs_of_bcc() {
    let scratch = Scratch(std::env::temp_dir().join(format!("aout-minix-bcc-{}", std::process::id())));
    std::fs::create_dir_all(&scratch.0).unwrap();
    let mut runnable = Vec::new();
    for name in PROGRAMS {
        for options in [&[][..], &["-s"], &["-i"], &["-3"], &["-i", "-s"], &["-3", "-s"], &["-H", "5000"]] {
            let Some(file) = compile(&scratch.0, name, options) else {
                execfmt_testkit::skipped("programs of bcc", "no bcc (package bcc, with bin86 and elks-libc)");
                return;
            };
            let what = format!("{name} {options:?}");
            let image = aout_minix::parse(&file).unwrap();
            let header = *image.header();
            assert_eq!(aout_minix::check(&image).collect::<Vec<AoutFinding>>(), [], "{what}");
            assert_eq!(Builder::from_image(&image).to_vec().as_ref(), Ok(&file), "{what}");
            let (combined, wide) = (options.contains(&"-i"), options.contains(&"-3"));
            let cpu = if wide { Cpu::I80386 } else { Cpu::I8086 };
            assert_eq!((header.file_type.cpu, header.version, header.hlen), (cpu, 0, 0x20), "{what}");
            match (combined, wide) {
                (false, false) => assert_eq!(header.file_type, FileType::SPLITID),
                (true, false) => assert_eq!(header.file_type, FileType::COMBID),
                _ => {}
            }
            match image.symbols() {
                Symbols::None => assert!(options.contains(&"-s"), "{what}"),
                Symbols::Nlist(symbols) => {
                    let names: Vec<String> = symbols
                        .map(|symbol| String::from_utf8(symbol.unwrap().name().collect()).unwrap())
                        .collect();
                    assert!(names.iter().any(|name| name == "_main"), "{what}: {names:?}");
                    // With -3, ld86 cuts names to 8 bytes; else it goes on in the next entries.
                    let long = if wide { "_first_o" } else { "_first_of_all_words" };
                    assert!(name != "words" || names.iter().any(|name| name == long), "{what}: {names:?}");
                }
                other => panic!("{what}: {other:?}"),
            }
            let word_size = if wide { WordSize::Bits32 } else { WordSize::Bits16 };
            minix2::exec(&header, word_size, minix2::CLICK_SIZE).unwrap();
            match elks::execve(&file, Options::default()) {
                Ok(_) => runnable.push((what, file)),
                Err(refusal) => {
                    assert_eq!(refusal.rule, ElksRule::WrongType, "{what}");
                    assert!(combined || wide, "{what}");
                }
            }
        }
    }
    assert_eq!(runnable.len(), PROGRAMS.len() * 3, "separate I/D for the 8086 runs");
    let questions = runnable.iter().map(|(_, file)| format!("L {} 0", hex(file))).collect();
    let answers = ask("programs of bcc as the model loads them", questions);
    for (number, (what, file)) in runnable.iter().enumerate() {
        let program = elks::execve(file, Options::default()).unwrap();
        let layout = *program.layout();
        let (mut text, mut data) =
            (vec![0xcc; layout.text_bytes() as usize], vec![0xcc; layout.data_len.into()]);
        let memory = Memory { text: &mut text, data: &mut data };
        let none = |_: &mut [u8], _, _| Err("nothing is compressed");
        program.load_file(file, memory, Segments { text: 0x1000, data: 0x5000 }, none).unwrap();
        let image = aout_minix::parse(file).unwrap();
        assert_eq!(&text[..layout.text.into()], image.section(Section::Text), "{what}");
        if let Some(answers) = &answers {
            let words: Vec<_> = answers[number].split(' ').collect();
            assert_eq!((words[0], words[2]), ("ok", layout.data_len.to_string().as_str()), "{what}");
            assert_eq!(words[9], hex(&text[..layout.text.into()]), "{what}");
            assert_eq!(words[11], hex(&data[..layout.data.into()]), "{what}");
        }
        // A changed program is still valid, and requests the memory that was set.
        let changed =
            chmem::change(image.header(), chmem::Change { heap: Some(6000), stack: Some(3000) }).unwrap();
        let again = Builder::from_image(&image).version(1).chmem(6000).minstack(3000).to_vec().unwrap();
        assert_eq!(again[..32], changed.header.to_bytes()[..32], "{what}");
        assert_eq!(again[32..], file[32..], "{what}");
        let layout = *elks::execve(&again, Options::default()).unwrap().layout();
        assert_eq!(layout.minstack, 3000, "{what}");
        assert!((6000..6016).contains(&layout.heap()), "{what}: heap {}", layout.heap());
    }
}
