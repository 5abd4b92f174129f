//! How a failed call leaves no trace: changes to objects that existed before the call are recorded, and
//! objects allocated since are removed. Undoing needs no memory.

use alloc::vec::Vec;

use super::Builder;
use crate::capability::Capability;
use crate::object::GptAttrs;
use crate::space::SpaceError;
use crate::try_vec::push;

/// The state of the outermost call that can still fail.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    depth: u32,
    /// Number of GPTs and pages before the call: only those need records.
    gpts: usize,
    pages: usize,
    notes: Vec<Note>,
}

/// The previous value.
#[derive(Clone, Debug)]
enum Note {
    Slot {
        gpt: usize,
        slot: usize,
        before: Capability,
    },
    State {
        gpt: usize,
        before: GptAttrs,
    },
    /// A page that was all zero.
    Zeros {
        page: usize,
    },
}

impl Journal {
    /// Records a change to object number `index` of a kind, if it is one of the first `stood`.
    #[inline]
    fn note(&mut self, index: usize, stood: usize, note: Note) -> Result<(), SpaceError> {
        if self.depth > 0 && index < stood { Ok(push(&mut self.notes, note)?) } else { Ok(()) }
    }
}

impl Builder {
    /// Runs `call`; if it fails, all of its changes to pages, GPTs and the numbers of objects are undone.
    ///
    /// `call` may allocate any object, change objects that it allocated itself, change GPTs through
    /// [`gpt_slot_mut`](Self::gpt_slot_mut) and [`gpt_state_mut`](Self::gpt_state_mut), and set the contents
    /// of a page through [`set_contents`](Self::set_contents).
    pub(crate) fn atomically<T, E>(&mut self, call: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        if self.journal.depth > 0 {
            return call(self);
        }
        let marks = (self.pages.len(), self.cap_pages.len(), self.gpts.len(), self.endpoints.len());
        let (processes, banks) = (self.processes.len(), self.banks.len());
        self.journal.depth = 1;
        self.journal.gpts = self.gpts.len();
        self.journal.pages = self.pages.len();
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
            Note::State { gpt, before } => {
                if let Some(place) = self.gpts.get_mut(gpt) {
                    place.object.state = before;
                }
            }
            Note::Zeros { page } => {
                if let Some(place) = self.pages.get_mut(page) {
                    place.object = None;
                }
            }
        }
    }

    /// A slot of a GPT, for writing; `None` when there is none.
    pub(crate) fn gpt_slot_mut(
        &mut self,
        gpt: usize,
        slot: usize,
    ) -> Result<Option<&mut Capability>, SpaceError> {
        let place = self.gpts.get_mut(gpt).and_then(|gpt| gpt.object.caps.get_mut(slot));
        let Some(place) = place else { return Ok(None) };
        self.journal.note(gpt, self.journal.gpts, Note::Slot { gpt, slot, before: *place })?;
        Ok(Some(place))
    }

    /// The fields of a GPT, for writing; `None` when there is none.
    pub(super) fn gpt_state_mut(&mut self, gpt: usize) -> Result<Option<&mut GptAttrs>, SpaceError> {
        let Some(place) = self.gpts.get_mut(gpt).map(|gpt| &mut gpt.object.state) else { return Ok(None) };
        self.journal.note(gpt, self.journal.gpts, Note::State { gpt, before: *place })?;
        Ok(Some(place))
    }

    /// Sets the contents of a page that was all zero.
    pub(super) fn set_contents(&mut self, page: usize, contents: Vec<u8>) -> Result<(), SpaceError> {
        let Some(place) = self.pages.get_mut(page) else { return Ok(()) };
        self.journal.note(page, self.journal.pages, Note::Zeros { page })?;
        place.object = Some(contents);
        Ok(())
    }
}
