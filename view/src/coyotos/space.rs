//! The tree that maps an address space.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use coyotos_image::space::{Mapping, Space, Visit, walk};
use coyotos_image::{GptAttrs, Image, ObjectId, Restr};

use super::why_it_ended;
use crate::{Branch, Leaf, Memory, Region, Role};

/// Maximum number of rows of a space: a hostile tree is endless, and a large one unreadable.
const MAX_ROWS: usize = 400;

pub(super) fn memory(image: &Image<'_>, space: &Space) -> Memory {
    let (tree, is_whole) = branches(image, space);
    // An end beyond 64 bits is shown as the largest 64-bit number.
    let end = |leaf: &Leaf| u64::try_from(leaf.end).unwrap_or(u64::MAX);
    let leaves = tree.iter().filter_map(|branch| Some((branch, branch.leaf.as_ref()?)));
    let regions: Vec<_> = leaves
        .map(|(branch, leaf)| {
            let name = format!("{} {}", leaf.rights, branch.text);
            Region::between(name, leaf.role, (leaf.start, end(leaf)))
        })
        .collect();
    let length = regions.iter().map(|region| region.end).max().unwrap_or_default();
    let page = u64::from(image.header().pg_size);
    let root = ObjectId::of(space.root);
    let root = root.map(|root| format!("{}:{}", root.object_type.name().to_ascii_lowercase(), root.oid));
    let short = root.unwrap_or_else(|| "space".into());
    Memory { tree, is_whole, ..Memory::new(title(space), short, (length, page), regions) }
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

/// A GPT on the path.
struct Above {
    address: u64,
    state: GptAttrs,
}

/// Contiguous leaves of one GPT: of consecutive objects, or all of the same object.
struct Run {
    start: u64,
    end: u128,
    depth: usize,
    first: Mapping,
    slots: Option<(u64, u64)>,
    last_oid: u64,
    /// The difference between consecutive OIDs; `None` for a run of one.
    step: Option<u64>,
}

impl Run {
    fn new(mapping: Mapping, depth: usize, slot: Option<u64>) -> Self {
        let (start, end) = (mapping.address, mapping.end());
        let slots = slot.map(|slot| (slot, slot));
        Self { start, end, depth, first: mapping, slots, last_oid: mapping.capability.oid(), step: None }
    }

    /// Adds a leaf, if it continues the run.
    fn take(&mut self, mapping: &Mapping, depth: usize, slot: Option<u64>) -> bool {
        let (mut expected, oid) = (self.first.capability, mapping.capability.oid());
        let step = oid.checked_sub(self.last_oid);
        let (Some((from, to)), Some(slot), Some(step)) = (self.slots, slot, step) else { return false };
        expected.set_oid(oid);
        let continues = depth == self.depth
            && step <= 1
            && self.step.is_none_or(|known| known == step)
            && Some(slot) == to.checked_add(1)
            && mapping.capability == expected
            && mapping.restr == self.first.restr
            && self.end == u128::from(mapping.address);
        if continues {
            (self.slots, self.last_oid, self.step) = (Some((from, slot)), oid, Some(step));
            self.end = mapping.end();
        }
        continues
    }

    fn into_branch(self) -> Branch {
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
        let what = if self.step == Some(0) { format!("{what} each") } else { what };
        let restr = self.first.restr;
        let leaf = Leaf { start: self.start, end: self.end, rights: restr.to_string(), role: role(restr) };
        Branch { depth: self.depth, text: format!("{label}{what}{}", guard(&self.first)), leaf: Some(leaf) }
    }
}

/// What a program may do there: execute, write, or only read.
fn role(restr: Restr) -> Role {
    match (restr.contains(Restr::NX), restr.contains(Restr::RO)) {
        (false, true) => Role::Code,
        (true, true) => Role::ReadOnly,
        (true, false) => Role::Data,
        (false, false) => Role::Pages,
    }
}

/// The properties of a capability besides its object: its own guard and restrictions.
fn guard(mapping: &Mapping) -> String {
    let cap = mapping.capability;
    let guard =
        if cap.guard_match() == 0 { String::new() } else { format!(", match {:#x}", cap.guard_match()) };
    let own = if cap.restr() == Restr::NONE { String::new() } else { format!(", {}", cap.restr()) };
    format!(", l2g {}{guard}{own}", cap.l2g())
}

/// The slot that follows from the address: the guard is within what a slot covers.
fn slot_of(above: &[Above], mapping: &Mapping) -> Option<u64> {
    let gpt = above.last()?;
    let within = mapping.address.saturating_sub(gpt.address);
    Some(within.checked_shr(gpt.state.l2v.into()).unwrap_or_default())
}

/// The rows, and whether they are complete.
fn branches(image: &Image<'_>, space: &Space) -> (Vec<Branch>, bool) {
    let mut branches: Vec<Branch> = Vec::new();
    let mut above: Vec<Above> = Vec::new();
    let mut run: Option<Run> = None;
    for visit in walk(image, space.root, image.walk_limits()) {
        if branches.len() >= MAX_ROWS {
            branches.extend(run.take().map(Run::into_branch));
            return (branches, false);
        }
        match visit {
            Ok(Visit::Gpt { mapping, state, depth }) => {
                branches.extend(run.take().map(Run::into_branch));
                above.truncate(depth);
                let slot = slot_of(&above, &mapping).map(|slot| format!("slot {slot}: "));
                let flags = [(state.ha, ", ha"), (state.bg, ", bg")];
                let flags: String = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
                let text = format!(
                    "{}GPT {}, l2v {}{flags}{}",
                    slot.unwrap_or_default(),
                    mapping.capability.oid(),
                    state.l2v,
                    guard(&mapping)
                );
                branches.push(Branch { depth, text, leaf: None });
                above.push(Above { address: mapping.address, state });
            }
            Ok(Visit::Leaf { mapping, depth }) => {
                above.truncate(depth);
                let slot = slot_of(&above, &mapping);
                if !run.as_mut().is_some_and(|run| run.take(&mapping, depth, slot)) {
                    branches.extend(run.take().map(Run::into_branch));
                    run = Some(Run::new(mapping, depth, slot));
                }
            }
            Err(error) => {
                branches.extend(run.take().map(Run::into_branch));
                let text = format!("the walk ends here: {}", why_it_ended(error));
                branches.push(Branch { depth: above.len(), text, leaf: None });
            }
        }
    }
    branches.extend(run.take().map(Run::into_branch));
    (branches, true)
}
