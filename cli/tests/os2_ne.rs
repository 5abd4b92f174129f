//! OS/2 NE on the command line.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::process::{Command, Output};
use std::{fs, str};

use execfmt_testkit::root;
use os2_ne::elks::ElksRule;
use os2_ne::{Builder, NeRule, NewSegment, Rule};

fn execfmt(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_execfmt")).args(arguments).current_dir(folder).output().unwrap()
}

/// A program whose third segment, uninitialised far data, has no bytes in the file.
fn far_data() -> Vec<u8> {
    let code = [0xeb, 0xfe];
    let segments = [NewSegment::code(&code), NewSegment::data(&[0; 6]), NewSegment::data(&[]).min_alloc(256)];
    Builder::new(&segments).to_vec().unwrap()
}

#[test]
fn far_data_is_refused_and_repaired() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("far"), far_data()).unwrap();
    let check = execfmt(folder.path(), &["check", "far"]);
    let message = str::from_utf8(&check.stderr).unwrap();
    assert_eq!(check.status.code(), Some(1));
    assert!(message.contains("segment 3 size") && message.contains("--to os2-ne"), "{message}");
    let convert = execfmt(folder.path(), &["convert", "far", "-o", "repaired", "--to", "os2-ne"]);
    assert!(convert.status.success(), "{}", String::from_utf8_lossy(&convert.stderr));
    assert!(execfmt(folder.path(), &["check", "--strict", "repaired"]).status.success());
    let info = execfmt(folder.path(), &["info", "--json", "repaired"]);
    let json: serde_json::Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!((&json["format"], &json["system"]), (&"os2-ne".into(), &"ELKS".into()));
    assert_eq!(json["elks"]["segments"][2], serde_json::json!({ "kind": "data", "paras": 16 }));
    // 6 bytes in a paragraph, then 4096 + 4096 + 10 rounded up.
    assert_eq!(json["elks"]["data_len"], 16 + 8208);
}

#[test]
fn heap_of_all_that_fits() {
    let folder = tempfile::tempdir().unwrap();
    let code = [0xeb, 0xfe];
    let file = Builder::new(&[NewSegment::code(&code), NewSegment::data(&[0; 6])]).to_vec().unwrap();
    fs::write(folder.path().join("a"), file).unwrap();
    let chmem = execfmt(folder.path(), &["chmem", "-h", "0xffff", "-s", "1024", "a"]);
    assert!(chmem.status.success());
    let file = fs::read(folder.path().join("a")).unwrap();
    let header = os2_ne::Header::parse(&file).unwrap();
    assert_eq!((header.heap(), header.stack()), (0xffff, 1024));
    let load = ["load", "--elks", "--at", "0x1000,0x2000", "-o", "memory", "a"];
    let load = execfmt(folder.path(), &load);
    let text = str::from_utf8(&load.stdout).unwrap();
    assert!(text.contains("CS:IP 1000:0000, DS = ES = SS = 2000, SP ffe6, DX 0400"), "{text}");
    assert_eq!(fs::read(folder.path().join("memory/segment1.bin")).unwrap(), code);
}

#[test]
fn every_code_is_documented() {
    let docs = fs::read_to_string(root().join("docs/json.md")).unwrap();
    for row in NeRule::TABLE.iter().chain(ElksRule::TABLE) {
        assert!(docs.contains(&format!("| `{}` |", row.code)), "{} is missing from docs/json.md", row.code);
    }
}
