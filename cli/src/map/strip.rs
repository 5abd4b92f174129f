//! Two runs of bytes side by side, at a common scale.

use std::fmt::Write as _;

use anstyle::Style;
use execfmt_view::{Memory, Region, View};

use super::{Frame, style};

/// A run of bytes, from 0 on, with regions in it.
pub(super) struct Strip<'a> {
    /// The heading.
    title: String,
    /// Its length in bytes.
    length: u64,
    /// Later regions cover earlier ones.
    regions: &'a [Region],
}

/// Maximum number of rows of a picture, before those that are alike are folded.
const MAX_ROWS: u64 = 64;
/// Minimum number of rows for a useful picture.
const MIN_ROWS: u64 = 8;
/// Number of columns kept for remarks, if there is room for any.
const REMARK: usize = 16;
/// Number of letters in a row of a strip.
const LETTERS: [usize; 3] = [64, 32, 16];
/// The same on the narrowest terminal.
const MIN_LETTERS: usize = 8;

impl<'a> Strip<'a> {
    pub(super) fn of(memory: &'a Memory) -> Self {
        Self { title: memory.title.clone(), length: memory.length, regions: &memory.regions }
    }

    pub(super) fn of_file(view: &'a View) -> Self {
        let length = view.file_length;
        Self { title: format!("file, {length} bytes"), length, regions: &view.file }
    }

    /// For each cell the region that has most of it; among equals the topmost. A region that is too small for
    /// that gets the cell in which it begins, if the region there also appears elsewhere.
    fn cells(&self, rows: u64, grid: Grid) -> Vec<Option<usize>> {
        let owner = |cell: u64| {
            let (start, end) = (cell * grid.cell, (cell + 1) * grid.cell);
            let length = |region: &Region| region.end.min(end).saturating_sub(region.start.max(start));
            let best = self.regions.iter().enumerate().filter(|(_, region)| length(region) > 0);
            best.max_by_key(|(_, region)| length(region)).map(|(index, _)| index)
        };
        let mut cells: Vec<_> = (0..rows * grid.letters).map(owner).collect();
        for (index, region) in self.regions.iter().enumerate().filter(|(_, region)| !region.is_empty()) {
            if cells.contains(&Some(index)) {
                continue;
            }
            let at = usize::try_from(region.start / grid.cell).unwrap_or(usize::MAX);
            let there = cells.get(at).copied().flatten();
            let is_seen_elsewhere = cells.iter().filter(|owner| **owner == there).count() > 1;
            if let Some(cell) = cells.get_mut(at).filter(|_| is_seen_elsewhere) {
                *cell = Some(index);
            }
        }
        cells
    }

    /// A row between its edges; adjacent letters of one region are coloured together.
    fn row(&self, start: u64, cells: &[Option<usize>], grid: Grid) -> String {
        if start >= self.length.max(1) {
            return " ".repeat(cells.len() + 2);
        }
        let mut text = String::from("|");
        let mut last = Style::new();
        for (cell, owner) in (0..).zip(cells) {
            let region = owner.and_then(|index| self.regions.get(index));
            let style = region.map_or(Style::new(), |region| style(region.role));
            if style != last {
                let _ = write!(text, "{last:#}{style}");
                last = style;
            }
            text.push(match region {
                Some(region) => region.role.letter(),
                None if start + cell * grid.cell < self.length => ' ',
                None => '·',
            });
        }
        let _ = write!(text, "{last:#}|");
        text
    }
}

/// How bytes are divided into rows and letters.
#[derive(Clone, Copy)]
struct Grid {
    /// Number of letters in a row.
    letters: u64,
    /// Number of bytes per letter.
    cell: u64,
}

impl Grid {
    /// A row is a page if that gives a picture of reasonable height, and in any case a power of two.
    fn new(letters: usize, longest: u64, page: u64) -> Self {
        let letters = letters as u64;
        let mut row = page.max(letters);
        while longest.div_ceil(row) > MAX_ROWS {
            row = row.saturating_mul(2);
        }
        while row > letters && longest.div_ceil(row) < MIN_ROWS {
            row /= 2;
        }
        Self { letters, cell: (row / letters).max(1) }
    }

    const fn row(self) -> u64 {
        self.letters * self.cell
    }
}

/// A row of the picture; consecutive rows that are alike are merged into one with the bytes of all.
struct Row {
    left: String,
    right: String,
    flags: &'static str,
    start: u64,
    end: u64,
    count: u64,
}

/// Draws both, and notes beside the rows of the right one which pages they are, or what begins there.
pub(super) fn draw(left: &Strip<'_>, right: &Strip<'_>, memory: &Memory, frame: &Frame) -> String {
    let longest = left.length.max(right.length);
    let digits = format!("{longest:x}").len().max(4);
    let gap = digits + 3;
    let fits = |letters: &&usize| 2 * (gap + **letters + 2) + 2 + REMARK <= frame.columns;
    let letters = LETTERS.iter().find(fits).copied().unwrap_or(MIN_LETTERS);
    let grid = Grid::new(letters, longest, memory.page);
    let rows = rows(left, right, memory, (longest, grid), frame);

    let strip = letters + 2;
    let mut text = String::new();
    // What does not fit is named without its size.
    let title = |strip: &Strip<'_>, width: usize| {
        let short = strip.title.split(',').next().unwrap_or_default();
        let title = if strip.title.chars().count() <= width { &strip.title } else { short };
        format!("{:<width$}", cut(title, width))
    };
    let room = frame.columns.saturating_sub(2 * gap + strip + 2);
    let _ = writeln!(text, "{:gap$}{}  {:gap$}{}", "", title(left, strip), "", title(right, room).trim_end());
    for row in &rows {
        let address = |strip: &Strip<'_>| {
            if row.start < strip.length { format!("0x{:0digits$x} ", row.start) } else { " ".repeat(gap) }
        };
        let start = format!("{}{}  {}{}", address(left), row.left, address(right), row.right);
        let used = 2 * (gap + strip) + 2;
        let room = frame.columns.saturating_sub(used + 2);
        let remark = if room < REMARK { String::new() } else { cut(&remark(row, memory, right), room) };
        let _ = writeln!(text, "{}", format!("{start}  {remark}").trim_end());
        if row.count > 1 {
            let folded = |strip_: &Strip<'_>| {
                if row.start < strip_.length {
                    let alike = alike(row.count - 1, letters);
                    format!("{:gap$}: {alike:<1$}:", "", strip - 3, gap = gap)
                } else {
                    " ".repeat(gap + strip)
                }
            };
            let _ = writeln!(text, "{}", format!("{}  {}", folded(left), folded(right)).trim_end());
        }
    }
    text + &legend(&[left, right], grid, frame)
}

/// The number of rows that are like the one before.
fn alike(rows: u64, width: usize) -> String {
    let text = format!("{rows} {} alike", if rows == 1 { "row" } else { "rows" });
    if text.len() <= width { text } else { format!("+{rows}") }
}

/// The beginning of text that is too long.
fn cut(text: &str, width: usize) -> String {
    text.chars().take(width).collect()
}

fn rows(
    left: &Strip<'_>,
    right: &Strip<'_>,
    memory: &Memory,
    (longest, grid): (u64, Grid),
    frame: &Frame,
) -> Vec<Row> {
    let count = longest.div_ceil(grid.row());
    let (in_left, in_right) = (left.cells(count, grid), right.cells(count, grid));
    let letters = usize::try_from(grid.letters).unwrap_or(usize::MAX);
    let mut rows: Vec<Row> = Vec::new();
    for (index, (left_cells, right_cells)) in (0..).zip(in_left.chunks(letters).zip(in_right.chunks(letters)))
    {
        let (start, end) = (index * grid.row(), (index + 1) * grid.row());
        if end <= frame.range.start || start >= frame.range.end {
            continue;
        }
        let (left, right) = (left.row(start, left_cells, grid), right.row(start, right_cells, grid));
        let flags = flags(memory, start, end);
        match rows.last_mut() {
            Some(last)
                if !frame.full
                    && last.end == start
                    && (&last.left, &last.right, last.flags) == (&left, &right, flags) =>
            {
                (last.end, last.count) = (end, last.count + 1);
            }
            _ => rows.push(Row { left, right, flags, start, end, count: 1 }),
        }
    }
    rows
}

/// The rights of all pages of a row.
fn flags(memory: &Memory, start: u64, end: u64) -> &'static str {
    let (first, last) = (start / memory.page, end.saturating_sub(1) / memory.page);
    match &memory.pages {
        Some(pages) if pages.are_read_only(first, last) => "read-only",
        Some(pages) if pages.are_shared(first, last) => "shared",
        _ => "",
    }
}

/// The pages of a row, if one begins in it; for memory without pages, what begins there.
fn remark(row: &Row, memory: &Memory, strip: &Strip<'_>) -> String {
    let end = row.end.min(strip.length);
    if row.start >= end {
        return String::new();
    }
    if memory.pages.is_none() {
        let begins = strip
            .regions
            .iter()
            .filter(|region| (row.start..end).contains(&region.start) && !region.is_empty());
        return begins.map(|region| region.name.as_ref()).collect::<Vec<_>>().join(", ");
    }
    let (first, last) = (row.start.div_ceil(memory.page), (end - 1) / memory.page);
    let pages = match last.checked_sub(first) {
        None => return String::new(),
        Some(0) => format!("page {first}"),
        Some(_) => format!("pages {first}-{last}"),
    };
    format!("{pages:<12} {}", row.flags).trim_end().into()
}

/// The key to the letters, and the scale.
fn legend(strips: &[&Strip<'_>], grid: Grid, frame: &Frame) -> String {
    let mut entries: Vec<(String, String)> = Vec::new();
    for region in strips.iter().flat_map(|strip| strip.regions).filter(|region| !region.is_empty()) {
        let plain = format!("{} {}", region.role.letter(), region.name);
        if entries.iter().all(|(known, _)| *known != plain) {
            let style = style(region.role);
            entries.push((plain, format!("{style}{}{style:#} {}", region.role.letter(), region.name)));
        }
    }
    let mut text = String::from("\n");
    let mut used = 0;
    for (plain, styled) in entries {
        let width = plain.chars().count();
        if used != 0 && used + 3 + width > frame.columns {
            text.push('\n');
            used = 0;
        }
        if used != 0 {
            text += "   ";
            used += 3;
        }
        text += &styled;
        used += width;
    }
    let unit = |bytes: u64| if bytes == 1 { "byte" } else { "bytes" };
    let (row, cell) = (grid.row(), grid.cell);
    let _ = writeln!(text, "\none row: {row} {}; one letter: {cell} {}", unit(row), unit(cell));
    text
}
