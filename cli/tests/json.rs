//! Every line of JSON, of whole files and of damaged ones, is as docs/json.schema.json says.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use execfmt_testkit::{root, testdata};
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

#[test]
fn what_the_schema_forbids() {
    let schema = schema();
    let mut line = check(&schema, &["info", "--json", "-"], &testdata("noff/demo.noff")).remove(0);
    for (member, value) in [
        ("format", json!("elf")),
        ("layout", json!(5)),
        ("findings", json!([{ "severity": "error" }])),
        ("kernels", json!([{ "name": "x", "runs": "yes", "reason": null }])),
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
