//! All findings in the contents of an image, one after the other, with a state of a few hundred bytes: a
//! kernel's stack is small.

use super::capability::Limits;
use super::{Rules, objects, spaces, tables};
use crate::image::Image;
use crate::object::{ObjectId, ObjectType};
use crate::rules::CoyotosFinding;
use crate::wire::Layout;

/// Maximum number of findings of one step: those of one capability, and two that its slot can add.
const MAX_STEP: usize = 12;

/// The findings of a step that were not yet returned.
#[derive(Clone, Copy)]
pub(super) struct Pending {
    items: [Option<CoyotosFinding>; MAX_STEP],
    next: usize,
}

impl Pending {
    const fn new() -> Self {
        Self { items: [None; MAX_STEP], next: 0 }
    }

    pub(super) fn push(&mut self, finding: CoyotosFinding) {
        if let Some(free) = self.items.iter_mut().skip(self.next).find(|item| item.is_none()) {
            *free = Some(finding);
        }
    }

    fn pop(&mut self) -> Option<CoyotosFinding> {
        let finding = self.items.get_mut(self.next).and_then(Option::take);
        self.next = if finding.is_some() { self.next.saturating_add(1) } else { 0 };
        finding
    }
}

/// What is examined next.
#[derive(Clone, Copy)]
enum Stage {
    /// The objects of a kind, starting with one of them; the kind by its index in file order.
    Objects {
        kind: usize,
        oid: u64,
    },
    /// A slot of an object that breaks some rule.
    Slot {
        kind: usize,
        oid: u64,
        slot: u32,
    },
    Totals,
    Bank(u32),
    Alloc(u32),
    Names,
    Symbol(u32),
    Strings,
    Padding(usize),
    Space(u32),
    End,
}

/// The findings in an image: see [`check`](super::check()).
#[derive(Clone, Copy)]
pub(super) struct Findings<'a> {
    image: Image<'a>,
    limits: Limits,
    stage: Stage,
    /// Number of GPTs that the walks of spaces may still enter.
    budget: u64,
    pending: Pending,
}

impl<'a> Findings<'a> {
    pub(super) fn new(image: &Image<'a>, rules: Rules) -> Self {
        let mut pending = Pending::new();
        let mut stage = Stage::Objects { kind: 0, oid: 0 };
        if image.layout() != Layout::Current {
            // By the rules of the current layout nothing in it is valid.
            pending.push(image.header().old_layout());
            stage = Stage::End;
        }
        Self {
            image: *image,
            limits: Limits::of(image, rules),
            stage,
            budget: spaces::budget(image),
            pending,
        }
    }

    /// Examines one item. A stage ends by naming the next one.
    #[inline(never)]
    fn step(&mut self) {
        let (image, pending) = (&self.image, &mut self.pending);
        let header = image.header();
        self.stage = match self.stage {
            Stage::Objects { kind, oid } => match ObjectType::WITH_CAPABILITIES.get(kind) {
                Some(&object_type) => match objects::first_broken(image, object_type, oid, &self.limits) {
                    Some(oid) => Stage::Slot { kind, oid, slot: 0 },
                    None => Stage::Objects { kind: kind.saturating_add(1), oid: 0 },
                },
                None if self.limits.rules == Rules::Reference => Stage::End,
                None => Stage::Totals,
            },
            Stage::Slot { kind, oid, slot } => {
                let object_type =
                    ObjectType::WITH_CAPABILITIES.get(kind).copied().unwrap_or(ObjectType::CapPage);
                let id = ObjectId { object_type, oid };
                match object_type.slot(slot, header.pg_size) {
                    Some(place) => {
                        objects::slot(image, id, place, &self.limits, pending);
                        Stage::Slot { kind, oid, slot: slot.saturating_add(1) }
                    }
                    None => {
                        objects::attrs(image, id, &self.limits, &mut |finding| pending.push(finding));
                        Stage::Objects { kind, oid: oid.saturating_add(1) }
                    }
                }
            }
            Stage::Totals => {
                tables::totals(image, pending);
                Stage::Bank(0)
            }
            Stage::Bank(index) if index < header.n_bank => {
                tables::bank(image, index, pending);
                Stage::Bank(index.saturating_add(1))
            }
            Stage::Bank(_) => Stage::Alloc(0),
            Stage::Alloc(index) => match image.object_at(index).zip(image.alloc(index)) {
                Some((object, alloc)) => {
                    tables::alloc(image, index, alloc, object, pending);
                    Stage::Alloc(index.saturating_add(1))
                }
                None => Stage::Names,
            },
            Stage::Names => {
                tables::names(image, pending);
                Stage::Symbol(0)
            }
            Stage::Symbol(index) if index < header.n_symbol => {
                tables::symbol(image, index, pending);
                Stage::Symbol(index.saturating_add(1))
            }
            Stage::Symbol(_) => Stage::Strings,
            Stage::Strings => {
                tables::strings(image, pending);
                Stage::Padding(0)
            }
            Stage::Padding(index) => match tables::padding(image, index, pending) {
                Some(()) => Stage::Padding(index.saturating_add(1)),
                None => Stage::Space(0),
            },
            Stage::Space(process) if process < header.n_proc => {
                spaces::of_process(image, process.into(), &mut self.budget, pending);
                Stage::Space(process.saturating_add(1))
            }
            Stage::Space(_) | Stage::End => Stage::End,
        };
    }
}

impl Iterator for Findings<'_> {
    type Item = CoyotosFinding;

    fn next(&mut self) -> Option<CoyotosFinding> {
        loop {
            if let Some(finding) = self.pending.pop() {
                return Some(finding);
            }
            if matches!(self.stage, Stage::End) {
                return None;
            }
            self.step();
        }
    }
}
