//! Pictures of memory.

use std::fs;

use aout_minix::{Builder, FileType};
use execfmt_testkit::{Model, Mutator, hex, testdata};
use serde_json::Value;

use crate::samples::{compressed, example, greet, version_1};
use crate::support::{execfmt, folder, in_columns, path, text, words};

#[test]
fn map_reports_that_there_is_nothing_to_draw() {
    // For the 80386, of version 1: neither ELKS nor Minix 2 runs it. For the 68000: no kernel is known here.
    let file = |cpu: u32, version| {
        let builder = Builder::new(FileType::from_word(0x0030_0301 | cpu << 24)).version(version);
        builder.text(&[0x90; 16]).data(b"data").to_vec().unwrap()
    };
    let refused = execfmt(&["map", "-"], &file(0x10, 1));
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("error: type at byte 0: ELKS returns ENOEXEC"));
    assert!(!text(&refused.stderr).contains("nothing to draw"), "{}", text(&refused.stderr));
    let unknown = execfmt(&["map", "-"], &file(0x0b, 0));
    assert_eq!((unknown.status.code(), text(&unknown.stdout)), (Some(0), ""));
    for words in ["warning: type at byte 0: ELKS returns ENOEXEC", "note: nothing to draw: no known kernel"] {
        assert!(
            text(&unknown.stderr).contains(words),
            "{words:?} is missing from\n{}",
            text(&unknown.stderr)
        );
    }
}

#[test]
fn map_draws_the_segments_to_scale() {
    let output = in_columns(120, &["map", "--full", "--args", "14", &example("far.aout")], b"");
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // 8336 bytes in at most 64 rows: 256 bytes a row, 8 a letter. 15 bytes of data, bss up to 116, then heap.
    let first = format!("0x0000 |{}{}{}|  data, bss, heap\n", "dd", "0".repeat(12), "h".repeat(18));
    assert!(out.contains(&first), "{out}");
    assert!(out.contains("one row: 256 bytes; one letter: 8 bytes"), "{out}");
    let columns = |letter: char| {
        let strips = out.lines().filter(|line| line.contains('|'));
        strips.map(|line| line.rsplit('|').nth(1).unwrap().matches(letter).count()).sum::<usize>()
    };
    assert!((511..=513).contains(&columns('h')) && (511..=513).contains(&columns('s')), "{out}");
    let table = words(&output.stdout);
    for line in [
        "H header 0x0000..0x0040 - 64",
        "t text 0x0040..0x0050 -> CS 0x0000..0x0010 16",
        "f far text 0x0050..0x0064 -> CS 0x0010..0x0024 20",
        "d data 0x0064..0x0073 -> DS 0x0000..0x000f 15",
        "0 bss - DS 0x000f..0x0074 101",
        "h heap - DS 0x0074..0x1074 4096",
        "- gap - DS 0x1074..0x1082 14",
        "s stack - DS 0x1082..0x2082 4096",
        "a arguments - DS 0x2082..0x2090 14",
        "R text relocations 0x0073..0x007b - 8",
    ] {
        assert!(table.contains(line), "{line:?} is missing from\n{out}");
    }
    for (file, lines) in [
        (
            greet(&[]),
            &["gap for heap and stack - DS 0x0144..0x8146 32770", "arguments - DS 0x8146..0x8150 10"][..],
        ),
        (compressed(), &["-> CS 0x0000..0x0050", "-> 80", "room to expand - CS 0x0050..0x0060 16"]),
        // Minix: 224 bytes of text in front of 324, in three clicks of 130.
        (
            greet(&[(2, &[0x10])]),
            &["-> DS 0x0000..0x00e0 224", "gap for heap and stack - DS 0x0300..0x8200 32512"],
        ),
    ] {
        let output = execfmt(&["map", "-"], &file);
        let table = words(&output.stdout);
        for line in lines {
            assert!(table.contains(line), "{line:?} is missing from\n{}", text(&output.stdout));
        }
    }
    // What no system runs has no picture.
    let output = execfmt(&["map", "-"], &version_1(60_000, 8192));
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}

#[test]
fn no_damage_makes_a_picture_large_or_a_run_fail() {
    let mut mutator = Mutator::new("damaged a.out files to the command", 0xe1c5_0001);
    let (folder, base) = (folder(), [greet(&[]), testdata("elks/far.aout"), version_1(0, 0)]);
    let files: Vec<_> = (0..120).map(|at| mutator.mutate(&base[at % 3], 64)).collect();
    let paths: Vec<_> = (0..files.len()).map(|at| path(&folder, &at.to_string())).collect();
    for (file, path) in files.iter().zip(&paths) {
        fs::write(path, file).unwrap();
        let output = execfmt(&["map", path], b"");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {}", hex(file), text(&output.stderr));
        assert!(text(&output.stdout).lines().count() < 100, "{}", hex(file));
    }
    let arguments: Vec<&str> =
        ["info", "--json"].into_iter().chain(paths.iter().map(String::as_str)).collect();
    let output = execfmt(&arguments, b"");
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), files.len());
    let is_aout = |file: &[u8]| file.starts_with(&[1, 3]) && file.len() >= 32;
    let judged: Vec<_> = files.iter().zip(&lines).filter(|(file, _)| is_aout(file)).collect();
    assert!(judged.len() > 60, "{} of the files are still a.out", judged.len());
    // Every one has a verdict, and it is that of the model.
    let script = "
m = elks_load.load(bytes.fromhex(line), 10)
names = 'text_paras data_len minstack t_enddata t_endseg begstack endbrk entry'.split()
print(m if isinstance(m, str) else ' '.join(str(m[name]) for name in names))";
    let Some(model) = Model::new("import elks_load", script, "verdicts of the command") else { return };
    let answers = model.ask(judged.iter().map(|(file, _)| hex(file)).collect());
    for ((file, line), answer) in judged.iter().zip(answers) {
        let elks = &line["elks"];
        let ours = match elks["errno"].as_str() {
            Some(errno) => errno.to_string(),
            None => {
                ["text_paras", "data_len", "minstack", "t_enddata", "t_endseg", "begstack", "endbrk", "entry"]
                    .map(|name| elks[name].to_string())
                    .join(" ")
            }
        };
        assert!(ours == answer, "{}: {ours} and not {answer}", hex(file));
    }
}
