//! Address spaces drawn: what is mapped on the left, the tree that maps it on the right.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use coyotos_image::space::{Mapping, Space, Visit, walk};
use coyotos_image::{GptAttrs, Image, ObjectId, Restr};
use serde_json::{Value, json};

use super::counted;
use super::select::written;
use super::spaces::why;

/// The most rows of a space: a hostile tree has no end, and a large one no reader.
const MOST_ROWS: usize = 400;
/// The most spaces.
const MOST_SPACES: usize = 8;

pub(super) fn draw(image: &Image<'_>) -> String {
    let spaces = image.spaces();
    let mut text = String::new();
    if spaces.is_empty() {
        text += "\nno address space: no process has one, and no GPT is the root of one\n";
    }
    for space in spaces.iter().take(MOST_SPACES) {
        let _ = writeln!(text, "\n{}", title(space));
        text += &table(&rows(image, space));
    }
    if spaces.len() > MOST_SPACES {
        let more = (spaces.len() - MOST_SPACES) as u64;
        let _ = writeln!(text, "\nand {}", counted(more, "more space", "more spaces"));
    }
    text
}

/// The spaces in JSON (docs/json.md): a region for each run of mappings. An end beyond 64 bits is the largest number of
/// 64 bits.
pub(super) fn json(image: &Image<'_>) -> Vec<Value> {
    let end = |region: &Region| u64::try_from(region.end).unwrap_or(u64::MAX);
    let spaces = image.spaces();
    let spaces = spaces.iter().take(MOST_SPACES).map(|space| {
        let rows = rows(image, space);
        let regions = rows.iter().filter_map(|row| row.region.as_ref().map(|region| (row, region)));
        let length = regions.clone().map(|(_, region)| end(region)).max().unwrap_or_default();
        let regions = regions.map(|(row, region)| {
            let name = format!("{} {}", region.restr, row.tree.trim_start());
            json!({ "name": name, "start": region.start, "end": end(region) })
        });
        json!({ "title": title(space), "length": length, "regions": regions.collect::<Vec<_>>() })
    });
    spaces.collect()
}

fn title(space: &Space) -> String {
    let shown = space.processes.iter().take(8).map(u64::to_string).collect::<Vec<_>>().join(", ");
    let more = if space.processes.len() > 8 { ", …" } else { "" };
    match space.processes.len() {
        0 => "space that no process uses".into(),
        1 => format!("space of process {shown}"),
        _ => format!("space of processes {shown}{more}"),
    }
}

/// A row: a region or nothing, and a node of the tree.
struct Row {
    region: Option<Region>,
    tree: String,
}

struct Region {
    start: u64,
    end: u128,
    restr: Restr,
}

/// A GPT on the way down.
struct Above {
    address: u64,
    state: GptAttrs,
}

/// Leaves of one GPT that continue each other.
struct Run {
    region: Region,
    depth: usize,
    first: Mapping,
    slots: Option<(u64, u64)>,
    last_oid: u64,
}

impl Run {
    /// Takes a leaf in, if it continues the run.
    fn take(&mut self, mapping: &Mapping, depth: usize, slot: Option<u64>) -> bool {
        let (first, next) = (self.first.capability, mapping.capability);
        let (mut expected, next_oid) = (first, self.last_oid.checked_add(1));
        let (Some((from, to)), Some(slot), Some(oid)) = (self.slots, slot, next_oid) else { return false };
        expected.set_oid(oid);
        let continues = depth == self.depth
            && slot == to + 1
            && next == expected
            && mapping.restr == self.region.restr
            && self.region.end == u128::from(mapping.address);
        if continues {
            (self.slots, self.last_oid) = (Some((from, slot)), oid);
            self.region.end = mapping.end();
        }
        continues
    }

    fn into_row(self) -> Row {
        let label = match self.slots {
            Some((from, to)) if from != to => format!("slots {from}-{to}: "),
            Some((slot, _)) => format!("slot {slot}: "),
            None => String::new(),
        };
        let cap = self.first.capability;
        let (kind, oid) = (cap.cap_type(), cap.oid());
        let what = if kind.is_window() {
            format!("{kind} at {oid:#x}, slot {}", cap.alloc_count())
        } else if cap.is_physical_page() {
            format!("physical Page {oid:#x}")
        } else if self.last_oid != oid {
            format!("{kind}s {oid}-{}", self.last_oid)
        } else {
            format!("{kind} {oid}")
        };
        let tree = format!("{}{label}{what}{}", indent(self.depth), guard(&self.first));
        Row { region: Some(self.region), tree }
    }
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

/// What a capability says besides its object: guard and restrictions of its own.
fn guard(mapping: &Mapping) -> String {
    let cap = mapping.capability;
    let guard =
        if cap.guard_match() == 0 { String::new() } else { format!(", match {:#x}", cap.guard_match()) };
    let own = if cap.restr() == Restr::NONE { String::new() } else { format!(", {}", cap.restr()) };
    format!(", l2g {}{guard}{own}", cap.l2g())
}

fn rows(image: &Image<'_>, space: &Space) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut above: Vec<Above> = Vec::new();
    let mut run: Option<Run> = None;
    let plain = |tree: String| Row { region: None, tree };
    for visit in walk(image, space.root, image.walk_limits()) {
        if rows.len() >= MOST_ROWS {
            rows.extend(run.take().map(Run::into_row));
            rows.push(plain(format!("… and more: see `execfmt coyotos space`{}", of(space))));
            return rows;
        }
        // The slot follows from the address: the guard lies within what a slot covers.
        let slot_of = |above: &[Above], mapping: &Mapping| {
            above.last().map(|gpt| {
                (mapping.address - gpt.address).checked_shr(gpt.state.l2v.into()).unwrap_or_default()
            })
        };
        match visit {
            Ok(Visit::Gpt { mapping, state, depth }) => {
                rows.extend(run.take().map(Run::into_row));
                above.truncate(depth);
                let label =
                    slot_of(&above, &mapping).map(|slot| format!("slot {slot}: ")).unwrap_or_default();
                let flags = [(state.ha, ", ha"), (state.bg, ", bg")];
                let flags: String = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
                let oid = mapping.capability.oid();
                rows.push(plain(format!(
                    "{}{label}GPT {oid}, l2v {}{flags}{}",
                    indent(depth),
                    state.l2v,
                    guard(&mapping)
                )));
                above.push(Above { address: mapping.address, state });
            }
            Ok(Visit::Leaf { mapping, depth }) => {
                above.truncate(depth);
                let slot = slot_of(&above, &mapping);
                if !run.as_mut().is_some_and(|run| run.take(&mapping, depth, slot)) {
                    rows.extend(run.take().map(Run::into_row));
                    let (start, restr) = (mapping.address, mapping.restr);
                    run = Some(Run {
                        region: Region { start, end: mapping.end(), restr },
                        depth,
                        first: mapping,
                        slots: slot.map(|slot| (slot, slot)),
                        last_oid: mapping.capability.oid(),
                    });
                }
            }
            Err(error) => {
                rows.extend(run.take().map(Run::into_row));
                rows.push(plain(format!("{}the walk ends here: {}", indent(above.len()), why(error))));
            }
        }
    }
    rows.extend(run.take().map(Run::into_row));
    rows
}

/// The arguments by which `space` shows the same.
fn of(space: &Space) -> String {
    let root = ObjectId::of(space.root);
    root.map(|root| format!(" IMAGE {}", written(root))).unwrap_or_default()
}

/// The rows in columns; a colon where there is a hole in what is mapped.
fn table(rows: &[Row]) -> String {
    let regions = || rows.iter().filter_map(|row| row.region.as_ref());
    let digits = regions().map(|region| format!("{:x}", region.end).len()).max().unwrap_or(1);
    let width = 2 * (digits + 2) + 2;
    let bytes = regions().map(|region| (region.end - u128::from(region.start)).to_string().len()).max();
    let bytes = bytes.unwrap_or(1).max(5);
    let rights = regions().map(|region| region.restr.to_string().len()).max().unwrap_or(1).max(6);
    let mut text = String::new();
    let _ = writeln!(text, "  {:<width$}  {:>bytes$}  {:<rights$}  tree", "addresses", "bytes", "rights");
    let mut reached = None;
    for Row { region, tree } in rows {
        let Some(Region { start, end, restr }) = region else {
            let _ = writeln!(text, "  {:<width$}  {:>bytes$}  {:<rights$}  {tree}", "", "", "");
            continue;
        };
        if reached.is_some_and(|reached| reached != u128::from(*start)) {
            let _ = writeln!(text, "  :");
        }
        reached = Some(*end);
        let style = Style::new().fg_color(color(*restr).map(Into::into));
        let (range, size) = (format!("0x{start:0digits$x}..0x{end:0digits$x}"), end - u128::from(*start));
        let rest = restr.to_string();
        let _ = writeln!(text, "  {style}{range:<width$}  {size:>bytes$}  {rest:<rights$}{style:#}  {tree}");
    }
    text
}

/// Code, what may be written, and what may only be read.
fn color(restr: Restr) -> Option<AnsiColor> {
    match (restr.contains(Restr::NX), restr.contains(Restr::RO)) {
        (false, true) => Some(AnsiColor::Cyan),
        (false, false) => Some(AnsiColor::Magenta),
        (true, false) => Some(AnsiColor::Yellow),
        (true, true) => None,
    }
}
