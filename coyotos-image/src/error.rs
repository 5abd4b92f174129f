//! What can be wrong with an image, and what is merely unusual.

use core::fmt;

use execfmt_common::{Expected, Finding, Rule, Severity};

use crate::object::{ObjectId, Slot};

/// A field of an image. Displayed as `GPT 3 cap[5].l2g`, `header nPage`, `bank 2 parent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CoyotosField {
    /// The file as a whole; the value is its length in bytes.
    FileLength,
    /// A field of the header.
    Header(&'static str),
    /// Bytes that are to be zero, behind the header or a table.
    Padding(&'static str),
    /// A field of a record of the bank table.
    Bank(u32, &'static str),
    /// A field of a record of the alloc table.
    Alloc(u32, &'static str),
    /// A field of a record of the symbol table.
    Symbol(u32, &'static str),
    /// The string table.
    Strings,
    /// A field of an object.
    Object(ObjectId, &'static str),
    /// A field of a capability in an object's slot.
    Capability(ObjectId, Slot, &'static str),
}

impl CoyotosField {
    /// The object that the field is of.
    pub const fn object(self) -> Option<ObjectId> {
        match self {
            Self::Object(object, _) | Self::Capability(object, _, _) => Some(object),
            _ => None,
        }
    }

    /// The slot of the object that the field is of.
    pub const fn slot(self) -> Option<Slot> {
        match self {
            Self::Capability(_, slot, _) => Some(slot),
            _ => None,
        }
    }
}

impl fmt::Display for CoyotosField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileLength => f.write_str("file length"),
            Self::Header(field) => write!(f, "header {field}"),
            Self::Padding(place) => write!(f, "padding behind the {place}"),
            Self::Bank(index, field) => write!(f, "bank {index} {field}"),
            Self::Alloc(index, field) => write!(f, "alloc record {index} {field}"),
            Self::Symbol(index, field) => write!(f, "symbol {index} {field}"),
            Self::Strings => f.write_str("string table"),
            Self::Object(object, field) => write!(f, "{object} {field}"),
            Self::Capability(object, slot, field) => write!(f, "{object} {slot}.{field}"),
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $code:literal $severity:ident $advice:literal;)+) => {
        /// The rules that an image can break.
        ///
        /// The first group is of the header: such a file is not read at all. The second is that of the original
        /// library, its 16 rules on capabilities and objects. The third is what a thorough checker adds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum CoyotosRule {
            $($(#[$doc])* $rule,)+
        }

        impl CoyotosRule {
            /// All rules.
            pub const ALL: &[Self] = &[$(Self::$rule),+];

            const fn facts(self) -> (&'static str, Severity, &'static str) {
                match self {
                    $(Self::$rule => ($code, Severity::$severity, $advice),)+
                }
            }
        }
    };
}

rules! {
    /// The file ends within the header's page.
    Truncated "truncated" Error "the file is too short for an image; copy or build it again";
    /// The file does not begin with `coyimage`.
    BadMagic "bad_magic" Error "this is no Coyotos image; an ELF file becomes one with `execfmt convert IN -o OUT --to coyotos`";
    /// The file is a gzip file, and was to be inflated first.
    Compressed "compressed" Error "this is a gzip file: inflate it first (in code, `inflate`)";
    /// `endian` is neither 1234 little-endian nor 4321 big-endian.
    BadEndian "bad_endian" Error "the byte order is neither 1234 little-endian nor 4321 big-endian; the header is damaged";
    /// `version` is not 1.
    BadVersion "bad_version" Error "only version 1 is known; build the image again";
    /// `target` is none of the architectures that the caller knows.
    UnknownTarget "unknown_target" Error "no known architecture has this number and byte order; the header is damaged, or the image is for another machine";
    /// `pgSize` is not the architecture's.
    PageSize "page_size" Error "this is not the page size of the target architecture; the header is damaged";
    /// `imgBytes` is not what the counts add up to.
    SizeFormula "size_formula" Error "the counts of objects do not add up to imgBytes; the header is damaged, or the layout is of another year";
    /// The counts add up if endpoints take 48 bytes, as they did in July 2007.
    OldLayout "old_layout" Error "this is the layout of July 2007 with endpoints of 48 bytes, which also says version 1; build the image again with a later library";
    /// The file is longer or shorter than `imgBytes`.
    FileSize "file_size" Error "the file's length is not that in the header; it was cut short or something was appended: copy it again";
    /// The tables' OIDs do not ascend from 1 to `endVecOID`.
    TableOrder "table_order" Error "bank, symbol, string and alloc tables follow each other in this order; the header is damaged";
    /// A table does not take the pages that its records need.
    TablePages "table_pages" Error "the number of pages of the table is not what its records take; the header is damaged";
    /// `endVecOID` is not the number of pages.
    TableEnd "table_end" Error "the tables end with the last page; the header is damaged";

    /// Rule 1.
    Swizzled "swizzled" Error "a capability in an image is never swizzled";
    /// Rule 2.
    UnknownCapType "unknown_cap_type" Error "no capability type has this number";
    /// Rule 3.
    AllocCount "alloc_count" Error "only capabilities to objects, and windows, have an allocCount";
    /// Rule 4.
    StrayOid "stray_oid" Error "only capabilities to objects, windows, Entry and AppNotice use these 64 bits";
    /// Rule 5.
    OidRange "oid_range" Error "the image has no such object";
    /// Rule 6.
    StrayRestr "stray_restr" Error "only memory capabilities have restrictions";
    /// Rule 7.
    StrayPayload "stray_payload" Error "only memory, Endpoint, Entry and AppNotice capabilities use these 32 bits";
    /// Rule 8.
    StrayOpaque "stray_opaque" Error "OP and NC are for GPTs and physical pages";
    /// Rule 9.
    WeakNotReadOnly "weak_not_read_only" Error "WK implies RO: set both";
    /// Rule 10.
    GuardSize "guard_size" Error "l2g lies between the page size and 64 bits";
    /// Rule 11.
    GuardMatch "guard_match" Error "match, shifted up by l2g, does not fit into 64 bits";
    /// Rule 12.
    WindowOffset "window_offset" Error "a window's offset has bits below its l2g";
    /// Rule 13. The original demands 0 of a LocalWindow, which in the kernel is the one that has a slot.
    WindowSlot "window_slot" Error "there is no such slot";
    /// Rule 14.
    GptSize "gpt_size" Error "l2v lies between the page size and 63 bits";
    /// Rule 15.
    Recipient "recipient" Error "an endpoint's recipient is a Process, or Null";
    /// Rule 16.
    IoSpace "io_space" Error "a process's ioSpace is IOPriv, or Null";

    /// There is no bank, to which everything would be charged.
    NoBank "no_bank" Error "an image has at least the prime bank";
    /// A bank's endpoint does not exist.
    BankEndpoint "bank_endpoint" Error "the image has no such endpoint";
    /// A bank's parent is not a bank before it; bank 0's is itself.
    BankParent "bank_parent" Error "a bank's parent stands before it, and bank 0 is the root";
    /// `nAlloc` is not the number of objects.
    AllocTotal "alloc_total" Error "there is one alloc record for every object";
    /// The alloc table is not sorted by type and OID, or does not name each object once.
    AllocOrder "alloc_order" Error "alloc records name each object once, sorted by type and OID";
    /// An object is charged to a bank that does not exist.
    AllocBank "alloc_bank" Error "the image has no such bank";
    /// Bits that no field uses are set.
    Reserved "reserved" Error "no field uses these bits, which are to be zero";
    /// Bytes behind the header or a table are set.
    Padding "padding" Error "the rest of the page is to be zero";
    /// `runState` is above 2.
    RunState "run_state" Error "runState is 0 (running), 1 (receiving) or 2 (faulted)";
    /// Unknown process flags.
    ProcessFlags "process_flags" Error "no process flag has this bit";
    /// An Entry names an endpoint that does not exist.
    EntryRange "entry_range" Error "the image has no such endpoint";
    /// An AppNotice names a process that does not exist.
    NoticeRange "notice_range" Error "the image has no such process";
    /// The symbol table is not sorted.
    SymbolOrder "symbol_order" Error "symbols are sorted by space, address and size, so that they can be searched";
    /// A symbol's name does not begin within the string table.
    SymbolName "symbol_name" Error "the name begins behind the end of the string table";
    /// The string table does not end with a NUL.
    StringsUnterminated "strings_unterminated" Error "the string table ends with a NUL";

    /// A bank's endpoint has another number than the bank's index plus one.
    BankEndpointId "bank_endpoint_id" Warning "the endpointID of a bank's endpoint is the bank's index plus one";
    /// Bank i is not endpoint i: the original space bank takes one for the other.
    BankIndex "bank_index" Warning "the original space bank takes a bank's index for its endpoint's OID; allocate banks before endpoints";
    /// The header or a table is not charged to bank 0.
    TableCharge "table_charge" Warning "the header and the tables are charged to bank 0";
    /// A capability names a page of a table.
    TablePage "table_page" Warning "this page belongs to the header or to a table";
    /// A GPT can be reached from itself.
    SpaceCycle "space_cycle" Warning "this slot leads back to a GPT above it; what walks the space needs a limit";
}

impl Rule for CoyotosRule {
    type Field = CoyotosField;

    fn code(self) -> &'static str {
        self.facts().0
    }

    fn severity(self) -> Severity {
        self.facts().1
    }

    fn explain(finding: &Finding<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x} found, {} expected; {}", finding.found, finding.expected, finding.rule.facts().2)
    }
}

/// A finding in an image. Its offset counts in the inflated bytes.
pub type CoyotosFinding = Finding<CoyotosRule>;

impl CoyotosRule {
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
