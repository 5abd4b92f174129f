//! Scripts of mkimage: bytes as text, and bytes as statements that mostly make sense.

use std::error::Error as _;

use arbitrary::Unstructured;
use coyotos_image::recipe::{Interpreter, Outcome};
use coyotos_image::{Arch, Image, Rules, check};
use coyotos_mkimage::{Cause, Error, File, Host, Limits, Machine, Options, check_syntax};
use execfmt_common::Escaped;

use crate::words;

/// Modules that scripts may import, and files that they may read.
const MODULES: [(&str, &str); 3] = [
    ("m.mki", "module m { export def x = 4; export def f(n) { return n * x; } export enum E { a, b = 7 }; }"),
    ("loop.mki", "module loop { import t; }"),
    ("coyotos/TargetInfo/i386.mki", "module coyotos.TargetInfo.i386 { export enum { page = 4096 }; }"),
];
const FILES: [(&str, &[u8]); 5] = [
    ("small", include_bytes!("../../testdata/mki/files/small.elf")),
    ("bytes", b"some bytes"),
    ("empty", b""),
    ("broken", b"\x7fELF\x01\x01\x01"),
    ("two words", b"some bytes"),
];

/// Why a file or a module cannot be read, and why nothing can be printed.
const REASON: &str = "not permitted";

/// A script, and what it prints.
#[derive(Default)]
struct World<'a> {
    script: &'a [u8],
    printed: String,
    recipe: String,
    /// Whether printing fails.
    mute: bool,
}

impl Host for World<'_> {
    fn module(&mut self, path: &str) -> Result<Option<File>, String> {
        let file = |bytes: &[u8]| Some(File { name: path.into(), bytes: bytes.into() });
        if path == "unreadable.mki" {
            return Err(REASON.into());
        }
        if path == "t.mki" {
            return Ok(file(self.script));
        }
        Ok(MODULES.into_iter().find(|(name, _)| *name == path).and_then(|(_, text)| file(text.as_bytes())))
    }

    fn file(&mut self, name: &str) -> Result<Option<File>, String> {
        if name == "unreadable" {
            return Err(REASON.into());
        }
        let found = FILES.into_iter().find(|(known, _)| *known == name);
        Ok(found.map(|(name, bytes)| File { name: name.into(), bytes: bytes.into() }))
    }

    fn print(&mut self, text: &str) -> Result<(), String> {
        if self.mute {
            return Err(REASON.into());
        }
        self.printed += text;
        Ok(())
    }

    fn trace(&mut self, lines: &str) -> Result<(), String> {
        self.recipe += lines;
        Ok(())
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.steps = 5_000;
    limits.depth = 100;
    limits.integer_bits = 4096;
    limits.image_bytes = 1 << 20;
    limits
}

fn run(script: &[u8], trace: bool) -> (World<'_>, Result<Vec<u8>, Error>) {
    run_for(Arch::I386, script, trace, false)
}

fn run_for(arch: Arch, script: &[u8], trace: bool, mute: bool) -> (World<'_>, Result<Vec<u8>, Error>) {
    let mut world = World { script, mute, ..World::default() };
    let mut options = Options::default();
    options.limits = limits();
    options.trace = trace;
    let mut machine = Machine::new(arch, &mut world, options);
    assert!(format!("{machine:?}").contains("Arch"), "{machine:?}");
    let result = machine.run("t").and_then(|()| machine.image());
    let built = machine.into_builder();
    if let Ok(image) = &result {
        assert!(built.to_vec().as_ref() == Ok(image), "handed on, it is another image");
    }
    (world, result)
}

/// The C headers of a module: each line defines a name that its module's is the beginning of.
fn headers(script: &[u8]) {
    let mut world = World { script, ..World::default() };
    let mut options = Options::default();
    options.limits = limits();
    match Machine::new(Arch::I386, &mut world, options).headers(&["t"]) {
        Ok(headers) => {
            for header in headers {
                let prefix = format!("#define {}_", header.module.replace('.', "_"));
                assert!(header.text.lines().all(|line| line.starts_with(&prefix)), "{header:?}");
            }
        }
        Err(error) => located(&error, script),
    }
}

/// An error says where it is, if it is about a script.
fn located(error: &Error, script: &[u8]) {
    // What it quotes of the script is escaped by those who show it; what caused it is not of the script.
    words::said(&Escaped::of(&error.to_string()));
    error.source().into_iter().for_each(words::error);
    let code = error.cause().code();
    assert!(!code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{code}");
    assert!(error.calls_left_out() == 0 || error.calls().len() == 20, "{error}");
    for call in error.calls() {
        assert!(call.at.line > 0, "{call:?}");
    }
    let Some(at) = error.at() else { return };
    assert!(
        at.text.as_ref().is_none_or(|text| at.column <= text.chars().count() + 1) && at.line > 0,
        "{at:?}"
    );
    if at.file == "t.mki" {
        let ends = script.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
        assert!(at.line <= ends + 1, "{at:?}");
    }
}

/// Bytes as a script that is parsed.
pub fn mki_parse(data: &[u8]) {
    let syntax = |bytes: Vec<u8>| check_syntax(&File { name: "t.mki".into(), bytes }, limits());
    let found = syntax(data.to_vec());
    let Err(error) = &found else {
        // What follows a module may be a comment, and nothing else.
        let name = found.unwrap();
        assert_eq!(syntax([data, b"// end"].concat()).ok().as_deref(), Some(&*name));
        assert!(syntax([data, b"\n;"].concat()).is_err());
        return;
    };
    assert!(error.at().is_some(), "{error}");
    located(error, data);
    // Parsing is the first thing that a run does.
    let (world, result) = run(data, false);
    let same = |other: &Error| other.cause() == error.cause() && other.at() == error.at();
    assert!(result.is_err_and(|other| same(&other)) && world.printed.is_empty());
}

/// Bytes as a script that is run.
pub fn mki_run(data: &[u8]) {
    headers(data);
    let (_, result) = run(data, false);
    match result {
        Ok(image) => {
            let options = coyotos_image::Options::default();
            let image = Image::parse(&image, options).expect("what is written can be read");
            let broken = check(&image, Rules::Reference).find(|finding| finding.is_error());
            assert!(broken.is_none(), "{broken:?}");
        }
        Err(error) => located(&error, data),
    }
    // On another machine, which has another byte order and other pages.
    let (world, result) = run_for(Arch::COLDFIRE, data, true, false);
    remade(&world, result, data);
    // What cannot be printed ends the run, and nothing else does.
    let (muted, result) = run_for(Arch::COLDFIRE, data, false, true);
    assert!(muted.printed.is_empty());
    match result {
        Err(error) if *error.cause() == Cause::Host(REASON.into()) => located(&error, data),
        _ => assert!(world.printed.is_empty(), "something is printed: {}", world.printed),
    }
}

/// Bytes as statements: the recipe of a run makes the same image.
pub fn mki_diff(data: &[u8]) {
    let script = Statements { from: Unstructured::new(data), text: String::new() }.script();
    let (world, result) = run(script.as_bytes(), true);
    if data.len() % 4 == 0 {
        let (again, untraced) = run(script.as_bytes(), false);
        assert!(again.printed == world.printed && again.recipe.is_empty(), "tracing changes what is printed");
        assert!(untraced == result, "tracing changes the image or the error");
    }
    remade(&world, result, script.as_bytes());
}

/// The recipe of a run makes the image of the run.
fn remade(world: &World<'_>, result: Result<Vec<u8>, Error>, script: &[u8]) {
    let shown = String::from_utf8_lossy(script);
    let read = |name: &str| {
        let found = FILES.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, bytes)| bytes.to_vec()).ok_or_else(|| "no such file".to_string())
    };
    let mut interpreter = Interpreter::new(read);
    let mut valid = false;
    let rebuilt = interpreter.run(&world.recipe, |outcome| valid |= outcome == Outcome::Valid);
    rebuilt.unwrap_or_else(|error| panic!("{error}\n{}\n{shown}", world.recipe));
    match result {
        Ok(image) => {
            let bytes = interpreter.into_builder().expect("an image").to_vec();
            assert!(valid && bytes.as_ref() == Ok(&image), "another image from\n{}\n{shown}", world.recipe);
        }
        Err(error) => {
            assert!(!valid);
            located(&error, script);
        }
    }
}

/// What statements are made of: `@` is a capability, `$` an object's own variable, `#` a number, `%` an offset.
const STATEMENTS: [&str; 40] = [
    "$ = @;",
    "$ = @;",
    "print @;",
    "print *@;",
    "print #;",
    "p[#] = #;",
    "fillpage(p, #);",
    "set_page_uint64(p, # * 8, #);",
    "print p[#];",
    "c[#] = @;",
    "g.cap[#] = p;",
    "h.cap[#] = @;",
    "g.l2v = # + 12;",
    "g.bg = #;",
    "g.ha = #;",
    "r.capReg[#] = @;",
    "r.addrSpace = @;",
    "r.schedule = @;",
    "r.ioSpace = IoPerm();",
    "r.runState = #;",
    "r.flags = #;",
    "r.faultCode = #;",
    "r.faultInfo = %;",
    "e.recipient = r;",
    "e.pm = #;",
    "e.protPayload = #;",
    "e.endpointID = #;",
    "b = new Bank(b);",
    "b = PrimeBank;",
    "s = insert_subspace(b, s, @, %);",
    "s = insert_subspace(b, s, p, %);",
    "s = insert_subspace(b, s, p, %, # + 12);",
    "s = guarded_space(b, s, %);",
    "s = readfile(b, \"bytes\", %);",
    "s = loadimage(b, \"small\").space;",
    "print lookup_addr(s, %);",
    "print_space(s);",
    "print_tree(@);",
    "while (n < #) { n = n + 1; s = insert_subspace(b, s, new Page(b), % + n * 4096); }",
    "dump_usage();",
];
const CAPABILITIES: [&str; 24] = [
    "p",
    "c",
    "g",
    "h",
    "e",
    "r",
    "s",
    "new Page(b)",
    "new CapPage(b)",
    "new GPT(b)",
    "new Process(b)",
    "NullCap()",
    "readonly(p)",
    "weaken(g)",
    "noexec(s)",
    "opaque(h)",
    "guard(p, %)",
    "guard(g, %, # + 12)",
    "enter(e, #)",
    "dup(b, p)",
    "dup(b, c)",
    "dup(b, g)",
    "dup(b, r)",
    "Window(%)",
];

/// The most statements of one run.
const MOST_STATEMENTS: usize = 12;

struct Statements<'a> {
    from: Unstructured<'a>,
    text: String,
}

impl Statements<'_> {
    fn byte(&mut self) -> u8 {
        self.from.arbitrary().unwrap_or_default()
    }

    fn one_of<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[usize::from(self.byte()) % of.len()]
    }

    fn script(mut self) -> String {
        self.text += "module t {\ndef b = PrimeBank; def n = 0; def s = NullCap(); def p = new Page(b);\n";
        self.text += "def c = new CapPage(b); def g = new GPT(b); def h = new GPT(b);\n";
        self.text += "def e = new Endpoint(b); def r = new Process(b);\n";
        for _ in 0..MOST_STATEMENTS {
            if self.from.is_empty() {
                break;
            }
            let template = self.one_of(&STATEMENTS);
            self.fill(template);
            self.text.push('\n');
        }
        self.text.push('}');
        self.text
    }

    fn fill(&mut self, template: &str) {
        for c in template.chars() {
            match c {
                '@' => {
                    let template = self.one_of(&CAPABILITIES);
                    self.fill(template);
                }
                '$' => {
                    let name = self.one_of(&["p", "c", "g", "h", "e", "r", "s"]);
                    self.text += name;
                }
                '#' => {
                    let number = self.byte();
                    let number = if number < 240 { number & 31 } else { number };
                    self.text += &number.to_string();
                }
                '%' => {
                    let (bits, shift) = (self.byte(), self.byte());
                    let offset = u64::from(bits) << 12 << (if shift < 128 { 0 } else { shift & 63 });
                    self.text += &format!("{offset:#x}");
                }
                c => self.text.push(c),
            }
        }
    }
}
