//! `coyotos build`.

use std::fs;

use serde_json::Value;

use super::support::{execfmt, folder, names, path, text};
use super::{ARCHS, example, fails, fine, model, plain};

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
        assert_eq!((quiet.stdout, text(&quiet.stderr)), (stored.clone(), ""));
        // As editors on Windows save it.
        let marked = format!("\u{feff}{}", fs::read_to_string(&recipe).unwrap().replace('\n', "\r\n"));
        assert_eq!(
            execfmt(&["coyotos", "build", "-", "-o", "-"], marked.as_bytes()).stdout,
            stored,
            "{arch}"
        );
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
    let note = "standard input: note: line 6: Page 1 r-x l2g 12 match 0x5, offset 0x4, restr 0x2 (r-x)";
    assert!(text(&output.stderr).contains(note), "{}", text(&output.stderr));
    // The page after the `file` line is not in it, but in what -o asks for.
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
        ("arch i386\npage p null\n", 1, "error: line 2: a capability of type Null is not a bank"),
        ("arch i386\npage p prime\ndata p 4095 cafe\n", 1, "error: line 3: bytes up to 4097 do not fit"),
        ("arch i386\npage p prime\ndata p 0x 00\n", 1, "error: line 3: `0x` is not a number"),
        ("arch i386\npage p prime\nadd s prime null 1 p 0\n", 1, "error: line 3: 0x1 is not a multiple of"),
        (
            "arch i386\ngpt g prime\ncap c 0x3e\nput g cap 0 c\nfile x\n",
            1,
            "error: line 5: GPT 0 cap[0].type",
        ),
        (
            "arch i386\ngpt g prime\ncap c 0x3e\nput g cap 0 c\n",
            1,
            "error: after the last line: GPT 0 cap[0].type",
        ),
        ("arch i386\nelf s prime /nonexistent/prog\n", 2, "line 2: /nonexistent/prog: "),
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
    fails(&["coyotos", "build", "-", "-o", &out], b"\xff", 1, "this is not text");
    fails(&["coyotos", "build", "-", "-o", &out], b"\xff\xfea\0", 1, "this text is UTF-16; save it as UTF-8");
    fails(&["coyotos", "build", "/nonexistent/recipe", "-o", &out], b"", 2, "/nonexistent/recipe: ");
    fails(&["coyotos", "build", "-", "-o", "/nonexistent/out"], b"arch i386\n", 2, "/nonexistent/out: ");
}
