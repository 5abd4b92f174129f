//! What the command reads and writes has limits: nothing is read that cannot be of use, and nothing is overwritten that
//! was not meant.

#![cfg(unix)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use execfmt_testkit::{skipped, testdata};
use support::{execfmt, folder, linked, names, path, text};

#[test]
fn a_file_beyond_any_format_is_not_read() {
    let folder = folder();
    let file = path(&folder, "sparse");
    // What fills no machine that its format is for, and what may be an image.
    for (start, limit) in
        [("noff/demo.noff", 256 << 20), ("elks/greet.aout", 256 << 20), ("coyotos/hello.elf", 1 << 30)]
    {
        fs::write(&file, testdata(start)).unwrap();
        fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(10 << 30).unwrap();
        refused_unread(&file, limit);
    }
}

/// Every command refuses the file without the memory that reading it would take.
fn refused_unread(file: &str, limit: u64) {
    for arguments in [
        &["info", file][..],
        &["check", file],
        &["map", file],
        &["symbols", file],
        &["relocs", file],
        &["chmem", file],
        &["compress", file],
        &["load", "--elks", "--cs", "0x100", "--ds", "0x2000", "-o", "-", file],
        &["convert", file, "-o", "-", "--to", "flat"],
        &["coyotos", "ls", file],
        &["coyotos", "build", file, "-o", "-"],
    ] {
        let limited = "ulimit -v 200000; exec \"$0\" \"$@\"";
        let output = Command::new("sh")
            .args(["-c", limited, env!("CARGO_BIN_EXE_execfmt")])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        let words = format!("longer than {limit} bytes");
        assert!(text(&output.stderr).contains(&words), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_dangling_link_is_not_replaced() {
    let folder = folder();
    let (link, elf) = (path(&folder, "link"), path(&folder, "in"));
    fs::write(&elf, testdata("elks/far.elf")).unwrap();
    symlink("target", &link).unwrap();
    let output = execfmt(&["convert", &elf, "-o", &link, "--to", "elks"], b"");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("a symbolic link to a file that does not exist"));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(names(folder.path()), ["in", "link"]);
}

#[test]
fn a_file_that_the_user_may_not_write_is_not_replaced() {
    // Root may write everything: the command runs as nobody.
    let folder = folder();
    let root = std::os::unix::fs::MetadataExt::uid(&fs::metadata(folder.path()).unwrap()) == 0;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let program = folder.path().join("execfmt");
    fs::copy(env!("CARGO_BIN_EXE_execfmt"), &program).unwrap();
    let (file, elf) = (path(&folder, "greet"), path(&folder, "in"));
    fs::write(&elf, testdata("elks/far.elf")).unwrap();
    fs::write(&file, testdata("elks/greet.aout")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    for arguments in [
        &["chmem", "-h", "1000", &file][..],
        &["compress", &file],
        &["convert", &elf, "-o", &file, "--to", "elks"],
    ] {
        let mut command = Command::new(&program);
        command.args(arguments);
        if root {
            command.uid(65534).gid(65534);
        }
        match command.output() {
            Ok(output) => {
                assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
                assert!(text(&output.stderr).contains("the file is read-only"), "{}", text(&output.stderr));
            }
            Err(error) => skipped("targets that may not be written", &error.to_string()),
        }
        assert_eq!(fs::read(&file).unwrap(), testdata("elks/greet.aout"));
    }
    assert_eq!(names(folder.path()), ["execfmt", "greet", "in"]);
}

#[test]
fn no_second_file_is_written_over_the_first_or_the_input() {
    let folder = folder();
    let (elf, other, out) = (path(&folder, "in"), path(&folder, "other"), path(&folder, "out"));
    let contents = testdata("coyotos/hello.elf");
    fs::write(&elf, &contents).unwrap();
    fs::hard_link(&elf, &other).unwrap();
    let dotted = path(&folder, "./out");
    for (debug, words) in [
        (&elf, "this is the input file"),
        (&other, "this is the input file"),
        (&out, "two files would be written there"),
        (&dotted, "two files would be written there"),
    ] {
        let output = execfmt(&["convert", &elf, "-o", &out, "--to", "coyotos", "--debug", debug], b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(words), "{debug}: {}", text(&output.stderr));
        assert_eq!(fs::read(&elf).unwrap(), contents);
        assert_eq!(names(folder.path()), ["in", "other"]);
    }
    let tool = linked(folder.path(), "elks-compress");
    let program = testdata("elks/greet.aout");
    fs::write(&elf, &program).unwrap();
    for twice in [&other, &path(&folder, "./in"), &elf] {
        let output = execfmt(&["compress", &elf, twice], b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("name each file once"), "{}", text(&output.stderr));
        let output = support::run(&tool, &[&elf, twice], b"");
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(fs::read(&elf).unwrap(), program);
    }
    let recipe = format!("arch i386\nfile {out}\nfile {dotted}\n");
    let output = execfmt(&["coyotos", "build", "-"], recipe.as_bytes());
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("write the same file"), "{}", text(&output.stderr));
}

#[test]
fn segments_that_overlap_are_not_loaded() {
    let folder = folder();
    let (file, out) = (path(&folder, "greet"), path(&folder, "out"));
    fs::write(&file, testdata("elks/greet.aout")).unwrap();
    // 224 bytes of text are 14 paragraphs.
    for (text_segment, data, words) in [
        ("0x100", "0x100", "choose --ds 0x10e or higher"),
        ("0x100", "0x10d", "choose --ds 0x10e or higher"),
        ("0x110", "0x100", "overlap"),
    ] {
        let output = execfmt(&["load", "--elks", "--cs", text_segment, "--ds", data, "-o", &out, &file], b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
        assert!(!Path::new(&out).exists());
    }
    let output = execfmt(&["load", "--elks", "--cs", "0x100", "--ds", "0x10e", "-o", &out, &file], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn bytes_go_to_no_terminal() {
    let convert = format!(
        "{} convert {} -o - --to elks",
        env!("CARGO_BIN_EXE_execfmt"),
        execfmt_testkit::root().join("testdata/elks/far.elf").display()
    );
    // script(1) gives a terminal.
    match Command::new("script").args(["-qec", &convert, "/dev/null"]).stdin(Stdio::null()).output() {
        Ok(output) => {
            assert_eq!(output.status.code(), Some(2), "{:?}", output.stdout);
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.contains("the output is binary, and standard output is a terminal"), "{said}");
        }
        Err(error) => skipped("bytes to a terminal", &error.to_string()),
    }
}

#[test]
fn an_interruption_leaves_nothing() {
    let folder = folder();
    // Many pages, each a file of the folder.
    let pages: String = (0..4000).map(|page| format!("page p{page} prime\ndata p{page} 0 01\n")).collect();
    let image = path(&folder, "image");
    let built = execfmt(&["coyotos", "build", "-", "-o", &image], format!("arch i386\n{pages}").as_bytes());
    assert_eq!(built.status.code(), Some(0), "{}", text(&built.stderr));
    let mut killed = 0;
    for (round, signal) in (0..30).zip(["-TERM", "-INT"].iter().cycle()) {
        let out = path(&folder, "out");
        let mut child = Command::new(env!("CARGO_BIN_EXE_execfmt"))
            .args(["coyotos", "unpack", &image, "-o", &out])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(5 * round));
        let _ = Command::new("kill").args([*signal, &child.id().to_string()]).status();
        let status = child.wait().unwrap();
        killed += u32::from(status.signal().is_some());
        let left: Vec<_> = names(folder.path()).into_iter().filter(|name| name.starts_with('.')).collect();
        assert_eq!(left, [""; 0], "round {round}, {status}");
        let _ = fs::remove_dir_all(&out);
    }
    if killed == 0 {
        skipped("temporary files after a signal", "no run was slow enough to be interrupted");
    }
}
