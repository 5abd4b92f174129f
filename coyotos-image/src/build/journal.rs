//! What makes a failed call leave no trace: what was written to objects that stood before the call is noted down, and
//! what was allocated since is cut off.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Builder, Gpt};
use crate::capability::Capability;

/// The state of the outermost call that may still fail.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    depth: u32,
    /// How many GPTs stood before: only those need notes.
    gpts: usize,
    notes: Vec<Note>,
}

#[derive(Clone, Debug)]
enum Note {
    Slot { gpt: usize, slot: usize, before: Capability },
    Gpt { gpt: usize, before: Box<Gpt> },
}

impl Builder {
    /// Runs `call`; if it fails, everything that it did to pages, GPTs and the counts of objects is undone.
    ///
    /// `call` may allocate any object, and change objects of its own making and GPTs through
    /// [`gpt_slot_mut`](Self::gpt_slot_mut) and [`gpt_mut`](Self::gpt_mut).
    pub(crate) fn atomically<T, E>(&mut self, call: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        if self.journal.depth > 0 {
            return call(self);
        }
        let marks = (self.pages.len(), self.cap_pages.len(), self.gpts.len(), self.endpoints.len());
        let (processes, banks) = (self.processes.len(), self.banks.len());
        self.journal.depth = 1;
        self.journal.gpts = self.gpts.len();
        self.journal.notes.clear();
        let result = call(self);
        self.journal.depth = 0;
        if result.is_err() {
            while let Some(note) = self.journal.notes.pop() {
                self.undo(note);
            }
            self.pages.truncate(marks.0);
            self.cap_pages.truncate(marks.1);
            self.gpts.truncate(marks.2);
            self.endpoints.truncate(marks.3);
            self.processes.truncate(processes);
            self.banks.truncate(banks);
        }
        result
    }

    fn undo(&mut self, note: Note) {
        match note {
            Note::Slot { gpt, slot, before } => {
                let place = self.gpts.get_mut(gpt).and_then(|gpt| gpt.object.caps.get_mut(slot));
                if let Some(place) = place {
                    *place = before;
                }
            }
            Note::Gpt { gpt, before } => {
                if let Some(place) = self.gpts.get_mut(gpt) {
                    place.object = *before;
                }
            }
        }
    }

    /// A slot of a GPT, to be written to.
    pub(crate) fn gpt_slot_mut(&mut self, gpt: usize, slot: usize) -> Option<&mut Capability> {
        let place = self.gpts.get_mut(gpt)?.object.caps.get_mut(slot)?;
        if self.journal.depth > 0 && gpt < self.journal.gpts {
            self.journal.notes.push(Note::Slot { gpt, slot, before: *place });
        }
        Some(place)
    }

    /// A GPT, to be written to.
    pub(super) fn gpt_mut(&mut self, gpt: usize) -> Option<&mut Gpt> {
        let place = &mut self.gpts.get_mut(gpt)?.object;
        if self.journal.depth > 0 && gpt < self.journal.gpts {
            self.journal.notes.push(Note::Gpt { gpt, before: Box::new(place.clone()) });
        }
        Some(place)
    }
}
