//! An address space that is a tree: the mappings on the left, the tree that maps them on the right.

use std::fmt::Write as _;

use execfmt_view::{Branch, Leaf, Memory, size};

use super::{Frame, style};

/// Terminal width from which ends and sizes are shown too.
const WIDE: usize = 100;

pub(super) fn draw(memory: &Memory, frame: &Frame) -> String {
    let mut text = format!("\n{}\n", memory.title);
    let shown = |leaf: &Leaf| leaf.start < frame.range.end && leaf.end > u128::from(frame.range.start);
    let branches: Vec<_> =
        memory.tree.iter().filter(|branch| branch.leaf.as_ref().is_none_or(&shown)).collect();
    let columns = Columns::new(&branches, frame);
    columns.head(&mut text);
    let mut reached = None;
    for branch in branches {
        if let Some(leaf) = &branch.leaf {
            let hole =
                reached.and_then(|end| u128::from(leaf.start).checked_sub(end)).filter(|hole| *hole != 0);
            if let Some(hole) = hole {
                let _ = writeln!(text, "  :  nothing for {}", size(hole));
            }
            reached = Some(leaf.end);
        }
        columns.row(branch, &mut text);
    }
    if !memory.is_whole {
        let _ = writeln!(text, "  … and more: see `execfmt coyotos space IMAGE {}`", memory.short);
    }
    text
}

/// The widths of the columns.
struct Columns {
    digits: usize,
    bytes: usize,
    rights: usize,
    wide: bool,
}

impl Columns {
    fn new(branches: &[&Branch], frame: &Frame) -> Self {
        let leaves = || branches.iter().filter_map(|branch| branch.leaf.as_ref());
        let longest =
            |width: fn(&Leaf) -> usize, least: usize| leaves().map(width).max().unwrap_or(0).max(least);
        Self {
            digits: longest(|leaf| format!("{:x}", leaf.end).len(), 5),
            bytes: longest(|leaf| (leaf.end.saturating_sub(leaf.start.into())).to_string().len(), 5),
            rights: longest(|leaf| leaf.rights.len(), 6),
            wide: frame.columns >= WIDE,
        }
    }

    fn head(&self, text: &mut String) {
        let Self { digits, bytes, rights, wide } = *self;
        let width = digits + 2;
        let left = if wide {
            format!("{:<width$}  {:<width$}  {:>bytes$}  {:<rights$}", "address", "end", "bytes", "rights")
        } else {
            format!("{:<width$}  {:<rights$}", "address", "rights")
        };
        let _ = writeln!(text, "  {left}  tree");
    }

    fn row(&self, branch: &Branch, text: &mut String) {
        let Self { digits, bytes, rights, wide } = *self;
        let width = digits + 2;
        let tree = format!("{}{}", "  ".repeat(branch.depth), branch.text);
        let style = branch.leaf.as_ref().map(|leaf| style(leaf.role)).unwrap_or_default();
        let (start, end, size, granted) = branch.leaf.as_ref().map_or_else(Default::default, |leaf| {
            let size = leaf.end.saturating_sub(leaf.start.into());
            (format!("{:#x}", leaf.start), format!("{:#x}", leaf.end), size.to_string(), leaf.rights.clone())
        });
        let left = if wide {
            format!("{start:>width$}  {end:>width$}  {size:>bytes$}  {granted:<rights$}")
        } else {
            format!("{start:>width$}  {granted:<rights$}")
        };
        let _ = writeln!(text, "  {style}{left}{style:#}  {tree}");
    }
}
