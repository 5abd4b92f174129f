//! Every line of JSON, of whole files and of damaged ones, is as docs/json.schema.json says.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use execfmt_cli::embed;
use execfmt_testkit::{Mutator, root, testdata};
use jsonschema::Validator;
use serde_json::{Value, json};
use support::{execfmt, text};

fn schema() -> Validator {
    let text = std::fs::read_to_string(root().join("docs/json.schema.json")).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[track_caller]
fn check(schema: &Validator, arguments: &[&str], input: &[u8]) -> Vec<Value> {
    let output = execfmt(arguments, input);
    assert!(output.status.code().is_some_and(|code| code < 2), "{arguments:?}: {}", text(&output.stderr));
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        if let Err(error) = schema.validate(line) {
            panic!("{arguments:?}: {error}\nat {} of {line}", error.instance_path);
        }
    }
    lines
}

const FILES: [&str; 9] = [
    "noff/demo.noff",
    "noff/echo.noff",
    "noff/halt.noff",
    "noff/make.py",
    "elks/far.aout",
    "elks/far.elf",
    "elks/greet.aout",
    "coyotos/i386.img.gz",
    "coyotos/coldfire.img.gz",
];

#[test]
fn every_line_is_as_the_schema_says() {
    let schema = schema();
    for name in FILES {
        let whole = testdata(name);
        // What ends anywhere, and what has one byte wrong in its header.
        let cuts = [0, 1, 3, 7, 20, 31, 35, 47, 60, 100].into_iter().filter(|&cut| cut < whole.len());
        let mut files: Vec<_> = cuts.map(|cut| whole[..cut].to_vec()).collect();
        for at in (0..64).step_by(5).filter(|&at| at < whole.len()) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            files.push(damaged);
        }
        files.push(whole);
        for file in &files {
            for command in ["info", "check", "map"] {
                let lines = check(&schema, &[command, "--json", "-"], file);
                assert_eq!(lines.len(), 1, "{name}: {command}");
            }
            check(&schema, &["symbols", "--json", "-"], file);
            check(&schema, &["relocs", "--json", "-"], file);
        }
    }
}

/// Without a process for each, which takes longer than all the rest.
#[test]
fn damaged_files_are_described_as_the_schema_says() {
    const EACH: usize = 300;
    let schema = schema();
    let mut mutator = Mutator::new("lines of damaged files", 0x15_0e);
    for name in FILES {
        let whole = testdata(name);
        for _ in 0..EACH {
            let damaged = mutator.mutate(&whole, 200);
            let mut line = embed::info(&damaged, &[]).unwrap();
            // Bytes have no name, as the files that the schema is for have.
            line["file"] = json!("damaged");
            if let Err(error) = schema.validate(&line) {
                panic!("{name}: {error}\nat {} of {line}", error.instance_path);
            }
        }
    }
}

#[test]
fn what_the_schema_forbids() {
    let schema = schema();
    let mut line = check(&schema, &["info", "--json", "-"], &testdata("noff/demo.noff")).remove(0);
    for (member, value) in [
        ("format", json!("elf")),
        ("layout", json!(5)),
        ("findings", json!([{ "severity": "error" }])),
        (
            "kernels",
            json!([{ "name": "x", "runs": "yes", "reason": null, "finding": null, "spare_pages": null }]),
        ),
    ] {
        let old = line[member].clone();
        line[member] = value;
        assert!(!schema.is_valid(&line), "{member}");
        line[member] = old;
    }
    assert!(schema.is_valid(&line));
}

#[test]
fn the_derived_values_are_those_of_the_words() {
    let schema = schema();
    // By hand: 1136 bytes of program and 1024 of stack in pages of 128 bytes; the stack begins 16 below the top.
    let noff = check(&schema, &["info", "--json", "-"], &testdata("noff/demo.noff")).remove(0);
    let pages = &noff["pages"];
    assert_eq!((&pages["count"], &pages["stack_pointer"]), (&json!(17), &json!(0x870)));
    assert_eq!(pages["read_only"], json!([[0, 4]]));
    let elks = check(&schema, &["info", "--json", "-"], &testdata("elks/far.aout")).remove(0);
    assert_eq!(elks["derived"], json!({ "medium_model": true, "compression": false }));
    let runs: Vec<_> = elks["kernels"].as_array().unwrap().iter().map(|kernel| &kernel["runs"]).collect();
    assert_eq!(runs, [true, false, false]);
    let map = check(&schema, &["map", "--json", "-"], &testdata("elks/far.aout")).remove(0);
    assert_eq!(map["memory"][1]["regions"][0], json!({ "name": "data", "start": 0, "end": 15 }));
    let relocations = check(&schema, &["relocs", "--json", "-"], &testdata("elks/far.aout"));
    assert_eq!(relocations[0], json!({ "section": "text", "offset": 3, "target": 0xfffb, "type": 80 }));
}

#[test]
fn tools_report_as_the_schema_says() {
    let schema = schema();
    let folder = support::folder();
    let file = support::path(&folder, "greet");
    std::fs::write(&file, testdata("elks/greet.aout")).unwrap();
    let sizes = |line: &Value, member: &str| {
        ["text", "data", "heap", "stack"].map(|name| line[member][name].as_i64().unwrap())
    };

    // The figures of the words: `chmem` prints them in its columns.
    let words = execfmt(&["chmem", &file], b"");
    let row = text(&words.stdout).lines().nth(1).unwrap().to_string();
    let numbers: Vec<i64> = row.split_whitespace().take(8).map(|word| word.parse().unwrap()).collect();
    let shown = check(&schema, &["chmem", "--json", &file], b"").remove(0);
    assert_eq!(sizes(&shown, "before"), [numbers[0], numbers[2], numbers[4], numbers[5]]);
    assert_eq!((&shown["after"], &shown["errors"]), (&Value::Null, &json!([])));
    let changed = check(&schema, &["chmem", "--json", "-h", "5000", "-s", "2000", &file], b"").remove(0);
    assert_eq!(sizes(&changed, "before"), sizes(&shown, "before"));
    assert_eq!(sizes(&changed, "after"), [numbers[0], numbers[2], 5000, 2000]);
    let refused = check(&schema, &["chmem", "--json", "-h", "70000", &file], b"").remove(0);
    assert_eq!((&refused["after"], refused["errors"].as_array().unwrap().len()), (&Value::Null, 1));
    let foreign = check(&schema, &["chmem", "--json", "-"], b"#!/bin/sh\n").remove(0);
    assert_eq!((&foreign["before"], foreign["errors"].as_array().unwrap().len()), (&Value::Null, 1));

    // Long runs are compressed; short ones stay as they are.
    let out = support::path(&folder, "out");
    let builder = aout_minix::Builder::new(aout_minix::FileType::SPLITID_AHISTORICAL);
    let long = builder.version(1).text(&[0x90; 5000]).data(&[1, 2, 3]).to_vec().unwrap();
    let line = check(&schema, &["compress", "--json", "-o", &out, "-"], &long).remove(0);
    let written = std::fs::metadata(&out).unwrap().len();
    assert_eq!(
        (&line["before"], &line["after"], &line["changed"]),
        (&json!(5035), &json!(written), &json!(true))
    );
    assert_eq!(
        (&line["sections"][0]["section"], &line["sections"][0]["reason"]),
        (&json!("text"), &Value::Null)
    );
    assert_eq!(line["sections"][2]["after"], json!(3));
    let again = check(&schema, &["compress", "--json", &out], b"").remove(0);
    assert_eq!((&again["changed"], &again["before"]), (&json!(false), &again["after"]));
    let back = check(&schema, &["decompress", "--json", &out], b"").remove(0);
    assert_eq!((&back["before"], &back["changed"]), (&json!(written), &json!(true)));
    assert_eq!(std::fs::metadata(&out).unwrap().len(), back["after"].as_u64().unwrap());
}

#[test]
fn lists_of_an_image_are_as_the_schema_says() {
    let schema = schema();
    for name in ["coyotos/i386.img.gz", "coyotos/coldfire.img.gz"] {
        let image = testdata(name);
        // By hand from the recipe: 5 pages, a CapPage, 7 GPTs, a process and 4 endpoints.
        let objects = check(&schema, &["coyotos", "ls", "--json", "-"], &image);
        assert_eq!(objects.len(), 18, "{name}");
        let kinds = ["page", "cappage", "gpt", "process", "endpoint"].map(|kind| {
            let starts = |line: &&Value| line["object"].as_str().unwrap().starts_with(kind);
            objects.iter().filter(starts).count()
        });
        assert_eq!(kinds, [5, 1, 7, 1, 4], "{name}");
        // From the header to the end of the image, without a gap.
        let number = |line: &Value, member: &str| line[member].as_u64().unwrap();
        let mut places: Vec<_> = objects.iter().map(|o| (number(o, "offset"), number(o, "size"))).collect();
        places.sort_unstable();
        let end = places.iter().fold(0, |end, &(offset, size)| {
            assert_eq!(offset, end, "{name}: {places:?}");
            end + size
        });
        let page = if name.contains("i386") { 4096 } else { 8192 };
        assert_eq!(end, 6 * page + 7 * 264 + 632 + 4 * 32, "{name}");
        let space = execfmt(&["coyotos", "space", "--json", "-"], &image);
        let space: Value = serde_json::from_slice(&space.stdout).unwrap();
        let mappings = space.as_array().unwrap();
        assert!(!mappings.is_empty() && mappings.iter().all(|mapping| schema.is_valid(mapping)), "{space}");
        for line in &objects {
            let object = line["object"].as_str().unwrap();
            if object.starts_with("page") {
                continue;
            }
            let held = check(&schema, &["coyotos", "caps", "--json", "-", object], &image);
            let all = check(&schema, &["coyotos", "caps", "--json", "--all", "-", object], &image);
            assert!(held.len() <= all.len() && !all.is_empty(), "{name}: {object}");
            assert!(held.iter().all(|slot| all.contains(slot)), "{name}: {object}");
        }
    }
}
