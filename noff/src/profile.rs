//! Families of Nachos kernels, as data: what each of them loads, and what it provides to a program.
//!
//! Sources: 411 real NOFF files and 373 COFF files from 18 repositories, and kernels of four families, run.
//! System call numbers are those of each family's `syscall.h`.

use execfmt_common::ByteOrder;

use crate::header::Layout;
use crate::page::{NUM_PHYS_PAGES, PageSize, USER_STACK_SIZE};

/// A family of kernels. [`PROFILES`] has the known ones; for another kernel, change a copy.
///
/// ```
/// use noff::{NACHOS3, check_bytes, CheckOptions};
///
/// let mut course = NACHOS3;
/// course.name = "our course";
/// course.frames = Some(64);
/// let options = CheckOptions { profile: Some(&course), ..CheckOptions::default() };
/// assert!(!check_bytes(b"", &options, &mut |_| core::ops::ControlFlow::Continue(())).is_accepted());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile<'a> {
    /// A short name, for command-line options.
    pub name: &'a str,
    /// Which kernels these are.
    pub kernels: &'a str,
    /// The file formats that they load.
    pub format: Format,
    /// The byte orders of the header that they read.
    pub byte_orders: ByteOrders,
    /// The address at which programs start. (Kernels that load COFF files start programs at the entry point
    /// of the file.)
    pub start: u32,
    /// Number of pages that are never mapped, from address 0 on.
    pub unmapped_pages: u32,
    /// Sizes of segments must be multiples of this number of bytes; 1 when any size is accepted.
    pub size_granularity: u32,
    /// The page size of the machine.
    pub page_size: PageSize,
    /// Number of physical pages of the machine, where it is known.
    pub frames: Option<u32>,
    /// True with demand paging: a program may have more pages than the machine has frames.
    pub demand_paging: bool,
    /// Size of the stack in bytes.
    pub stack_size: u32,
    /// The system calls, by number.
    pub system_calls: &'a [SystemCall<'a>],
    /// How its simulated machine differs from a MIPS.
    pub faults: Faults,
}

/// How a simulated machine differs from a MIPS, apart from load delay slots and the lack of everything above
/// MIPS I.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Faults {
    /// `srl` and `srlv` shift in the sign.
    pub signed_shifts: bool,
    /// `or` uses its first register for both operands.
    pub first_or: bool,
    /// `lbu`, `lhu` and `sltiu` treat a negative immediate as 65536 more.
    pub unsigned_immediates: bool,
}

/// The files that a family of kernels loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// NOFF files.
    Noff {
        /// With headers of this layout.
        layout: Layout,
    },
    /// MIPS COFF files, never NOFF.
    Coff,
}

/// The byte orders that a loader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrders {
    /// Little-endian headers only.
    Little,
    /// Big-endian headers only.
    Big,
    /// Both.
    Both,
}

impl ByteOrders {
    /// True when headers of this order are read.
    pub const fn contains(self, byte_order: ByteOrder) -> bool {
        matches!(
            (self, byte_order),
            (Self::Both, _) | (Self::Little, ByteOrder::Little) | (Self::Big, ByteOrder::Big)
        )
    }

    /// The byte order in which to write a header.
    pub const fn preferred(self) -> ByteOrder {
        match self {
            Self::Big => ByteOrder::Big,
            Self::Little | Self::Both => ByteOrder::Little,
        }
    }
}

/// A system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SystemCall<'a> {
    /// Its name in C, in lower case.
    pub name: &'a str,
    /// The number that a program puts into register 2.
    pub number: u32,
}

const fn call(name: &str, number: u32) -> SystemCall<'_> {
    SystemCall { name, number }
}

const NACHOS3_CALLS: &[SystemCall<'static>] = &[
    call("halt", 0),
    call("exit", 1),
    call("exec", 2),
    call("join", 3),
    call("create", 4),
    call("open", 5),
    call("read", 6),
    call("write", 7),
    call("close", 8),
    call("fork", 9),
    call("yield", 10),
];

const NACHOS4_CALLS: &[SystemCall<'static>] = &[
    call("halt", 0),
    call("exit", 1),
    call("exec", 2),
    call("join", 3),
    call("create", 4),
    call("remove", 5),
    call("open", 6),
    call("read", 7),
    call("write", 8),
    call("seek", 9),
    call("close", 10),
    call("threadfork", 11),
    call("threadyield", 12),
    call("execv", 13),
    call("threadexit", 14),
    call("threadjoin", 15),
    call("add", 42),
];

const ROSARIO_CALLS: &[SystemCall<'static>] = &[
    call("halt", 0),
    call("exit", 1),
    call("exec", 2),
    call("join", 3),
    call("fork", 4),
    call("yield", 5),
    call("create", 10),
    call("remove", 11),
    call("open", 12),
    call("close", 13),
    call("read", 14),
    call("write", 15),
    call("ps", 16),
];

const NACHOS5J_CALLS: &[SystemCall<'static>] = &[
    call("halt", 0),
    call("exit", 1),
    call("exec", 2),
    call("join", 3),
    call("creat", 4),
    call("open", 5),
    call("read", 6),
    call("write", 7),
    call("close", 8),
    call("unlink", 9),
];

/// Nachos 3.4 and most of its forks.
pub const NACHOS3: Profile<'static> = Profile {
    name: "nachos3",
    kernels: "Nachos 3.4 and most of its forks",
    format: Format::Noff { layout: Layout::Three },
    byte_orders: ByteOrders::Little,
    start: 0,
    unmapped_pages: 0,
    size_granularity: 1,
    page_size: PageSize::NACHOS,
    frames: Some(NUM_PHYS_PAGES),
    demand_paging: false,
    stack_size: USER_STACK_SIZE,
    system_calls: NACHOS3_CALLS,
    faults: Faults { signed_shifts: true, first_or: true, unsigned_immediates: false },
};

/// The defect that most machines have.
const SIGNED_SHIFTS: Faults = Faults { signed_shifts: true, first_or: false, unsigned_immediates: false };

/// Nachos 4.0 built with `RDATA`. Its loader asserts that there are four segments.
pub const NACHOS4_RDATA: Profile<'static> = Profile {
    name: "nachos4-rdata",
    kernels: "Nachos 4.0 built with RDATA (NTHU, HCMUS and others)",
    format: Format::Noff { layout: Layout::Four },
    frames: Some(128),
    system_calls: NACHOS4_CALLS,
    faults: SIGNED_SHIFTS,
    ..NACHOS3
};

/// The kernel of Bordeaux and its students' forks. It never maps page 0, and asserts that segments are whole
/// pages.
pub const BORDEAUX: Profile<'static> = Profile {
    name: "bordeaux",
    kernels: "Nachos of Bordeaux and its students' forks",
    start: 0x80,
    unmapped_pages: 1,
    size_granularity: 128,
    frames: Some(64),
    faults: Faults { signed_shifts: false, first_or: false, unsigned_immediates: false },
    ..NACHOS3
};

/// The kernel of Rosario, as built in its folder `vmem`: with demand paging and a swap file.
pub const ROSARIO: Profile<'static> = Profile {
    name: "rosario",
    kernels: "Nachos of Rosario with demand paging (vmem)",
    frames: Some(16),
    demand_paging: true,
    system_calls: ROSARIO_CALLS,
    faults: SIGNED_SHIFTS,
    ..NACHOS3
};

/// The same kernel as built in its folder `userprog`: programs are loaded whole.
pub const ROSARIO_EAGER: Profile<'static> = Profile {
    name: "rosario-eager",
    kernels: "Nachos of Rosario without demand paging (userprog)",
    demand_paging: false,
    ..ROSARIO
};

/// Ports to Java that load NOFF: JNachos, and those of Rice and Stony Brook.
pub const JNACHOS: Profile<'static> = Profile {
    name: "jnachos",
    kernels: "JNachos, and the Java ports of Rice and Stony Brook",
    byte_orders: ByteOrders::Both,
    frames: None,
    faults: SIGNED_SHIFTS,
    ..NACHOS3
};

/// Nachos 5.0j of Berkeley, in Java. It loads COFF files directly.
pub const NACHOS5J: Profile<'static> = Profile {
    name: "nachos5j",
    kernels: "Nachos 5.0j of Berkeley, in Java",
    format: Format::Coff,
    page_size: match PageSize::new(1024) {
        Some(size) => size,
        None => PageSize::NACHOS,
    },
    frames: Some(64),
    stack_size: 8 * 1024,
    system_calls: NACHOS5J_CALLS,
    faults: Faults { signed_shifts: false, first_or: false, unsigned_immediates: true },
    ..NACHOS3
};

/// The known families of kernels.
pub const PROFILES: &[Profile<'static>] =
    &[NACHOS3, NACHOS4_RDATA, BORDEAUX, ROSARIO, ROSARIO_EAGER, JNACHOS, NACHOS5J];

impl Profile<'static> {
    /// The known family with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }
}

impl Profile<'_> {
    /// The lowest address that is mapped.
    pub const fn lowest_address(&self) -> u64 {
        (self.unmapped_pages as u64).wrapping_mul(self.page_size.bytes() as u64)
    }
}
