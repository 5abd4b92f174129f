//! Requests that cannot be answered, and answers that a page can trust.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use execfmt_web::answer;
use serde_json::{Value, json};

fn ask(request: &Value, file: &[u8]) -> (Value, Vec<u8>) {
    let answer = answer(request.to_string().as_bytes(), file);
    (serde_json::from_slice(&answer.json).unwrap(), answer.bytes)
}

fn sample(path: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

#[test]
fn what_cannot_be_answered_says_why() {
    for (request, why) in [
        (json!({}), "missing field `action`"),
        (json!({ "action": "run" }), "unknown variant `run`"),
        (json!({ "action": "info", "kernal": "nachos3" }), "unknown field `kernal`"),
        (json!({ "action": "info", "kernel": "linux" }), "there is no kernel linux; known are nachos3,"),
        (json!({ "action": "convert", "to": "coyotos" }), "this is text, not an ELF file"),
        (
            json!({ "action": "convert", "to": "coyotos", "options": { "arch": "vax" } }),
            "no architecture vax; there are i386,",
        ),
        (
            json!({ "action": "convert", "to": "coyotos", "options": { "proto": "f" } }),
            "unknown field `proto`",
        ),
        (
            json!({ "action": "convert", "to": "noff", "options": {} }),
            "options go with a conversion to coyotos",
        ),
        (json!({ "action": "chmem" }), "give the bytes of heap, of stack, or of both"),
        (
            json!({ "action": "chmem", "options": { "heap": -1 } }),
            "the options cannot be read: invalid value",
        ),
        (json!({ "action": "chmem", "options": { "heap": 1 } }), "not an executable"),
        (json!({ "action": "convert" }), "the format to convert to must be one of noff, coff,"),
        (json!({ "action": "compress" }), "not an ELKS or Minix executable"),
    ] {
        let (answer, bytes) = ask(&request, b"text");
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(error.contains(why), "{request}: {answer}");
        assert!(bytes.is_empty());
    }
    assert!(answer(b"\xff", b"").json.starts_with(b"{\"error\":"));
}

/// Each byte of the file belongs to a field or a part, and none to two of them.
#[test]
fn fields_and_parts_cover_a_well_formed_file() {
    for path in ["testdata/noff/demo.noff", "testdata/elks/far.aout", "testdata/ne/small-model.os2"] {
        let file = sample(path);
        let (shown, held) = ask(&json!({ "action": "show", "name": path }), &file);
        assert!(held.is_empty() && shown["state"] == "ok", "{path}");
        let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let mut owners = vec![0; file.len()];
        for field in shown["fields"].as_array().unwrap() {
            let start = number(&field["offset"]);
            owners[start..start + number(&field["size"])].iter_mut().for_each(|count| *count += 1);
        }
        for part in shown["parts"].as_array().unwrap() {
            owners[number(&part["start"])..number(&part["end"])].iter_mut().for_each(|count| *count += 1);
        }
        let wrong = owners.iter().position(|count| *count != 1);
        assert_eq!(wrong, None, "{path}: {} owners", wrong.map_or(0, |at| owners[at]));
    }
}

/// The words of the original where it refuses a number, and where it cuts one.
#[test]
fn memory_is_changed_in_the_header_alone() {
    let file = sample("testdata/elks/far.aout");
    let ask = |heap: Value, stack: Value| {
        ask(&json!({ "action": "chmem", "options": { "heap": heap, "stack": stack } }), &file)
    };
    let (answer, bytes) = ask(json!(8192), json!(2048));
    assert_eq!(
        (&answer["changed"], &answer["after"]["heap"], &answer["after"]["stack"]),
        (&json!(true), &json!(8192), &json!(2048))
    );
    // `chmem` and `minstack` of the header.
    let mut expected = file.clone();
    expected[24..28].copy_from_slice(&[0x00, 0x20, 0x00, 0x08]);
    assert_eq!(bytes, expected);
    let (again, bytes) =
        self::ask(&json!({ "action": "chmem", "options": { "heap": 8192, "stack": 2048 } }), &bytes);
    assert_eq!((&again["changed"], bytes), (&json!(false), expected));
    assert_eq!(
        ask(json!(70_000), json!(null)).0["error"],
        "heap too large: 70000 bytes, but the maximum is 65535"
    );
    let (cut, _) = ask(json!(60_000), json!(30_000));
    assert!(cut["notes"][0]["text"].as_str().unwrap().starts_with("heap truncated to "), "{cut}");
}

#[test]
fn a_compressed_image_comes_with_what_it_holds() {
    let (shown, held) = ask(&json!({ "action": "show" }), &sample("testdata/coyotos/i386.img.gz"));
    assert!(held.starts_with(b"coyimage"));
    assert_eq!(shown["length"], held.len());
}

/// What a page may put into its tree as markup is the picture alone, in which no name is markup.
#[test]
fn a_name_is_text_in_the_picture() {
    let request = json!({ "action": "svg", "name": "</svg><script>alert(1)</script>\u{202e}" });
    let (answer, _) = ask(&request, &sample("testdata/noff/demo.noff"));
    let svg = answer["svg"].as_str().unwrap();
    assert!(svg.contains("&#60;script&#62;") && svg.contains("\\u{202e}"));
    assert!(!svg.contains("<script") && svg.matches("</svg>").count() == 1);
}
