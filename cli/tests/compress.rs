//! `compress`, `decompress` and elks-compress as a user types them.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use aout_minix::{Builder, FileType};
use execfmt_testkit::{Mutator, root, skipped};
use tempfile::TempDir;

fn run(program: &Path, folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env_remove("NO_COLOR");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that reads no standard input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn execfmt(folder: &TempDir, arguments: &[&str]) -> Output {
    run(Path::new(env!("CARGO_BIN_EXE_execfmt")), folder.path(), arguments, &[])
}

/// The command under the name of the tool that it replaces.
fn elks_compress(folder: &TempDir, arguments: &[&str]) -> Output {
    let links = tempfile::tempdir().unwrap();
    let link = links.path().join("elks-compress");
    let command = env!("CARGO_BIN_EXE_execfmt");
    fs::hard_link(command, &link).or_else(|_| fs::copy(command, &link).map(drop)).unwrap();
    run(&link, folder.path(), arguments, &[])
}

/// Exit code, standard output and standard error; runs of spaces are one.
fn said(output: &Output) -> (i32, String, String) {
    let words = |bytes: &[u8]| {
        let lines = std::str::from_utf8(bytes).unwrap().lines();
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
    };
    (output.status.code().unwrap(), words(&output.stdout), words(&output.stderr))
}

fn program(text: &[u8], data: &[u8]) -> Vec<u8> {
    let builder = Builder::new(FileType::SPLITID).version(1).bss(30).minstack(512);
    builder.text(text).data(data).symbols(b"T\0\0\x05_main\0").to_vec().unwrap()
}

/// Something that compresses: 256 bytes, 12 times over.
fn repetitive() -> Vec<u8> {
    (0..12).flat_map(|_| 0..=255).collect()
}

/// A small program.
fn small() -> Vec<u8> {
    program(&repetitive(), &[])
}

/// Something that does not.
fn noise(len: usize) -> Vec<u8> {
    let mut mutator = Mutator::new("noise", 0x1dea);
    std::iter::repeat_with(|| mutator.rng().u8(..)).take(len).collect()
}

fn folder_with(files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn read(folder: &TempDir, name: &str) -> Vec<u8> {
    fs::read(folder.path().join(name)).unwrap()
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The programs of testdata that bcc builds; with a report where there is no bcc.
fn compiled(folder: &TempDir) -> Vec<&'static str> {
    let names = ["hello", "queens", "sieve", "words"];
    for name in names {
        let source: PathBuf = root().join("testdata/elks").join(name).with_extension("c");
        let mut bcc = Command::new("timeout");
        bcc.args(["60", "bcc", "-ansi", "-o", name]).arg(source).current_dir(folder.path());
        let output = bcc.stdin(Stdio::null()).output().unwrap();
        if output.status.code() == Some(127) {
            skipped("programs of bcc, compressed", "no bcc (package bcc, with bin86 and elks-libc)");
            return Vec::new();
        }
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    names.into()
}

/// Permissions of owner, group and others are Unix's.
#[cfg(unix)]
#[test]
fn programs_of_bcc_there_and_back() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let programs = compiled(&folder);
    let before: Vec<_> = programs.iter().map(|name| read(&folder, name)).collect();
    for level in [&[][..], &["--fast"], &["--best"]].into_iter().take(programs.len()) {
        for name in &programs {
            let mode = fs::Permissions::from_mode(0o751);
            fs::set_permissions(folder.path().join(name), mode).unwrap();
        }
        let load = |to: &str| {
            let arguments = ["load", "--elks", "--cs", "0x1000", "--ds", "0x5000", "-o", to, "words"];
            assert_eq!(execfmt(&folder, &arguments).status.code(), Some(0));
            ["text.bin", "data.bin"].map(|part| fs::read(folder.path().join(to).join(part)).unwrap())
        };
        let plain = load("plain");
        let output = execfmt(&folder, &[&["compress"], level, &programs[..]].concat());
        let (code, out, err) = said(&output);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        let lines: Vec<_> = out.lines().collect();
        assert_eq!(lines[0], "file before after ratio extra memory");
        let mut sums = [0; 2];
        for ((name, before), line) in programs.iter().zip(&before).zip(&lines[1..]) {
            let after = read(&folder, name);
            assert!(after.len() * 100 < before.len() * 81, "{name}: {} bytes", after.len());
            assert!(line.starts_with(&format!("{name} {} {} ", before.len(), after.len())), "{line}");
            assert!(line.ends_with(" % 16"), "{line}");
            let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o751, "{name}");
            sums = [sums[0] + before.len(), sums[1] + after.len()];
        }
        assert!(lines[programs.len() + 1].starts_with(&format!("total {} {} ", sums[0], sums[1])));
        assert_eq!(load("compressed"), plain, "the same program");
        let (code, out, err) = said(&execfmt(&folder, &[&["decompress"], &programs[..]].concat()));
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        for (name, before) in programs.iter().zip(&before) {
            assert!(read(&folder, name) == *before, "{name}: another file");
        }
    }
}

#[test]
fn output_goes_where_it_is_told() {
    let file = small();
    let folder = folder_with(&[("a", file.clone()), ("b", file.clone())]);
    fs::create_dir(folder.path().join("out")).unwrap();
    let (code, out, err) = said(&execfmt(&folder, &["compress", "a", "-o", "c"]));
    assert_eq!((code, err.as_str()), (0, ""));
    let packed = read(&folder, "c");
    let ratio = format!("{:.1}", packed.len() as f64 * 100.0 / file.len() as f64);
    let row = format!("{} {} {ratio} % 16", file.len(), packed.len());
    assert_eq!(out, format!("file before after ratio extra memory\na {row}\n"));
    assert!(read(&folder, "a") == file);

    assert_eq!(
        said(&execfmt(&folder, &["compress", "-q", "a", "b", "-o", "out"])),
        (0, "".into(), "".into())
    );
    assert!(read(&folder, "out/a") == packed && read(&folder, "out/b") == packed);

    let output = run(Path::new(env!("CARGO_BIN_EXE_execfmt")), folder.path(), &["compress", "-"], &file);
    assert!(output.stdout == packed, "the file and nothing else");
    let table = String::from_utf8(output.stderr).unwrap();
    assert!(table.starts_with("file ") && table.contains("\nstandard input  "), "{table}");
    let output = execfmt(&folder, &["decompress", "c", "-o", "-"]);
    assert!(output.stdout == file);
    assert!(read(&folder, "c") == packed);
}

/// Whether a file is the same one shows in its inode number, which Unix reports.
#[cfg(unix)]
#[test]
fn what_gains_nothing_is_not_touched() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = folder_with(&[("noise", program(&noise(700), &[])), ("plain", small())]);
    let inode = || fs::metadata(folder.path().join("noise")).unwrap().ino();
    let (file, old) = (read(&folder, "noise"), inode());
    let (code, out, err) = said(&execfmt(&folder, &["compress", "noise"]));
    let row = format!("noise {0} {0} 100.0 % 0", file.len());
    assert_eq!((code, out), (0, format!("file before after ratio extra memory\n{row}\n")));
    assert!(
        err.starts_with("execfmt: noise: note: it would not become shorter, and is left unchanged\n"),
        "{err}"
    );
    assert!(
        err.contains("note: text, 700 bytes, is left uncompressed: compressed, it would take 7"),
        "{err}"
    );
    assert!(read(&folder, "noise") == file && inode() == old);
    // If another output is requested, the file is copied there unchanged.
    assert_eq!(execfmt(&folder, &["compress", "-q", "noise", "-o", "copy"]).status.code(), Some(0));
    assert!(read(&folder, "copy") == file);

    let (code, _, err) = said(&execfmt(&folder, &["decompress", "plain"]));
    let note = "execfmt: plain: note: it is not compressed, and is left unchanged\n";
    assert_eq!((code, err.as_str()), (0, note));
    execfmt(&folder, &["compress", "plain"]);
    let packed = read(&folder, "plain");
    let (code, _, err) = said(&execfmt(&folder, &["compress", "plain"]));
    let note = "execfmt: plain: note: it is already compressed, and is left unchanged\n";
    assert_eq!((code, err.as_str()), (0, note));
    assert!(read(&folder, "plain") == packed);
}

/// The kernel's limits: 32,780 zeros compress to so little that the kernel would refuse them, and are compressed to more.
#[test]
fn a_large_section_of_zeros_is_compressed() {
    let folder = folder_with(&[("zeros", program(&repetitive(), &[0; 32_780]))]);
    let file = read(&folder, "zeros");
    let (code, _, err) = said(&execfmt(&folder, &["compress", "zeros"]));
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(read(&folder, "zeros").len() < file.len() - 32_600);
    let (code, out, _) = said(&execfmt(&folder, &["check", "--for", "elks", "zeros"]));
    assert_eq!((code, out.as_str()), (0, "zeros: ok\n"));
    execfmt(&folder, &["decompress", "zeros"]);
    assert!(read(&folder, "zeros") == file);
}

/// A header of 0x40 bytes that need not have been so long comes back short: the one thing that is lost.
#[test]
fn a_shorter_header_is_said() {
    let file = Builder::new(FileType::SPLITID).min_hlen(0x40).text(&repetitive()).to_vec().unwrap();
    let folder = folder_with(&[("long", file.clone())]);
    let (code, _, err) = said(&execfmt(&folder, &["compress", "long"]));
    assert_eq!(code, 0);
    assert!(err.contains("note: decompressed, it will have a header of 0x20 bytes"), "{err}");
    execfmt(&folder, &["decompress", "long"]);
    let restored = read(&folder, "long");
    assert_eq!((restored.len(), restored[4]), (file.len() - 0x20, 0x20));
    assert!(restored[0x20..] == file[0x40..]);
}

#[test]
fn bad_files_are_refused_and_left_alone() {
    let packed = folder_with(&[("packed", small())]);
    execfmt(&packed, &["compress", "packed"]);
    let packed = read(&packed, "packed");
    let mut damaged = packed.clone();
    damaged[0x40..0x60].fill(0);
    let files = [
        ("short", packed[..packed.len() / 2].to_vec()),
        ("damaged", damaged),
        ("script", b"#!/bin/sh\n".to_vec()),
        ("empty", Vec::new()),
        ("good", packed.clone()),
    ];
    let folder = folder_with(&files);
    let (code, out, err) =
        said(&execfmt(&folder, &["decompress", "short", "damaged", "script", "empty", "good"]));
    assert_eq!(code, 1);
    assert!(out.lines().count() == 2 && out.contains("\ngood "), "{out}");
    for (name, words) in [
        ("short", "cut short"),
        ("damaged", "text: "),
        ("script", "this is a script, not an ELKS"),
        ("empty", "error"),
    ] {
        let line = err.lines().find(|line| line.starts_with(&format!("execfmt: {name}: error: ")));
        assert!(line.is_some_and(|line| line.contains(words)), "{name}: {err}");
    }
    assert!(read(&folder, "good") == small(), "the good one is done all the same");
    for (name, bytes) in files.iter().take(4) {
        assert!(read(&folder, name) == *bytes, "{name}");
    }
    assert_eq!(names(&folder), ["damaged", "empty", "good", "script", "short"], "nothing is left over");
    assert_eq!(said(&execfmt(&folder, &["compress", "script"])).0, 1);
}

/// Hundreds of damaged files at once: each is refused and stays, or comes back as a program.
#[test]
fn hostile_files_do_no_harm() {
    let packed = folder_with(&[("packed", small())]);
    execfmt(&packed, &["compress", "packed"]);
    let packed = read(&packed, "packed");
    let mut mutator = Mutator::new("hostile files", 0x0bad_f11e);
    let names: Vec<_> = (0..400).map(|n| format!("{n}")).collect();
    let files: Vec<_> = names.iter().map(|name| (&name[..], mutator.mutate(&packed, 0x40))).collect();
    let folder = folder_with(&files);
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    for command in [&["decompress"][..], &["compress", "--fast"]] {
        let (code, _, err) = said(&execfmt(&folder, &[command, &names[..]].concat()));
        assert_eq!(code, 1, "{command:?}: {err}");
        assert!(err.contains(": error: ") && !err.contains("panicked"), "{err}");
    }
    for (name, bytes) in files {
        let after = read(&folder, name);
        assert!(after == bytes || aout_minix::parse(&after).is_ok(), "{name}");
    }
}

#[test]
fn usage_and_io_are_exit_code_2() {
    let folder = folder_with(&[("a", small()), ("b", small())]);
    fs::create_dir_all(folder.path().join("d/e")).unwrap();
    fs::write(folder.path().join("d/a"), small()).unwrap();
    for (arguments, words) in [
        (&["compress"][..], "FILE"),
        (&["compress", "--fast", "--best", "a"], "cannot be used with"),
        (&["compress", "a", "b", "-o", "c"], "must be an existing folder"),
        (&["compress", "a", "d/a", "-o", "d/e"], "another file of this name"),
        (&["compress", "-", "-o", "d/e"], "has no file name"),
        (&["compress", "nosuch"], "execfmt: nosuch: "),
        (&["compress", "a", "-o", "nosuch/a"], "execfmt: nosuch/a: "),
        (&["compress", "d"], if cfg!(windows) { "d: is a directory" } else { "d: Is a directory" }),
    ] {
        let (code, out, err) = said(&execfmt(&folder, arguments));
        assert!((code, out.as_str()) == (2, "") && err.contains(words), "{arguments:?}: {code} {out}{err}");
        assert!(read(&folder, "a") == small());
    }
}

/// Symbolic links, which a user of Windows may not make.
#[cfg(unix)]
#[test]
fn elks_compress_takes_the_originals_options() {
    let plain = small();
    let data = program(&repetitive(), &repetitive());
    let files = [("a", plain.clone()), ("b", data.clone()), ("script", b"#!/bin/sh\n".to_vec())];
    let folder = folder_with(&files);
    std::os::unix::fs::symlink("a", folder.path().join("link")).unwrap();
    // Keep the input, write another file; links and files that are not programs are skipped.
    let (code, out, err) = said(&elks_compress(&folder, &["-z", "a", "link", "script"]));
    let packed = read(&folder, "a.z");
    let percent = 100 - packed.len() * 100 / plain.len();
    let line = format!("a: compressed from {} to {} ({percent}% reduction)\n", plain.len(), packed.len());
    assert_eq!((code, out), (0, line));
    assert!(err.starts_with("Ignoring symlink link\nelks-compress: script: note: "), "{err}");
    assert_eq!(names(&folder), ["a", "a.z", "b", "link", "script"]);
    assert!(read(&folder, "a") == plain);
    // Single sections.
    let mut sizes = Vec::new();
    for options in ["-t", "-d", "-td", "-tfd", "-f"] {
        let (code, _, err) = said(&elks_compress(&folder, &[options, "-o", "out", "b"]));
        assert_eq!(code, 0, "{err}");
        let out = fs::read(folder.path().join("out"));
        if let Ok(out) = out {
            let header = *aout_minix::parse(&out).unwrap().header();
            let stored = [header.supplement.compr_tseg, header.supplement.compr_dseg].map(|size| size != 0);
            assert_eq!(stored, [options.contains('t'), options.contains('d')], "{options}");
            sizes.push(out.len());
            fs::remove_file(folder.path().join("out")).unwrap();
        } else {
            assert_eq!(options, "-f", "there is no far text: no file");
        }
    }
    assert_eq!(sizes.len(), 4);
    assert!(sizes[2] < sizes[0] && sizes[2] < sizes[1] && sizes[2] == sizes[3]);
    assert!(read(&folder, "b") == data);
    // In place, with a word on every section; then there is nothing left to do.
    let (code, out, err) = said(&elks_compress(&folder, &["-v", "b"]));
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("b: text from 3072 to ") && out.contains("b: data from 3072 to "), "{out}");
    assert_eq!(read(&folder, "b").len(), sizes[2]);
    let (code, out, err) = said(&elks_compress(&folder, &["b"]));
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("already compressed"), "{err}");
    // What goes wrong is 1, as in the original.
    for arguments in [&["nosuch"][..], &[], &["-o", "x", "a", "b"], &["-q", "a"]] {
        assert_eq!(said(&elks_compress(&folder, arguments)).0, 1, "{arguments:?}");
    }
    fs::write(folder.path().join("cut"), &plain[..100]).unwrap();
    assert_eq!(said(&elks_compress(&folder, &["cut"])).0, 1);
}
