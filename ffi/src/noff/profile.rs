use core::ffi::c_char;

use crate::memory::{Caller, caller, fill_text, options, status};
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_END, execfmt_status};
use ::noff::{ByteOrders, Format, Layout, NACHOS3, NACHOS5J, PROFILES, PageSize, Profile};

/// Byte orders that a kernel reads: little-endian headers only.
pub const EXECFMT_NOFF_READS_LITTLE: u32 = 1;
/// Byte orders that a kernel reads: big-endian headers only.
pub const EXECFMT_NOFF_READS_BIG: u32 = 2;
/// Byte orders that a kernel reads: both.
pub const EXECFMT_NOFF_READS_BOTH: u32 = 3;

/// Size of the array for the name of a family of kernels or of a system call and its NUL, in bytes.
pub const EXECFMT_NOFF_NAME_SIZE: usize = 32;

/// A family of kernels: what they load, and what they provide to a program. Filled in by
/// execfmt_noff_profile_named and execfmt_noff_profile_at; for another kernel, change a copy.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_noff_profile {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// Number of segments in the headers that they load: 3 or 4; 0 for kernels that load MIPS COFF files
    /// instead of NOFF.
    pub layout: u32,
    /// EXECFMT_NOFF_READS_LITTLE, EXECFMT_NOFF_READS_BIG or EXECFMT_NOFF_READS_BOTH.
    pub byte_orders: u32,
    /// The address at which programs start.
    pub start: u32,
    /// Number of pages that are never mapped, from address 0 on.
    pub unmapped_pages: u32,
    /// Sizes of segments must be multiples of this number of bytes; 1 when any size is accepted.
    pub size_granularity: u32,
    /// The page size in bytes: a power of two, at most 65536.
    pub page_size: u32,
    /// Number of physical pages; 0 if unknown.
    pub frames: u32,
    /// 1 with demand paging, where a program may have more pages than the machine has frames; else 0.
    pub demand_paging: u32,
    /// Size of the stack in bytes.
    pub stack_size: u32,
    /// Number of system calls, for execfmt_noff_system_call.
    pub system_call_count: u32,
    /// A short name, terminated by a NUL.
    pub name: [c_char; EXECFMT_NOFF_NAME_SIZE],
}
options!(execfmt_noff_profile, 76);

/// A system call.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_noff_system_call_info {
    /// The number that a program puts into register 2.
    pub number: u32,
    /// Its name in C, in lower case, terminated by a NUL.
    pub name: [c_char; EXECFMT_NOFF_NAME_SIZE],
}

impl From<&Profile<'_>> for execfmt_noff_profile {
    fn from(profile: &Profile<'_>) -> Self {
        let mut c = Self {
            size: u32::try_from(size_of::<Self>()).unwrap_or(0),
            layout: match profile.format {
                Format::Noff { layout } => layout.segment_count(),
                _ => 0,
            },
            byte_orders: match profile.byte_orders {
                ByteOrders::Little => EXECFMT_NOFF_READS_LITTLE,
                ByteOrders::Big => EXECFMT_NOFF_READS_BIG,
                ByteOrders::Both => EXECFMT_NOFF_READS_BOTH,
            },
            start: profile.start,
            unmapped_pages: profile.unmapped_pages,
            size_granularity: profile.size_granularity,
            page_size: profile.page_size.bytes(),
            frames: profile.frames.unwrap_or(0),
            demand_paging: profile.demand_paging.into(),
            stack_size: profile.stack_size,
            system_call_count: u32::try_from(profile.system_calls.len()).unwrap_or(u32::MAX),
            name: [0; EXECFMT_NOFF_NAME_SIZE],
        };
        fill_text(&mut c.name, profile.name.bytes());
        c
    }
}

/// A caller's profile. No rule uses its name and system calls.
pub(super) fn profile(
    caller: Caller<'_>,
    profile: *const execfmt_noff_profile,
) -> Result<Profile<'static>, execfmt_status> {
    let c = caller.options(profile)?;
    // What the struct does not contain is taken from the most common kernels that load the format.
    let mut found = if c.layout == 0 { NACHOS5J } else { NACHOS3 };
    found.format = match c.layout {
        0 => Format::Coff,
        count => Format::Noff { layout: Layout::from_segment_count(count).ok_or(EXECFMT_E_ARGUMENT)? },
    };
    found.byte_orders = match c.byte_orders {
        EXECFMT_NOFF_READS_LITTLE => ByteOrders::Little,
        EXECFMT_NOFF_READS_BIG => ByteOrders::Big,
        EXECFMT_NOFF_READS_BOTH => ByteOrders::Both,
        _ => return Err(EXECFMT_E_ARGUMENT),
    };
    if c.demand_paging > 1 || c.size_granularity == 0 {
        return Err(EXECFMT_E_ARGUMENT);
    }
    found.start = c.start;
    found.unmapped_pages = c.unmapped_pages;
    found.size_granularity = c.size_granularity;
    found.page_size = PageSize::new(c.page_size).ok_or(EXECFMT_E_ARGUMENT)?;
    found.frames = Some(c.frames).filter(|&frames| frames != 0);
    found.demand_paging = c.demand_paging == 1;
    found.stack_size = c.stack_size;
    Ok(found)
}

/// Stores the known family with index `index`, from 0; EXECFMT_END past the last one.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_profile_at(
    index: u32,
    profile: *mut execfmt_noff_profile,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let found = usize::try_from(index).ok().and_then(|index| PROFILES.get(index));
        caller.write(profile, found.ok_or(EXECFMT_END)?.into())
    })
}

fn named(caller: Caller<'_>, name: *const c_char) -> Result<&'static Profile<'static>, execfmt_status> {
    let name = caller.string(name, EXECFMT_NOFF_NAME_SIZE).map_err(|status| match status {
        // Too long for any known name.
        crate::status::EXECFMT_E_BUFFER => EXECFMT_END,
        other => other,
    })?;
    PROFILES.iter().find(|profile| profile.name.bytes().eq(name.iter().copied())).ok_or(EXECFMT_END)
}

/// Stores the family with a name, such as "nachos3", "nachos4-rdata", "bordeaux", "rosario", "rosario-eager",
/// "jnachos" or "nachos5j"; EXECFMT_END when there is none.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_profile_named(
    name: *const c_char,
    profile: *mut execfmt_noff_profile,
) -> execfmt_status {
    let caller = caller!();
    status(|| caller.write(profile, named(caller, name)?.into()))
}

/// Stores the system call with index `index`, from 0, in the list of the family with a name; EXECFMT_END past
/// the last one, and when there is no such family.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_system_call(
    profile: *const c_char,
    index: u32,
    call: *mut execfmt_noff_system_call_info,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let calls = named(caller, profile)?.system_calls;
        let found = usize::try_from(index).ok().and_then(|index| calls.get(index)).ok_or(EXECFMT_END)?;
        let mut c = execfmt_noff_system_call_info { number: found.number, name: [0; EXECFMT_NOFF_NAME_SIZE] };
        fill_text(&mut c.name, found.name.bytes());
        caller.write(call, c)
    })
}
