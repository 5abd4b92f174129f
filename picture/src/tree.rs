//! An address space as the tree that maps it: one row for each node, each mapping, and each hole.

use std::fmt::Write as _;

use execfmt_view::{Branch, Leaf, Memory, size};

use crate::group::Tips;
use crate::shape::Shape;
use crate::style::{class, has_pattern};
use crate::text::{LETTER, escaped, letters, px, shortened};

/// Maximum number of rows of a space.
const MOST: usize = 60;
/// The height of a title.
const HEAD: f64 = 26.0;
/// Maximum indentation.
const DEEPEST: usize = 8;
/// The width of the cell of a right.
const RIGHT: f64 = 14.0;

enum Row<'a> {
    Hole(u128),
    Node(&'a Branch),
    Leaf(&'a Branch, &'a Leaf),
}

/// The horizontal positions in a row.
struct Columns {
    is_narrow: bool,
    left: f64,
    bar: f64,
    /// Where an address ends, or on a narrow picture begins.
    address: f64,
    size: f64,
    rights: f64,
    tree: f64,
    end: f64,
    indent: f64,
}

impl Columns {
    /// `longest` is the number of letters of the longest address, size, and text after the cells of rights.
    fn new(shape: &Shape, [address, size, rest]: [usize; 3]) -> Self {
        let left = shape.tree.unwrap_or_default();
        if shape.is_narrow {
            let rights = shape.width - 3.0 * RIGHT - rest as f64 * LETTER;
            let (address, indent) = (36.0, 6.0);
            return Self {
                is_narrow: true,
                left,
                bar: 28.0,
                address,
                size: 0.0,
                rights,
                tree: 0.0,
                end: shape.width,
                indent,
            };
        }
        let bar = 44.0;
        let address = left + bar + 8.0 + address as f64 * LETTER;
        let size = address + 10.0 + size as f64 * LETTER;
        let rights = size + 14.0;
        let tree = rights + 3.0 * RIGHT + 14.0 + rest as f64 * LETTER;
        Self { is_narrow: false, left, bar, address, size, rights, tree, end: shape.width, indent: 12.0 }
    }

    const fn height(&self, row: &Row<'_>) -> f64 {
        match row {
            Row::Leaf(..) if self.is_narrow => 40.0,
            _ if self.is_narrow => 21.0,
            _ => 25.0,
        }
    }
}

/// A space with its rows.
pub(crate) struct Space<'a> {
    memory: &'a Memory,
    rows: Vec<Row<'a>>,
    columns: Columns,
    /// Number of rows that are not drawn.
    pub(crate) left_out: usize,
    pub(crate) height: f64,
}

impl<'a> Space<'a> {
    pub(crate) fn new(memory: &'a Memory, shape: &Shape) -> Self {
        let mut rows = rows(memory);
        let left_out = rows.len().saturating_sub(MOST);
        rows.truncate(MOST);
        let leaves = || memory.tree.iter().filter_map(|branch| branch.leaf.as_ref());
        let longest = |letters: fn(&Leaf) -> usize| leaves().map(letters).max().unwrap_or_default();
        let columns = Columns::new(
            shape,
            [
                longest(|leaf| format!("{:#06x}", leaf.start).len()),
                longest(|leaf| size(leaf.end.saturating_sub(leaf.start.into())).len()),
                longest(|leaf| leaf.rights.chars().count().saturating_sub(3)),
            ],
        );
        let height = HEAD + rows.iter().map(|row| columns.height(row)).sum::<f64>() + 6.0;
        Self { memory, rows, columns, left_out, height }
    }

    pub(crate) fn draw(&self, out: &mut String, top: f64, ids: &str, tips: &Tips) {
        let title = shortened(&self.memory.title, letters(self.columns.end - self.columns.left));
        let _ = write!(
            out,
            "<text class=\"h\" x=\"{}\" y=\"{}\">{}</text>",
            px(self.columns.left),
            px(top + 10.0),
            escaped(&title)
        );
        let mut y = top + HEAD;
        for row in &self.rows {
            match row {
                Row::Hole(bytes) => self.hole(out, *bytes, y),
                Row::Node(branch) => {
                    let facts = [format!("node of the tree: {}", branch.text)];
                    tips.open(out, &facts);
                    self.branch(out, branch, y, self.columns.height(row), 16.0);
                    tips.close(out, &facts);
                }
                Row::Leaf(branch, leaf) => self.leaf(out, (branch, leaf), y, ids, tips),
            }
            y += self.columns.height(row);
        }
    }

    fn hole(&self, out: &mut String, bytes: u128, y: f64) {
        let Columns { left, bar, .. } = self.columns;
        let step = bar / 6.0;
        let middle = y + self.columns.height(&Row::Hole(bytes)) / 2.0;
        let points = (0..=6).map(|n| {
            let (x, y) = (left + f64::from(n) * step, middle + if n % 2 == 0 { 3.0 } else { -3.0 });
            format!("{} {}", px(x), px(y))
        });
        let _ = write!(
            out,
            "<path class=\"line\" d=\"M{}\"/><text class=\"m\" x=\"{}\" y=\"{}\">nothing for {}</text>",
            points.collect::<Vec<_>>().join("L"),
            px(left + bar + 8.0),
            px(middle + 4.0),
            size(bytes)
        );
    }

    fn leaf(&self, out: &mut String, (branch, leaf): (&Branch, &Leaf), y: f64, ids: &str, tips: &Tips) {
        let Columns { is_narrow, left, bar, address, size: size_at, .. } = self.columns;
        let bytes = leaf.end.saturating_sub(leaf.start.into());
        let facts = [
            branch.text.clone(),
            format!("{:#06x}..{:#06x}, {bytes} bytes", leaf.start, leaf.end),
            format!("effective rights: {}", leaf.rights),
        ];
        tips.open(out, &facts);
        let class = class(leaf.role);
        let place = format!("x=\"{}\" y=\"{}\" width=\"{}\" height=\"17\"", px(left), px(y + 3.0), px(bar));
        let _ = write!(out, "<rect class=\"b r-{class}\" {place}/>");
        if has_pattern(leaf.role) {
            let _ = write!(out, "<rect fill=\"url(#{ids}-{class})\" {place}/>");
        }
        let letter = escaped(&leaf.role.letter().to_string());
        let base = px(y + 16.0);
        let (anchor, x) = if is_narrow { ("start", address) } else { ("end", address) };
        let _ = write!(
            out,
            "<text class=\"k i-{class}\" x=\"{}\" y=\"{base}\">{letter}</text>\
             <text text-anchor=\"{anchor}\" x=\"{}\" y=\"{base}\">{:#06x}</text>",
            px(left + bar / 2.0),
            px(x),
            leaf.start
        );
        if !is_narrow {
            let _ = write!(
                out,
                "<text class=\"m\" text-anchor=\"end\" x=\"{}\" y=\"{base}\">{}</text>",
                px(size_at),
                size(bytes)
            );
        }
        self.rights(out, leaf, y);
        let height = self.columns.height(&Row::Leaf(branch, leaf));
        // On a narrow picture the text has a line of its own.
        let (y, height, base) = if is_narrow { (y + 21.0, height - 21.0, 13.0) } else { (y, height, 16.0) };
        self.branch(out, branch, y, height, base);
        tips.close(out, &facts);
    }

    /// Three cells, filled for each right that is granted, and further restrictions.
    fn rights(&self, out: &mut String, leaf: &Leaf, y: f64) {
        let mut x = self.columns.rights;
        for right in leaf.rights.chars().take(3) {
            let (class, shown) = if right == '-' { ("denied", '-') } else { ("granted", right) };
            let _ = write!(
                out,
                "<rect class=\"{class}\" x=\"{0}\" y=\"{1}\" width=\"{RIGHT}\" height=\"15\"/>\
                 <text text-anchor=\"middle\" x=\"{2}\" y=\"{3}\">{4}</text>",
                px(x),
                px(y + 4.0),
                px(x + RIGHT / 2.0),
                px(y + 16.0),
                escaped(&shown.to_string())
            );
            x += RIGHT;
        }
        let rest: String = leaf.rights.chars().skip(3).collect();
        if !rest.is_empty() {
            let (x, y) = (px(x), px(y + 16.0));
            let _ = write!(out, "<text class=\"m\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(&rest));
        }
    }

    /// The text of a row, indented by its depth, with a line for each node above it.
    fn branch(&self, out: &mut String, branch: &Branch, y: f64, height: f64, base: f64) {
        let Columns { tree, end, indent, .. } = self.columns;
        let depth = branch.depth.min(DEEPEST);
        for level in 0..depth {
            let x = px(tree + level as f64 * indent + 2.0);
            let _ = write!(out, "<path class=\"line\" d=\"M{x} {}v{}\"/>", px(y), px(height));
        }
        let x = tree + depth as f64 * indent;
        let class = if branch.leaf.is_some() { "f" } else { "m" };
        let _ = write!(
            out,
            "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>",
            px(x),
            px(y + base),
            escaped(&shortened(&branch.text, letters(end - x)))
        );
    }
}

/// The rows in order, with the holes between mappings.
fn rows(memory: &Memory) -> Vec<Row<'_>> {
    let (mut rows, mut reached) = (Vec::new(), 0_u128);
    for branch in &memory.tree {
        match &branch.leaf {
            Some(leaf) => {
                let hole = u128::from(leaf.start).saturating_sub(reached);
                rows.extend(Some(Row::Hole(hole)).filter(|_| hole != 0));
                rows.push(Row::Leaf(branch, leaf));
                reached = leaf.end.max(reached);
            }
            None => rows.push(Row::Node(branch)),
        }
    }
    rows
}
