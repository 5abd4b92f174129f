//! The five kinds of objects as numbers, and the names of their capability slots.

use core::fmt;
use core::mem::{offset_of, size_of};

use zerocopy::byteorder::LittleEndian;

use crate::capability::{CapType, Capability};
use crate::wire::{self, CAP_REGS, GPT_SLOTS};

/// A kind of object, with its number in the alloc table, which is sorted by this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectType {
    /// A page of bytes.
    Page = 0,
    /// A page of capabilities.
    CapPage = 1,
    /// A guarded page table: a node of an address space.
    Gpt = 2,
    /// A process.
    Process = 3,
    /// Where a process receives messages.
    Endpoint = 4,
}

type Process = wire::Process<LittleEndian>;

impl ObjectType {
    /// All five, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Page, Self::CapPage, Self::Gpt, Self::Process, Self::Endpoint];

    /// The kinds that hold capabilities, in file order: endpoints before processes.
    pub const WITH_CAPABILITIES: [Self; 4] = [Self::CapPage, Self::Gpt, Self::Endpoint, Self::Process];

    /// The number in the alloc table.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The name of the kind in Coyotos.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "Page",
            Self::CapPage => "CapPage",
            Self::Gpt => "GPT",
            Self::Process => "Process",
            Self::Endpoint => "Endpoint",
        }
    }

    /// The type of a capability to such an object.
    pub const fn cap_type(self) -> CapType {
        match self {
            Self::Page => CapType::PAGE,
            Self::CapPage => CapType::CAP_PAGE,
            Self::Gpt => CapType::GPT,
            Self::Process => CapType::PROCESS,
            Self::Endpoint => CapType::ENDPOINT,
        }
    }

    /// The kind of object that a capability of this type refers to.
    pub fn from_cap_type(cap_type: CapType) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.cap_type() == cap_type)
    }

    /// The size in the file in bytes.
    pub const fn size(self, page_size: u32) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "sizes of wire structs, at most 632")]
        match self {
            Self::Page | Self::CapPage => page_size,
            Self::Gpt => size_of::<wire::Gpt<LittleEndian>>() as u32,
            Self::Process => size_of::<Process>() as u32,
            Self::Endpoint => size_of::<wire::Endpoint<LittleEndian>>() as u32,
        }
    }

    /// Offset of the capabilities in the object, in bytes.
    pub(crate) const fn caps_at(self) -> usize {
        match self {
            Self::Page | Self::CapPage => 0,
            Self::Gpt => offset_of!(wire::Gpt<LittleEndian>, cap),
            Self::Process => offset_of!(Process, state_caps),
            Self::Endpoint => offset_of!(wire::Endpoint<LittleEndian>, recipient),
        }
    }

    /// Number of capabilities in an object.
    pub const fn slot_count(self, page_size: u32) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "constants, at most 32")]
        match self {
            Self::Page => 0,
            Self::CapPage => page_size / CAP_SIZE,
            Self::Gpt => GPT_SLOTS as u32,
            Self::Process => (Slot::STATE.len() as u32).wrapping_add(CAP_REGS as u32),
            Self::Endpoint => 1,
        }
    }

    /// The slot at an index, in file order; `None` when there are fewer.
    pub fn slot(self, index: u32, page_size: u32) -> Option<Slot> {
        if index >= self.slot_count(page_size) {
            return None;
        }
        match self {
            Self::Page => None,
            Self::CapPage | Self::Gpt => Some(Slot::Index(index)),
            Self::Endpoint => Some(Slot::Recipient),
            Self::Process => match Slot::STATE.get(usize::try_from(index).ok()?) {
                Some(&slot) => Some(slot),
                None => Some(Slot::CapReg(index.checked_sub(u32::try_from(Slot::STATE.len()).ok()?)?)),
            },
        }
    }

    /// The index of a slot among the object's, in file order; `None` when it has no such slot.
    pub fn slot_index(self, slot: Slot, page_size: u32) -> Option<u32> {
        let index = match (self, slot) {
            (Self::CapPage | Self::Gpt, Slot::Index(index)) => index,
            (Self::Endpoint, Slot::Recipient) => 0,
            (Self::Process, Slot::CapReg(index)) => {
                index.checked_add(u32::try_from(Slot::STATE.len()).ok()?)?
            }
            (Self::Process, state) => u32::try_from(Slot::STATE.iter().position(|&s| s == state)?).ok()?,
            _ => return None,
        };
        (index < self.slot_count(page_size)).then_some(index)
    }

    /// Offset of the capability in a slot, from the start of the object, in bytes.
    pub(crate) fn slot_at(self, slot: Slot, page_size: u32) -> Option<u64> {
        let caps = u64::from(self.slot_index(slot, page_size)?).checked_mul(CAP_SIZE.into())?;
        caps.checked_add(self.caps_at() as u64)
    }
}

const CAP_SIZE: u32 = 16;

impl fmt::Display for ObjectType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An object of an image: its kind and its OID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// The kind.
    pub object_type: ObjectType,
    /// Its index among the objects of the kind, in file order.
    pub oid: u64,
}

impl ObjectId {
    /// The object that a capability refers to; `None` for other capabilities and for physical pages.
    pub fn of(cap: Capability) -> Option<Self> {
        let object_type = ObjectType::from_cap_type(cap.cap_type())?;
        (!cap.is_physical_page()).then_some(Self { object_type, oid: cap.oid() })
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.object_type, self.oid)
    }
}

/// A slot for a capability in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Of a GPT (0 to 15) or of a capability page.
    Index(u32),
    /// Of an endpoint.
    Recipient,
    /// Of an endpoint in the layout of July 2007; Null.
    RcvQueue,
    /// Of a process: the source of its processor time.
    Schedule,
    /// Of a process: its address space.
    AddrSpace,
    /// Of a process: a mark by which its creator recognises it.
    Brand,
    /// Of a process: its cohort.
    Cohort,
    /// Of a process: its right to do I/O; Null or `IOPriv`.
    IoSpace,
    /// Of a process: the handler of its faults.
    Handler,
    /// Of a process: a capability register, 0 to 31.
    CapReg(u32),
}

impl Slot {
    /// A process's slots before its registers, in file order.
    pub const STATE: [Self; 6] =
        [Self::Schedule, Self::AddrSpace, Self::Brand, Self::Cohort, Self::IoSpace, Self::Handler];

    /// The slot with a name and, for numbered slots, an index.
    pub fn from_name(name: &str, index: u32) -> Option<Self> {
        let named = Self::STATE.into_iter().chain([Self::Recipient]);
        let counted = [Self::CapReg(index), Self::Index(index)];
        named.chain(counted).find(|slot| slot.name() == name)
    }

    /// The field's name: `cap`, `recipient`, `schedule`, …, `capReg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Index(_) => "cap",
            Self::Recipient => "recipient",
            Self::RcvQueue => "rcvQueue",
            Self::Schedule => "schedule",
            Self::AddrSpace => "addrSpace",
            Self::Brand => "brand",
            Self::Cohort => "cohort",
            Self::IoSpace => "ioSpace",
            Self::Handler => "handler",
            Self::CapReg(_) => "capReg",
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Index(index) | Self::CapReg(index) => write!(f, "[{index}]"),
            _ => Ok(()),
        }
    }
}

/// A GPT without its capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GptAttrs {
    /// The binary logarithm of the number of bytes that a slot covers (6 bits).
    pub l2v: u8,
    /// The last slot but one holds a fault handler: only the lower 8 slots are mapped.
    pub ha: bool,
    /// The GPT has a background space: only the lower 8 slots are mapped.
    pub bg: bool,
}

impl GptAttrs {
    pub(crate) const fn of_word(word: u32) -> Self {
        Self { l2v: (word & 0x3f) as u8, ha: word & 0x40 != 0, bg: word & 0x80 != 0 }
    }

    /// The first word in its canonical form; only the lowest 6 bits of `l2v` are used.
    #[cfg(feature = "alloc")]
    pub(crate) fn word(self) -> u32 {
        u32::from(self.l2v & 0x3f) | u32::from(self.ha) << 6 | u32::from(self.bg) << 7
    }

    /// The binary logarithm of the number of slots that are mapped: 3 with a handler or a background space,
    /// otherwise 4.
    pub const fn l2slots(self) -> u32 {
        if self.ha || self.bg { 3 } else { 4 }
    }
}

/// An endpoint without its recipient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EndpointAttrs {
    /// Whether the payload of a sender's capability must match [`prot_payload`](Self::prot_payload).
    pub pm: bool,
    /// The protected payload.
    pub prot_payload: u32,
    /// The number that the receiver gets; for a bank's endpoint, the bank's index plus one.
    pub endpoint_id: u64,
}

/// A process without its capabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProcessAttrs {
    /// 0 running, 1 receiving, 2 faulted.
    pub run_state: u8,
    /// XM 1, SX 2, SN 4, TC 8, TR 10, CS 20, PC 40 (hexadecimal).
    pub flags: u16,
    /// Pending notices.
    pub notices: u32,
    /// The fault code; [`FAULT_STARTUP`](Self::FAULT_STARTUP) for a process that is to be started.
    pub fault_code: u32,
    /// Details of the fault: for a Startup fault, the PC.
    pub fault_info: u64,
}

impl ProcessAttrs {
    /// The fault code of a process that the kernel starts when it loads the image.
    pub const FAULT_STARTUP: u32 = 25;
    /// The highest valid `run_state`.
    pub const MAX_RUN_STATE: u8 = 2;
    /// All known flags.
    pub const KNOWN_FLAGS: u16 = 0x7f;
}
