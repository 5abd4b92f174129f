use core::ffi::{c_char, c_void};

use crate::status::execfmt_status;
use coyotos_image::Arch;
use static_assertions::const_assert_eq;

/// Error: a struct or handle that was damaged, never filled in, or destroyed.
pub const EXECFMT_COYOTOS_E_HANDLE: execfmt_status = 470;
/// Error: the caller's malloc returned NULL.
pub const EXECFMT_COYOTOS_E_MEMORY: execfmt_status = 471;
/// Error: there is no such object.
pub const EXECFMT_COYOTOS_E_NO_OBJECT: execfmt_status = 472;
/// Error: the object has no such slot.
pub const EXECFMT_COYOTOS_E_NO_SLOT: execfmt_status = 473;
/// Error: a capability that cannot be part of an address space.
pub const EXECFMT_COYOTOS_E_NOT_MEMORY: execfmt_status = 474;
/// Error: a capability to something other than a bank.
pub const EXECFMT_COYOTOS_E_NOT_A_BANK: execfmt_status = 475;
/// Error: a capability to an object of another kind than required.
pub const EXECFMT_COYOTOS_E_WRONG_TYPE: execfmt_status = 476;
/// Error: a size below a page or above 64 bits.
pub const EXECFMT_COYOTOS_E_SIZE: execfmt_status = 477;
/// Error: an address that is not a multiple of the size to be mapped there.
pub const EXECFMT_COYOTOS_E_UNALIGNED: execfmt_status = 478;
/// Error: the address is within a window or a leaf, which cannot be divided.
pub const EXECFMT_COYOTOS_E_INDIVISIBLE: execfmt_status = 479;
/// Error: a tree whose GPTs are inconsistent.
pub const EXECFMT_COYOTOS_E_INCONSISTENT: execfmt_status = 480;
/// Error: a path through more than 64 GPTs, a cycle.
pub const EXECFMT_COYOTOS_E_TOO_DEEP: execfmt_status = 481;
/// Error: more objects than an image can count, or more GPTs than a walk was allowed to enter.
pub const EXECFMT_COYOTOS_E_TOO_MANY: execfmt_status = 482;
/// Error: bytes past the end of a page.
pub const EXECFMT_COYOTOS_E_PAST_END: execfmt_status = 483;
/// Error: page 0 holds the header, which is written last.
pub const EXECFMT_COYOTOS_E_HEADER_PAGE: execfmt_status = 484;
/// Error: the image would be 4 GiB or longer.
pub const EXECFMT_COYOTOS_E_TOO_LARGE: execfmt_status = 485;
/// Error: the start address is not mapped, or not executable.
pub const EXECFMT_COYOTOS_E_ENTRY: execfmt_status = 486;
/// Error: a space larger than the one GPT of a small-model constructor.
pub const EXECFMT_COYOTOS_E_NOT_SMALL: execfmt_status = 487;
/// Error: the names of symbols add up to more than 4 GiB, or one contains a NUL.
pub const EXECFMT_COYOTOS_E_NAMES: execfmt_status = 488;
/// Error: what is mapped at the address is not a page of the image.
pub const EXECFMT_COYOTOS_E_NOT_WRITABLE: execfmt_status = 489;
/// Error: a range of addresses that ends beyond 64 bits.
pub const EXECFMT_COYOTOS_E_ADDRESS: execfmt_status = 490;
/// Error: a space that breaks a rule of the small model.
pub const EXECFMT_COYOTOS_E_SMALL_MODEL: execfmt_status = 492;
/// Target: i386.
pub const EXECFMT_COYOTOS_I386: u32 = 1;
/// Target: ColdFire.
pub const EXECFMT_COYOTOS_COLDFIRE: u32 = 2;
/// Target: ARM.
pub const EXECFMT_COYOTOS_ARM: u32 = 3;

const_assert_eq!(EXECFMT_COYOTOS_I386, Arch::I386.number());
const_assert_eq!(EXECFMT_COYOTOS_COLDFIRE, Arch::COLDFIRE.number());
const_assert_eq!(EXECFMT_COYOTOS_ARM, Arch::ARM.number());

/// Packing of bit-fields: from the least significant bit up, as in existing files.
pub const EXECFMT_COYOTOS_AS_WRITTEN: u32 = 0;
/// Packing of bit-fields: from the most significant bit down, for big-endian targets.
pub const EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN: u32 = 1;

/// Rules: the original library's 16, and further ones on tables, padding and symbols.
pub const EXECFMT_COYOTOS_FULL: u32 = 0;
/// Rules: exactly the original library's 16.
pub const EXECFMT_COYOTOS_REFERENCE: u32 = 1;

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

/// Slot of a process: the source of its processor time.
pub const EXECFMT_COYOTOS_SLOT_SCHEDULE: u32 = 0;
/// Slot of a process: its address space.
pub const EXECFMT_COYOTOS_SLOT_ADDR_SPACE: u32 = 1;
/// Slot of a process: a mark by which its creator recognises it.
pub const EXECFMT_COYOTOS_SLOT_BRAND: u32 = 2;
/// Slot of a process: its cohort.
pub const EXECFMT_COYOTOS_SLOT_COHORT: u32 = 3;
/// Slot of a process: its right to do I/O.
pub const EXECFMT_COYOTOS_SLOT_IO_SPACE: u32 = 4;
/// Slot of a process: the handler of its faults.
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

/// Capability flag: swizzled, which is never set in an image.
pub const EXECFMT_COYOTOS_CAP_SWIZZLED: u32 = 1;
/// Capability flag: the bit between l2g and match, which is never set in a valid image.
pub const EXECFMT_COYOTOS_CAP_GUARD_PADDING: u32 = 2;

/// GPT flag: it holds a fault handler; only the lower 8 slots are mapped.
pub const EXECFMT_COYOTOS_GPT_HANDLER: u32 = 1;
/// GPT flag: it has a background space; only the lower 8 slots are mapped.
pub const EXECFMT_COYOTOS_GPT_BACKGROUND: u32 = 2;

/// fault_code of a process that the kernel starts when it loads the image; fault_info is its PC.
pub const EXECFMT_COYOTOS_FAULT_STARTUP: u32 = 25;

/// Symbol: a label, about which nothing more is known.
pub const EXECFMT_COYOTOS_SYMBOL_LABEL: u32 = 0;
/// Symbol: a function.
pub const EXECFMT_COYOTOS_SYMBOL_FUNCTION: u32 = 1;
/// Symbol: a variable or a table.
pub const EXECFMT_COYOTOS_SYMBOL_DATA: u32 = 2;
/// Symbol: the build ID of a space's side file.
pub const EXECFMT_COYOTOS_SYMBOL_BUILD_ID: u32 = 16;

/// An image in the caller's memory. Filled in by execfmt_coyotos_open; the other functions check it and the
/// header again, so a struct that was changed or never filled in does no harm. The bytes must not move.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_coyotos_image {
    /// The bytes.
    pub bytes: *const u8,
    /// Their number.
    pub length: usize,
    /// EXECFMT_COYOTOS_AS_WRITTEN or EXECFMT_COYOTOS_NATIVE_BIG_ENDIAN.
    pub packing: u32,
    /// A checksum over the fields above.
    pub seal: u32,
}

/// An image's header, with the format's names.
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
    /// Number of records of the alloc table: one for every object.
    pub n_alloc: u32,
    /// Number of records of the bank table.
    pub n_bank: u32,
    /// Number of records of the symbol table.
    pub n_symbol: u32,
    /// The size of the string table in bytes.
    pub n_string_bytes: u32,
    /// Number of pages, including the header's and the tables'.
    pub n_page: u32,
    /// Number of capability pages.
    pub n_cap_page: u32,
    /// Number of GPTs.
    pub n_gpt: u32,
    /// Number of endpoints.
    pub n_endpoint: u32,
    /// Number of processes.
    pub n_proc: u32,
    /// The size of the image in bytes.
    pub img_bytes: u32,
    /// OID of the first page of the bank table: the number of header and user pages.
    pub bank_vec_oid: u64,
    /// OID of the first page of the symbol table.
    pub sym_vec_oid: u64,
    /// OID of the first page of the string table.
    pub string_table_oid: u64,
    /// OID of the first page of the alloc table.
    pub alloc_vec_oid: u64,
    /// One past the OID of the last page of the tables.
    pub end_vec_oid: u64,
}

/// A capability, decoded. All 0 is Null.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_capability {
    /// The OID of the object; of a window, the offset.
    pub oid: u64,
    /// EXECFMT_COYOTOS_CAP_GPT or another of these constants; 6 bits.
    pub cap_type: u32,
    /// Restrictions: EXECFMT_COYOTOS_RO and others; 5 bits.
    pub restr: u32,
    /// The allocation count, 20 bits; of a window, the slot.
    pub alloc_count: u32,
    /// The protected payload; 0 for memory: GPT, Page, CapPage and windows.
    pub prot_payload: u32,
    /// Of memory: the binary logarithm of the size in bytes that it covers; 7 bits.
    pub l2g: u32,
    /// Of memory: the address bits from l2g up; 24 bits.
    pub guard_match: u32,
    /// EXECFMT_COYOTOS_CAP_SWIZZLED and EXECFMT_COYOTOS_CAP_GUARD_PADDING; 0 in a valid image.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
}

/// A GPT without its capabilities.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_gpt {
    /// The binary logarithm of the number of bytes that a slot covers; 6 bits.
    pub l2v: u32,
    /// EXECFMT_COYOTOS_GPT_HANDLER and EXECFMT_COYOTOS_GPT_BACKGROUND.
    pub flags: u32,
}

/// An endpoint without its recipient.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_endpoint {
    /// The number that the receiver gets; for a bank's endpoint, the bank's index plus one.
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
    /// Details of the fault; for EXECFMT_COYOTOS_FAULT_STARTUP, the PC.
    pub fault_info: u64,
    /// The fault code.
    pub fault_code: u32,
    /// Pending notices.
    pub notices: u32,
    /// 0 running, 1 receiving, 2 faulted; 8 bits.
    pub run_state: u32,
    /// Flags; 16 bits.
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

/// A record of the alloc table: the bank to which an object is charged.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_alloc {
    /// The object's OID.
    pub oid: u64,
    /// The index of the bank.
    pub bank: u64,
    /// The object's type.
    pub frame_type: u32,
    /// 0 in a valid image.
    pub reserved: u32,
}

/// What is mapped at an address.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_leaf {
    /// The Page or CapPage; Null when nothing is mapped there.
    pub capability: execfmt_coyotos_capability,
    /// The address within it, in bytes.
    pub offset: u64,
    /// The restrictions accumulated on the path, without OP.
    pub restr: u32,
    /// 0.
    pub reserved: u32,
}

/// A leaf of an address space and the address at which it is mapped.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_coyotos_mapping {
    /// The Page, CapPage or window.
    pub capability: execfmt_coyotos_capability,
    /// The first address.
    pub address: u64,
    /// The binary logarithm of the number of bytes reachable through it.
    pub l2_size: u32,
    /// The restrictions accumulated on the path, without OP.
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
    /// The name, within the image and without its NUL; NULL when it is outside the string table.
    pub name: *const c_char,
    /// The length of the name in bytes.
    pub name_length: usize,
    /// The size in bytes, at most 0xffffff, which also represents all larger ones; 0 when unknown.
    pub size: u32,
    /// EXECFMT_COYOTOS_SYMBOL_FUNCTION or another of these constants.
    pub kind: u32,
}

/// The location of a finding. Members that do not apply to its kind of field are 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_coyotos_finding_place {
    /// The field's name in the format; empty when the kind identifies it. The string is static: do not free
    /// it.
    pub name: *const c_char,
    /// EXECFMT_COYOTOS_FIELD_HEADER or another of these constants.
    pub kind: u32,
    /// The type of the object.
    pub object_type: u32,
    /// The OID of the object, or the index of the record.
    pub number: u32,
    /// The slot, numbered in file order.
    pub slot: u32,
}

/// Called for each leaf of an address space. A result other than 0 ends the walk.
pub type execfmt_coyotos_mapping_fn =
    Option<unsafe extern "C" fn(context: *mut c_void, mapping: *const execfmt_coyotos_mapping) -> i32>;
