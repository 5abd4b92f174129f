//! That what is generated in docs/ is what the crates say: the tables of rules in docs/json.md, those of fields and of
//! kernels in the pages of the formats, and the pages of the command. `EXECFMT_WRITE_DOCS=1 cargo test -p execfmt --test docs`
//! writes them anew.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod command;
mod examples;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use aout_minix::elks::ElksRule;
use coyotos_image::wire;
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

/// The text with what stands between its marks made anew: `<!-- rules: NAME -->` or `<!-- rules: NAME FIRST..LAST -->`,
/// `<!-- fields: NAME -->`, `<!-- kernels -->`, each up to `<!-- end -->`. And the tables of rules that it has, with their
/// lengths, and those of fields.
fn generated(text: &str) -> (String, Vec<(String, usize)>, Vec<String>) {
    const MARK: &str = "<!-- ";
    let (mut out, mut rest, mut seen, mut records) = (String::new(), text, Vec::new(), Vec::new());
    while let Some((before, after)) = rest.split_once(MARK) {
        let (words, after) = after.split_once(" -->\n").expect("a mark ends");
        let (_, after) = after.split_once("<!-- end -->").expect("a table ends");
        let (kind, words_of_kind) = words.split_once(": ").unwrap_or((words, ""));
        let table = match kind {
            "rules" => {
                let (name, span) = words_of_kind
                    .split_once(' ')
                    .map_or((words_of_kind, None), |(name, span)| (name, Some(span)));
                let span = span.map(|span| span.split_once("..").expect("two codes"));
                let (_, rows, errno) =
                    tables().into_iter().find(|table| table.0 == name).expect("a table of this name");
                let table = rules(rows, errno, span);
                seen.push((name.to_owned(), table.lines().count() - 2));
                table
            }
            "fields" => {
                records.push(words_of_kind.to_owned());
                fields_of(words_of_kind)
            }
            "kernels" => kernels(),
            other => panic!("a mark of no known kind: {other}"),
        };
        let _ = write!(out, "{before}{MARK}{words} -->\n{table}<!-- end -->");
        rest = after;
    }
    (out + rest, seen, records)
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
    let (expected, seen, _) = generated(&text);
    same("docs/json.md", &expected);
    // Every rule of every table once.
    for (name, rows, _) in tables() {
        let shown: usize = seen.iter().filter(|(shown, _)| shown == name).map(|(_, count)| count).sum();
        assert_eq!(shown, rows.len(), "{name}");
    }
}

/// A record of a file format: its name in a mark, its title, its fields, and the page that has its table.
type Record = (&'static str, &'static str, &'static [WireField], &'static str);

fn records() -> Vec<Record> {
    const NOFF: &str = "formats/noff.md";
    const COFF: &str = "formats/mips-coff.md";
    const AOUT: &str = "formats/aout.md";
    const NE: &str = "formats/ne.md";
    const COYOTOS: &str = "coyotos-image.md";
    vec![
        ("noff3", "NOFF header, three segments", noff::Header3::<LittleEndian>::FIELDS, NOFF),
        ("noff4", "NOFF header, four segments", noff::Header4::<LittleEndian>::FIELDS, NOFF),
        ("coff-file", "MIPS COFF file header", mips_coff::wire::FileHeader::<LittleEndian>::FIELDS, COFF),
        (
            "coff-optional",
            "MIPS COFF optional header",
            mips_coff::wire::OptionalHeader::<LittleEndian>::FIELDS,
            COFF,
        ),
        (
            "coff-section",
            "MIPS COFF section header",
            mips_coff::wire::SectionHeader::<LittleEndian>::FIELDS,
            COFF,
        ),
        (
            "coff-symbolic",
            "MIPS COFF symbolic header",
            mips_coff::wire::SymbolicHeader::<LittleEndian>::FIELDS,
            COFF,
        ),
        (
            "coff-symbol",
            "MIPS COFF external symbol",
            mips_coff::wire::ExternalSymbol::<LittleEndian>::FIELDS,
            COFF,
        ),
        ("aout", "ELKS and Minix a.out header", aout_minix::ExecHeader::<LittleEndian>::FIELDS, AOUT),
        (
            "aout-reloc",
            "a.out supplement, after the header",
            aout_minix::RelocSupplement::<LittleEndian>::FIELDS,
            AOUT,
        ),
        (
            "aout-far",
            "a.out supplement of ELKS, after that",
            aout_minix::FarSupplement::<LittleEndian>::FIELDS,
            AOUT,
        ),
        ("aout-relocation", "a.out relocation", aout_minix::Reloc::<LittleEndian>::FIELDS, AOUT),
        ("aout-symbol", "ELKS symbol, before its name", aout_minix::ElksSymbolHead::FIELDS, AOUT),
        ("aout-nlist", "Minix symbol", aout_minix::Nlist::<LittleEndian>::FIELDS, AOUT),
        ("mz", "MZ header", os2_ne::MzHeader::FIELDS, NE),
        ("ne", "OS/2 NE header", os2_ne::NeHeader::FIELDS, NE),
        ("ne-segment", "OS/2 NE segment", os2_ne::SegmentEntry::FIELDS, NE),
        ("ne-relocation", "OS/2 NE relocation", os2_ne::RelocationRecord::FIELDS, NE),
        ("coyotos", "Coyotos image header", wire::Header::<LittleEndian>::FIELDS, COYOTOS),
        ("coyotos-bank", "Coyotos bank", wire::Bank::<LittleEndian>::FIELDS, COYOTOS),
        ("coyotos-alloc", "Coyotos alloc record", wire::Alloc::<LittleEndian>::FIELDS, COYOTOS),
        ("coyotos-capability", "Coyotos capability", wire::Capability::<LittleEndian>::FIELDS, COYOTOS),
        ("coyotos-gpt", "Coyotos GPT", wire::Gpt::<LittleEndian>::FIELDS, COYOTOS),
        ("coyotos-endpoint", "Coyotos endpoint", wire::Endpoint::<LittleEndian>::FIELDS, COYOTOS),
        ("coyotos-process", "Coyotos process", wire::Process::<LittleEndian>::FIELDS, COYOTOS),
        ("coyotos-symbol", "Coyotos symbol", wire::Symbol::<LittleEndian>::FIELDS, COYOTOS),
    ]
}

/// The type of a field, as the pages write it.
fn type_of(field: &WireField) -> String {
    match field.kind {
        WireKind::Unsigned => format!("u{}", field.size * 8),
        WireKind::Signed => format!("i{}", field.size * 8),
        WireKind::Array(_, count) => format!("{count} of {} bytes", field.size / count),
        _ => format!("{} bytes", field.size),
    }
}

/// The rows of a struct's fields, those of its records with both names.
fn fields(fields: &[WireField], prefix: &str, start: usize, table: &mut String) {
    for field in fields {
        let (name, offset) = (format!("{prefix}{}", field.name), start + field.offset);
        match field.kind {
            WireKind::Record(inner) => self::fields(inner, &format!("{name}."), offset, table),
            _ => {
                let (kind, meaning) = (type_of(field), plain(field.meaning));
                let _ = writeln!(table, "| {offset} | {kind} | `{name}` | {meaning} |");
            }
        }
    }
}

fn fields_of(name: &str) -> String {
    let (.., list, _) =
        records().into_iter().find(|record| record.0 == name).unwrap_or_else(|| panic!("no record {name}"));
    let mut table = String::from("| offset | type | field | meaning |\n|---|---|---|---|\n");
    fields(list, "", 0, &mut table);
    table
}

#[test]
fn tables_of_fields_are_those_of_the_wire_structs() {
    let mut index = String::from(
        "# Records and fields\n\nEach record of a file has its table on the page of its format: offset, type, name and \
         meaning of every field, as the crates declare them. `info --json` and `hex` use the same names.\n\n",
    );
    let pages: BTreeSet<_> = records().iter().map(|record| record.3).collect();
    for page in pages {
        let text = fs::read_to_string(root().join("docs").join(page)).expect(page);
        let (expected, _, shown) = generated(&text);
        same(&format!("docs/{page}"), &expected);
        let of_page: Vec<_> = records().into_iter().filter(|record| record.3 == page).collect();
        assert_eq!(shown, of_page.iter().map(|record| record.0).collect::<Vec<_>>(), "{page}");
        for (_, title, fields, _) in of_page {
            let size: usize = fields.iter().map(|field| field.size).sum();
            let _ = writeln!(index, "- [{title}]({page}): {size} bytes");
        }
    }
    same("docs/fields.md", &index);
}

/// The families of Nachos kernels, and their system calls.
fn kernels() -> String {
    let mut table = String::from(
        "| name | header | byte order | start | unmapped pages | sizes multiples of | page | frames | demand paging | stack |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    let mut calls = String::from(
        "\n| name | system calls, by the number in register 2 | where its machine is not a MIPS I |\n|---|---|---|\n",
    );
    for profile in noff::PROFILES {
        let header = match profile.format {
            noff::Format::Noff { layout } => format!("{} bytes", layout.header_size()),
            _ => "MIPS COFF".to_owned(),
        };
        let order = match profile.byte_orders {
            noff::ByteOrders::Little => "little",
            noff::ByteOrders::Big => "big",
            noff::ByteOrders::Both => "either",
        };
        let start = match profile.format {
            noff::Format::Noff { .. } => format!("{:#x}", profile.start),
            _ => "the file's entry".to_owned(),
        };
        let frames = profile.frames.map_or("any".to_owned(), |frames| frames.to_string());
        let paging = if profile.demand_paging { "yes" } else { "no" };
        let _ = writeln!(
            table,
            "| `{}` | {header} | {order} | {start} | {} | {} | {} | {frames} | {paging} | {} |",
            profile.name,
            profile.unmapped_pages,
            profile.size_granularity,
            profile.page_size.bytes(),
            profile.stack_size
        );
        let names: Vec<_> =
            profile.system_calls.iter().map(|call| format!("{} {}", call.name, call.number)).collect();
        let faults = [
            (profile.faults.signed_shifts, "`srl` and `srlv` shift in the sign"),
            (profile.faults.first_or, "`or` uses its first register for both operands"),
            (
                profile.faults.unsigned_immediates,
                "`lbu`, `lhu` and `sltiu` read a negative immediate as 65,536 more",
            ),
        ];
        let faults: Vec<_> = faults.into_iter().filter(|fault| fault.0).map(|fault| fault.1).collect();
        let _ = writeln!(calls, "| `{}` | {} | {} |", profile.name, names.join(", "), faults.join("; "));
    }
    table + &calls
}
