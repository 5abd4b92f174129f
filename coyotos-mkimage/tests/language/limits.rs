//! Scripts that have no end, are nested without end, or want more memory than there is.

use coyotos_mkimage::{Cause, Error, Limit, Options};

use crate::support::{limits, run_text};

fn error(text: &str, options: Options) -> Error {
    run_text(text, options).result.map(|image| image.len()).expect_err("an error")
}

fn limit(text: &str, options: Options) -> Limit {
    match error(text, options).cause() {
        Cause::Limit(limit) => *limit,
        other => panic!("{other}"),
    }
}

fn steps(text: &str) -> Limit {
    limit(text, limits(|limits| limits.steps = 100_000))
}

#[test]
fn loops_without_end_come_to_an_end() {
    for text in [
        "module t { while (1) { 1; } }",
        "module t { do { 1; } while (1); }",
        "module t { while (1) { lookup_addr(NullCap(), 0); } }",
        "module t { while (1) { def f() { 1; } f(); } }",
        "module t { def p = new Page(PrimeBank); while (1) { print *p; } }",
        "module t { while (1) { { def x = 1; x; }; } }",
        "module t { while (1) { enum { a }; } }",
    ] {
        assert_eq!(steps(text), Limit::Steps(100_000), "{text}");
    }
}

#[test]
fn calls_within_calls_have_a_limit_of_their_own() {
    let text = "module t { def f(n) { return f(n + 1); } f(0); }";
    assert_eq!(limit(text, Options::default()), Limit::Depth(10_000));
    let text = "module t { def f(n) { if (n == 0) { return 0; } return f(n - 1); } print f(9990); }";
    assert_eq!(run_text(text, Options::default()).printed, "0\n");
}

#[test]
fn an_error_deep_within_calls_names_them_all() {
    let text = "module t {\n def f(n) { if (n == 0) { return 1 / 0; }\n return f(n - 1); }\n f(3);\n}";
    let error = error(text, Options::default());
    let calls: Vec<_> =
        error.calls().iter().map(|call| (&*call.name, call.at.line, call.at.column)).collect();
    assert_eq!(calls, [("f", 3, 9), ("f", 3, 9), ("f", 3, 9), ("f", 4, 2)]);
    assert_eq!(error.to_string(), "t.mki:2:36: division by zero");
}

#[test]
fn what_is_nested_in_a_script_has_a_limit() {
    let nested = |open: &str, close: &str, levels: usize| {
        format!("module t {{ print {}1{}; }}", open.repeat(levels), close.repeat(levels))
    };
    for (open, close) in [("-", ""), ("!", ""), ("{", ";}"), ("f(", ")"), ("PrimeBank[", "]"), ("1*-", "")] {
        assert_eq!(limit(&nested(open, close, 100_000), Options::default()), Limit::Nesting(200), "{open}");
    }
    assert!(run_text(&nested("-", "", 199), Options::default()).result.is_ok());
    assert_eq!(limit(&nested("-", "", 200), Options::default()), Limit::Nesting(200));
    let ifs = format!("module t {{ {}1;{} }}", "if (1) {".repeat(1000), "}".repeat(1000));
    assert_eq!(limit(&ifs, Options::default()), Limit::Nesting(200));
}

#[test]
fn long_chains_are_not_nested() {
    let sum = format!("module t {{ print 1{}; }}", "+1".repeat(100_000));
    assert_eq!(run_text(&sum, Options::default()).printed, "100001\n");
    let members = format!("module t {{ enum E {{ a }}; print E{}; }}", ".a".repeat(100_000));
    assert_eq!(error(&members, Options::default()).cause().code(), "no-members");
    let otherwise = "else if (0) { 1; } ".repeat(100_000);
    let chain = format!("module t {{ def x = {{ if (0) {{ 1; }} {otherwise} else {{ 7; }} }}; print x; }}");
    assert_eq!(run_text(&chain, Options::default()).printed, "7\n");
    // Each `.` in the value of an enum's member allows anything left of it.
    let pure = format!("module t {{ enum E {{ a, b = E{} }}; }}", ".a".repeat(100_000));
    assert_eq!(error(&pure, Options::default()).cause().code(), "no-members");
}

#[test]
fn integers_have_a_limit() {
    let text = "module t { def x = 3; while (1) { x = x * x; } }";
    assert_eq!(limit(text, Options::default()), Limit::IntegerBits(1 << 16));
    let literal = format!("module t {{ print 0x{}; }}", "f".repeat(1 << 14));
    assert!(run_text(&literal, Options::default()).result.is_ok());
    let literal = format!("module t {{ print 0x1{}; }}", "0".repeat(1 << 14));
    assert_eq!(limit(&literal, Options::default()), Limit::IntegerBits(1 << 16));
}

#[test]
fn images_have_a_limit() {
    let text = "module t { while (1) { new Page(PrimeBank); } }";
    assert_eq!(limit(text, Options::default()), Limit::ImageBytes(1 << 28));
    let text = "module t { while (1) { new Bank(PrimeBank); } }";
    assert_eq!(limit(text, limits(|limits| limits.image_bytes = 1 << 20)), Limit::ImageBytes(1 << 20));
}

#[test]
fn what_holds_itself_is_printed_to_a_depth() {
    let text = "module t { def g = new GPT(PrimeBank); g.cap[0] = g; g.l2v = 12; print_tree(g); }";
    assert_eq!(limit(text, Options::default()), Limit::PrintDepth(128));
    let text = "module t { def g = new GPT(PrimeBank); g.cap[0] = g; print_space(g); }";
    assert_eq!(limit(text, Options::default()), Limit::PrintDepth(128));
    // Sixteen ways down at each of many levels.
    let text = "module t { def g = new GPT(PrimeBank); def i = 0;
        while (i < 16) { g.cap[i] = g; i = i + 1; } print_tree(g); }";
    assert!(matches!(steps(text), Limit::Steps(_) | Limit::PrintDepth(_)));
}

#[test]
fn a_set_of_names_that_holds_itself_is_printed_to_a_depth() {
    let elf = std::fs::read(execfmt_testkit::root().join("testdata/mki/files/prog.elf")).unwrap();
    assert!(elf.starts_with(b"\x7fELF"));
    let text = "module t { def im = loadimage(PrimeBank, \"prog.elf\"); im.space = im; print im; }";
    let mut folders = crate::support::Folders::default();
    folders.scripts.insert("t.mki".into(), text.into());
    folders.files.push(execfmt_testkit::root().join("testdata/mki/files"));
    let ran = crate::support::run(coyotos_image::Arch::I386, "t", folders, Options::default());
    assert_eq!(ran.result.unwrap_err().cause(), &Cause::Limit(Limit::PrintDepth(128)));
}

#[test]
fn of_many_calls_the_innermost_and_the_outermost_are_listed() {
    // One line of a megabyte, which every call is in.
    let text = format!("module t {{ def f(n) {{ return f(n + 1); }} /*{}*/ f(0); }}", " ".repeat(1 << 20));
    let error = error(&text, Options::default());
    assert_eq!((error.calls().len(), error.calls_left_out()), (20, 10_000 - 1 - 20));
    assert!(error.calls().iter().all(|call| call.at.text.is_none()));
    assert_eq!(error.calls()[0].at.column, 30);
    assert_eq!(error.calls()[19].at.column, 47 + (1 << 20));
}
