//! The two forms that a program in an address space can take: a process that runs, and what a constructor
//! makes processes from.

use core::fmt;

use execfmt_common::ByteOrder;

use super::{BuildError, Builder};
use crate::bits::shl;
use crate::capability::{CapType, Capability, Restr};
use crate::object::{ObjectType, ProcessAttrs, Slot};
use crate::space::SpaceError;
use crate::wire::GPT_SLOTS;

/// The input of a constructor for the small memory model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConstructorForm {
    /// A GPT of pages, weakened: the constructor copies pages that are written to.
    pub space: Capability,
    /// The `ProtoSpace`: a page that begins with the PC, followed by the program that starts a new process.
    pub proto_space: Capability,
}

/// Slot of the small model's GPT, which is also its address in pages, where the text begins.
pub const TEXT_SLOT: u32 = 1;
/// Slot of the small model's GPT where the runtime maps the capability stack.
pub const CAP_STACK_SLOT: u32 = 14;
/// Slot of the small model's GPT where the runtime maps the stack.
pub const STACK_SLOT: u32 = 15;
/// Offset of the code in the page of a `ProtoSpace` program, in bytes: after the PC.
pub const PROTO_CODE: u64 = 8;

/// Why a space does not fit the small model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SmallModelFlaw {
    /// The page where the text begins is not mapped, or not executable.
    NoText,
    /// A page is mapped where the runtime maps the stack.
    Stack,
    /// A page is mapped where the runtime maps the capability stack.
    CapStack,
}

impl fmt::Display for SmallModelFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoText => write!(
                f,
                "the text of the small model begins at page {TEXT_SLOT}, which is not mapped executable; link the \
                 program to the address of one page"
            ),
            Self::Stack => write!(
                f,
                "the program has a page in slot {STACK_SLOT}, where the small model has its stack; link it to lower \
                 addresses, or make it smaller"
            ),
            Self::CapStack => write!(
                f,
                "the program has a page in slot {CAP_STACK_SLOT}, where the small model has its capability stack; link \
                 it to lower addresses, or make it smaller"
            ),
        }
    }
}

impl Builder {
    /// Whether a program can start at an address: it is mapped to an executable page.
    fn demand_executable(&self, space: Capability, pc: u64) -> Result<(), BuildError> {
        let leaf = self.leaf(space, pc)?;
        let page = leaf.capability.cap_type() == CapType::PAGE;
        if page && !leaf.restr.contains(Restr::NX) { Ok(()) } else { Err(BuildError::EntryNotExecutable(pc)) }
    }

    /// A process that the kernel starts at `pc` when it loads the image. Everything but its fault and its
    /// address space is zero and left for the caller to set, above all the schedule.
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

    /// The input of a constructor for the small model: the space as one GPT of pages, weakened, and a
    /// `ProtoSpace` of its own, which begins with the PC as a 64-bit word of the target.
    ///
    /// `proto` is the page of the `ProtoSpace` program, at most a page long: the code that a new process runs
    /// first, from byte [`PROTO_CODE`] on. It is copied as a whole, and the PC replaces its first 8 bytes.
    /// With `None` the page holds only the PC: no process can start from it until code is added later.
    ///
    /// The rules of the small model: the space has at most 16 pages, the text begins at page [`TEXT_SLOT`],
    /// and slots [`STACK_SLOT`] and [`CAP_STACK_SLOT`] are free for the stack and the capability stack, which
    /// the runtime maps. If the space is not a single GPT of pages, its pages are put into a new one.
    ///
    /// # Errors
    /// [`BuildError::NotSmall`] for a space that extends beyond 16 pages, [`BuildError::SmallModel`],
    /// [`BuildError::EntryNotExecutable`], [`BuildError::PastEnd`] for a `proto` longer than a page, and those of
    /// [`alloc`](Self::alloc).
    pub fn constructor_form(
        &mut self,
        bank: Capability,
        space: Capability,
        pc: u64,
        proto: Option<&[u8]>,
    ) -> Result<ConstructorForm, BuildError> {
        self.demand_executable(space, pc)?;
        self.demand_small(space)?;
        self.atomically(|builder| {
            let mut root =
                if builder.is_gpt_of_pages(space) { space } else { builder.gathered(bank, space)? };
            root.set_restr(root.restr().with(Restr::WK).with(Restr::RO));
            let word = match builder.arch().byte_order() {
                ByteOrder::Little => pc.to_le_bytes(),
                ByteOrder::Big => pc.to_be_bytes(),
            };
            let proto_space = builder.page_with(bank, proto.unwrap_or_default())?;
            builder.write_page(proto_space, 0, &word)?;
            Ok(ConstructorForm { space: root, proto_space })
        })
    }

    /// The rules of the small model.
    fn demand_small(&self, space: Capability) -> Result<(), BuildError> {
        let page = self.arch().page_size_log2();
        let most = page.saturating_add(4);
        let reach = u64::BITS.saturating_sub(space.guard().leading_zeros()).max(space.l2g().into());
        if reach > most.into() {
            return Err(BuildError::NotSmall { l2: reach, most: most.into() });
        }
        let at = |slot: u32| shl(slot.into(), page.into());
        if self.demand_executable(space, at(TEXT_SLOT)).is_err() {
            return Err(BuildError::SmallModel(SmallModelFlaw::NoText));
        }
        for (slot, flaw) in [(STACK_SLOT, SmallModelFlaw::Stack), (CAP_STACK_SLOT, SmallModelFlaw::CapStack)]
        {
            if self.leaf(space, at(slot))?.capability.cap_type() != CapType::NULL {
                return Err(BuildError::SmallModel(flaw));
            }
        }
        Ok(())
    }

    /// Whether a space is one GPT whose slots are pages.
    fn is_gpt_of_pages(&self, space: Capability) -> bool {
        let page = self.arch().page_size_log2();
        self.gpt(space).is_ok_and(|state| state.l2v == page) && space.l2g() == page.saturating_add(4)
    }

    /// A new GPT with the first 16 pages of a space, however many GPTs are on the paths to them.
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
            // The restrictions that a page can have; NC is for GPTs.
            let handed_down = leaf.restr.without(Restr::NC);
            part.set_restr(part.restr().with(handed_down));
            let lost = SpaceError::Inconsistent("a GPT has fewer slots than it should");
            *self.gpt_slot_mut(index, slot)?.ok_or(lost)? = part;
        }
        Ok(gpt)
    }
}
