use core::ffi::{CStr, c_char, c_void};

use coyotos_image::{
    Alloc, Arch, Bank, CapType, Capability, EndpointState, GptState, Header, ObjectId, ObjectType, Packing,
    ProcessState, Restr, Rules, Symbol, space,
};
use static_assertions::const_assert_eq;

use crate::base::{EXECFMT_E_ARGUMENT, byte_order_code, execfmt_finding, execfmt_status};

/// Error: a struct or handle that was damaged, never filled in, or destroyed.
pub const EXECFMT_COYOTOS_E_HANDLE: execfmt_status = 470;
/// Error: the caller's malloc returned NULL.
pub const EXECFMT_COYOTOS_E_MEMORY: execfmt_status = 471;
/// Error: there is no such object.
pub const EXECFMT_COYOTOS_E_NO_OBJECT: execfmt_status = 472;
/// Error: the object has no such slot.
pub const EXECFMT_COYOTOS_E_NO_SLOT: execfmt_status = 473;
/// Error: a capability that no address space is made of.
pub const EXECFMT_COYOTOS_E_NOT_MEMORY: execfmt_status = 474;
/// Error: a capability that is no bank.
pub const EXECFMT_COYOTOS_E_NOT_A_BANK: execfmt_status = 475;
/// Error: a capability to another kind of object than is needed.
pub const EXECFMT_COYOTOS_E_WRONG_TYPE: execfmt_status = 476;
/// Error: a size below a page or above 64 bits.
pub const EXECFMT_COYOTOS_E_SIZE: execfmt_status = 477;
/// Error: an address that is not a multiple of the size that is to be mapped there.
pub const EXECFMT_COYOTOS_E_UNALIGNED: execfmt_status = 478;
/// Error: the place lies within a window or a leaf, which cannot be divided.
pub const EXECFMT_COYOTOS_E_INDIVISIBLE: execfmt_status = 479;
/// Error: a tree whose GPTs contradict each other.
pub const EXECFMT_COYOTOS_E_INCONSISTENT: execfmt_status = 480;
/// Error: a way down through more than 64 GPTs, a cycle.
pub const EXECFMT_COYOTOS_E_TOO_DEEP: execfmt_status = 481;
/// Error: more objects than an image can count, or more GPTs than a walk was allowed.
pub const EXECFMT_COYOTOS_E_TOO_MANY: execfmt_status = 482;
/// Error: bytes beyond the end of a page.
pub const EXECFMT_COYOTOS_E_PAST_END: execfmt_status = 483;
/// Error: page 0 holds the header, which is written last.
pub const EXECFMT_COYOTOS_E_HEADER_PAGE: execfmt_status = 484;
/// Error: the image would be 4 GiB or longer.
pub const EXECFMT_COYOTOS_E_TOO_LARGE: execfmt_status = 485;
/// Error: the start address is not mapped, or may not be executed.
pub const EXECFMT_COYOTOS_E_ENTRY: execfmt_status = 486;
/// Error: a space larger than the one GPT of a small-model constructor.
pub const EXECFMT_COYOTOS_E_NOT_SMALL: execfmt_status = 487;
/// Error: the names of symbols are longer together than 4 GiB, or one holds a NUL.
pub const EXECFMT_COYOTOS_E_NAMES: execfmt_status = 488;
/// Error: behind the address there is something else than a page of the image.
pub const EXECFMT_COYOTOS_E_NOT_WRITABLE: execfmt_status = 489;
/// Error: a range of addresses that ends beyond 64 bits.
pub const EXECFMT_COYOTOS_E_ADDRESS: execfmt_status = 490;
/// Error: not an ELF file.
pub const EXECFMT_COYOTOS_E_ELF_MAGIC: execfmt_status = 500;
/// Error: an ELF file that is damaged.
pub const EXECFMT_COYOTOS_E_ELF_MALFORMED: execfmt_status = 501;
/// Error: code for another machine or in the other byte order.
pub const EXECFMT_COYOTOS_E_ELF_MACHINE: execfmt_status = 502;
/// Error: not linked to fixed addresses, or in need of a dynamic linker.
pub const EXECFMT_COYOTOS_E_ELF_KIND: execfmt_status = 503;
/// Error: no segment to load, or more than 1024.
pub const EXECFMT_COYOTOS_E_ELF_SEGMENTS: execfmt_status = 504;
/// Error: a segment's place in the file or in memory is out of range.
pub const EXECFMT_COYOTOS_E_ELF_RANGE: execfmt_status = 505;
/// Error: two segments want different bytes at one address.
pub const EXECFMT_COYOTOS_E_ELF_OVERLAP: execfmt_status = 506;
/// Error: the original loader cannot load the file, or would lose bytes of it; load it without compatibility.
pub const EXECFMT_COYOTOS_E_ELF_COMPAT: execfmt_status = 507;

/// Target: i386.
pub const EXECFMT_COYOTOS_I386: u32 = 1;
/// Target: ColdFire.
pub const EXECFMT_COYOTOS_COLDFIRE: u32 = 2;
/// Target: ARM.
pub const EXECFMT_COYOTOS_ARM: u32 = 3;

const_assert_eq!(EXECFMT_COYOTOS_I386, Arch::I386.number());
const_assert_eq!(EXECFMT_COYOTOS_COLDFIRE, Arch::COLDFIRE.number());
const_assert_eq!(EXECFMT_COYOTOS_ARM, Arch::ARM.number());

/// Packing of bit-fields: from the least significant bit on, as existing files have it.
pub const EXECFMT_COYOTOS_AS_WRITTEN: u32 = 0;
/// Packing of bit-fields: from the most significant bit on, for big-endian targets.
pub const EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN: u32 = 1;

/// Rules: the original library's 16, and those of tables, padding and symbols.
pub const EXECFMT_COYOTOS_THOROUGH: u32 = 0;
/// Rules: the original library's 16, exactly.
pub const EXECFMT_COYOTOS_ORIGINAL: u32 = 1;

/// Object type: a page of bytes.
pub const EXECFMT_COYOTOS_OBJECT_PAGE: u32 = 0;
/// Object type: a page of capabilities.
pub const EXECFMT_COYOTOS_OBJECT_CAP_PAGE: u32 = 1;
/// Object type: a guarded page table.
pub const EXECFMT_COYOTOS_OBJECT_GPT: u32 = 2;
/// Object type: a process.
pub const EXECFMT_COYOTOS_OBJECT_PROCESS: u32 = 3;
/// Object type: an endpoint.
pub const EXECFMT_COYOTOS_OBJECT_ENDPOINT: u32 = 4;

/// Slot of a process: where its time comes from.
pub const EXECFMT_COYOTOS_SLOT_SCHEDULE: u32 = 0;
/// Slot of a process: its address space.
pub const EXECFMT_COYOTOS_SLOT_ADDR_SPACE: u32 = 1;
/// Slot of a process: a mark that its maker knows it by.
pub const EXECFMT_COYOTOS_SLOT_BRAND: u32 = 2;
/// Slot of a process: its cohort.
pub const EXECFMT_COYOTOS_SLOT_COHORT: u32 = 3;
/// Slot of a process: its right to do I/O.
pub const EXECFMT_COYOTOS_SLOT_IO_SPACE: u32 = 4;
/// Slot of a process: who handles its faults.
pub const EXECFMT_COYOTOS_SLOT_HANDLER: u32 = 5;
/// Slot of a process: capability register N is this number plus N, up to 31.
pub const EXECFMT_COYOTOS_SLOT_CAP_REG: u32 = 6;
/// Slot of an endpoint: its recipient.
pub const EXECFMT_COYOTOS_SLOT_RECIPIENT: u32 = 0;

/// Capability type: Null.
pub const EXECFMT_COYOTOS_CAP_NULL: u32 = 0x00;
/// Capability type: Window.
pub const EXECFMT_COYOTOS_CAP_WINDOW: u32 = 0x01;
/// Capability type: LocalWindow.
pub const EXECFMT_COYOTOS_CAP_LOCAL_WINDOW: u32 = 0x02;
/// Capability type: Schedule.
pub const EXECFMT_COYOTOS_CAP_SCHEDULE: u32 = 0x0c;
/// Capability type: IOPriv.
pub const EXECFMT_COYOTOS_CAP_IO_PRIV: u32 = 0x0f;
/// Capability type: Endpoint.
pub const EXECFMT_COYOTOS_CAP_ENDPOINT: u32 = 0x20;
/// Capability type: Page.
pub const EXECFMT_COYOTOS_CAP_PAGE: u32 = 0x21;
/// Capability type: CapPage.
pub const EXECFMT_COYOTOS_CAP_CAP_PAGE: u32 = 0x22;
/// Capability type: GPT.
pub const EXECFMT_COYOTOS_CAP_GPT: u32 = 0x23;
/// Capability type: Process.
pub const EXECFMT_COYOTOS_CAP_PROCESS: u32 = 0x24;
/// Capability type: AppNotice.
pub const EXECFMT_COYOTOS_CAP_APP_NOTICE: u32 = 0x25;
/// Capability type: Entry.
pub const EXECFMT_COYOTOS_CAP_ENTRY: u32 = 0x3f;

/// Restriction: weak; implies read-only.
pub const EXECFMT_COYOTOS_WK: u32 = 0x01;
/// Restriction: read-only.
pub const EXECFMT_COYOTOS_RO: u32 = 0x02;
/// Restriction: not executable.
pub const EXECFMT_COYOTOS_NX: u32 = 0x04;
/// Restriction: opaque; on physical pages, cache disabled.
pub const EXECFMT_COYOTOS_OP: u32 = 0x08;
/// Restriction: no call; on physical pages, write-through.
pub const EXECFMT_COYOTOS_NC: u32 = 0x10;

/// Capability flag: swizzled, which no image has.
pub const EXECFMT_COYOTOS_CAP_SWIZZLED: u32 = 1;
/// Capability flag: the bit between l2g and match, which no sound image has.
pub const EXECFMT_COYOTOS_CAP_GUARD_PADDING: u32 = 2;

/// GPT flag: it holds a fault handler; only the lower 8 slots are mapped.
pub const EXECFMT_COYOTOS_GPT_HANDLER: u32 = 1;
/// GPT flag: it has a background space; only the lower 8 slots are mapped.
pub const EXECFMT_COYOTOS_GPT_BACKGROUND: u32 = 2;

/// fault_code of a process that the kernel makes running when it loads the image; fault_info is its PC.
pub const EXECFMT_COYOTOS_FAULT_STARTUP: u32 = 25;

/// Symbol: a label, of which nothing more is known.
pub const EXECFMT_COYOTOS_SYMBOL_LABEL: u32 = 0;
/// Symbol: a function.
pub const EXECFMT_COYOTOS_SYMBOL_FUNCTION: u32 = 1;
/// Symbol: a variable or a table.
pub const EXECFMT_COYOTOS_SYMBOL_DATA: u32 = 2;
/// Symbol: the build id of a space's side file.
pub const EXECFMT_COYOTOS_SYMBOL_BUILD_ID: u32 = 16;

/// An image in the caller's memory. Filled in by execfmt_coyotos_open; the other functions check it and the header
/// again, so that a struct that was changed or never filled in does no harm. The bytes must stay where they are.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_coyotos_image {
    /// The bytes.
    pub bytes: *const u8,
    /// How many.
    pub length: usize,
    /// EXECFMT_COYOTOS_AS_WRITTEN or EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN.
    pub packing: u32,
    /// What the fields above are checked by.
    pub seal: u32,
}

/// An image's header, by the names of the format.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_header {
    /// EXECFMT_LITTLE_ENDIAN or EXECFMT_BIG_ENDIAN.
    pub byte_order: u32,
    /// 1.
    pub version: u32,
    /// EXECFMT_COYOTOS_I386, EXECFMT_COYOTOS_COLDFIRE or EXECFMT_COYOTOS_ARM.
    pub target: u32,
    /// The page size in bytes.
    pub pg_size: u32,
    /// Records of the alloc table: one for every object.
    pub n_alloc: u32,
    /// Records of the bank table.
    pub n_bank: u32,
    /// Records of the symbol table.
    pub n_symbol: u32,
    /// The size of the string table in bytes.
    pub n_string_bytes: u32,
    /// Pages, the header's and the tables' included.
    pub n_page: u32,
    /// Capability pages.
    pub n_cap_page: u32,
    /// GPTs.
    pub n_gpt: u32,
    /// Endpoints.
    pub n_endpoint: u32,
    /// Processes.
    pub n_proc: u32,
    /// The size of the image in bytes.
    pub img_bytes: u32,
    /// The first page of the bank table: the number of header and user pages.
    pub bank_vec_oid: u64,
    /// The first page of the symbol table.
    pub sym_vec_oid: u64,
    /// The first page of the string table.
    pub string_table_oid: u64,
    /// The first page of the alloc table.
    pub alloc_vec_oid: u64,
    /// The page behind the last table.
    pub end_vec_oid: u64,
}

/// A capability, taken apart. All zero is Null.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_capability {
    /// The OID of the object; of a window, the offset.
    pub oid: u64,
    /// EXECFMT_COYOTOS_CAP_GPT and so on; 6 bits.
    pub cap_type: u32,
    /// Restrictions: EXECFMT_COYOTOS_RO and so on; 5 bits.
    pub restr: u32,
    /// The allocation count, 20 bits; of a window, the slot.
    pub alloc_count: u32,
    /// The protected payload; 0 for memory: GPT, Page, CapPage and windows.
    pub prot_payload: u32,
    /// Of memory: the binary logarithm of the size in bytes that it covers; 7 bits.
    pub l2g: u32,
    /// Of memory: the address bits from l2g on; 24 bits.
    pub guard_match: u32,
    /// EXECFMT_COYOTOS_CAP_SWIZZLED and EXECFMT_COYOTOS_CAP_GUARD_PADDING; 0 in a sound image.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
}

/// A GPT without its capabilities.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_gpt {
    /// The binary logarithm of the bytes that a slot covers; 6 bits.
    pub l2v: u32,
    /// EXECFMT_COYOTOS_GPT_HANDLER and EXECFMT_COYOTOS_GPT_BACKGROUND.
    pub flags: u32,
}

/// An endpoint without its recipient.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_endpoint {
    /// The number that the receiver is told; of a bank's endpoint, the bank's index plus one.
    pub endpoint_id: u64,
    /// 1 when the payload of a sender's capability must match, else 0.
    pub pm: u32,
    /// The protected payload.
    pub prot_payload: u32,
}

/// A process without its capabilities.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_process {
    /// What the fault is about; of EXECFMT_COYOTOS_FAULT_STARTUP, the PC.
    pub fault_info: u64,
    /// Why it is faulted.
    pub fault_code: u32,
    /// Pending notices.
    pub notices: u32,
    /// 0 running, 1 receiving, 2 faulted; 8 bits.
    pub run_state: u32,
    /// 16 bits.
    pub flags: u32,
}

/// A record of the bank table.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_bank {
    /// The OID of the bank's endpoint.
    pub endpoint_oid: u64,
    /// The index of the parent bank; the root, bank 0, is its own.
    pub parent: u64,
}

/// A record of the alloc table: who pays for an object.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_alloc {
    /// The object's OID.
    pub oid: u64,
    /// The index of the bank.
    pub bank: u64,
    /// The object's type.
    pub frame_type: u32,
    /// 0 in a sound image.
    pub reserved: u32,
}

/// What is behind an address.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_leaf {
    /// The Page or CapPage; Null when nothing is mapped there.
    pub capability: execfmt_coyotos_capability,
    /// The address within it, in bytes.
    pub offset: u64,
    /// The restrictions collected on the way down, without OP.
    pub restr: u32,
    /// 0.
    pub reserved: u32,
}

/// A leaf of an address space and where it is mapped.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_mapping {
    /// The Page, CapPage or window.
    pub capability: execfmt_coyotos_capability,
    /// The first address.
    pub address: u64,
    /// The binary logarithm of the bytes that can be reached through it.
    pub l2_size: u32,
    /// The restrictions collected on the way down, without OP.
    pub restr: u32,
}

/// A symbol of an image.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_coyotos_symbol {
    /// The address.
    pub value: u64,
    /// The space: the OID of its root, with the root's object type in the highest 8 bits.
    pub object: u64,
    /// The name, within the image and without its NUL; NULL when it lies outside of the string table.
    pub name: *const c_char,
    /// The length of the name in bytes.
    pub name_length: usize,
    /// The size in bytes, at most 0xffffff, which stands for all larger ones; 0 when unknown.
    pub size: u32,
    /// EXECFMT_COYOTOS_SYMBOL_FUNCTION and so on.
    pub kind: u32,
}

/// Where a finding is. What a kind of field does not have is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_coyotos_finding_place {
    /// The field's name in the format; empty when the kind says all. The string is static: do not free it.
    pub name: *const c_char,
    /// EXECFMT_COYOTOS_FIELD_HEADER and so on.
    pub kind: u32,
    /// The type of the object.
    pub object_type: u32,
    /// The OID of the object, or the index of the record.
    pub number: u32,
    /// The slot, counted in the order of the file.
    pub slot: u32,
}

/// Hears of a finding. A result other than 0 ends the call that reports.
pub type execfmt_coyotos_report_fn =
    Option<unsafe extern "C" fn(context: *mut c_void, finding: *const execfmt_finding) -> i32>;

/// Hears of a leaf of an address space. A result other than 0 ends the walk.
pub type execfmt_coyotos_mapping_fn =
    Option<unsafe extern "C" fn(context: *mut c_void, mapping: *const execfmt_coyotos_mapping) -> i32>;

pub(super) fn message(status: execfmt_status) -> Option<&'static CStr> {
    Some(match status {
        EXECFMT_COYOTOS_E_HANDLE => c"Coyotos: a struct or handle was damaged, never filled in, or destroyed",
        EXECFMT_COYOTOS_E_MEMORY => c"Coyotos: there is not enough memory",
        EXECFMT_COYOTOS_E_NO_OBJECT => c"Coyotos: there is no such object",
        EXECFMT_COYOTOS_E_NO_SLOT => c"Coyotos: the object has no such slot",
        EXECFMT_COYOTOS_E_NOT_MEMORY => c"Coyotos: a capability of which no address space is made",
        EXECFMT_COYOTOS_E_NOT_A_BANK => c"Coyotos: a capability that is no bank",
        EXECFMT_COYOTOS_E_WRONG_TYPE => c"Coyotos: a capability to another kind of object than is needed",
        EXECFMT_COYOTOS_E_SIZE => c"Coyotos: a size below a page or above 64 bits",
        EXECFMT_COYOTOS_E_UNALIGNED => c"Coyotos: the address is not a multiple of the size",
        EXECFMT_COYOTOS_E_INDIVISIBLE => c"Coyotos: the place lies within a window or a leaf",
        EXECFMT_COYOTOS_E_INCONSISTENT => c"Coyotos: the GPTs of the tree contradict each other",
        EXECFMT_COYOTOS_E_TOO_DEEP => c"Coyotos: the way down leads through more than 64 GPTs: a cycle",
        EXECFMT_COYOTOS_E_TOO_MANY => c"Coyotos: more objects than can be counted, or GPTs than were allowed",
        EXECFMT_COYOTOS_E_PAST_END => c"Coyotos: bytes beyond the end of a page",
        EXECFMT_COYOTOS_E_HEADER_PAGE => c"Coyotos: page 0 holds the header; allocate another page",
        EXECFMT_COYOTOS_E_TOO_LARGE => c"Coyotos: the image would be 4 GiB or longer",
        EXECFMT_COYOTOS_E_ENTRY => c"Coyotos: the start address is not mapped executable",
        EXECFMT_COYOTOS_E_NOT_SMALL => c"Coyotos: the space is larger than one GPT of pages",
        EXECFMT_COYOTOS_E_NAMES => c"Coyotos: the names of symbols do not fit a string table",
        EXECFMT_COYOTOS_E_NOT_WRITABLE => c"Coyotos: behind the address there is no page of the image",
        EXECFMT_COYOTOS_E_ADDRESS => c"Coyotos: the range of addresses ends beyond 64 bits",
        EXECFMT_COYOTOS_E_ELF_MAGIC => c"Coyotos: not an ELF file; give the linked program",
        EXECFMT_COYOTOS_E_ELF_MALFORMED => c"Coyotos: the ELF file is damaged; link it again",
        EXECFMT_COYOTOS_E_ELF_MACHINE => c"Coyotos: the program is for another machine or byte order",
        EXECFMT_COYOTOS_E_ELF_KIND => c"Coyotos: the program is not linked statically to fixed addresses",
        EXECFMT_COYOTOS_E_ELF_SEGMENTS => c"Coyotos: no segment to load, or too many",
        EXECFMT_COYOTOS_E_ELF_RANGE => c"Coyotos: a segment lies outside of the file or of memory",
        EXECFMT_COYOTOS_E_ELF_OVERLAP => c"Coyotos: two segments want different bytes at one address",
        EXECFMT_COYOTOS_E_ELF_COMPAT => c"Coyotos: the original loader would lose bytes of the program",
        _ => return None,
    })
}

pub(super) fn packing(code: u32) -> Result<Packing, execfmt_status> {
    match code {
        EXECFMT_COYOTOS_AS_WRITTEN => Ok(Packing::AsWritten),
        EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN => Ok(Packing::NativeBigEndian),
        _ => Err(EXECFMT_E_ARGUMENT),
    }
}

pub(super) fn rules(code: u32) -> Result<Rules, execfmt_status> {
    match code {
        EXECFMT_COYOTOS_THOROUGH => Ok(Rules::Thorough),
        EXECFMT_COYOTOS_ORIGINAL => Ok(Rules::Original),
        _ => Err(EXECFMT_E_ARGUMENT),
    }
}

pub(super) fn object_type(number: u32) -> Result<ObjectType, execfmt_status> {
    ObjectType::ALL.into_iter().find(|kind| kind.number() == number).ok_or(EXECFMT_E_ARGUMENT)
}

/// The root of a space that a symbol names: its capability's object.
pub(super) fn root(root: Capability) -> Result<ObjectId, execfmt_status> {
    ObjectId::of(root).filter(|_| root.cap_type().is_memory()).ok_or(EXECFMT_COYOTOS_E_NOT_MEMORY)
}

pub(super) const fn space_status(error: space::SpaceError) -> execfmt_status {
    use space::SpaceError;
    match error {
        SpaceError::NotMemory(_) => EXECFMT_COYOTOS_E_NOT_MEMORY,
        SpaceError::NotABank(_) => EXECFMT_COYOTOS_E_NOT_A_BANK,
        SpaceError::WrongType { .. } => EXECFMT_COYOTOS_E_WRONG_TYPE,
        SpaceError::NoSuchObject { .. } => EXECFMT_COYOTOS_E_NO_OBJECT,
        SpaceError::Size { .. } => EXECFMT_COYOTOS_E_SIZE,
        SpaceError::Unaligned { .. } => EXECFMT_COYOTOS_E_UNALIGNED,
        SpaceError::Indivisible(_) => EXECFMT_COYOTOS_E_INDIVISIBLE,
        SpaceError::Inconsistent(_) => EXECFMT_COYOTOS_E_INCONSISTENT,
        SpaceError::TooDeep => EXECFMT_COYOTOS_E_TOO_DEEP,
        SpaceError::TooMany => EXECFMT_COYOTOS_E_TOO_MANY,
        SpaceError::OutOfMemory { .. } => EXECFMT_COYOTOS_E_MEMORY,
        _ => EXECFMT_E_ARGUMENT,
    }
}

impl From<&Header> for execfmt_coyotos_header {
    fn from(header: &Header) -> Self {
        Self {
            byte_order: byte_order_code(header.byte_order),
            version: header.version,
            target: header.target,
            pg_size: header.pg_size,
            n_alloc: header.n_alloc,
            n_bank: header.n_bank,
            n_symbol: header.n_symbol,
            n_string_bytes: header.n_string_bytes,
            n_page: header.n_page,
            n_cap_page: header.n_cap_page,
            n_gpt: header.n_gpt,
            n_endpoint: header.n_endpoint,
            n_proc: header.n_proc,
            img_bytes: header.img_bytes,
            bank_vec_oid: header.bank_vec_oid,
            sym_vec_oid: header.sym_vec_oid,
            string_table_oid: header.string_table_oid,
            alloc_vec_oid: header.alloc_vec_oid,
            end_vec_oid: header.end_vec_oid,
        }
    }
}

impl From<Capability> for execfmt_coyotos_capability {
    fn from(cap: Capability) -> Self {
        let memory = cap.cap_type().is_memory();
        let of_memory = |value: u32| if memory { value } else { 0 };
        let padding = memory && cap.guard_padding();
        Self {
            oid: cap.oid(),
            cap_type: cap.cap_type().number().into(),
            restr: cap.restr().bits().into(),
            alloc_count: cap.alloc_count(),
            prot_payload: if memory { 0 } else { cap.prot_payload() },
            l2g: of_memory(cap.l2g().into()),
            guard_match: of_memory(cap.guard_match()),
            flags: u32::from(cap.swizzled()) | u32::from(padding) << 1,
            reserved: 0,
        }
    }
}

/// The lowest `bits` bits of a field, if it has no others.
fn narrow<T: TryFrom<u32>>(value: u32, bits: u32) -> Result<T, execfmt_status> {
    let fits = value.checked_shr(bits) == Some(0);
    T::try_from(value).ok().filter(|_| fits).ok_or(EXECFMT_E_ARGUMENT)
}

impl TryFrom<execfmt_coyotos_capability> for Capability {
    type Error = execfmt_status;

    fn try_from(c: execfmt_coyotos_capability) -> Result<Self, execfmt_status> {
        let cap_type = CapType::new(narrow(c.cap_type, 6)?).ok_or(EXECFMT_E_ARGUMENT)?;
        let (flags, memory): (u8, _) = (narrow(c.flags, 2)?, cap_type.is_memory());
        let mut cap = Self::NULL;
        cap.set_type(cap_type);
        cap.set_oid(c.oid);
        cap.set_restr(Restr::from_bits(narrow(c.restr, 5)?));
        cap.set_alloc_count(narrow(c.alloc_count, 20)?);
        cap.set_swizzled(u32::from(flags) & EXECFMT_COYOTOS_CAP_SWIZZLED != 0);
        // The second word holds either a payload or a guard.
        let of_other = if memory { c.prot_payload } else { c.l2g | c.guard_match | u32::from(flags) & 2 };
        if of_other != 0 || c.reserved != 0 {
            return Err(EXECFMT_E_ARGUMENT);
        }
        if memory {
            let (l2g, bits): (u32, u32) = (narrow(c.l2g, 7)?, narrow(c.guard_match, 24)?);
            cap.set_prot_payload(l2g | u32::from(flags & 2) << 6 | bits << 8);
        } else {
            cap.set_prot_payload(c.prot_payload);
        }
        Ok(cap)
    }
}

impl From<GptState> for execfmt_coyotos_gpt {
    fn from(gpt: GptState) -> Self {
        Self { l2v: gpt.l2v.into(), flags: u32::from(gpt.ha) | u32::from(gpt.bg) << 1 }
    }
}

impl TryFrom<execfmt_coyotos_gpt> for GptState {
    type Error = execfmt_status;

    fn try_from(c: execfmt_coyotos_gpt) -> Result<Self, execfmt_status> {
        let flags: u32 = narrow(c.flags, 2)?;
        let (ha, bg) =
            (flags & EXECFMT_COYOTOS_GPT_HANDLER != 0, flags & EXECFMT_COYOTOS_GPT_BACKGROUND != 0);
        Ok(Self { l2v: narrow(c.l2v, 6)?, ha, bg })
    }
}

impl From<EndpointState> for execfmt_coyotos_endpoint {
    fn from(endpoint: EndpointState) -> Self {
        let EndpointState { pm, prot_payload, endpoint_id } = endpoint;
        Self { endpoint_id, pm: pm.into(), prot_payload }
    }
}

impl TryFrom<execfmt_coyotos_endpoint> for EndpointState {
    type Error = execfmt_status;

    fn try_from(c: execfmt_coyotos_endpoint) -> Result<Self, execfmt_status> {
        let pm: u32 = narrow(c.pm, 1)?;
        Ok(Self { pm: pm != 0, prot_payload: c.prot_payload, endpoint_id: c.endpoint_id })
    }
}

impl From<ProcessState> for execfmt_coyotos_process {
    fn from(process: ProcessState) -> Self {
        Self {
            fault_info: process.fault_info,
            fault_code: process.fault_code,
            notices: process.notices,
            run_state: process.run_state.into(),
            flags: process.flags.into(),
        }
    }
}

impl TryFrom<execfmt_coyotos_process> for ProcessState {
    type Error = execfmt_status;

    fn try_from(c: execfmt_coyotos_process) -> Result<Self, execfmt_status> {
        Ok(Self {
            run_state: narrow(c.run_state, 8)?,
            flags: narrow(c.flags, 16)?,
            notices: c.notices,
            fault_code: c.fault_code,
            fault_info: c.fault_info,
        })
    }
}

impl From<Bank> for execfmt_coyotos_bank {
    fn from(bank: Bank) -> Self {
        let Bank { endpoint_oid, parent } = bank;
        Self { endpoint_oid, parent }
    }
}

impl From<Alloc> for execfmt_coyotos_alloc {
    fn from(alloc: Alloc) -> Self {
        let Alloc { oid, bank, frame_type, reserved } = alloc;
        Self { oid, bank, frame_type, reserved }
    }
}

impl From<space::Leaf> for execfmt_coyotos_leaf {
    fn from(leaf: space::Leaf) -> Self {
        let (capability, restr) = (leaf.capability.into(), leaf.restr.bits().into());
        Self { capability, offset: leaf.offset, restr, reserved: 0 }
    }
}

impl From<space::Mapping> for execfmt_coyotos_mapping {
    fn from(mapping: space::Mapping) -> Self {
        let (capability, restr) = (mapping.capability.into(), mapping.restr.bits().into());
        Self { capability, address: mapping.address, l2_size: mapping.l2_size.into(), restr }
    }
}

impl From<Symbol<'_>> for execfmt_coyotos_symbol {
    fn from(symbol: Symbol<'_>) -> Self {
        Self {
            value: symbol.value,
            object: symbol.object,
            name: symbol.name.map_or(core::ptr::null(), |name| name.as_ptr().cast()),
            name_length: symbol.name.map_or(0, <[u8]>::len),
            size: symbol.size,
            kind: symbol.kind.number().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use coyotos_image::space_word;

    use super::*;

    #[test]
    fn every_capability_comes_back_from_c() {
        for word0 in [0, 1, 0x21, 0x1a3, 0xfff, 0xffff_ffff, 0xa5a5_a5a5, 0x3f, 0x60] {
            for word1 in [0, 12, 0x80, 0xff, 0xffff_ffff, 0xa5a5_a57f] {
                let cap = Capability::from_words(word0, word1, 0x0123_4567_89ab_cdef);
                let c = execfmt_coyotos_capability::from(cap);
                assert_eq!(Capability::try_from(c), Ok(cap));
            }
        }
        let id = ObjectId { object_type: ObjectType::Gpt, oid: 5 };
        assert_eq!(space_word(id) >> 56, u64::from(EXECFMT_COYOTOS_OBJECT_GPT));
    }
}
