//! The two forms in which a program in an address space is handed on: a process that runs, and what a constructor makes
//! processes of.

use super::{BuildError, Builder};
use crate::bits::shl;
use crate::capability::{CapType, Capability, Restr};
use crate::object::{ObjectType, ProcessAttrs, Slot};
use crate::space::SpaceError;
use crate::wire::GPT_SLOTS;
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
        let state = ProcessAttrs {
            fault_code: ProcessAttrs::FAULT_STARTUP,
            fault_info: pc,
            ..ProcessAttrs::default()
        };
        self.set_process(process, state)?;
        self.set_capability(process, Slot::AddrSpace, space)?;
        Ok(process)
    }

    /// The form that a constructor of the small model takes: the space as one GPT of pages, weakened, and a page with the
    /// PC as a 64-bit word of the target at its start.
    ///
    /// A space that is not one GPT of pages gets one, into which its pages are put.
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
            let mut root =
                if builder.is_gpt_of_pages(space) { space } else { builder.gathered(bank, space)? };
            root.set_restr(root.restr().with(Restr::WK).with(Restr::RO));
            let word = match builder.arch().byte_order() {
                ByteOrder::Little => pc.to_le_bytes(),
                ByteOrder::Big => pc.to_be_bytes(),
            };
            let proto_space = builder.page_with(bank, &word)?;
            Ok(ConstructorForm { space: root, proto_space })
        })
    }

    /// Whether a space is one GPT whose slots are pages.
    fn is_gpt_of_pages(&self, space: Capability) -> bool {
        let page = self.arch().page_size_log2();
        self.gpt(space).is_ok_and(|state| state.l2v == page) && space.l2g() == page.saturating_add(4)
    }

    /// A new GPT with the first 16 pages of a space, however many GPTs the way to them leads through.
    fn gathered(&mut self, bank: Capability, space: Capability) -> Result<Capability, BuildError> {
        let page = self.arch().page_size_log2();
        let (gpt, index) = self.new_gpt(bank, page, page.saturating_add(4))?;
        for slot in 0..GPT_SLOTS {
            let leaf = self.leaf(space, shl(slot as u64, page.into()))?;
            if leaf.capability.cap_type() == CapType::NULL || leaf.offset != 0 {
                continue;
            }
            let mut part = leaf.capability;
            part.set_guard_match(0);
            part.set_l2g(page);
            // What a page may have; NC is for GPTs.
            let handed_down = leaf.restr.without(Restr::NC);
            part.set_restr(part.restr().with(handed_down));
            let lost = SpaceError::Inconsistent("a GPT has fewer slots than it should");
            *self.gpt_slot_mut(index, slot)?.ok_or(lost)? = part;
        }
        Ok(gpt)
    }
}
