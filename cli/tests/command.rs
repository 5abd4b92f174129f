//! The command as a user types it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used
)]

mod support;

use std::fs;

use execfmt_testkit::{root, testdata};
use serde_json::Value;
use support::{execfmt, folder, linked, names, path, run, text};

fn example(name: &str) -> String {
    root().join("testdata/noff").join(name).display().to_string()
}

/// A COFF file of 32 bytes of code and 16 of data, by the facts of its format.
fn coff() -> Vec<u8> {
    let word = |value: u32| value.to_le_bytes();
    let mut file = vec![0x62, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 56, 0, 7, 0, 7, 1];
    file.resize(76, 0);
    for (name, address, size, at, flags) in
        [(b".text\0\0\0", 0, 32, 156, 0x20), (b".data\0\0\0", 32, 16, 188, 0x40)]
    {
        file.extend(name);
        for value in [address, address, size, at, 0, 0, 0, flags] {
            file.extend(word(value));
        }
    }
    file.extend([1; 32]);
    file.extend([2; 16]);
    file
}

#[test]
fn info_says_what_a_nachos_user_needs() {
    let output = execfmt(&["info", &example("demo.noff")], b"");
    // The spaces of the columns do not matter here.
    let out = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(0));
    // By hand from the section sizes that the linker reports: 704 + 176 + 256 bytes, 1024 of stack, pages of 128.
    for words in [
        "3 segments, little-endian header, 920 bytes",
        "code 0x0..0x2c0 704 40",
        "initData 0x2c0..0x370 176 744",
        "uninitData 0x370..0x470 256 zeroed",
        "memory up to 0x470, which is 1136 bytes",
        "17 of 128 bytes with 1024 bytes of stack",
        "nachos3 runs, with 15 of its physical pages to spare",
        "nachos4-rdata does not run: the header has 40 bytes, but the kernel reads one of 52",
        "bordeaux does not run: the kernel requires a segment size that is a multiple of 128, but 704 is not",
        "rosario runs",
        "rosario-eager does not run: program and stack need 17 pages",
        "jnachos runs",
        "nachos5j does not run: the kernel loads MIPS COFF files",
        "pointer starts at 0x870",
        "read-only pages: 0-4",
        "shared pages: 5 (code and initData), 6 (initData and uninitData)",
    ] {
        assert!(out.contains(words), "{words:?} is missing from\n{out}");
    }
    let output =
        execfmt(&["info", "--page-size", "1024", "--stack-size", "2048", &example("demo.noff")], b"");
    assert!(
        text(&output.stdout).contains("4 of 1024 bytes with 2048 bytes of stack\n"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn json_is_one_object_a_line_whatever_the_file() {
    let output =
        execfmt(&["info", "--json", &example("demo.noff"), "-", &example("make.py")], b"\xad\xdf\xba\0");
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [good, short, other] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(good["file"], *example("demo.noff"));
    assert_eq!(
        (&good["format"], &good["byte_order"], &good["layout"]),
        (&"noff".into(), &"little".into(), &3.into())
    );
    let names: Vec<_> = good["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| segment["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["code", "initData", "uninitData"]);
    assert_eq!(good["segments"][1]["virtual_addr"], 704);
    assert_eq!(good["memory_end"], 1136);
    assert_eq!(good["findings"], Value::Array(vec![]));
    assert_eq!(
        (&short["format"], &short["layout"], &short["file"]),
        (&"noff".into(), &Value::Null, &"-".into())
    );
    assert_eq!(short["findings"][0]["code"], "truncated");
    assert_eq!(short["findings"][0]["expected"], "at least 40");
    assert_eq!(other["format"], Value::Null);
    let keys: Vec<_> = other["findings"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["severity", "code", "field", "offset", "found", "expected", "message"]);
}

#[test]
fn exit_codes_and_messages() {
    let mut cut = testdata("noff/demo.noff");
    cut.truncate(900);
    let cases: &[(&[&str], &[u8], i32, &str)] = &[
        (
            &["check", "-"],
            &cut,
            1,
            "execfmt: standard input: error: initData.size at byte 24: the segment is 176 bytes long, but the file has only 156 bytes",
        ),
        (&["check", "/nonexistent/file"], b"", 2, "execfmt: /nonexistent/file: "),
        (&["check"], b"", 2, "required"),
        (&["info", "--layout", "5", "-"], b"", 2, "expected 3 or 4"),
        (&["map", "--page-size", "100", "-"], b"", 2, "power of two"),
        (&["map", "-"], &cut, 1, "error: initData.size"),
        (&["convert", "-", "-o", "-", "--to", "flat", "--layout", "3"], &cut, 2, "no header"),
        (&["convert", "-", "-o", "-", "--to", "noff"], &cut, 1, "initData.size at byte 24"),
        (
            &["convert", "-", "-o", "-", "--to", "noff"],
            b"hello",
            1,
            "this is text, not a MIPS ELF, MIPS COFF or NOFF file",
        ),
    ];
    for (arguments, input, code, words) in cases {
        let output = execfmt(arguments, input);
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(words), "{arguments:?}: {}", text(&output.stderr));
    }
    // A warning is not a reason to refuse, except with --strict.
    let mut trailing = testdata("noff/demo.noff");
    trailing.push(0);
    assert_eq!(execfmt(&["check", "-"], &trailing).status.code(), Some(0));
    assert_eq!(execfmt(&["check", "--strict", "-"], &trailing).status.code(), Some(1));
}

#[test]
fn colour_is_the_users_choice() {
    let escapes = |arguments: &[&str]| {
        let output = execfmt(arguments, b"hello");
        output.stderr.contains(&0x1b)
    };
    assert!(!escapes(&["check", "-"]), "a pipe is not a terminal");
    assert!(escapes(&["check", "--color", "always", "-"]));
    assert!(!escapes(&["--color", "never", "check", "-"]));
}

#[test]
fn an_error_leaves_nothing_behind_and_the_old_file_as_it_was() {
    let folder = folder();
    let (bad, good, out) = (path(&folder, "bad.coff"), path(&folder, "good.coff"), path(&folder, "out.noff"));
    fs::write(&bad, &coff()[..200]).unwrap();
    fs::write(&good, coff()).unwrap();
    fs::write(&out, "precious").unwrap();
    let output = execfmt(&["convert", &bad, "-o", &out, "--to", "noff"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    assert_eq!(names(folder.path()), ["bad.coff", "good.coff", "out.noff"]);
    let output = execfmt(&["convert", &good, "-o", &path(&folder, "none/out"), "--to", "noff"], b"");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));

    // On success the file is replaced, its permissions stay, and a link stays a link.
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        fs::set_permissions(&out, fs::Permissions::from_mode(0o640)).unwrap();
        let link = path(&folder, "link");
        symlink("out.noff", &link).unwrap();
        let output = execfmt(&["convert", &good, "-o", &link, "--to", "noff"], b"");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read(&out).unwrap().len(), 40 + 48);
    }
}

#[test]
fn conversions_through_standard_streams() {
    let output = execfmt(
        &["convert", "-", "-o", "-", "--to", "noff", "--layout", "4", "--byte-order", "big"],
        &coff(),
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // A four-segment big-endian header: magic, code {0, 52, 32}, initData {32, 84, 16}, two empty ones.
    let words: Vec<u32> = [0x00ba_dfad, 0, 52, 32, 32, 84, 16, 0, 0, 0, 0, 0, 0].to_vec();
    let mut expected: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    expected.extend([1; 32]);
    expected.extend([2; 16]);
    assert_eq!(output.stdout, expected);
    let again = execfmt(&["convert", "-", "-o", "-", "--to", "flat", "-q"], &output.stdout);
    assert_eq!(again.stdout, [vec![1; 32], vec![2; 16], vec![0; 1024]].concat());
}

#[test]
fn under_the_name_of_a_classic_tool_it_takes_its_arguments() {
    let folder = folder();
    let name = |name: &str| linked(folder.path(), name);
    let (input, noff, flat) = (path(&folder, "in"), path(&folder, "noff"), path(&folder, "flat"));
    fs::write(&input, coff()).unwrap();
    let output = run(&name("coff2noff"), &[&input, &noff], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let words: Vec<u32> = vec![0x00ba_dfad, 0, 40, 32, 32, 72, 16, 0, 0, 0];
    let header: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    assert_eq!(fs::read(&noff).unwrap()[..40], header);
    let output = run(&name("coff2flat"), &[&input, &flat], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read(&flat).unwrap(), [vec![1; 32], vec![2; 16], vec![0; 1024]].concat());
    assert_eq!(run(&folder.path().join("coff2noff"), &[&input], b"").status.code(), Some(2));
}

#[test]
fn a_file_or_a_tool_in_place_of_a_subcommand() {
    for (argument, words) in [
        (example("demo.noff").as_str(), "demo.noff is a file: `execfmt info "),
        (
            "coff2noff",
            "`execfmt convert IN -o OUT --to noff` does what coff2noff does; linked to the name coff2noff",
        ),
        (
            "elks-compress",
            "`execfmt compress FILE` does what elks-compress does; linked to the name elks-compress",
        ),
    ] {
        let output = execfmt(&[argument], b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
    }
    let output = execfmt(&["neither"], b"");
    assert!(!text(&output.stderr).contains("execfmt info"), "{}", text(&output.stderr));
}

#[test]
fn foreign_files_are_named_wherever_they_go() {
    for (file, what, next) in [
        (&b""[..], "this is an empty file", "copy or build it again"),
        (
            b"\xad\xdf\xba",
            "this is the start of a Nachos NOFF executable, cut short",
            "copy or build it again",
        ),
        (b"\xa3\x86\x01\x00", "this is an object file of bcc (as86)", "link it with bcc or ld86 first"),
        (b"\xfd7zXZ\0", "this is a file of another kind (XZ)", ""),
        (b"PK\x03\x04", "this is a file of another kind (ZIP)", ""),
        (b"\x28\xb5\x2f\xfd", "this is a file of another kind (Zstandard)", ""),
    ] {
        for arguments in [
            &["check", "-"][..],
            &["symbols", "-"],
            &["relocs", "-"],
            &["map", "-"],
            &["convert", "-", "-o", "-", "--to", "noff"],
            &["convert", "-", "-o", "-", "--to", "elks"],
            &["convert", "-", "-o", "-", "--to", "coyotos"],
            &["chmem", "-"],
            &["compress", "-"],
            &["decompress", "-"],
            &["load", "--elks", "--cs", "1", "--ds", "2", "-o", "/nonexistent", "-"],
            &["coyotos", "ls", "-"],
        ] {
            let output = execfmt(arguments, file);
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(said.contains(what) && said.contains(next), "{arguments:?}: {said}");
        }
    }
}

/// A run with a variable of the environment.
fn with_kernel(kernel: &str, arguments: &[&str]) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_execfmt"));
    command.args(arguments).env("EXECFMT_KERNEL", kernel).output().unwrap()
}

#[test]
fn the_kernel_that_a_file_is_for_decides() {
    let demo = example("demo.noff");
    for (kernel, code, words) in [
        ("nachos3", 0, ""),
        ("rosario", 0, ""),
        ("rosario-eager", 1, "program and stack need 17 pages, but the kernel's machine has 16"),
        ("jnachos", 0, ""),
        ("nachos4-rdata", 1, "the header has 40 bytes, but the kernel reads one of 52"),
        ("bordeaux", 1, "a segment size that is a multiple of 128, but 704 is not"),
        ("nachos5j", 1, "the kernel loads MIPS COFF files, not NOFF"),
    ] {
        for output in
            [execfmt(&["check", "--for", kernel, &demo], b""), with_kernel(kernel, &["check", &demo])]
        {
            assert_eq!(output.status.code(), Some(code), "{kernel}: {}", text(&output.stderr));
            assert!(text(&output.stderr).contains(words), "{kernel}: {}", text(&output.stderr));
        }
    }
    // An option wins over the environment; a name that is unknown is an error of usage.
    let output = with_kernel("nachos5j", &["check", "--for", "nachos3", &demo]);
    assert_eq!(output.status.code(), Some(0));
    for output in
        [execfmt(&["check", "--for", "nachos", &demo], b""), with_kernel("nachos", &["check", &demo])]
    {
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("nachos3"), "{}", text(&output.stderr));
    }
    let output = execfmt(&["info", "--json", &demo], b"");
    let facts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    // By hand: 1136 bytes and 1024 of stack; 704 bytes of code are 5.5 pages; data end at 880, bss at 1136.
    let pages = serde_json::json!({
        "page_size": 128, "stack_size": 1024, "count": 17, "stack_pointer": 2160,
        "read_only": [[0, 4]], "shared": [5, 6],
    });
    assert_eq!(facts["pages"], pages);
    let runs = facts["kernels"].as_array().unwrap().iter().map(|kernel| kernel["runs"].as_bool().unwrap());
    assert!(runs.eq([true, false, false, true, false, true, false]), "{facts}");
    assert_eq!(facts["kernels"][0]["spare_pages"], 15);
    assert_eq!(facts["kernels"][1]["finding"]["code"], "kernel_layout");
    let output = execfmt(&["info", "--for", "nachos5j", &demo], b"");
    assert!(
        text(&output.stdout).contains("of 1024 bytes with 8192 bytes of stack"),
        "{}",
        text(&output.stdout)
    );
    assert!(!text(&output.stdout).contains("rosario"), "one family alone");
}

#[test]
fn a_conversion_is_for_a_kernel() {
    let folder = std::env::temp_dir().join(format!("execfmt-kernel-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_string();
    let (demo, out) = (example("demo.noff"), path("out.noff"));
    let segments = |name: &str| {
        let output = execfmt(&["info", name], b"");
        let line = text(&output.stdout).lines().next().unwrap_or_default().to_string();
        line.split(", ").find_map(|part| part.strip_suffix(" segments")).unwrap_or_default().to_string()
    };
    let convert = |more: &[&str]| {
        let arguments = [&["convert", &demo, "-o", &out, "--to", "noff"], more].concat();
        execfmt(&arguments, b"")
    };
    let output = convert(&["--for", "nachos4-rdata"]);
    assert_eq!((output.status.code(), segments(&out).as_str()), (Some(0), "4"), "{}", text(&output.stderr));
    let output = convert(&["--for", "nachos4-rdata", "--layout", "3"]);
    assert_eq!(segments(&out), "3");
    assert!(text(&output.stderr).contains("kernels of the family nachos4-rdata do not run the file"));
    assert_eq!(convert(&["--for", "nachos5j"]).status.code(), Some(2));
    // The demo begins at address 0, where the kernel of Bordeaux maps nothing.
    let output = convert(&["--for", "bordeaux"]);
    assert!(
        text(&output.stderr).contains("warning: kernels of the family bordeaux"),
        "{}",
        text(&output.stderr)
    );

    // The converter's names, and the environment, which wins over them.
    #[cfg(unix)]
    for (name, kernel, expected) in [
        ("coff2noff", None, "3"),
        ("coff2noff.x86Linux", None, "4"),
        ("coff2noff.x86Linux", Some("nachos3"), "3"),
        ("coff2noff", Some("nachos4-rdata"), "4"),
    ] {
        let link = folder.join(name);
        let _ = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_execfmt"), &link);
        let mut command = std::process::Command::new(link);
        command.args([&demo, &out]).env_remove("EXECFMT_KERNEL");
        kernel.map(|kernel| command.env("EXECFMT_KERNEL", kernel));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(segments(&out), expected, "{name} {kernel:?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_kernel_loads_files_of_its_own_format_only() {
    let folder = folder();
    let ne = path(&folder, "small.os2");
    let segments = [os2_ne::NewSegment::code(&[0x90; 16]), os2_ne::NewSegment::data(&[0; 16])];
    fs::write(&ne, os2_ne::Builder::new(&segments).to_vec().unwrap()).unwrap();
    let file = |name: &str| root().join("testdata").join(name).display().to_string();
    let (noff, aout, image) = (file("noff/demo.noff"), file("elks/far.aout"), file("coyotos/i386.img.gz"));
    // NOFF, a.out of medium model, NE, image: accepted, refused by the kernel's own rules, or of another format.
    for (kernel, answers) in [
        ("nachos3", ["ok", "other", "other", "other"]),
        ("elks", ["other", "ok", "ok", "other"]),
        ("elks-minimal", ["other", "refused", "other", "other"]),
        ("minix2", ["other", "refused", "other", "other"]),
        ("coyotos-original", ["other", "other", "other", "ok"]),
    ] {
        for (file, answer) in [&noff, &aout, &ne, &image].into_iter().zip(answers) {
            for run in
                [execfmt(&["check", "--for", kernel, file], b""), with_kernel(kernel, &["check", file])]
            {
                let said = text(&run.stderr);
                assert_eq!(run.status.code(), Some(i32::from(answer != "ok")), "{kernel}, {file}: {said}");
                let other = said.contains(&format!("{kernel} loads no files of this format"));
                assert_eq!(other, answer == "other", "{kernel}, {file}: {said}");
            }
        }
    }
}

#[test]
fn who_reads_no_further_gets_no_error() {
    use std::io::Read as _;
    use std::process::Stdio;

    let folder = folder();
    // More than any pipe holds: 40,000 relocations, and as many files.
    let file = path(&folder, "relocations");
    let one = aout_minix::Relocation {
        vaddr: 0,
        symndx: aout_minix::SymbolIndex::TEXT,
        kind: aout_minix::RelocationType::SEGWORD,
    };
    let relocations = vec![one; 40_000];
    let builder =
        aout_minix::Builder::new(aout_minix::FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 16]);
    fs::write(&file, builder.text_relocations(&relocations[..]).to_vec().unwrap()).unwrap();
    let demo = example("demo.noff");
    let many: Vec<&str> =
        ["info", "--json"].into_iter().chain(std::iter::repeat_n(demo.as_str(), 500)).collect();
    for arguments in [&["relocs", file.as_str()][..], &["relocs", "--json", &file], &many] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_execfmt"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 16];
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut first).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{:?}", arguments.first());
    }
}
