//! The command on Coyotos images, as a user types it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use coyotos_image::{CoyotosRule, MAX_IMAGE_SIZE, Rule as _, deflate, inflate};
use execfmt_testkit::{Mutator, root, skipped, testdata};
use serde_json::{Value, json};
use support::{execfmt, folder, names, path, text, words};

const ARCHS: [&str; 3] = ["i386", "coldfire", "arm"];

fn example(name: &str) -> String {
    root().join("testdata/coyotos").join(name).display().to_string()
}

/// An image of the reference model.
fn image(arch: &str) -> String {
    example(&format!("{arch}.img.gz"))
}

/// The plain bytes of a stored image.
fn plain(bytes: &[u8]) -> Vec<u8> {
    inflate(bytes, MAX_IMAGE_SIZE).unwrap().into_owned()
}

/// What the model wrote, plain.
fn model(arch: &str) -> Vec<u8> {
    plain(&testdata(&format!("coyotos/{arch}.img.gz")))
}

/// Runs a command that is to succeed; standard output.
#[track_caller]
fn fine(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let output = execfmt(arguments, input);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    output.stdout
}

/// Runs a command that is to fail; standard error.
#[track_caller]
fn fails(arguments: &[&str], input: &[u8], code: i32, words: &str) {
    let Output { status, stderr, .. } = execfmt(arguments, input);
    let said = text(&stderr);
    assert_eq!(status.code(), Some(code), "{arguments:?}: {said}");
    assert!(said.contains(words), "{arguments:?}: {words:?} is missing from {said}");
}

/// A plain image of a recipe.
#[track_caller]
fn built(recipe: &str) -> Vec<u8> {
    fine(&["coyotos", "build", "-", "-o", "-", "--no-gzip"], recipe.as_bytes())
}

#[test]
fn recipes_give_the_images_of_the_model() {
    for arch in ARCHS {
        let recipe = example(&format!("{arch}.recipe"));
        let stored = fine(&["coyotos", "build", &recipe, "-o", "-"], b"");
        assert!(stored.starts_with(&[0x1f, 0x8b]), "{arch}: a gzip file");
        assert_eq!(plain(&stored), model(arch), "{arch}");
        let output = execfmt(&["coyotos", "build", &recipe, "-o", "-", "--no-gzip"], b"");
        assert_eq!(output.stdout, model(arch), "{arch}");
        assert!(text(&output.stderr).contains("note: line 34: valid"), "{}", text(&output.stderr));
        let quiet = execfmt(&["coyotos", "build", &recipe, "-o", "-", "-q"], b"");
        assert_eq!((quiet.stdout, text(&quiet.stderr)), (stored, ""));
    }
}

#[test]
fn a_recipe_tells_what_it_found_and_writes_where_it_says() {
    let folder = folder();
    let (image, other) = (path(&folder, "image"), path(&folder, "other"));
    let recipe = format!(
        "arch i386\npage p prime\ndata p 8 cafe\nset p restr 2\nadd s prime null 0x5000 p 0\nleaf s 0x5004\nfile {image}\npage q prime\n"
    );
    let output = execfmt(&["coyotos", "build", "-"], recipe.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let note = "standard input: note: line 6: Page 0x1 r-x l2g 12 match 0x5, offset 0x4, restr 0x2 (r-x)";
    assert!(text(&output.stderr).contains(note), "{}", text(&output.stderr));
    // The page behind the `file` line is not in it, but in what -o asks for.
    let count = |image: &str| {
        let line = fine(&["info", "--json", image], b"");
        serde_json::from_slice::<Value>(&line).unwrap()["header"]["bankVecOID"].clone()
    };
    assert_eq!(count(&image), 2);
    fs::remove_file(&image).unwrap();
    fine(&["coyotos", "build", "-", "-o", &other], recipe.as_bytes());
    assert_eq!(count(&other), 3);
    assert_eq!(names(folder.path()), ["other"], "with -o the `file` line writes nothing");
}

#[test]
fn recipes_that_fail_name_line_and_cause_and_write_nothing() {
    let folder = folder();
    let out = path(&folder, "out");
    fs::write(&out, "precious").unwrap();
    for (recipe, code, cause) in [
        ("", 1, "error: a recipe begins with an `arch` line"),
        ("page p prime\n", 1, "error: line 1: a recipe begins with an `arch` line"),
        ("# A comment.\n\narch vax\n", 1, "error: line 3: there is no architecture `vax`"),
        ("arch i386\nfrob x\n", 1, "error: line 2: there is no call `frob`"),
        ("arch i386\npage p\n", 1, "error: line 2: expected `page NAME BANK`"),
        ("arch i386\npage p null\n", 1, "error: line 2: a capability of type Null is no bank"),
        ("arch i386\npage p prime\ndata p 4095 cafe\n", 1, "error: line 3: byte 4097 lies beyond"),
        ("arch i386\npage p prime\ndata p 0x 00\n", 1, "error: line 3: `0x` is no number"),
        ("arch i386\npage p prime\nadd s prime null 1 p 0\n", 1, "error: line 3: 0x1 is not a multiple of"),
        (
            "arch i386\ngpt g prime\ncap c 0x3e\nput g cap 0 c\nfile x\n",
            1,
            "error: line 5: GPT 0 cap[0].type",
        ),
        (
            "arch i386\ngpt g prime\ncap c 0x3e\nput g cap 0 c\n",
            1,
            "error: behind the last line: GPT 0 cap[0].type",
        ),
        ("arch i386\nelf s prime /nonexistent/prog\n", 2, "line 2: /nonexistent/prog: No such file"),
        (
            "arch arm\nelf s prime HELLO\n",
            1,
            "error: line 2: e_machine at byte 18: the code is for machine 3",
        ),
    ] {
        let recipe = recipe.replace("HELLO", &example("hello.elf"));
        fails(&["coyotos", "build", "-", "-o", &out], recipe.as_bytes(), code, cause);
    }
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    assert_eq!(names(folder.path()), ["out"]);
    fails(&["coyotos", "build", "-"], b"arch i386\n", 2, "give -o IMAGE");
    fails(&["coyotos", "build", "-", "-o", &out], b"\xff", 1, "this is no text");
    fails(
        &["coyotos", "build", "/nonexistent/recipe", "-o", &out],
        b"",
        2,
        "/nonexistent/recipe: No such file",
    );
    fails(
        &["coyotos", "build", "-", "-o", "/nonexistent/out"],
        b"arch i386\n",
        2,
        "/nonexistent/out: No such file",
    );
}

#[test]
fn info_says_what_is_in_an_image() {
    let out = words(&fine(&["info", &image("i386")], b""));
    // By hand from the recipe, and the sizes of the specification.
    for told in [
        "Coyotos image for i386, little-endian, 27184 bytes, gzip file of",
        "Page 5 4096 1 of the header, 2 of the user, 2 of tables",
        "CapPage 1 4096 GPT 7 264 Process 1 632 Endpoint 4 32",
        "banks 3 symbols none",
        "process 0 starts at 0x4000 space GPT 3: 4 mappings from 0x4000 to 0x7fff00001000",
    ] {
        assert!(out.contains(told), "{told:?} is missing from\n{out}");
    }
    let out = words(&fine(&["info", &image("coldfire")], b""));
    // The page at 0x4000 is read-only and executable; pages have 8192 bytes.
    assert!(out.contains("for coldfire, big-endian"), "{out}");
    assert!(out.contains("Page 5 8192"), "{out}");
    // What starts where nothing may be executed is told.
    for (recipe, told) in [
        ("procset p faultInfo 0x1000", "starts at 0x1000, which is not mapped executable"),
        ("procset p faultCode 3", "running, with fault 3 at 0x0"),
        ("procset p faultCode 0\nprocset p runState 1", "process 0 receiving"),
        ("procset p faultCode 0", "process 0 running"),
    ] {
        let recipe = format!("arch i386\nprocess p prime\nprocset p faultCode 25\n{recipe}\n");
        let out = words(&fine(&["info", "-"], &built(&recipe)));
        assert!(out.contains(told) && out.contains("no address space"), "{told:?} is missing from\n{out}");
    }
}

#[test]
fn json_has_every_field_of_the_header() {
    let line: Value = serde_json::from_slice(&fine(&["check", "--json", &image("coldfire")], b"")).unwrap();
    // By hand from the recipe: 5 pages and a CapPage of 8192 bytes, 7 GPTs, 4 endpoints, a process.
    let expected = json!({
        "file": image("coldfire"), "format": "coyotos-image", "gzip": true, "arch": "coldfire", "byte_order": "big",
        "header": {
            "endian": 4321, "version": 1, "target": 2, "pgSize": 8192, "nAlloc": 18, "nBank": 3, "nSymbol": 0,
            "nStringBytes": 0, "nPage": 5, "nCapPage": 1, "nGPT": 7, "nEndpoint": 4, "nProc": 1,
            "imgBytes": 6 * 8192 + 7 * 264 + 4 * 32 + 632, "bankVecOID": 3, "symVecOID": 4, "stringTableOID": 4,
            "allocVecOID": 4, "endVecOID": 5,
        },
        "findings": [],
    });
    assert_eq!(line, expected);
    // A header that is refused is shown; one that cannot be read is not.
    let mut short = model("i386");
    short.truncate(20000);
    let output = execfmt(&["info", "--json", "-"], &short);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        (&line["gzip"], &line["arch"], &line["header"]["imgBytes"]),
        (&json!(false), &Value::Null, &json!(27184))
    );
    assert_eq!(
        (&line["findings"][0]["code"], &line["findings"][0]["found"]),
        (&json!("file_size"), &json!(20000))
    );
    let output = execfmt(&["info", "--json", "-"], b"coyimage");
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let facts = (&line["format"], &line["header"], &line["byte_order"], &line["findings"][0]["code"]);
    assert_eq!(facts, (&json!("coyotos-image"), &Value::Null, &Value::Null, &json!("truncated")));
}

#[test]
fn check_tells_findings_and_heeds_the_rules_that_are_asked_for() {
    for arch in ARCHS {
        assert_eq!(words(&fine(&["check", "--strict", &image(arch)], b"")), format!("{}: fine", image(arch)));
    }
    // A run state that does not exist: the first byte of the process, behind everything else.
    let mut state = model("i386");
    let at = 27184 - 632;
    state[at] = 3;
    fails(
        &["check", "-"],
        &state,
        1,
        &format!("error: Process 0 runState at byte {at}: 0x3 found, at most 2 expected"),
    );
    fine(&["check", "--rules", "original", "-"], &state);
    // A capability to the bank table's page is an error to the original, and a warning to us.
    let table = built("arch i386\npage p prime\ncappage k prime\nput k cap 0 p\n");
    let at = 5 * 4096 - 4096 + 8;
    let mut table = table;
    assert_eq!(table[at], 1, "the OID of the capability in the CapPage behind 4 pages");
    table[at] = 2;
    fine(&["check", "-"], &table);
    fails(&["check", "--strict", "-"], &table, 1, "warning: CapPage 0 cap[0].oid");
    fails(&["check", "--rules", "original", "-"], &table, 1, "error: CapPage 0 cap[0].oid");
    // A page of garbage: the first thousand findings, and a number.
    let mut garbage = built("arch i386\ncappage k prime\n");
    garbage[3 * 4096..4 * 4096].fill(0xff);
    let output = execfmt(&["check", "--json", "-"], &garbage);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = line["findings"].as_array().unwrap();
    let last = findings.last().unwrap();
    assert_eq!(
        (findings.len(), &last["code"], &last["severity"]),
        (1001, &json!("more_findings"), &json!("error"))
    );
    assert!(last["found"].as_u64().unwrap() >= 24, "256 capabilities break 4 rules or more each: {last}");
}

#[test]
fn map_draws_regions_beside_the_tree() {
    let out = fine(&["map", &image("i386")], b"");
    let out = text(&out);
    // By hand from the recipe: pages at 0x4000, 0x100000 and far up, a CapPage between them.
    for row in [
        "space of process 0\n",
        "0x000000004000..0x000000005000   4096  r-x             slot 4: Page 1, l2g 12, r-x\n",
        "0x000000100000..0x000000101000   4096  rwx           slot 1: Page 2, l2g 12\n",
        "0x000004000000..0x000004001000   4096  rwx         slot 4: CapPage 0, l2g 12\n",
        "0x7fff00000000..0x7fff00001000   4096  r-x         slot 15: Page 1, l2g 12, match 0xf00000, r-x\n",
    ] {
        assert!(out.contains(row), "{row:?} is missing from\n{out}");
    }
    assert_eq!(out.matches("\n  :\n").count(), 3, "three holes\n{out}");
    assert_eq!(
        out.matches("\nspace that no process uses\n").count(),
        2,
        "the GPT g and the guarded t\n{out}"
    );

    // Pages that continue each other are one region; rights, guards, windows and the end of memory are shown.
    let recipe = "arch i386\npage a prime\npage b prime\npage c prime\nset c restr 6\ncap w 1\nset w l2g 63\ngpt g prime\n\
        gptset g l2v 63\nput g cap 1 w\nadd s prime null 0 a 0\nadd s prime s 0x1000 b 0\nadd s prime s 0x2000 c 0\n";
    let out = fine(&["map", "-"], &built(recipe));
    let out = text(&out);
    for row in [
        "0x0000..0x2000   8192  rwx       slots 0-1: Pages 1-2, l2g 12\n",
        "0x2000..0x3000   4096  r--       slot 2: Page 3, l2g 12, r--\n",
        "0x08000000000000000..0x10000000000000000  9223372036854775808  rwx       slot 1: Window at 0x0, slot 0, l2g 63\n",
    ] {
        assert!(out.contains(row), "{row:?} is missing from\n{out}");
    }
    let out = fine(&["map", "-"], &built("arch arm\n"));
    assert!(text(&out).contains("no address space"), "{}", text(&out));
}

#[test]
fn space_lists_every_mapping() {
    let list: Value =
        serde_json::from_slice(&fine(&["coyotos", "space", "--json", &image("arm")], b"")).unwrap();
    let entry = |address: u64, oid: u64, kind: &str, restr: u64| json!({"address": address, "page_oid": oid, "type": kind, "restr": restr, "l2_size": 12});
    let expected = [
        entry(0x4000, 1, "Page", 2),
        entry(0x10_0000, 2, "Page", 0),
        entry(0x400_0000, 0, "CapPage", 0),
        entry(0x7fff_0000_0000, 1, "Page", 2),
    ];
    assert_eq!(list, json!(expected));
    // Of the root it is the same; of a part of the tree, that part.
    for object in ["process:0", "gpt:3", "GPT:3"] {
        let again = fine(&["coyotos", "space", "--json", &image("arm"), object], b"");
        assert_eq!(serde_json::from_slice::<Value>(&again).unwrap(), list, "{object}");
    }
    let part = fine(&["coyotos", "space", &image("arm"), "gpt:1"], b"");
    assert_eq!(
        words(&part),
        "address up to rights object 0x0000000000004000 0x0000000000005000 r-x Page 1",
        "slot 4 of the lowest GPT"
    );
    let page = fine(&["coyotos", "space", "--json", &image("arm"), "page:2"], b"");
    assert_eq!(serde_json::from_slice::<Value>(&page).unwrap(), json!([entry(0, 2, "Page", 0)]));
    let empty = fine(&["coyotos", "space", "--json", "-", "gpt:0"], &built("arch arm\ngpt g prime\n"));
    assert_eq!(text(&empty), "[]\n");
    for (object, complaint) in [
        ("gpt:7", "there is no GPT 7: the image has 7 of the kind"),
        ("process:1", "there is no Process 1"),
        ("endpoint:0", "an endpoint has no address space"),
    ] {
        fails(&["coyotos", "space", &image("arm"), object], b"", 1, complaint);
    }
    fails(&["coyotos", "space", &image("arm"), "disk:0"], b"", 2, "expected a kind and a number");
    // With no process the only root is meant.
    let one = built("arch arm\ngpt a prime\ngpt b prime\nput a cap 0 b\n");
    fine(&["coyotos", "space", "-"], &one);
    fails(&["coyotos", "space", "-"], &built("arch arm\ngpt a prime\ngpt b prime\n"), 1, "such as gpt:0");
    fails(&["coyotos", "space", "-"], &built("arch arm\n"), 1, "there is no address space");
}

#[test]
fn ls_and_caps_list_objects_and_what_they_hold() {
    let out = fine(&["coyotos", "ls", &image("i386")], b"");
    let out = words(&out);
    // By hand: the banks and offsets that recipe and layout give.
    for object in [
        "page:0 0 0x0 4096 header page:1 1 0x1000 4096 5 bytes, then zeros page:2 2 0x2000 4096 102 bytes, then zeros",
        "page:3 0 0x3000 4096 bank table page:4 0 0x4000 4096 alloc table cappage:0 0 0x5000 4096 2 capabilities",
        "gpt:0 1 0x6000 264 l2v 12, ha, 1 capability",
        "process:0 0 0x67b8 632 to start at 0x4000, space gpt:3, 2 capabilities",
        "endpoint:2 2 0x6778 32 id 3, recipient Null, bank 2 below bank 1",
        "endpoint:3 2 0x6798 32 id 0, payload 0xdeadbeef to match, recipient process:0",
    ] {
        assert!(out.contains(object), "{object:?} is missing from\n{out}");
    }
    let process = fine(&["coyotos", "caps", &image("i386"), "process:0"], b"");
    assert_eq!(words(&process), "addrSpace GPT 0x3 rwx l2g 48 capReg[31] Endpoint 0x3");
    let all = fine(&["coyotos", "caps", "--all", &image("i386"), "process:0"], b"");
    assert_eq!(text(&all).lines().count(), 38);
    let gpt = fine(&["coyotos", "caps", &image("coldfire"), "gpt:1"], b"");
    assert_eq!(words(&gpt), "cap[2] Page 0x1 r-x l2g 13");
    fails(&["coyotos", "caps", &image("i386"), "page:1"], b"", 1, "Page 1 holds bytes");
    fails(&["coyotos", "caps", &image("i386"), "gpt:99"], b"", 1, "there is no GPT 99");
    fails(&["coyotos", "ls", &example("hello.elf")], b"", 1, "this is no Coyotos image");
}

#[test]
fn extract_gives_the_bytes_of_objects_and_addresses() {
    let extract = |part: &str| fine(&["coyotos", "extract", &image("i386"), part, "-o", "-"], b"");
    assert_eq!(extract("0x4000..0x4005"), b"Hello");
    assert_eq!(extract("0x7fff00000001+4"), b"ello", "the same page, far up");
    assert_eq!(extract("0x4000+0"), b"");
    let page = extract("page:1");
    assert_eq!((&page[..5], page.len()), (&b"Hello"[..], 4096));
    assert_eq!(extract("process:0"), &model("i386")[27184 - 632..]);
    let refused = |part: &str, why| {
        fails(&["coyotos", "extract", &image("i386"), part, "-o", "-"], b"", 1, why);
    };
    refused("0x4000..0x5001", "nothing is mapped at 0x5000");
    refused("0x3fff+1", "nothing is mapped at 0x3fff");
    refused("0x4000000+4", "at 0x4000000 there is CapPage 0x0 rwx l2g 12, not bytes");
    refused("page:5", "there is no Page 5");
    refused("0+0x7fffffffffffffff", "too many at once");
    fails(&["coyotos", "extract", &image("i386"), "2..1", "-o", "-"], b"", 2, "in ascending order");
    // Bytes over the border of two pages, in the space of a GPT that no process uses.
    let recipe = "arch i386\npage a prime\ndata a 4094 0102\npage b prime\ndata b 0 0304\nadd s prime null 0xf000 a 0\nadd s prime s 0x10000 b 0\n";
    let bytes = fine(&["coyotos", "extract", "-", "0xfffe+4", "-o", "-"], &built(recipe));
    assert_eq!(bytes, [1, 2, 3, 4]);
    // A capability to a page that covers more than the page.
    let wide = "arch i386\npage a prime\nset a l2g 16\ngpt g prime\ngptset g l2v 16\nput g cap 0 a\n";
    fails(
        &["coyotos", "extract", "-", "0x1000+1", "-o", "-"],
        &built(wide),
        1,
        "0x1000 lies beyond the end of Page 1",
    );
}

/// Takes an image apart and puts it together.
fn round_trip(stored: &[u8]) -> Option<Vec<u8>> {
    let folder = folder();
    let parts = path(&folder, "parts");
    let output = execfmt(&["coyotos", "unpack", "-", "-o", &parts], stored);
    if output.status.code() != Some(0) {
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(!output.stderr.is_empty());
        assert_eq!(names(folder.path()), [""; 0], "nothing is left behind");
        return None;
    }
    Some(fine(&["coyotos", "pack", &parts, "-o", "-"], b""))
}

#[test]
fn an_image_that_was_unpacked_is_packed_to_the_same_bytes() {
    let folder = folder();
    let program = path(&folder, "program");
    let hello = example("hello.elf");
    fine(&["convert", &hello, "-o", &program, "--to", "coyotos", "--debug", &path(&folder, "debug")], b"");
    let program = fs::read(&program).unwrap();
    assert_eq!(round_trip(&program).unwrap(), program, "with symbols, as a gzip file");
    for arch in ARCHS {
        assert_eq!(round_trip(&model(arch)).unwrap(), model(arch), "{arch}, plain");
        let stored = testdata(&format!("coyotos/{arch}.img.gz"));
        assert_eq!(plain(&round_trip(&stored).unwrap()), model(arch), "{arch}");
    }
    // Banks that contradict their endpoints are none of the original's business, and come back too.
    let strange = "arch arm\nbank b prime\nbank c b\nendpoint e c\nepset b endpointID 77\npage p b\npage q c\nset q swizzled 0\n\
        epset primeEP endpointID 2\npage r prime\ncap w 2\nset w l2g 12\ngpt g c\nput g cap 0 w\nput g cap 15 q\n";
    let strange = built(strange);
    assert_eq!(round_trip(&strange).unwrap(), strange);
}

#[test]
fn a_damaged_image_is_refused_or_comes_back() {
    let mut mutator = Mutator::new("damaged images, unpacked and packed", 0xc0_0701);
    let whole = model("i386");
    let (mut back, mut refused) = (0, 0);
    for _ in 0..150 {
        let mut bytes = whole.clone();
        // A byte of an object or a table, seldom one of the header, which would refuse it all.
        let rng = mutator.rng();
        for _ in 0..rng.u32(1..4) {
            let at = if rng.u32(..) % 8 == 0 { rng.usize(..104) } else { rng.usize(4096..bytes.len()) };
            bytes[at] ^= 1 << rng.u32(..8);
        }
        match round_trip(&bytes) {
            Some(again) => {
                assert!(again == bytes, "the same bytes");
                back += 1;
            }
            None => refused += 1,
        }
    }
    assert!(back > 20 && refused > 20, "{back} came back, {refused} were refused: both must be seen");
}

#[test]
fn a_folder_can_be_changed() {
    let folder = folder();
    let (parts, out) = (path(&folder, "parts"), path(&folder, "out"));
    let in_parts = |name: &str| Path::new(&parts).join(name);
    fine(&["coyotos", "unpack", &image("i386"), "-o", &parts], b"");
    assert_eq!(names(Path::new(&parts)), ["manifest.json", "page-1.bin", "page-2.bin"]);
    assert_eq!(fs::read(in_parts("page-1.bin")).unwrap().len(), 4096);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let made = path(&folder, "made");
        fs::create_dir(&made).unwrap();
        let mode = |path: &str| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&parts), mode(&made), "the permissions of any new folder");
    }
    let manifest = fs::read_to_string(in_parts("manifest.json")).unwrap();
    let mut changed: Value = serde_json::from_str(&manifest).unwrap();
    // A page more, in a slot of a GPT, and other contents of page 1.
    changed["pages"].as_array_mut().unwrap().push(json!({"bank": 2, "file": "more"}));
    changed["gpts"][1]["caps"]["cap[5]"] = json!({"type": "Page", "l2g": 12, "oid": 3, "restr": 4});
    changed["gzip"] = json!(false);
    fs::write(in_parts("more"), "more bytes").unwrap();
    fs::write(in_parts("page-1.bin"), "Howdy").unwrap();
    fs::write(in_parts("manifest.json"), changed.to_string()).unwrap();
    fine(&["coyotos", "pack", &parts, "-o", &out], b"");
    fine(&["check", "--strict", &out], b"");
    assert!(fs::read(&out).unwrap().starts_with(b"coyimage"));
    let bytes = |range: &str| fine(&["coyotos", "extract", &out, range, "-o", "-"], b"");
    assert_eq!((bytes("0x4000+5"), bytes("0x5000+11")), (b"Howdy".to_vec(), b"more bytes\0".to_vec()));

    // What cannot be packed says why, and leaves the old image as it was.
    fs::write(&out, "precious").unwrap();
    let cases: [(&str, &str, i32, &str); 11] = [
        ("\"page-1.bin\"", "\"../out\"", 1, "`../out` is no file of the folder"),
        ("\"page-1.bin\"", "\"/etc/passwd\"", 1, "`/etc/passwd` is no file of the folder"),
        ("\"page-1.bin\"", "\"gone.bin\"", 2, "gone.bin: No such file"),
        ("\"page-1.bin\"", "\"manifest.json\",\"color\":1", 1, "unknown field `color`"),
        ("\"cap[7]\"", "\"cap[256]\"", 1, "CapPage 0 cap[256]: a CapPage has no slot cap[256]"),
        ("\"cap[7]\"", "\"cap\"", 1, "no object has a slot `cap`"),
        ("\"Window\"", "\"Door\"", 1, "no capability has the type `Door`"),
        ("\"match\":15", "\"match\":16777216", 1, "cap[7]: a field of the capability does not fit"),
        ("\"match\":15", "\"oid\":99,\"match\":15", 1, "duplicate field `oid`"),
        ("\"i386\"", "\"vax\"", 1, "there is no architecture `vax`"),
        ("\"manifest\": 1", "\"manifest\": 2", 1, "expected `coyotos-image`, manifest 1"),
    ];
    for (from, to, code, why) in cases {
        assert!(manifest.contains(from), "{from}");
        fs::write(in_parts("manifest.json"), manifest.replacen(from, to, 1)).unwrap();
        fails(&["coyotos", "pack", &parts, "-o", &out], b"", code, why);
    }
    // The line of a mistake in the text is told.
    fs::write(in_parts("manifest.json"), manifest.replacen("\"banks\": [", "\"banks\": [,", 1)).unwrap();
    fails(&["coyotos", "pack", &parts, "-o", &out], b"", 1, "at line 7 column");
    // Far more than a manifest's own size.
    let huge =
        manifest.replacen("\"cap_pages\": [", &format!("\"cap_pages\": [{}", "{},".repeat(300_000)), 1);
    fs::write(in_parts("manifest.json"), huge).unwrap();
    fails(&["coyotos", "pack", &parts, "-o", &out], b"", 1, "300003 pages are more than");
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    fails(
        &["coyotos", "pack", &path(&folder, "none"), "-o", &out],
        b"",
        2,
        "none/manifest.json: No such file",
    );
    // A folder that is there is left alone, and so is everything else.
    fails(&["coyotos", "unpack", &image("i386"), "-o", &parts], b"", 2, "already exists");
    fails(&["coyotos", "unpack", &image("i386"), "-o", "/nonexistent/parts"], b"", 2, "No such file");
    // The bits behind a GPT's fields are no part of a manifest.
    let mut reserved = model("i386");
    reserved[0x6004] = 1;
    let refused = path(&folder, "refused");
    let why = "would not give the same image again: GPT 0 reserved";
    fails(&["coyotos", "unpack", "-", "-o", &refused], &reserved, 1, why);
    assert_eq!(names(folder.path()), ["made", "out", "parts"]);
}

#[test]
fn a_program_becomes_an_image() {
    let folder = folder();
    let hello = example("hello.elf");
    let out = path(&folder, "out");
    let output = execfmt(&["convert", &hello, "-o", &out, "--to", "coyotos"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = words(&output.stderr);
    assert!(said.contains("note: for i386: starts at 0x8049033 in GPT 0, 5 pages and 1 GPT"), "{said}");
    fine(&["check", "--strict", &out], b"");
    let line: Value = serde_json::from_slice(&fine(&["info", "--json", &out], b"")).unwrap();
    let header = &line["header"];
    assert_eq!(
        (&line["gzip"], &header["nBank"], &header["nProc"], &header["nSymbol"]),
        (&json!(true), &json!(1), &json!(1), &json!(0))
    );
    let process = words(&fine(&["coyotos", "ls", &out], b""));
    assert!(process.contains("to start at 0x8049033, space gpt:0"), "{process}");
    // The bytes of a table that the source names, and the zeros behind the data.
    let bytes = |range: &str| fine(&["coyotos", "extract", &out, range, "-o", "-"], b"");
    let table: Vec<u8> = [1_u32, 2, 3, 4].iter().flat_map(|word| word.to_le_bytes()).collect();
    assert_eq!(bytes("0x804a000+16"), table);
    assert_eq!(bytes("0x804b010+8"), [7, 0, 0, 0, 0, 0, 0, 0]);

    // The same as a recipe's calls, which load as the original did.
    let plain = ["convert", &hello, "-o", "-", "--to", "coyotos", "--compat", "--no-gzip", "-q"];
    let recipe = format!(
        "arch i386\nelf s prime {hello}\nprocess p prime\nput p addrSpace 0 s\nprocset p faultCode 25\nprocset p faultInfo 0x8049033\n"
    );
    assert_eq!(fine(&plain, b""), built(&recipe));

    // What does not fit is refused, and nothing is written.
    fs::write(&out, "precious").unwrap();
    let elf = testdata("coyotos/hello.elf");
    let mut other = elf.clone();
    other[18] = 62;
    let convert = ["convert", "-", "-o", &out, "--to", "coyotos"];
    fails(
        &convert,
        &other,
        1,
        "the code is for machine 62, and Coyotos runs i386 [3], coldfire [52, 4], arm [40]",
    );
    fails(&[&convert[..], &["--arch", "arm"]].concat(), &elf, 1, "e_machine at byte 18");
    fails(&[&convert[..], &["--arch", "vax"]].concat(), &elf, 2, "expected i386, coldfire or arm");
    fails(&convert, &elf[..5000], 1, "the file was cut short");
    fails(&convert, b"hello", 1, "does not begin an ELF file");
    let mut entry = elf.clone();
    entry[24..28].copy_from_slice(&0x804a000_u32.to_le_bytes());
    fails(&convert, &entry, 1, "0x804a000 is not mapped executable");
    fails(&[&convert[..], &["--stack", "1"]].concat(), &elf, 2, "--stack goes with --to elks");
    fails(
        &["convert", "-", "-o", &out, "--to", "noff", "--compat"],
        &elf,
        2,
        "--compat goes with --to coyotos",
    );
    fails(
        &[&convert[..], &["--debug", "/nonexistent/debug"]].concat(),
        &elf,
        2,
        "/nonexistent/debug: No such file",
    );
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    assert_eq!(names(folder.path()), ["out"]);
}

/// Runs a tool; `None` where it is absent or fails, said aloud.
fn tool(folder: &Path, program: &str, arguments: &[&str], what: &str) -> Option<String> {
    let mut command = Command::new("timeout");
    let command = command.args(["60", program]).args(arguments).current_dir(folder).stdin(Stdio::null());
    match command.output() {
        Ok(output) if output.status.success() => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        _ => {
            skipped(what, &format!("{program} is absent or fails"));
            None
        }
    }
}

/// What the image and its side file tell of a program.
fn check_debugging(folder: &Path, elf: &str, arch: &str) {
    let (out, debug) =
        (folder.join("image").display().to_string(), folder.join("debug").display().to_string());
    fine(&["convert", elf, "-o", &out, "--to", "coyotos", "--debug", &debug], b"");
    fine(&["check", "--strict", &out], b"");
    let info = words(&fine(&["info", &out], b""));
    assert!(info.contains(&format!("for {arch}")) && info.contains("(_start)"), "{info}");
    let symbols = fine(&["symbols", &out], b"");
    let symbols = text(&symbols);
    let sum =
        symbols.lines().find(|line| line.ends_with("function  sum")).expect("the function sum is listed");
    let address = sum.split_whitespace().nth(1).unwrap();
    let what = "the side file in a debugger";
    let line = format!("info line *{address}");
    if let Some(told) = tool(folder, "gdb", &["-batch", "-ex", "symbol-file debug", "-ex", &line], what) {
        let source = fs::read_to_string(root().join("testdata/coyotos/hello.c")).unwrap();
        // Code begins at the brace below, says gcc.
        let number = 2 + source.lines().position(|line| line.starts_with("int sum")).unwrap();
        assert!(
            told.contains(&format!("Line {number} of \""))
                && told.contains("hello.c\"")
                && told.contains("<sum>"),
            "{told}"
        );
    }
    if let Some(told) = tool(folder, "readelf", &["-n", "debug"], what) {
        let id = told.split("Build ID: ").nth(1).expect("a build id").split_whitespace().next().unwrap();
        assert!(info.contains(&format!("build id {id} of GPT")), "{id} is missing from {info}");
    }
}

#[test]
fn symbols_and_side_file_tell_where_code_comes_from() {
    let folder = folder();
    check_debugging(folder.path(), &example("hello.elf"), "i386");
    let symbols = fine(&["symbols", &image("i386")], b"");
    assert_eq!(text(&symbols), "", "the model's images have none");
    // What is compiled here and now, for a little- and a big-endian machine.
    for (compiler, machine, arch) in [("gcc", &["-m32"][..], "i386"), ("m68k-linux-gnu-gcc", &[], "coldfire")]
    {
        fs::copy(example("hello.c"), folder.path().join("hello.c")).unwrap();
        let common = [
            "-g",
            "-Og",
            "-static",
            "-nostdlib",
            "-ffreestanding",
            "-fno-pic",
            "-no-pie",
            "-o",
            "prog",
            "hello.c",
        ];
        let arguments: Vec<&str> = machine.iter().chain(&common).copied().collect();
        let what = format!("a program compiled by {compiler}");
        if tool(folder.path(), compiler, &arguments, &what).is_some() {
            check_debugging(folder.path(), &folder.path().join("prog").display().to_string(), arch);
        }
    }
}

/// Runs the command with little memory and time: a failure of either shows as a signal, a panic or exit code 124.
fn confined(arguments: &[&str], input: &[u8]) -> (Option<i32>, String, usize) {
    const SCRIPT: &str = "ulimit -v 1500000; exec timeout 60 \"$0\" \"$@\"";
    let program = env!("CARGO_BIN_EXE_execfmt");
    let started = Instant::now();
    let arguments: Vec<&str> = ["-c", SCRIPT, program].iter().chain(arguments).copied().collect();
    let output = support::run(Path::new("/bin/sh"), &arguments, input);
    assert!(started.elapsed() < Duration::from_secs(50), "{arguments:?} took {:?}", started.elapsed());
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), output.stdout.len())
}

#[cfg(unix)]
#[test]
fn gzip_bombs_end_in_a_message() {
    // Two gigabytes of zeros in members of a gzip file behind the first, which has the image's beginning.
    let member = deflate(&vec![0; 8 << 20]).unwrap();
    let bomb = |img_bytes: u32| {
        let mut start = model("i386");
        start[60..64].copy_from_slice(&img_bytes.to_le_bytes());
        [deflate(&start).unwrap(), member.repeat(256)].concat()
    };
    for (file, code, words) in [
        (bomb(27184), 1, "holds 27185 bytes or more, and at most 27184 are read: its header says imgBytes"),
        (
            bomb(u32::MAX),
            1,
            "holds 4294967295 bytes or more, and at most 268435456 are read: --max-inflated allows more",
        ),
        (bomb(32 << 20), 1, "holds 33554433 bytes or more"),
        (member.repeat(256), 1, "no Coyotos image is in it"),
    ] {
        for command in ["info", "check", "map"] {
            let (found, said, _) = confined(&[command, "-"], &file);
            assert!(found == Some(code) && said.contains(words), "{command}: {found:?} {said}");
        }
    }
    for rest in
        [&["ls", "-"][..], &["space", "-"], &["caps", "-", "gpt:0"], &["unpack", "-", "-o", "/nonexistent"]]
    {
        let (code, said, _) = confined(&[&["coyotos"], rest].concat(), &bomb(u32::MAX));
        assert!(code == Some(1) && said.contains("--max-inflated"), "{rest:?}: {code:?} {said}");
    }
    // A limit of the user's, and one that is enough.
    fails(
        &["check", "--max-inflated", "27183", &image("i386")],
        b"",
        1,
        "at most 27183 are read: --max-inflated",
    );
    fine(&["check", "--max-inflated", "27184", &image("i386")], b"");
    // Cut short, and damaged in the checksum.
    let whole = testdata("coyotos/i386.img.gz");
    fails(&["check", "-"], &whole[..300], 1, "the gzip file is damaged");
    let mut damaged = whole.clone();
    let at = damaged.len() - 6;
    damaged[at] ^= 1;
    fails(&["check", "-"], &damaged, 1, "the gzip file is damaged");
    fails(&["check", "-"], &whole[..12], 1, "no Coyotos image is in it, or its beginning is damaged");
}

#[cfg(unix)]
#[test]
fn hostile_trees_end_in_a_message() {
    use std::fmt::Write as _;
    let process = "process p prime\nput p addrSpace 0 g0\nprocset p faultCode 25\n";
    let in_itself = format!(
        "arch i386\ngpt g0 prime\ngptset g0 l2v 60\nset g0 l2g 64\nput g0 cap 0 g0\nput g0 cap 1 g0\n{process}"
    );
    // Every slot of each of 13 GPTs leads to the next one, and those of the last to a page: 16^13 pages.
    let mut fan = String::from("arch i386\npage g13 prime\n");
    for gpt in (0..13).rev() {
        let _ = writeln!(
            fan,
            "gpt g{gpt} prime\ngptset g{gpt} l2v {}\nset g{gpt} l2g {}",
            60 - 4 * gpt,
            64 - 4 * gpt
        );
        for slot in 0..16 {
            let _ = writeln!(fan, "put g{gpt} cap {slot} g{}", gpt + 1);
        }
    }
    fan += process;
    let window = format!("arch i386\ngpt g0 prime\nset g0 l2g 16\ncap e 0x20\nput g0 cap 3 e\n{process}");
    for (recipe, check, walk, words) in [
        (&in_itself, "space_cycle", 1, "more than 64 GPTs"),
        (&fan, "", 1, "the list ends early"),
        (&window, "", 1, "a capability of type Endpoint cannot be part of an address space"),
    ] {
        let image = built(recipe);
        let (code, _, _) = confined(&["check", "-"], &image);
        assert_eq!(code, Some(0), "{check}: cycles are a warning");
        let line = fine(&["check", "--json", "-"], &image);
        assert!(text(&line).contains(check), "{check:?} is missing from {}", text(&line));
        let (code, said, len) = confined(&["map", "-"], &image);
        assert!(code == Some(0) && len < 200_000, "{code:?} {len} {said}");
        let (code, said, _) = confined(&["info", "-"], &image);
        assert_eq!(code, Some(0), "{said}");
        for json in [&[][..], &["--json"]] {
            let (code, said, len) = confined(&[&["coyotos", "space", "-"], json].concat(), &image);
            assert!(code == Some(walk) && said.contains(words) && len < 10_000_000, "{code:?} {len} {said}");
        }
        let (code, said, _) = confined(&["coyotos", "ls", "-"], &image);
        assert_eq!(code, Some(0), "{said}");
        let (code, said, len) = confined(&["coyotos", "extract", "-", "0+4096", "-o", "-"], &image);
        assert!(code == Some(1) && said.contains("at 0x0") || len == 4096, "{code:?} {said}");
        assert_eq!(round_trip(&image).unwrap(), image, "a hostile image comes back too");
    }
    // A list that ended early is still JSON.
    let output = execfmt(&["coyotos", "space", "--json", "-"], &built(&window));
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), json!([]));
}

#[test]
fn every_code_of_a_finding_is_documented() {
    let docs = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let codes: Vec<&str> = CoyotosRule::ALL.iter().map(|rule| rule.code()).collect();
    assert!(codes.len() > 40);
    for code in codes.into_iter().chain(["gzip_damaged", "gzip_too_long", "more_findings"]) {
        assert!(docs.contains(&format!("| `{code}` |")), "{code} is missing from docs/json.md");
    }
}
