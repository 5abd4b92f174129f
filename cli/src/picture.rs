//! Strips of bytes drawn side by side, to one scale.

use std::fmt::Write as _;
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

/// A region of a strip.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    /// What it is called in the legend.
    pub(crate) name: &'static str,
    /// The character that stands for it.
    pub(crate) letter: char,
    /// Its colour.
    pub(crate) color: Option<AnsiColor>,
    /// Its first byte and the one after its last.
    pub(crate) span: (u64, u64),
}

/// A run of bytes, from 0 on, with regions in it.
#[derive(Clone, Debug)]
pub(crate) struct Strip {
    /// What stands above it.
    pub(crate) title: String,
    /// Its length in bytes.
    pub(crate) length: u64,
    /// Later ones lie on top of earlier ones.
    pub(crate) regions: Vec<Region>,
}

/// The columns of a strip.
const WIDTH: usize = 32;
const COLUMNS: u64 = WIDTH as u64;
/// The most rows of a picture.
const MAX_ROWS: u64 = 64;
/// The fewest rows that show anything.
const MIN_ROWS: u64 = 8;

/// The bytes of one row: a power of two, the page size where that gives a picture of reasonable height.
fn row_bytes(longest: u64, page: u64) -> u64 {
    let mut row = page.max(COLUMNS);
    while longest.div_ceil(row) > MAX_ROWS {
        row = row.saturating_mul(2);
    }
    while row > COLUMNS && longest.div_ceil(row) < MIN_ROWS {
        row /= 2;
    }
    row
}

impl Strip {
    /// The strip in JSON (docs/json.md): regions that are empty are left out.
    pub(crate) fn json(&self) -> Value {
        let regions = self.regions.iter().filter(|region| region.span.0 < region.span.1);
        let regions = regions.map(
            |Region { name, span: (start, end), .. }| json!({ "name": name, "start": start, "end": end }),
        );
        json!({ "title": self.title, "length": self.length, "regions": regions.collect::<Vec<_>>() })
    }

    /// The region that has most of a range of bytes; of equals the one on top.
    fn region(&self, start: u64, end: u64) -> Option<&Region> {
        let length = |region: &Region| region.span.1.min(end).saturating_sub(region.span.0.max(start));
        self.regions.iter().filter(|region| length(region) > 0).max_by_key(|region| length(region))
    }

    fn row(&self, start: u64, row_bytes: u64) -> String {
        if start >= self.length.max(1) {
            return " ".repeat(WIDTH + 2);
        }
        let mut text = String::from("|");
        let cell = (row_bytes / COLUMNS).max(1);
        for column in 0..COLUMNS {
            let from = start + column * cell;
            match self.region(from, from + cell) {
                Some(region) => {
                    let style = Style::new().fg_color(region.color.map(Into::into));
                    let _ = write!(text, "{style}{}{style:#}", region.letter);
                }
                None => text.push(if from < self.length { ' ' } else { '·' }),
            }
        }
        text + "|"
    }
}

/// Draws the strips side by side. `page` is the size of a page of the right one; `remark` says what stands beside
/// a row that begins with a page, given the bytes of the right strip that the row shows.
pub(crate) fn draw(left: &Strip, right: &Strip, page: u64, remark: impl Fn(Range<u64>) -> String) -> String {
    let row_bytes = row_bytes(left.length.max(right.length), page);
    let rows = left.length.max(right.length).div_ceil(row_bytes);
    let width = format!("{:x}", left.length.max(right.length)).len().max(4);
    let gap = 3 + width;
    let strip = WIDTH + 2;
    let mut text = String::new();
    let _ = writeln!(text, "{:gap$}{:<strip$}  {:gap$}{}", "", left.title, "", right.title);
    for row in 0..rows {
        let start = row * row_bytes;
        if row_bytes < page && row > 0 && start % page == 0 && start < right.length {
            let _ = writeln!(text, "{:1$}|{2}|", "", gap + strip + 2 + gap, "-".repeat(WIDTH));
        }
        let address = |strip: &Strip| {
            if start < strip.length { format!("0x{start:0width$x} ") } else { " ".repeat(gap) }
        };
        let mark = if start < right.length && start % page.max(row_bytes) == 0 {
            format!("  {}", remark(start..(start + row_bytes).min(right.length)))
        } else {
            String::new()
        };
        let line = format!(
            "{}{}  {}{}{mark}",
            address(left),
            left.row(start, row_bytes),
            address(right),
            right.row(start, row_bytes)
        );
        text += line.trim_end();
        text.push('\n');
    }
    let mut legend: Vec<&Region> = Vec::new();
    for region in left.regions.iter().chain(&right.regions) {
        if region.span.0 < region.span.1 && legend.iter().all(|known| known.name != region.name) {
            legend.push(region);
        }
    }
    let entries = legend.iter().map(|region| {
        let style = Style::new().fg_color(region.color.map(Into::into));
        format!("{style}{}{style:#} {}", region.letter, region.name)
    });
    let _ = writeln!(text, "\n{}", entries.collect::<Vec<_>>().join("   "));
    let _ = writeln!(text, "one row: {row_bytes} bytes; one column: {} bytes", (row_bytes / COLUMNS).max(1));
    text
}
