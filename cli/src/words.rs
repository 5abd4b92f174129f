//! A file as text: the renderer of `info`.

use std::io::{self, Write};

use execfmt_view::{Column, Fact, Section, Table, View};

use crate::advice::render;

/// Minimum width of the labels at the beginning of lines.
const LABEL: usize = 11;

/// Writes what the file is, then its facts.
pub(crate) fn write(view: &View, name: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{name}: {}", view.title)?;
    for (index, section) in view.words.iter().enumerate() {
        // Facts that come first continue the line about what the file is.
        if index != 0 || !matches!(section, Section::Facts(_)) {
            writeln!(out)?;
        }
        match section {
            Section::Facts(facts) => self::facts(facts, out)?,
            Section::Table(table) => self::table(table, out)?,
            Section::Text(text, advice) => {
                let advice = advice.map(|advice| format!("; {}", render(advice))).unwrap_or_default();
                writeln!(out, "  {text}{advice}")?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn facts(facts: &[Fact], out: &mut dyn Write) -> io::Result<()> {
    let longest = facts.iter().map(|fact| fact.label.chars().count()).max().unwrap_or_default();
    let width = LABEL.max(longest + 1);
    for Fact { label, text, advice } in facts {
        let advice = advice.map(|advice| format!("; {}", render(advice))).unwrap_or_default();
        writeln!(out, "  {label:<width$}{text}{advice}")?;
    }
    Ok(())
}

fn table(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    let mut write = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::from("  ");
        for (Column { width, right, .. }, cell) in table.columns.iter().zip(cells) {
            let spaces = " ".repeat(width.saturating_sub(cell.chars().count()));
            line += &if *right { spaces + cell } else { cell.to_owned() + &spaces };
        }
        writeln!(out, "{}", line.trim_end())
    };
    if table.columns.iter().any(|column| !column.head.is_empty()) {
        write(&mut table.columns.iter().map(|column| column.head))?;
    }
    table.rows.iter().try_for_each(|row| write(&mut row.iter().map(String::as_str)))?;
    table.footer.iter().try_for_each(|footer| writeln!(out, "  {footer}"))
}
