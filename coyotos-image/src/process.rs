//! The two forms in which a program in an address space is handed on: a process that runs, and what a constructor makes
//! processes of.

use crate::build::{BuildError, Builder};
use crate::capability::{CapType, Capability, Restr};
use crate::object::{ObjectType, ProcessState, Slot};
use crate::space::SpaceError;
use execfmt_common::ByteOrder;

/// What a constructor of the small model is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConstructorForm {
    /// A GPT of pages, weakened: the constructor copies what is written to.
    pub space: Capability,
    /// The `ProtoSpace`: a page that begins with the PC.
    pub proto_space: Capability,
}

impl Builder {
    /// Whether a program can start at an address: it is mapped to a page that may be executed.
    fn demand_executable(&self, space: Capability, pc: u64) -> Result<(), BuildError> {
        let leaf = self.leaf(space, pc)?;
        let page = leaf.capability.cap_type() == CapType::PAGE;
        if page && !leaf.restr.contains(Restr::NX) { Ok(()) } else { Err(BuildError::EntryNotExecutable(pc)) }
    }

    /// A process that the kernel makes running at `pc` when it loads the image. Everything but its fault and its
    /// address space is left at zero, to be set by the caller: the schedule above all.
    ///
    /// # Errors
    /// [`BuildError::EntryNotExecutable`], and those of [`alloc`](Self::alloc).
    pub fn runnable_process(
        &mut self,
        bank: Capability,
        space: Capability,
        pc: u64,
    ) -> Result<Capability, BuildError> {
        self.demand_executable(space, pc)?;
        let process = self.alloc(ObjectType::Process, bank)?;
        let state = ProcessState {
            fault_code: ProcessState::FAULT_STARTUP,
            fault_info: pc,
            ..ProcessState::default()
        };
        self.set_process(process, state)?;
        self.set_capability(process, Slot::AddrSpace, space)?;
        Ok(process)
    }

    /// The form that a constructor of the small model takes: the space as one GPT of pages, weakened, and a page with the
    /// PC as a 64-bit word of the target at its start.
    ///
    /// A space of one page gets a GPT. One that is smaller than a GPT of pages by its guard only is widened.
    ///
    /// # Errors
    /// [`BuildError::NotSmall`] for a space that reaches beyond 16 pages, [`BuildError::EntryNotExecutable`], and those
    /// of [`alloc`](Self::alloc).
    pub fn constructor_form(
        &mut self,
        bank: Capability,
        space: Capability,
        pc: u64,
    ) -> Result<ConstructorForm, BuildError> {
        self.demand_executable(space, pc)?;
        let page = self.arch().page_size_log2();
        let most = page.saturating_add(4);
        let reach = u64::BITS.saturating_sub(space.guard().leading_zeros()).max(space.l2g().into());
        if reach > most.into() {
            return Err(BuildError::NotSmall { l2: reach, most: most.into() });
        }
        self.atomically(|builder| {
            let mut root = if space.cap_type() == CapType::GPT && space.l2g() == most {
                space
            } else {
                let (gpt, index) = builder.new_gpt(bank, page, most)?;
                let slot = usize::try_from(space.guard() >> page).unwrap_or(usize::MAX);
                let mut part = space;
                part.set_guard_match(0);
                let lost = SpaceError::Inconsistent("a page of the space lies outside of its 16 pages");
                *builder.gpt_slot_mut(index, slot)?.ok_or(lost)? = part;
                gpt
            };
            root.set_restr(root.restr().with(Restr::WK).with(Restr::RO));
            let word = match builder.arch().byte_order() {
                ByteOrder::Little => pc.to_le_bytes(),
                ByteOrder::Big => pc.to_be_bytes(),
            };
            let proto_space = builder.page_with(bank, &word)?;
            Ok(ConstructorForm { space: root, proto_space })
        })
    }
}
