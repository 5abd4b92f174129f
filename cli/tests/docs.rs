//! The tables of rules in docs/json.md and those of fields in docs/fields.md are made from the crates' own tables.
//! `EXECFMT_WRITE_DOCS=1 cargo test -p execfmt --test docs` writes them anew.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::fmt::Write as _;
use std::fs;

use aout_minix::elks::ElksRule;
use execfmt_common::{Row, Rule as _, WireField, WireKind};
use execfmt_testkit::root;
use zerocopy::LittleEndian;

type Errno = fn(&Row) -> Option<&'static str>;

/// The rules of which docs/json.md has a table, by the name in its mark. The last is what ELKS answers, where that counts.
fn tables() -> Vec<(&'static str, &'static [Row], Errno)> {
    let none = |_: &Row| None;
    vec![
        ("noff", noff::NoffRule::TABLE, none),
        ("coff", mips_coff::CoffRule::TABLE, none),
        ("code", mips_scan::CodeRule::TABLE, none),
        ("aout", aout_minix::AoutRule::TABLE, none),
        ("elks", ElksRule::TABLE, errno),
        ("minix2", aout_minix::minix2::Minix2Rule::TABLE, none),
        ("stream", aout_minix::compress::StreamRule::TABLE, none),
        ("elks-ne", os2_ne::elks::ElksRule::TABLE, none),
        ("ne", os2_ne::NeRule::TABLE, none),
        ("coyotos", coyotos_image::CoyotosRule::TABLE, none),
    ]
}

fn errno(row: &Row) -> Option<&'static str> {
    let rule = (0..8).find_map(|detail| ElksRule::from_number(row.number, detail));
    Some(rule.expect("the rule has a detail below 8").errno().name())
}

/// Documentation as text of a table: without links, on one line.
fn plain(meaning: &str) -> String {
    let mut text = String::new();
    let mut rest = meaning.trim();
    while let Some((before, link)) = rest.split_once('[') {
        let (name, after) = link.split_once(']').expect("a link ends");
        text += before;
        text += name;
        rest = match after.strip_prefix('(') {
            Some(target) => target.split_once(')').expect("a target ends").1,
            None => after,
        };
    }
    (text + rest).split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// The rows between two codes, both included; all where none are named.
fn rules(rows: &[Row], errno: Errno, span: Option<(&str, &str)>) -> String {
    let at = |code: &str| rows.iter().position(|row| row.code == code).unwrap_or_else(|| panic!("no {code}"));
    let (first, last) = span.map_or((0, rows.len() - 1), |(first, last)| (at(first), at(last)));
    let with_errno = rows.first().is_some_and(|row| errno(row).is_some());
    let mut table = String::from(if with_errno {
        "| code | severity | errno | when |\n|---|---|---|---|\n"
    } else {
        "| code | severity | when |\n|---|---|---|\n"
    });
    for row in &rows[first..=last] {
        let errno = errno(row).map_or(String::new(), |errno| format!(" {errno} |"));
        let _ = writeln!(table, "| `{}` | {} |{errno} {} |", row.code, row.severity, plain(row.meaning));
    }
    table
}

/// The text with the tables between its marks made anew, and the codes that they name by table.
fn generated(text: &str) -> (String, Vec<(String, usize)>) {
    const MARK: &str = "<!-- rules: ";
    let tables = tables();
    let (mut out, mut rest, mut seen) = (String::new(), text, Vec::new());
    while let Some((before, after)) = rest.split_once(MARK) {
        let (words, after) = after.split_once(" -->\n").expect("a mark ends");
        let (_, after) = after.split_once("<!-- end -->").expect("a table ends");
        let (name, span) = words.split_once(' ').map_or((words, None), |(name, span)| (name, Some(span)));
        let span = span.map(|span| span.split_once("..").expect("two codes"));
        let (_, rows, errno) = tables.iter().find(|table| table.0 == name).expect("a table of this name");
        let table = rules(rows, *errno, span);
        seen.push((name.to_owned(), table.lines().count() - 2));
        let _ = write!(out, "{before}{MARK}{words} -->\n{table}<!-- end -->");
        rest = after;
    }
    (out + rest, seen)
}

/// Compares a file with what it should be, or writes it.
#[track_caller]
fn same(name: &str, expected: &str) {
    let file = root().join(name);
    if std::env::var_os("EXECFMT_WRITE_DOCS").is_some() {
        fs::write(&file, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
    assert!(
        found == expected,
        "{name} is stale (EXECFMT_WRITE_DOCS=1 writes it anew): {differs:?}, {} and {} lines",
        found.lines().count(),
        expected.lines().count()
    );
}

#[test]
fn tables_of_rules_are_those_of_the_crates() {
    let text = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let (expected, seen) = generated(&text);
    same("docs/json.md", &expected);
    // Every rule of every table once.
    for (name, rows, _) in tables() {
        let shown: usize = seen.iter().filter(|(shown, _)| shown == name).map(|(_, count)| count).sum();
        assert_eq!(shown, rows.len(), "{name}");
    }
}

/// The rows of a struct's fields, those of its records with both names.
fn fields(fields: &[WireField], prefix: &str, start: usize, table: &mut String) {
    for field in fields {
        let (name, offset) = (format!("{prefix}{}", field.name), start + field.offset);
        match field.kind {
            WireKind::Record(inner) => self::fields(inner, &format!("{name}."), offset, table),
            _ => {
                let _ =
                    writeln!(table, "| {offset} | {} | `{name}` | {} |", field.size, plain(field.meaning));
            }
        }
    }
}

#[test]
fn tables_of_fields_are_those_of_the_wire_structs() {
    let structs = [
        ("NOFF header, three segments", noff::Header3::<LittleEndian>::FIELDS),
        ("NOFF header, four segments", noff::Header4::<LittleEndian>::FIELDS),
        ("MIPS COFF file header", mips_coff::wire::FileHeader::<LittleEndian>::FIELDS),
        ("MIPS COFF optional header", mips_coff::wire::OptionalHeader::<LittleEndian>::FIELDS),
        ("MIPS COFF section header", mips_coff::wire::SectionHeader::<LittleEndian>::FIELDS),
        ("MIPS COFF symbolic header", mips_coff::wire::SymbolicHeader::<LittleEndian>::FIELDS),
        ("MIPS COFF external symbol", mips_coff::wire::ExternalSymbol::<LittleEndian>::FIELDS),
        ("ELKS and Minix a.out header", aout_minix::ExecHeader::<LittleEndian>::FIELDS),
        ("a.out supplement, after the header", aout_minix::RelocSupplement::<LittleEndian>::FIELDS),
        ("a.out supplement of ELKS, after that", aout_minix::FarSupplement::<LittleEndian>::FIELDS),
        ("OS/2 NE header", os2_ne::NeHeader::FIELDS),
        ("OS/2 NE segment", os2_ne::SegmentEntry::FIELDS),
        ("OS/2 NE relocation", os2_ne::RelocationRecord::FIELDS),
        ("Coyotos image header", coyotos_image::wire::Header::<LittleEndian>::FIELDS),
    ];
    let mut text = String::from(
        "# Fields\n\nThe records of each format, as the crates declare them; offsets and sizes in bytes. \
         `info --json` names the fields so.\n",
    );
    for (title, list) in structs {
        let _ = writeln!(text, "\n## {title}\n\n| offset | size | field | what |\n|---|---|---|---|");
        fields(list, "", 0, &mut text);
    }
    same("docs/fields.md", &text);
}
