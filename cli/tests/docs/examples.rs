//! Every example that `--help` shows is run.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use execfmt_testkit::{root, skipped};

/// The files that examples name, and where they are from.
const FILES: [(&str, &str); 10] = [
    ("demo.noff", "testdata/noff/demo.noff"),
    ("halt.elf", "fuzz/seeds/noff_convert/halt.elf"),
    ("far.elf", "testdata/elks/far.elf"),
    ("hello.elf", "testdata/coyotos/hello.elf"),
    ("program", "testdata/elks/greet.aout"),
    ("submissions/demo.noff", "testdata/noff/demo.noff"),
    ("submissions/halt.noff", "testdata/noff/halt.noff"),
    ("hello.mki", "examples/coyotos/mki/hello.mki"),
    ("two.recipe", "testdata/coyotos/i386.recipe"),
    ("greet.aout", "testdata/elks/greet.aout"),
];

/// What has to be there before the examples of other commands make it.
const BEFORE: [&str; 4] = [
    "execfmt convert hello.elf -o hello.img --to coyotos --debug hello.debug",
    "execfmt convert demo.noff -o demo4.noff --to noff --layout 4",
    "execfmt compress -o program.z program",
    "execfmt coyotos unpack hello.img -o hello.d",
];

fn run(line: &str, folder: &Path) -> (i32, String) {
    let words: Vec<_> = line.split_whitespace().skip(1).collect();
    let mut command = Command::new(env!("CARGO_BIN_EXE_execfmt"));
    let ran = command
        .args(&words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_remove("EXECFMT_KERNEL")
        .output()
        .unwrap();
    (ran.status.code().unwrap(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

fn examples(command: &clap::Command, found: &mut Vec<(String, Vec<String>)>) {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        examples(inner, found);
    }
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines: Vec<_> = help.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    let lines =
        lines.iter().filter(|line| line.starts_with("execfmt ")).map(|line| (*line).to_owned()).collect();
    found.push((command.get_bin_name().unwrap_or(command.get_name()).to_owned(), lines));
}

#[test]
fn every_command_has_examples_and_each_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    for (name, from) in FILES {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::copy(root().join(from), file).unwrap();
    }
    for line in BEFORE {
        let (code, said) = run(line, folder.path());
        assert_eq!(code, 0, "{line}: {said}");
    }
    fs::remove_dir_all(folder.path().join("hello.d")).unwrap();
    let mut execfmt = execfmt_cli::definitions().remove(0);
    execfmt.build();
    let mut found = Vec::new();
    examples(&execfmt, &mut found);
    let leads_to_others = ["execfmt", "execfmt coyotos"];
    for (command, lines) in &found {
        assert_eq!(lines.is_empty(), leads_to_others.contains(&command.as_str()), "{command}");
        for line in lines {
            assert!(line.starts_with(&format!("{command} ")), "{line} is an example of {command}");
            let (code, said) = run(line, folder.path());
            if line.contains("toolchain") && said.contains("apt install") {
                skipped(line, "there is no compiler for MIPS");
                continue;
            }
            // The two files of `diff` differ, which its exit code says.
            assert_eq!(code, i32::from(command == "execfmt diff"), "{line}: {said}");
        }
    }
}
