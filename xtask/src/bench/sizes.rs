//! The sizes of installed and packaged files.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::table::{Table, at_most};
use crate::shell::{program, scratch, stdout};
use crate::{dist, install};

/// Half of what they were in November 2026: 1.0 MB and 5.6 MB.
const MOST: [f64; 2] = [500_000.0, 2_800_000.0];

pub(super) fn measure() -> Result<String> {
    let folder = scratch("sizes-bench")?;
    let shared = install::shared(&crate::library::small()?, &folder)?;
    let mut table =
        Table::new(&["", "bytes", "target", "", "text", "constants", "unwinding", "relocated data"]);
    for ((name, path), most) in
        [("libexecfmt.so", shared), ("execfmt, static", dist::native()?)].into_iter().zip(MOST)
    {
        let bytes = fs::metadata(&path)?.len();
        let sections = sections(&path)?;
        let sum = |names: &[&str]| {
            let named = sections.iter().filter(|(name, _)| names.contains(&name.as_str()));
            named.map(|(_, size)| size).sum::<u64>().to_string()
        };
        let cells = [name.to_owned(), bytes.to_string()].into_iter();
        table.row(cells.chain(at_most(bytes as f64, Some(most), "")).chain([
            sum(&[".text"]),
            sum(&[".rodata"]),
            sum(&[".eh_frame", ".eh_frame_hdr", ".gcc_except_table"]),
            sum(&[".data.rel.ro", ".rela.dyn", ".relr.dyn"]),
        ]));
    }
    Ok(table.to_string())
}

/// The sections of an ELF file and their sizes.
fn sections(path: &Path) -> Result<Vec<(String, u64)>> {
    let list = stdout(program("size", 10).arg("-A").arg(path))?;
    let lines = list.lines().skip(2).filter(|line| line.starts_with('.'));
    let section = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
    };
    lines.map(|line| section(line).with_context(|| line.to_owned())).collect()
}
