//! Files that are out to harm: a message, in bounded time and memory.

use std::path::Path;
use std::time::{Duration, Instant};

use coyotos_image::deflate;
use execfmt_testkit::testdata;
use serde_json::{Value, json};

use super::folder::round_trip;
use super::support::{self, execfmt, text};
use super::{built, fails, fine, image, model};

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

#[test]
fn gzip_bombs_end_in_a_message() {
    // Two gigabytes of zeros in members of a gzip file after the first, which has the image's beginning.
    let member = deflate(&vec![0; 8 << 20]).unwrap();
    let bomb = |img_bytes: u32| {
        let mut start = model("i386");
        start[60..64].copy_from_slice(&img_bytes.to_le_bytes());
        [deflate(&start).unwrap(), member.repeat(256)].concat()
    };
    for (file, code, words) in [
        (bomb(27184), 1, "contains at least 27185 bytes, but its image has 27184 by its imgBytes"),
        (
            bomb(u32::MAX),
            1,
            "contains at least 4294967295 bytes, but at most 268435456 may be inflated; raise the limit with --max-inflated",
        ),
        (bomb(32 << 20), 1, "contains at least 33554433 bytes"),
        (member.repeat(256), 1, "a gzip file without a Coyotos image"),
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
        "at most 27183 may be inflated; raise the limit with --max-inflated",
    );
    fine(&["check", "--max-inflated", "27184", &image("i386")], b"");
    fails(
        &["symbols", "--max-inflated", "27183", &image("i386")],
        b"",
        1,
        "raise the limit with --max-inflated",
    );
    fine(&["symbols", "--max-inflated", "27184", &image("i386")], b"");
    // Cut short, and damaged in the checksum.
    let whole = testdata("coyotos/i386.img.gz");
    fails(&["check", "-"], &whole[..300], 1, "the gzip file ends too early");
    let mut damaged = whole.clone();
    let at = damaged.len() - 6;
    damaged[at] ^= 1;
    fails(&["check", "-"], &damaged, 1, "the contents do not match the checksum");
    fails(
        &["check", "-"],
        &whole[..12],
        1,
        "a gzip file without a Coyotos image, or its beginning is damaged",
    );
}

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
        (&fan, "space_too_many", 1, "the list ends early"),
        (&window, "space_not_memory", 1, "a capability of type Endpoint cannot be part of an address space"),
    ] {
        let image = built(recipe);
        let output = execfmt(&["check", "--json", "-"], &image);
        assert_eq!(output.status.code(), Some(1), "{check}: a space that cannot be read is refused");
        let said = text(&output.stdout);
        assert!(said.contains(check), "{check:?} is missing from {said}");
        let (code, _, _) = confined(&["check", "--rules", "reference", "-"], &image);
        assert_eq!(code, Some(0), "{check}: the original does not walk spaces");
        let (code, said, len) = confined(&["map", "-"], &image);
        assert!(code == Some(1) && len < 200_000, "{code:?} {len} {said}");
        let (code, said, _) = confined(&["info", "-"], &image);
        assert_eq!(code, Some(1), "{said}");
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
