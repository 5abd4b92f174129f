//! Programs of real compilers: bcc, as86 and ld86 of Debian's packages bcc, bin86 and elks-libc.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of a test, which may panic")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aout_minix::convert::{self, ElfOptions};
use aout_minix::elks::{self, ElksRule, Memory, Options, Segments};
use aout_minix::minix2::{self, WordSize};
use aout_minix::{AoutFinding, Builder, Cpu, FileType, Section, Symbols, chmem};
use support::{ask, elf, hex};

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
                eprintln!("SKIPPED: programs of bcc: no bcc (package bcc, with bin86 and elks-libc)");
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
    let mut questions_to_run = Vec::new();
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
        questions_to_run.push(to_run(file));
        // A changed program is still one, and asks for what it was told to.
        let changed =
            chmem::change(image.header(), chmem::Change { heap: Some(6000), stack: Some(3000) }).unwrap();
        let again = Builder::from_image(&image).version(1).chmem(6000).minstack(3000).to_vec().unwrap();
        assert_eq!(again[..32], changed.header.to_bytes()[..32], "{what}");
        assert_eq!(again[32..], file[32..], "{what}");
        let layout = *elks::execve(&again, Options::default()).unwrap().layout();
        assert_eq!(layout.minstack, 3000, "{what}");
        assert!((6000..6016).contains(&layout.heap()), "{what}: heap {}", layout.heap());
    }
    // As loaded by the library, they run.
    let Some(answers) = support::run("programs of bcc", questions_to_run) else { return };
    for ((what, _), answer) in runnable.iter().zip(answers) {
        let name = what.split(' ').next().unwrap();
        let (_, output) = OUTPUT.into_iter().find(|(program, _)| *program == name).unwrap();
        assert_eq!(answer, format!("0 {}", hex(output.as_bytes())), "{what}");
    }
}

/// What the programs print, from their sources.
const OUTPUT: [(&str, &str); 4] = [
    ("hello", "hello, elks\n"),
    ("sieve", "303 primes, the last is 1999\n"),
    ("words", "and 1\nbrown 1\ndog 2\nfox 2\njumps 2\nlazy 1\nover 2\nquick 1\nthe 4\n"),
    ("queens", "92 solutions, 3703702, 0\n"),
];

/// The program loaded by the library, as a question to the emulator.
fn to_run(file: &[u8]) -> String {
    let (segments, argument_bytes) = (Segments { text: 0x1000, data: 0x5000 }, 14);
    let program = elks::execve(file, Options { argument_bytes, ..Options::default() }).unwrap();
    let layout = *program.layout();
    let (mut text, mut data) = (vec![0; layout.text_bytes() as usize], vec![0; layout.data_len.into()]);
    let memory = Memory { text: &mut text, data: &mut data };
    program.load_file(file, memory, segments, |_: &mut [u8], _, _| Err("nothing is compressed")).unwrap();
    let Segments { text: cs, data: ds } = segments;
    let numbers =
        format!("{cs} {ds} {} {} {} {}", layout.entry, layout.begstack, layout.endbrk, layout.minstack);
    format!("{numbers} {} {}", hex(&text), hex(&data))
}

#[test]
fn a_medium_model_program_runs() {
    // The text calls the far text, then exits with 7. The far text loads DS with the data segment, writes the first
    // five bytes of it and returns far. Paragraphs as the linker leaves them: far text at 2000, data at 3000.
    let text = [0x9a, 0, 0, 0x00, 0x20, 0xbb, 7, 0, 0xb8, 1, 0, 0xcd, 0x80];
    let far_text =
        [0xb8, 0x00, 0x30, 0x8e, 0xd8, 0xbb, 1, 0, 0xb9, 0, 0, 0xba, 5, 0, 0xb8, 4, 0, 0xcd, 0x80, 0xcb];
    let elf = elf::Elf::new(
        0x1_0000,
        vec![
            elf::section(".text", 0x1_0000, &text),
            elf::section(".fartext", 0x2_0000, &far_text),
            elf::section(".data", 0x3_0000, b"far!\n"),
            elf::bss(0x3_0006, 100),
            elf::relocations(&[(0x1_0003, elf::SEGRELATIVE), (0x2_0001, elf::SEGRELATIVE)]),
        ],
    );
    let conversion = convert::from_elf(&elf.file(), &ElfOptions::default()).unwrap();
    assert_eq!(conversion.notes, []);
    let Some(answers) = support::run("a medium-model program", vec![to_run(&conversion.bytes)]) else {
        return;
    };
    assert_eq!(answers, [format!("7 {}", hex(b"far!\n"))]);
}
