//! What the specification says and no case of testdata/mki shows, in the smallest scripts.

use coyotos_image::Arch;
use coyotos_mkimage::Options;

use crate::support::{Folders, run_text};

/// What a script prints, and the kind of error that it ends with.
fn outcome(text: &str) -> (String, &'static str) {
    let ran = run_text(text, Options::default());
    (ran.printed, ran.result.map_or_else(|error| error.cause().code(), |_| "none"))
}

#[test]
fn scripts_in_a_line() {
    for (text, printed, code) in [
        // Anything is allowed left of a dot in the value of an enum's member, and all of it.
        ("enum K { a = 5 }; def pick(x) { return K; } enum { b = pick(K.a).a }; print b;", "5\n", "none"),
        ("enum K { a = 5 }; def pick(x) { return K; } enum { b = pick(K.a) };", "", "impure"),
        ("enum { b = new Page(PrimeBank) };", "", "impure"),
        ("enum K { a }; enum { b = { def x = 1; x; } };", "", "impure"),
        // A function that is defined there may be as any other.
        ("enum K { a }; enum { b = { def f() { guard; return K; } f().a; } }; print b;", "0\n", "none"),
        // `!=` works, and `-` subtracts; there is one zero.
        ("print 1 != 2; print \"a\" != \"a\"; print PrimeBank != NullCap();", "1\n0\n1\n", "none"),
        ("print 1 - 2; print 5 - 2 - 1; print -0; print 0 == -0;", "-1\n2\n0\n1\n", "none"),
        ("print 2 * -3 + 1; print !1 + 1; print -2 * 3; print - 2 - 3;", "-5\n1\n-6\n-5\n", "none"),
        ("print 7 % -3; print -7 % 3; print -7 / 2; print 0 % 5;", "1\n-1\n-3\n0\n", "none"),
        ("print 1 % 0;", "", "division-by-zero"),
        // Negative numbers are refused where bits are counted.
        ("print PageCap(-1);", "", "negative"),
        ("def g = new GPT(PrimeBank); g.cap[-1] = g;", "", "negative"),
        ("def p = new Page(PrimeBank); p[0] = -1;", "", "assign-other"),
        ("def e = new Endpoint(PrimeBank); e.pm = -1; print e.pm;", "1\n", "none"),
        // Slots without an index are not a value, but a statement.
        ("def g = new GPT(PrimeBank); g.cap; print 1;", "1\n", "none"),
        ("def g = new GPT(PrimeBank); def c = g.cap;", "", "not-a-value"),
        ("def g = new GPT(PrimeBank); print { g.cap; };", "", "not-a-value"),
        ("def g = new GPT(PrimeBank); g.cap = g;", "", "assign-other"),
        ("def r = new Process(PrimeBank); r.capReg[0] = r;", "", "assign-other"),
        // A name is looked up when it is evaluated, and its value taken then.
        ("def x = 1; def f() { x = 2; return 0; } print x + f(); print x;", "1\n2\n", "none"),
        ("def f(a, a) { return a; } print f(1, 2);", "2\n", "none"),
        ("def f(a) { def a = 2; return a; } print f(1);", "2\n", "none"),
        ("def f() { return 1; } f = 3; print f;", "3\n", "none"),
        ("def f() { enum { a = { return 3; } }; } print f(); enum { b }; print b;", "3\n0\n", "none"),
        ("def f() { while (1) { { return 4; }; } } print f() + f();", "8\n", "none"),
        // Functions that are made in a block outlive it.
        (
            "def g = 0; { def x = 3; def f() { x = x + 1; return x; } g = f; }; print g(); print g();",
            "4\n5\n",
            "none",
        ),
        (
            "def m(n) { def f() { return n; } return f; } def a = m(1); def b = m(2); print a() * 10 + b();",
            "12\n",
            "none",
        ),
        ("{ return 1; };", "", "return-outside"),
        ("print { 1; { 2; }; };", "2\n", "none"),
        ("print { if (0) { 1; } };", "UNIT\n", "none"),
        ("def x = { print 1; };", "1\n", "not-a-value"),
        // Page 0 is the header's.
        ("def p = PageCap(0); print p[7]; p[7] = 1;", "0\n", "library"),
        // Windows.
        ("print Window(0x3000); print LocalWindow(0x3000, 2);", WINDOWS, "none"),
        ("def g = new GPT(PrimeBank); g.cap[1] = Window(0x3000);", "", "none"),
        ("def g = new GPT(PrimeBank); g.cap[1] = LocalWindow(0x3000, 2);", "", "image-invalid"),
        ("print guard(new Page(PrimeBank), 0xffffff000);", GUARD, "none"),
        ("print guard(new Page(PrimeBank), 0x1000000000);", "", "guard-truncated"),
        (
            "print guard(new Page(PrimeBank), 0, 64); print guard(new Page(PrimeBank), 0, 65);",
            GUARD_64,
            "guard-range",
        ),
        ("def f() { return 1; } print f(1);", "", "argument-count"),
        ("print Range(print);", "", "syntax"),
        ("x = 1;", "", "unbound"),
        ("1 = 2;", "", "assign-other"),
        ("{ 1; } = 2;", "", "assign-other"),
        ("def f(a) { return a; } f(f(f))(f) = 3;", "", "assign-other"),
    ] {
        assert_eq!(outcome(&format!("module t {{ {text} }}")), (printed.to_string(), code), "{text}");
    }
}

const WINDOWS: &str =
    "{ Window(ty=1) offset=0x3000 match=0 l2g=12 }\n{ LocalWindow(ty=2) offset=0x3000 match=0 l2g=12 }\n";
const GUARD: &str = "{ Page(ty=33) ac=0 oid=0x1 match=0xffffff l2g=12 }\n";
const GUARD_64: &str = "{ Page(ty=33) ac=0 oid=0x1 match=0 l2g=64 }\n";

#[test]
fn files_end_where_they_end() {
    for (text, code) in [
        ("module t { print 1; }", "none"),
        ("module t { print 1; } // end", "none"),
        ("module t { print 1; } /* end", "none"),
        ("module t { print 1; }\r\n\r\n", "none"),
        ("module t { print 1; } &", "syntax"),
        ("module t { print 1; } ;", "syntax"),
        ("module t { print 1; } \0", "syntax"),
        ("module t { print 1;", "syntax"),
        ("module t { }", "syntax"),
        ("module t", "syntax"),
        ("", "syntax"),
        ("\u{feff}module t { print 1; }", "syntax"),
    ] {
        assert_eq!(outcome(text).1, code, "{text:?}");
    }
}

#[test]
fn lines_are_counted_by_any_end() {
    for end in ["\n", "\r", "\r\n"] {
        let text = ["module t {", "// é", "", "  print \"é\" + 1;", "}"].join(end);
        let error = run_text(&text, Options::default()).result.map(|image| image.len()).unwrap_err();
        let at = error.at().unwrap();
        assert_eq!(
            (at.line, at.column, at.width, at.text.as_deref()),
            (4, 13, 1, Some("  print \"é\" + 1;")),
            "{end:?}"
        );
    }
}

#[test]
fn the_rules_that_the_image_is_checked_against_can_be_chosen() {
    let mut options = Options::default();
    options.rules = coyotos_image::Rules::Thorough;
    let text = "module t { def g = new GPT(PrimeBank); g.cap[1] = LocalWindow(0x3000, 2); }";
    assert!(run_text(text, options).result.is_ok());
}

#[test]
fn several_modules_fill_one_image() {
    let mut folders = Folders::default();
    for (name, text) in [
        ("a.mki", "module a { export def p = new Page(PrimeBank); }"),
        ("b.mki", "module b { import m = a; m.p[0] = 7; print m.p; }"),
    ] {
        folders.scripts.insert(name.into(), text.into());
    }
    let mut machine = coyotos_mkimage::Machine::new(Arch::ARM, &mut folders, Options::default());
    machine.run("a").and_then(|()| machine.run("b")).and_then(|()| machine.run("a")).unwrap();
    assert_eq!(machine.image().unwrap()[0x1000], 7);
    assert_eq!(folders.printed, "{ Page(ty=33) ac=0 oid=0x1 match=0 l2g=12 }\n");
}
