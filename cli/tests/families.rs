//! The table of Nachos families in the README is what the library knows of them.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::fmt::Write as _;

use execfmt_testkit::root;
use noff::{ByteOrders, Format, PROFILES, Profile};

const HEAD: &str =
    "| `--for` | kernels | loads | starts at | page | frames | stack |\n|---|---|---|---|---|---|---|\n";

fn row(profile: &Profile<'_>) -> String {
    let loads = match (profile.format, profile.byte_orders) {
        (Format::Noff { layout }, ByteOrders::Both) => format!("NOFF, {layout}, either byte order"),
        (Format::Noff { layout }, ByteOrders::Little) => format!("NOFF, {layout}"),
        (Format::Noff { layout }, ByteOrders::Big) => format!("NOFF, {layout}, big-endian"),
        _ => "MIPS COFF".into(),
    };
    let granularity = profile.size_granularity;
    let sizes = if granularity > 1 { format!(", sizes multiples of {granularity}") } else { String::new() };
    let start = match profile.format {
        Format::Noff { .. } => format!("{:#x}", profile.start),
        _ => "its entry point".into(),
    };
    let frames = match (profile.frames, profile.demand_paging) {
        (None, _) => "any".into(),
        (Some(frames), false) => frames.to_string(),
        (Some(frames), true) => format!("{frames}, swaps"),
    };
    let (page, stack) = (profile.page_size.bytes(), profile.stack_size);
    format!(
        "| `{}` | {} | {loads}{sizes} | {start} | {page} | {frames} | {stack} |\n",
        profile.name, profile.kernels
    )
}

#[test]
fn the_readme_has_the_table_of_families() {
    let mut table = String::from(HEAD);
    for profile in PROFILES {
        write!(table, "{}", row(profile)).unwrap();
    }
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let start = readme.find(HEAD).expect("README.md has no table of families");
    let rest = &readme[start..];
    let end = rest.find("\n\n").map_or(rest.len(), |end| end.saturating_add(1));
    if std::env::var_os("EXECFMT_BLESS").is_some() {
        std::fs::write(&path, readme.replace(&rest[..end], &table)).unwrap();
        return;
    }
    assert_eq!(&rest[..end], table, "README.md: EXECFMT_BLESS=1 writes the table anew");
}
