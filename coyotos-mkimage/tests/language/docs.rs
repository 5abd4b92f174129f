//! docs/mkimage.md prints what it shows and names what there is; the grammar for editors knows the same words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use coyotos_image::Arch;
use coyotos_mkimage::{ESCAPES, KEYWORDS, OPERATORS, Options, RESERVED, builtins, constructors};
use execfmt_testkit::root;
use serde_json::Value;

use crate::support::{Folders, headers, run};

fn page() -> String {
    fs::read_to_string(root().join("docs/mkimage.md")).expect("docs/mkimage.md")
}

/// The blocks of a page: their languages and what they hold.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let parts = page.split("\n```").skip(1).step_by(2);
    parts.map(|part| part.split_once('\n').expect("a block")).collect()
}

/// The module of a block.
fn name(script: &str) -> &str {
    script.strip_prefix("module ").and_then(|rest| rest.split_whitespace().next()).expect("a module")
}

#[test]
fn examples_print_what_is_shown() {
    let page = page();
    let blocks = blocks(&page);
    let scripts = blocks.iter().filter(|(language, _)| *language == "mki");
    let scripts: BTreeMap<_, _> =
        scripts.map(|(_, text)| (format!("{}.mki", name(text)), format!("{text}\n"))).collect();
    let mut shown = 0;
    for pair in blocks.windows(2) {
        let [("mki", script), ("text", expected)] = pair else { continue };
        let folders = Folders {
            files: vec![root().join("testdata/mki/files")],
            scripts: scripts.clone(),
            ..Folders::default()
        };
        let ran = run(Arch::I386, name(script), folders, Options::default());
        let mut printed = ran.printed;
        if let Err(error) = ran.result {
            let _ = writeln!(printed, "{error}");
            for call in error.calls() {
                let at = &call.at;
                let _ =
                    writeln!(printed, "{} was called at {}:{}:{}", call.name, at.file, at.line, at.column);
            }
        }
        assert_eq!(printed.trim_end(), *expected, "{script}");
        shown += 1;
    }
    assert!(shown > 8, "{shown} examples");
    let header = blocks.iter().find(|(language, _)| *language == "c").expect("a header").1;
    let made = headers(Arch::I386, "registers", Folders { scripts, ..Folders::default() }).expect("headers");
    assert_eq!((made.len(), made[0].text.trim_end()), (1, header));
}

#[test]
fn everything_is_named_on_the_page() {
    let page = page();
    for name in builtins() {
        let named = [format!("`{name}("), format!("`{name}`")].iter().any(|text| page.contains(text));
        assert!(named, "{name}");
    }
    assert!(
        constructors()
            .all(|name| page.contains(&format!("`{name}`")) || page.contains(&format!("`new {name}(")))
    );
    for word in KEYWORDS.iter().chain(&RESERVED).chain(&OPERATORS[..12]) {
        assert!(page.contains(&format!("`{word}`")), "{word}");
    }
    assert!(ESCAPES.iter().all(|(letter, _)| page.contains(&format!("`\\{letter}`"))));
}

/// The words of the first group of a pattern.
fn words(pattern: &str) -> BTreeSet<&str> {
    let group = pattern.rsplit_once("\\b(").expect("a group").1.split_once(")\\b").expect("an end").0;
    group.split('|').collect()
}

#[test]
fn the_grammar_for_editors_has_the_words_of_the_language() {
    let text = fs::read_to_string(root().join("contrib/mki.tmLanguage.json")).expect("the grammar");
    let grammar: Value = serde_json::from_str(&text).expect("JSON");
    let repository = grammar["repository"].as_object().expect("a repository");
    let included: BTreeSet<_> = grammar["patterns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pattern| pattern["include"].as_str().unwrap())
        .collect();
    assert_eq!(
        included,
        repository.keys().map(|name| format!("#{name}")).collect::<Vec<_>>().iter().map(|s| &**s).collect()
    );
    let pattern = |name: &str| repository[name]["match"].as_str().unwrap();
    assert_eq!(words(pattern("keywords")), KEYWORDS.into());
    let reserved: BTreeSet<_> = RESERVED.into_iter().chain(["__\\w*"]).collect();
    assert_eq!(words(pattern("reserved")), reserved);
    let constants = words(pattern("constants"));
    let functions = words(pattern("builtins"));
    assert_eq!(constants.union(&functions).copied().collect::<BTreeSet<_>>(), builtins().collect());
    let made = pattern("new").rsplit_once("\\s+(").unwrap().1.trim_end_matches(")\\b");
    assert_eq!(made.split('|').collect::<BTreeSet<_>>(), constructors().collect());
    let escapes = repository["strings"]["patterns"][0]["match"].as_str().unwrap();
    assert!(ESCAPES.iter().all(|(letter, _)| escapes.contains(*letter)), "{escapes}");
    assert!(OPERATORS[..6].iter().all(|sign| pattern("operators").contains(sign)));
}
