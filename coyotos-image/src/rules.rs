//! The errors and warnings of an image.

use core::fmt;

use execfmt_common::{Advice, Expected, Finding, Target};
use execfmt_detect::{Magic, MagicBytes};

use crate::capability::PHYSICAL_PAGE_OID;
use crate::field::CoyotosField;

execfmt_common::rules! {
    /// The rules that an image can break.
    ///
    /// The first group is about the file and its header: such a file cannot be read at all. The second are
    /// the 16 rules of the original library on capabilities and objects. The third are the additions of
    /// [`Rules::Full`](crate::Rules::Full).
    pub enum CoyotosRule for CoyotosField, in coyotos_facts {
        /// The file ends within the header's page.
        Truncated = 400, EXECFMT_COYOTOS_E_TRUNCATED, Error, "truncated", "Coyotos: the file is too short for an image",
            |finding, f| decimal(finding, f, "the file is too short for an image; copy or build it again");
        /// The file does not begin with `coyimage`. `detail` is the file's first four bytes, from which its
        /// actual format may be recognised.
        BadMagic(start: MagicBytes) = 401, EXECFMT_COYOTOS_E_BAD_MAGIC, Error, "bad_magic", "Coyotos: not an image",
            |finding, f| match start.magic() {
                Magic::Unknown | Magic::CoyotosImage => hexadecimal(finding, f, "not a Coyotos image"),
                like => {
                    hexadecimal(finding, f, "not a Coyotos image")?;
                    write!(f, ": this is {like}")
                }
            },
            advice match start.magic() {
                Magic::Elf => Some(Advice::Convert(Target::Coyotos)),
                Magic::CoyotosImage => None,
                like => like.advice(),
            };
        /// The file is a gzip file, which the caller must inflate first.
        Compressed = 402, EXECFMT_COYOTOS_E_COMPRESSED, Error, "compressed", "Coyotos: a gzip file; inflate it first",
            |finding, f| hexadecimal(finding, f, "a gzip file"), advice Advice::Inflate;
        /// `endian` is neither 1234 little-endian nor 4321 big-endian.
        BadEndian = 403, EXECFMT_COYOTOS_E_BAD_ENDIAN, Error, "bad_endian", "Coyotos: endian is neither 1234 nor 4321",
            |finding, f| hexadecimal(finding, f, "the byte order is neither 1234 little-endian nor 4321 big-endian; the header is damaged");
        /// `version` is not 1.
        BadVersion = 404, EXECFMT_COYOTOS_E_BAD_VERSION, Error, "bad_version", "Coyotos: version is not 1",
            |finding, f| decimal(finding, f, "only version 1 is known; build the image again");
        /// `target` is none of the architectures that the caller knows.
        UnknownTarget = 405, EXECFMT_COYOTOS_E_UNKNOWN_TARGET, Error, "unknown_target", "Coyotos: the target is unknown",
            |finding, f| decimal(finding, f, "no known architecture has this number and byte order; the header is damaged, or the image is for another machine");
        /// `pgSize` is not the architecture's.
        PageSize = 406, EXECFMT_COYOTOS_E_PAGE_SIZE, Error, "page_size", "Coyotos: pgSize is not the target's",
            |finding, f| decimal(finding, f, "the target architecture has another page size; the header is damaged");
        /// `imgBytes` is not what the counts add up to.
        SizeFormula = 407, EXECFMT_COYOTOS_E_SIZE_FORMULA, Error, "size_formula", "Coyotos: the counts of objects do not add up to imgBytes",
            |finding, f| decimal(finding, f, "the counts of objects do not add up to imgBytes; the header is damaged");
        /// The counts add up if endpoints take 48 bytes, as they did in July 2007. Such an image can be read
        /// ([`Image::parse`](crate::Image::parse)), but no later kernel loads it.
        OldLayout = 408, EXECFMT_COYOTOS_E_OLD_LAYOUT, Error, "old_layout", "Coyotos: the layout of July 2007; build the image again",
            |finding, f| decimal(finding, f, "the layout of July 2007 with endpoints of 48 bytes, which also says version 1, and which later kernels do not load; build the image again with a later library");
        /// The file is longer or shorter than `imgBytes`.
        FileSize = 409, EXECFMT_COYOTOS_E_FILE_SIZE, Error, "file_size", "Coyotos: the file's length is not imgBytes",
            |finding, f| decimal(finding, f, "the file's length is not that in the header; it was cut short or something was appended: copy it again");
        /// The tables' OIDs do not ascend from 1 to `endVecOID`.
        TableOrder = 410, EXECFMT_COYOTOS_E_TABLE_ORDER, Error, "table_order", "Coyotos: the tables are not contiguous",
            |finding, f| decimal(finding, f, "bank, symbol, string and alloc tables must follow each other in this order; the header is damaged");
        /// A table does not have the number of pages that its records need.
        TablePages = 411, EXECFMT_COYOTOS_E_TABLE_PAGES, Error, "table_pages", "Coyotos: a table does not have the pages that it needs",
            |finding, f| decimal(finding, f, "the number of pages of the table is not what its records need; the header is damaged");
        /// `endVecOID` is not the number of pages.
        TableEnd = 412, EXECFMT_COYOTOS_E_TABLE_END, Error, "table_end", "Coyotos: the tables do not end with the last page",
            |finding, f| decimal(finding, f, "the tables must end with the last page; the header is damaged");
        /// The file is a gzip file that cannot be inflated to its end.
        GzipDamaged = 413, EXECFMT_COYOTOS_E_GZIP_DAMAGED, Error, "gzip_damaged", "Coyotos: the gzip file is damaged",
            |finding, f| f.write_str(match finding.expected {
                Expected::AtLeast(_) => "the gzip file ends too early; copy or build it again",
                Expected::AtMost(_) => "trailing data after the gzip file; remove it, or copy the file again",
                _ => "the contents do not match the checksum, or are not deflated data; copy or build it again",
            });
        /// The image in the gzip file is larger than the caller allows.
        GzipOverLimit = 415, EXECFMT_COYOTOS_E_GZIP_OVER_LIMIT, Error, "gzip_over_limit", "Coyotos: the gzip file contains more than is allowed",
            |finding, f| write!(
                f,
                "the gzip file contains at least {} bytes, but at most {} may be inflated", finding.found, finding.expected.bound()
            ), advice Advice::AllowMore;
        /// The gzip file contains more bytes than `imgBytes`.
        GzipTooLong = 414, EXECFMT_COYOTOS_E_GZIP_TOO_LONG, Error, "gzip_too_long", "Coyotos: the gzip file contains more than imgBytes",
            |finding, f| write!(
                f,
                "the gzip file contains at least {} bytes, but its image has {} by its imgBytes; something was appended, or the header is damaged",
                finding.found, finding.expected.bound()
            );
        /// Rule 1 of the original: `swizzled` is 0.
        Swizzled = 421, EXECFMT_COYOTOS_E_SWIZZLED, Error, "swizzled", "Coyotos: a capability is swizzled",
            |finding, f| decimal(finding, f, "a capability in an image must not be swizzled");
        /// Rule 2: the type is known.
        UnknownCapType = 422, EXECFMT_COYOTOS_E_UNKNOWN_CAP_TYPE, Error, "unknown_cap_type", "Coyotos: no capability type has this number",
            |finding, f| hexadecimal(finding, f, "no capability type has this number");
        /// Rule 3: `allocCount` is 0 unless the capability is to an object or a Window; a LocalWindow has none.
        AllocCount = 423, EXECFMT_COYOTOS_E_ALLOC_COUNT, Error, "alloc_count", "Coyotos: this capability has no allocCount",
            |finding, f| decimal(finding, f, "only capabilities to objects, and a Window but not a LocalWindow, have an allocCount");
        /// Rule 4: the last 64 bits are 0 unless the capability is to an object, a window, an Entry or an AppNotice.
        StrayOid = 424, EXECFMT_COYOTOS_E_STRAY_OID, Error, "stray_oid", "Coyotos: this capability has no OID",
            |finding, f| hexadecimal(finding, f, "only capabilities to objects, windows, Entry and AppNotice use these 64 bits");
        /// Rule 5: the OID is below the number of objects, or that of a physical page.
        OidRange = 425, EXECFMT_COYOTOS_E_OID_RANGE, Error, "oid_range", "Coyotos: the image has no such object",
            |finding, f| decimal(finding, f, "the image has no such object");
        /// Rule 6: only memory capabilities have restrictions.
        StrayRestr = 426, EXECFMT_COYOTOS_E_STRAY_RESTR, Error, "stray_restr", "Coyotos: this capability has no restrictions",
            |finding, f| hexadecimal(finding, f, "only memory capabilities have restrictions");
        /// Rule 7: the second word is 0 unless the capability is to memory, an Endpoint, an Entry or an AppNotice.
        StrayPayload = 427, EXECFMT_COYOTOS_E_STRAY_PAYLOAD, Error, "stray_payload", "Coyotos: this capability has no payload",
            |finding, f| hexadecimal(finding, f, "only memory, Endpoint, Entry and AppNotice capabilities use these 32 bits");
        /// Rule 8: OP and NC restrict GPTs and physical pages only.
        StrayOpaque = 428, EXECFMT_COYOTOS_E_STRAY_OPAQUE, Error, "stray_opaque", "Coyotos: OP and NC are for GPTs and physical pages",
            |finding, f| hexadecimal(finding, f, "OP and NC are for GPTs and physical pages");
        /// Rule 9: WK implies RO.
        WeakNotReadOnly = 429, EXECFMT_COYOTOS_E_WEAK_NOT_READ_ONLY, Error, "weak_not_read_only", "Coyotos: WK without RO",
            |finding, f| hexadecimal(finding, f, "WK implies RO: set both");
        /// Rule 10: `l2g` is between the page size and 64.
        GuardSize = 430, EXECFMT_COYOTOS_E_GUARD_SIZE, Error, "guard_size", "Coyotos: l2g is out of range",
            |finding, f| decimal(finding, f, "l2g must be between the page size and 64 bits");
        /// Rule 11: `match`, shifted left by `l2g`, fits into 64 bits.
        GuardMatch = 431, EXECFMT_COYOTOS_E_GUARD_MATCH, Error, "guard_match", "Coyotos: match does not fit into 64 bits",
            |finding, f| hexadecimal(finding, f, "match, shifted left by l2g, does not fit into 64 bits");
        /// Rule 12: a window's offset has no bits below its `l2g`.
        WindowOffset = 432, EXECFMT_COYOTOS_E_WINDOW_OFFSET, Error, "window_offset", "Coyotos: a window's offset has bits below its l2g",
            |finding, f| hexadecimal(finding, f, "a window's offset has bits below its l2g");
        /// Rule 13: a window's slot is at most 15. The original requires 0 in a LocalWindow, which in the
        /// kernel is the one that has a slot.
        WindowSlot = 433, EXECFMT_COYOTOS_E_WINDOW_SLOT, Error, "window_slot", "Coyotos: a window's slot is out of range",
            |finding, f| decimal(finding, f, "the GPT has no such slot");
        /// Rule 14: `l2v` is between the page size and 63.
        GptSize = 434, EXECFMT_COYOTOS_E_GPT_SIZE, Error, "gpt_size", "Coyotos: l2v is out of range",
            |finding, f| decimal(finding, f, "l2v must be between the page size and 63 bits");
        /// Rule 15: an endpoint's recipient is Null or a Process.
        Recipient = 435, EXECFMT_COYOTOS_E_RECIPIENT, Error, "recipient", "Coyotos: a recipient is neither Null nor a Process",
            |finding, f| hexadecimal(finding, f, "an endpoint's recipient must be a Process, or Null");
        /// Rule 16: a process's `ioSpace` is Null or IOPriv.
        IoSpace = 436, EXECFMT_COYOTOS_E_IO_SPACE, Error, "io_space", "Coyotos: an ioSpace is neither Null nor IOPriv",
            |finding, f| hexadecimal(finding, f, "a process's ioSpace must be IOPriv, or Null");
        /// There is no bank, to which everything would be charged.
        NoBank = 440, EXECFMT_COYOTOS_E_NO_BANK, Error, "no_bank", "Coyotos: there is no bank",
            |finding, f| decimal(finding, f, "an image needs at least the prime bank");
        /// A bank's endpoint does not exist.
        BankEndpoint = 441, EXECFMT_COYOTOS_E_BANK_ENDPOINT, Error, "bank_endpoint", "Coyotos: a bank's endpoint does not exist",
            |finding, f| decimal(finding, f, "the image has no such endpoint");
        /// A bank's parent is not a bank before it; bank 0's is itself.
        BankParent = 442, EXECFMT_COYOTOS_E_BANK_PARENT, Error, "bank_parent", "Coyotos: a bank's parent is not a bank before it",
            |finding, f| decimal(finding, f, "a bank's parent must come before it, and bank 0 is the root");
        /// `nAlloc` is not the number of objects.
        AllocTotal = 443, EXECFMT_COYOTOS_E_ALLOC_TOTAL, Error, "alloc_total", "Coyotos: nAlloc is not the number of objects",
            |finding, f| decimal(finding, f, "there must be one alloc record for every object");
        /// The alloc table is not sorted by type and OID, or does not list each object exactly once.
        AllocOrder = 444, EXECFMT_COYOTOS_E_ALLOC_ORDER, Error, "alloc_order", "Coyotos: the alloc table does not list each object in order",
            |finding, f| decimal(finding, f, "alloc records must list each object once, sorted by type and OID");
        /// An object is charged to a bank that does not exist.
        AllocBank = 445, EXECFMT_COYOTOS_E_ALLOC_BANK, Error, "alloc_bank", "Coyotos: an object is charged to a bank that does not exist",
            |finding, f| decimal(finding, f, "the image has no such bank");
        /// Bits that belong to no field are set.
        Reserved = 446, EXECFMT_COYOTOS_E_RESERVED, Error, "reserved", "Coyotos: reserved bits are set",
            |finding, f| hexadecimal(finding, f, "these bits belong to no field, and must be zero");
        /// Bytes after the header or a table are not zero.
        Padding = 447, EXECFMT_COYOTOS_E_PADDING, Error, "padding", "Coyotos: bytes after a table are not zero",
            |finding, f| hexadecimal(finding, f, "the rest of the page must be zero");
        /// `runState` is above 2.
        RunState = 448, EXECFMT_COYOTOS_E_RUN_STATE, Error, "run_state", "Coyotos: runState is out of range",
            |finding, f| decimal(finding, f, "runState must be 0 (running), 1 (receiving) or 2 (faulted)");
        /// Unknown process flags.
        ProcessFlags = 449, EXECFMT_COYOTOS_E_PROCESS_FLAGS, Error, "process_flags", "Coyotos: unknown process flags",
            |finding, f| hexadecimal(finding, f, "no process flag has this bit");
        /// An Entry refers to an endpoint that does not exist.
        EntryRange = 450, EXECFMT_COYOTOS_E_ENTRY_RANGE, Error, "entry_range", "Coyotos: an Entry to an endpoint that does not exist",
            |finding, f| decimal(finding, f, "the image has no such endpoint");
        /// An AppNotice refers to a process that does not exist.
        NoticeRange = 451, EXECFMT_COYOTOS_E_NOTICE_RANGE, Error, "notice_range", "Coyotos: an AppNotice to a process that does not exist",
            |finding, f| decimal(finding, f, "the image has no such process");
        /// The symbol table is not sorted.
        SymbolOrder = 452, EXECFMT_COYOTOS_E_SYMBOL_ORDER, Error, "symbol_order", "Coyotos: the symbol table is not sorted",
            |finding, f| hexadecimal(finding, f, "symbols must be sorted by space, address and size for lookups to work");
        /// A symbol's name does not begin within the string table.
        SymbolName = 453, EXECFMT_COYOTOS_E_SYMBOL_NAME, Error, "symbol_name", "Coyotos: a symbol's name is outside the string table",
            |finding, f| decimal(finding, f, "the name begins after the end of the string table");
        /// The string table does not end with a NUL.
        StringsUnterminated = 454, EXECFMT_COYOTOS_E_STRINGS_UNTERMINATED, Error, "strings_unterminated", "Coyotos: the string table does not end with a NUL",
            |finding, f| hexadecimal(finding, f, "the string table must end with a NUL");
        /// The names of all symbols, each with its NUL, add up to more than the string table: symbols share a
        /// name, and reading all of them would take far more time than the table is long.
        SharedNames = 455, EXECFMT_COYOTOS_E_SHARED_NAMES, Error, "shared_names", "Coyotos: the symbols' names add up to more than the string table",
            |finding, f| decimal(finding, f, "symbols share names, which add up to more bytes than the string table; give each symbol its own name");
        /// A process's address space has a slot with a capability that cannot be part of an address space.
        SpaceNotMemory = 456, EXECFMT_COYOTOS_E_SPACE_NOT_MEMORY, Error, "space_not_memory", "Coyotos: an address space has a slot that is not memory",
            |finding, f| unreadable(f, "a slot of a GPT on the path holds a capability that is not to memory; clear it");
        /// A process's address space refers to an object that does not exist.
        SpaceNoObject = 457, EXECFMT_COYOTOS_E_SPACE_NO_OBJECT, Error, "space_no_object", "Coyotos: an address space refers to an object that does not exist",
            |finding, f| unreadable(f, "a capability on the path refers to an object that does not exist");
        /// A process's address space nests more GPTs than [`MAX_DEPTH`](crate::space::MAX_DEPTH).
        SpaceTooDeep = 458, EXECFMT_COYOTOS_E_SPACE_TOO_DEEP, Error, "space_too_deep", "Coyotos: an address space nests more than 64 GPTs",
            |finding, f| unreadable(f, "more than 64 GPTs are nested; map with fewer levels, or break the cycle if there is one");
        /// The GPTs of a process's address space refer to each other so often that a walk would take
        /// impracticably long.
        SpaceTooMany = 459, EXECFMT_COYOTOS_E_SPACE_TOO_MANY, Error, "space_too_many", "Coyotos: the GPTs of an address space refer to each other too often",
            |finding, f| unreadable(f, "the GPTs refer to each other so often that the walk would take impracticably long");
        /// The `endpointID` of a bank's endpoint is not the bank's index plus one.
        BankEndpointId = 460, EXECFMT_COYOTOS_W_BANK_ENDPOINT_ID, Warning, "bank_endpoint_id", "Coyotos: a bank's endpointID is not the bank's index plus one",
            |finding, f| decimal(finding, f, "the endpointID of a bank's endpoint should be the bank's index plus one");
        /// Bank i is not endpoint i: the original space bank confuses the two.
        BankIndex = 461, EXECFMT_COYOTOS_W_BANK_INDEX, Warning, "bank_index", "Coyotos: a bank's endpoint does not have the bank's number",
            |finding, f| bank_index(finding, f);
        /// The header or a table is not charged to bank 0.
        TableCharge = 462, EXECFMT_COYOTOS_W_TABLE_CHARGE, Warning, "table_charge", "Coyotos: the header or a table is not charged to bank 0",
            |finding, f| decimal(finding, f, "the header and the tables should be charged to bank 0");
        /// A capability refers to a page of the header or a table.
        TablePage = 463, EXECFMT_COYOTOS_W_TABLE_PAGE, Warning, "table_page", "Coyotos: a capability to a page of the header or a table",
            |finding, f| decimal(finding, f, "this page belongs to the header or to a table");
        /// A GPT can be reached from itself.
        SpaceCycle = 464, EXECFMT_COYOTOS_W_SPACE_CYCLE, Warning, "space_cycle", "Coyotos: a GPT can be reached from itself",
            |finding, f| decimal(finding, f, "this slot leads back to a GPT above it; programs that walk the space need a limit");
    }
}

/// A finding in an image. Its offset is that in the uncompressed bytes.
pub type CoyotosFinding = Finding<CoyotosRule>;

impl CoyotosRule {
    /// Whether the rule is about walking spaces, rather than about the contents of the image.
    #[cfg(feature = "alloc")]
    pub(crate) const fn is_about_spaces(self) -> bool {
        matches!(self, Self::SpaceNotMemory | Self::SpaceNoObject | Self::SpaceTooDeep | Self::SpaceTooMany)
    }

    pub(crate) const fn finding(
        self,
        field: CoyotosField,
        offset: u64,
        found: u64,
        expected: Expected,
    ) -> CoyotosFinding {
        Finding { rule: self, field, offset, found, expected }
    }
}

/// Why an address space cannot be walked to its end.
fn unreadable(f: &mut fmt::Formatter<'_>, why: &str) -> fmt::Result {
    write!(f, "the address space cannot be walked to its end: {why}")
}

/// Both numbers in the same base: counts, OIDs and sizes in decimal. OIDs of physical pages are addresses,
/// and shown as such.
fn decimal(finding: &CoyotosFinding, f: &mut fmt::Formatter<'_>, why: &str) -> fmt::Result {
    if finding.found >= PHYSICAL_PAGE_OID {
        return hexadecimal(finding, f, why);
    }
    let expected = Based { expected: finding.expected, hexadecimal: false };
    write!(f, "{} found, {expected} expected; {why}", finding.found)
}

/// Both numbers in the same base: bits and codes in hexadecimal.
fn hexadecimal(finding: &CoyotosFinding, f: &mut fmt::Formatter<'_>, why: &str) -> fmt::Result {
    let expected = Based { expected: finding.expected, hexadecimal: true };
    write!(f, "{:#x} found, {expected} expected; {why}", finding.found)
}

/// An expectation in a base.
struct Based {
    expected: Expected,
    hexadecimal: bool,
}

impl fmt::Display for Based {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, bound, other) = match self.expected {
            Expected::Exactly(n) => ("", n, None),
            Expected::Either(n, other) => ("", n, Some(other)),
            Expected::AtLeast(n) => ("at least ", n, None),
            Expected::AtMost(n) => ("at most ", n, None),
            Expected::MultipleOf(n) => ("a multiple of ", n, None),
            // The excluded value is the one found, which needs no repetition.
            Expected::AnythingBut(_) => return f.write_str("another value"),
        };
        f.write_str(before)?;
        let number = |f: &mut fmt::Formatter<'_>, n: u64| {
            if self.hexadecimal { write!(f, "{n:#x}") } else { write!(f, "{n}") }
        };
        number(f, bound)?;
        other.map_or(Ok(()), |other| {
            f.write_str(" or ")?;
            number(f, other)
        })
    }
}

fn bank_index(finding: &CoyotosFinding, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let bank = finding.expected.bound();
    write!(
        f,
        "the endpoint of bank {bank} is {}; the space bank of the original system takes the index of a bank for its \
         endpoint's OID and would charge what belongs to this bank to endpoint {bank}: make all banks before the first \
         other endpoint",
        finding.found
    )
}
