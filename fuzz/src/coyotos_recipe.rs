//! Recipes: any text, line by line.

use std::str::from_utf8;

use coyotos_image::recipe::{Cause, Interpreter, Outcome, RecipeError};
use coyotos_image::{Arch, Builder, CapType, CoyotosRule, Image, LoadError, Options, Rules, check};

use crate::made::elf::{EM_386, EM_ARM, EM_COLDFIRE, PF_R, PF_W, PF_X, Part, Program, Symbol};
use crate::view::is_obeyed;
use crate::words;

/// The most lines of a recipe.
const MOST_LINES: usize = 100;

/// Lines that fail say why and change nothing: without them, the recipe makes the same image.
pub fn coyotos_recipe(data: &[u8]) {
    let Ok(text) = from_utf8(data) else { return };
    let mut recipe = Interpreter::new(file as Read);
    let (mut taken, mut outcomes) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines().take(MOST_LINES)) {
        match recipe.line(line) {
            Ok(outcome) => {
                let (builder, words) = (recipe.builder(), line.split_ascii_whitespace().collect::<Vec<_>>());
                match (builder, &words[..]) {
                    (Some(builder), words @ [_, name, ..]) => done(&recipe, builder, (words, name), &outcome),
                    (builder, _) if outcome == Outcome::Valid => valid(builder.expect("an image")),
                    _ => assert_eq!(outcome, Outcome::Done, "{line}"),
                }
                outcomes.push(outcome);
                taken.push(line);
            }
            Err(error) => failed(&error, number, line, recipe.builder().is_none()),
        }
    }
    let mut again = Interpreter::new(file as Read);
    let mut expected = outcomes.into_iter();
    let same = again.run(&taken.join("\n"), |outcome| assert_eq!(Some(outcome), expected.next()));
    same.unwrap_or_else(|error| panic!("{error} of\n{}", taken.join("\n")));
    let images = [recipe.into_builder(), again.into_builder()].map(|builder| builder.map(|it| it.to_vec()));
    assert!(images[0] == images[1], "a line that failed has changed something:\n{text}");
    if let [Some(Ok(image)), _] = images {
        Image::parse(&image, Options::default()).expect("what was written can be parsed");
    }
}

/// The image that a recipe makes as far as it goes. `None` of what does not begin as a recipe.
pub(crate) fn image(data: &[u8]) -> Option<Vec<u8>> {
    let text = from_utf8(data).ok().filter(|text| text.starts_with("arch "))?;
    let mut recipe = Interpreter::new(file as Read);
    text.lines().take(MOST_LINES).for_each(|line| _ = recipe.line(line));
    recipe.into_builder()?.to_vec().ok()
}

type Read = fn(&str) -> Result<Vec<u8>, String>;

/// What a line did, by its first words.
fn done(recipe: &Interpreter<Read>, builder: &Builder, (words, name): (&[&str], &str), outcome: &Outcome) {
    let bound = recipe.name(name);
    if let Some(cap) = bound {
        let shown = words::said(&cap);
        assert!(shown.starts_with(&cap.cap_type().to_string()), "{shown}");
        assert!(format!("{cap:?}").starts_with(&format!("Capability({shown}")), "{cap:?}");
    }
    match (words[0], outcome) {
        (
            "bank" | "page" | "cappage" | "gpt" | "endpoint" | "process" | "cap" | "copy" | "get",
            Outcome::Done,
        )
        | ("guarded" | "add" | "emit" | "runnable" | "constructor", Outcome::Done) => {
            assert!(bound.is_some(), "{name} has no meaning");
        }
        ("elf" | "load", &Outcome::Entry(entry)) => {
            let space = bound.expect("the space has a name");
            assert!(words[0] == "elf" || builder.is_executable(space, entry), "{entry:#x}");
        }
        ("leaf", Outcome::Leaf(leaf)) => {
            assert!(leaf.capability.cap_type().is_memory() || leaf.capability.cap_type() == CapType::NULL);
        }
        ("file", Outcome::File { name: written, image }) => {
            assert!(written == name && builder.to_vec().as_ref() == Ok(image));
        }
        ("arch", Outcome::Done) => assert_eq!(Some(builder.arch()), Arch::from_name(name)),
        (call, outcome) => {
            assert!(call == "leaf" || *outcome == Outcome::Done, "{call}: {outcome:?}");
        }
    }
}

/// The original finds nothing but banks that were allocated late.
fn valid(builder: &Builder) {
    let image = builder.to_vec().expect("a valid image can be written");
    let image = Image::parse(&image, Options::default()).expect("what was written can be parsed");
    for finding in check(&image, Rules::Reference) {
        assert!(!finding.is_error() || finding.rule == CoyotosRule::BankIndex, "{finding}");
    }
}

/// The line is named, and the reason has something to do with it.
fn failed(error: &RecipeError, number: usize, line: &str, is_first: bool) {
    assert_eq!(error.line, number);
    // What is quoted of a line is escaped by those who show it.
    if !line.chars().any(is_obeyed) {
        words::error(error);
    }
    assert!(error.to_string().starts_with(&format!("line {number}: ")), "{error}");
    let quoted = |text: &str| line.contains(text) && error.to_string().contains(&format!("`{text}`"));
    let explained = match &error.cause {
        Cause::UnknownCall(text)
        | Cause::Number(text)
        | Cause::Hex(text)
        | Cause::UnknownArch(text)
        | Cause::UnknownName(text)
        | Cause::UnknownField(text) => quoted(text),
        Cause::Usage(usage) => line.contains(usage.split(' ').next().unwrap_or(usage)),
        Cause::NoArch => is_first,
        Cause::File { name, reason } => line.contains(name.as_str()) && reason == NO_FILE,
        Cause::Load(LoadError::Elf(finding)) => {
            words::finding(finding);
            words::rule(finding.rule);
            true
        }
        _ => true,
    };
    assert!(explained, "{error} of {line:?}");
}

const NO_FILE: &str = "there is no such file";

/// The programs that a recipe may name, each for three machines: `program.arm`, `proto`.
fn file(name: &str) -> Result<Vec<u8>, String> {
    let (kind, machine) = name.split_once('.').unwrap_or((name, "i386"));
    let (machine, page, big) = match machine {
        "i386" => (EM_386, Arch::I386.page_size(), false),
        "arm" => (EM_ARM, Arch::ARM.page_size(), false),
        "coldfire" => (EM_COLDFIRE, Arch::COLDFIRE.page_size(), true),
        _ => return Err(NO_FILE.into()),
    };
    let part =
        |name, flags, address, bytes: &[u8], zeros| Part { name, flags, address, bytes: bytes.into(), zeros };
    let text = |address| part(".text", PF_R | PF_X, address, b"instructions", 0);
    let (parts, entry) = match kind {
        "program" | "cut" => {
            let data = part(".data", PF_R | PF_W, 2 * page, b"data", page);
            (vec![text(page), part(".rodata", PF_R, page + 100, b"constants", 0), data], page)
        }
        "proto" => (vec![text(8)], 8),
        // Neither is a `ProtoSpace`: it begins elsewhere, or has a second page.
        "late" => (vec![text(12)], 12),
        "long" => (vec![text(8), part(".data", PF_R | PF_W, page, b"data", 0)], 8),
        // As a linker has it, at the place in its page that its bytes have in the file: after two headers.
        "aligned" => {
            let start = 52 + 2 * 32;
            let text = text(page + start);
            let data = part(".data", PF_R | PF_W, 2 * page + start + text.bytes.len() as u32, b"data", 0);
            (vec![text, data], page + start)
        }
        "object" => (Vec::new(), 0),
        _ => return Err(NO_FILE.into()),
    };
    let symbols: Vec<Symbol> = (0..4)
        .map(|n| Symbol { name: n, value: page as u16 + u16::from(n), size: 1, kind: 0x10 | n, section: 1 })
        .collect();
    let mut file =
        Program { machine, big, flags: 0, entry, parts: &parts, symbols: &symbols, paragraphs: &[] }.file();
    if kind == "cut" {
        file.truncate(page as usize / 16);
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    /// A recipe that makes no image would look at nothing.
    #[test]
    fn the_recipes_among_the_seeds_of_the_view_make_images() {
        for recipe in
            [&include_bytes!("../seeds/view/recipe")[..], include_bytes!("../seeds/view/recipe_arm")]
        {
            assert!(super::image(recipe).is_some());
        }
    }
}
