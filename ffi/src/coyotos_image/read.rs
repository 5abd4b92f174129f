use core::ffi::{c_char, c_void};

use coyotos_image::space::WalkLimits;
use coyotos_image::{
    Capability, CoyotosFinding, CycleScratch, Image, ObjectId, Options, Severity, check, find_cycles, space,
};
use static_assertions::{const_assert, const_assert_eq};

use super::convert::{object_type, packing, root, rules, space_status};
use super::rules::{for_c, rule_status};
use super::{
    EXECFMT_COYOTOS_AS_WRITTEN, EXECFMT_COYOTOS_E_HANDLE, EXECFMT_COYOTOS_E_NO_OBJECT,
    EXECFMT_COYOTOS_E_NO_SLOT, execfmt_coyotos_alloc, execfmt_coyotos_bank, execfmt_coyotos_capability,
    execfmt_coyotos_endpoint, execfmt_coyotos_gpt, execfmt_coyotos_header, execfmt_coyotos_image,
    execfmt_coyotos_leaf, execfmt_coyotos_mapping, execfmt_coyotos_mapping_fn, execfmt_coyotos_process,
    execfmt_coyotos_report_fn, execfmt_coyotos_symbol,
};
use crate::base::{EXECFMT_E_BUFFER, EXECFMT_E_NULL, EXECFMT_END, execfmt_finding, execfmt_status};
use crate::memory;

/// What an image's fields are checked by: anything but chance fails.
fn seal(bytes: *const u8, length: usize, packing: u32) -> u32 {
    let words = [bytes.addr() as u64, length as u64, packing.into()];
    let mixed = words.into_iter().fold(0xcbf2_9ce4_8422_2325_u64, |mixed, word| {
        let mixed = (mixed ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 32
    });
    // The lower half of a mixed word.
    (mixed & 0xffff_ffff) as u32
}

/// A caller's image, checked again.
///
/// # Safety
/// As for [`memory::read`]; the bytes must be readable still.
pub(super) unsafe fn image<'a>(image: *const execfmt_coyotos_image) -> Result<Image<'a>, execfmt_status> {
    // SAFETY: the caller's promise.
    let c = unsafe { memory::read(image) }?;
    if c.seal != seal(c.bytes, c.length, c.packing) {
        return Err(EXECFMT_COYOTOS_E_HANDLE);
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { memory::slice(c.bytes, c.length) }?;
    let options = Options { packing: packing(c.packing)?, ..Options::default() };
    Image::parse(bytes, options).map_err(|finding| rule_status(finding.rule))
}

/// A caller's capability.
///
/// # Safety
/// As for [`memory::read`].
pub(super) unsafe fn capability(
    cap: *const execfmt_coyotos_capability,
) -> Result<Capability, execfmt_status> {
    // SAFETY: the caller's promise.
    unsafe { memory::read(cap) }?.try_into()
}

/// Stores what a function found, or says that there is none.
///
/// # Safety
/// As for [`memory::write`].
unsafe fn store<T: Copy, F: Into<T>>(
    found: Option<F>,
    none: execfmt_status,
    place: *mut T,
) -> Result<(), execfmt_status> {
    // SAFETY: the caller's promise.
    unsafe { memory::write(place, found.ok_or(none)?.into()) }
}

/// Reads and checks the header of an image of `length` bytes that is not compressed. On success `*image` is filled in;
/// when the image is refused, the status says why, and `*finding`, unless it is NULL, has the field, its place, the
/// value found and the one expected. `packing` is EXECFMT_COYOTOS_AS_WRITTEN for every file that the original wrote.
///
/// # Safety
/// `file` must point to `length` readable bytes, which stay as long as the image is used; the other pointers must be
/// NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_open(
    file: *const u8,
    length: usize,
    packing: u32,
    image: *mut execfmt_coyotos_image,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let outcome = self::packing(packing).and_then(|way| {
        // SAFETY: the caller's promise.
        let bytes = unsafe { memory::slice(file, length) }?;
        memory::check(image, 1)?;
        match Image::parse(bytes, Options { packing: way, ..Options::default() }) {
            Ok(_) => {
                let seal = seal(file, length, packing);
                // SAFETY: the caller's promise.
                unsafe { memory::write(image, execfmt_coyotos_image { bytes: file, length, packing, seal }) }
            }
            Err(refusal) => {
                if !finding.is_null() {
                    // SAFETY: the caller's promise.
                    unsafe { memory::write(finding, for_c(&refusal)) }?;
                }
                Err(rule_status(refusal.rule))
            }
        }
    });
    memory::status(outcome)
}

const_assert_eq!(EXECFMT_COYOTOS_AS_WRITTEN, 0);

/// The header of an image.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_header(
    image: *const execfmt_coyotos_image,
    header: *mut execfmt_coyotos_header,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        // SAFETY: the caller's promise.
        unsafe { memory::write(header, image.header().into()) }
    });
    memory::status(outcome)
}

/// Reports findings to a caller's function; the status of the first error is the outcome.
fn report_all(
    findings: impl Iterator<Item = CoyotosFinding>,
    report: execfmt_coyotos_report_fn,
    context: *mut c_void,
) -> Result<(), execfmt_status> {
    let mut verdict = Ok(());
    for finding in findings {
        if verdict.is_ok() && finding.rule.severity() == Severity::Error {
            verdict = Err(rule_status(finding.rule));
        }
        let Some(report) = report else {
            if verdict.is_err() {
                break;
            }
            continue;
        };
        let finding = for_c(&finding);
        // SAFETY: the caller's own function, called as its type says.
        if unsafe { report(context, &raw const finding) } != 0 {
            break;
        }
    }
    verdict
}

/// Judges what an image holds by the rules chosen, in time linear in the image, and calls `report` for everything that
/// breaks one. Returns EXECFMT_OK when there are warnings at most, else the status of the first error. `report` may be
/// NULL.
///
/// # Safety
/// `image` must be NULL or point to its struct; `report` must be NULL or a function of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_check(
    image: *const execfmt_coyotos_image,
    rules: u32,
    report: execfmt_coyotos_report_fn,
    context: *mut c_void,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }
        .and_then(|image| report_all(check(&image, self::rules(rules)?), report, context));
    memory::status(outcome)
}

const_assert_eq!(size_of::<CycleScratch>(), size_of::<u64>());
const_assert!(align_of::<u64>() >= align_of::<CycleScratch>());

/// Finds every slot of a GPT that leads back to a GPT above it, in linear time, and calls `report` for each, which is
/// worth a warning. `scratch` is memory for a 64-bit word per GPT (n_gpt of the header), EXECFMT_E_BUFFER when it is
/// less; its contents mean nothing.
///
/// # Safety
/// `image` must be NULL or point to its struct, `scratch` to `scratch_count` words; `report` must be NULL or a function
/// of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_check_cycles(
    image: *const execfmt_coyotos_image,
    scratch: *mut u64,
    scratch_count: usize,
    report: execfmt_coyotos_report_fn,
    context: *mut c_void,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        // SAFETY: the caller's promise; a word has the size of an item, and at least its alignment.
        let scratch = unsafe { memory::fresh(scratch.cast::<CycleScratch>(), scratch_count) }?;
        report_all(find_cycles(&image, scratch).ok_or(EXECFMT_E_BUFFER)?, report, context)
    });
    memory::status(outcome)
}

/// Where the bytes of an object are: `*bytes` points into the image.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_object(
    image: *const execfmt_coyotos_image,
    object_type: u32,
    oid: u64,
    bytes: *mut *const u8,
    length: *mut usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        let id = ObjectId { object_type: self::object_type(object_type)?, oid };
        let found = image.object_bytes(id).ok_or(EXECFMT_COYOTOS_E_NO_OBJECT)?;
        memory::check(bytes, 1)?;
        // SAFETY: the caller's promise.
        unsafe {
            memory::write(length, found.len())?;
            memory::write(bytes, found.as_ptr())
        }
    });
    memory::status(outcome)
}

/// A GPT's fields.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_gpt(
    image: *const execfmt_coyotos_image,
    oid: u64,
    gpt: *mut execfmt_coyotos_gpt,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }
        .and_then(|image| unsafe { store(image.gpt(oid), EXECFMT_COYOTOS_E_NO_OBJECT, gpt) });
    memory::status(outcome)
}

/// An endpoint's fields.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_endpoint(
    image: *const execfmt_coyotos_image,
    oid: u64,
    endpoint: *mut execfmt_coyotos_endpoint,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }
        .and_then(|image| unsafe { store(image.endpoint(oid), EXECFMT_COYOTOS_E_NO_OBJECT, endpoint) });
    memory::status(outcome)
}

/// A process's fields.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_process(
    image: *const execfmt_coyotos_image,
    oid: u64,
    process: *mut execfmt_coyotos_process,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }
        .and_then(|image| unsafe { store(image.process(oid), EXECFMT_COYOTOS_E_NO_OBJECT, process) });
    memory::status(outcome)
}

/// The capability in a slot of an object. Slots count from 0 in the order of the file: of a GPT 16, of a CapPage the
/// page size divided by 16, of a process EXECFMT_COYOTOS_SLOT_SCHEDULE and so on, of an endpoint one.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_capability(
    image: *const execfmt_coyotos_image,
    object_type: u32,
    oid: u64,
    slot: u32,
    capability: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        let object_type = self::object_type(object_type)?;
        let id = ObjectId { object_type, oid };
        image.object_offset(id).ok_or(EXECFMT_COYOTOS_E_NO_OBJECT)?;
        let slot = object_type.slot(slot, image.arch().page_size()).ok_or(EXECFMT_COYOTOS_E_NO_SLOT)?;
        // SAFETY: the caller's promise.
        unsafe { store(image.capability(id, slot), EXECFMT_COYOTOS_E_NO_SLOT, capability) }
    });
    memory::status(outcome)
}

/// The record `index` of the bank table; EXECFMT_END behind the last one.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_bank(
    image: *const execfmt_coyotos_image,
    index: u32,
    bank: *mut execfmt_coyotos_bank,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }
        .and_then(|image| unsafe { store(image.bank(index), EXECFMT_END, bank) });
    memory::status(outcome)
}

/// The record `index` of the alloc table; EXECFMT_END behind the last one.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_alloc(
    image: *const execfmt_coyotos_image,
    index: u32,
    alloc: *mut execfmt_coyotos_alloc,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }
        .and_then(|image| unsafe { store(image.alloc(index), EXECFMT_END, alloc) });
    memory::status(outcome)
}

/// Looks up what is behind an address of a space. Takes at most 64 steps. Where nothing is mapped, the leaf is Null.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_find_leaf(
    image: *const execfmt_coyotos_image,
    space: *const execfmt_coyotos_capability,
    address: u64,
    leaf: *mut execfmt_coyotos_leaf,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        // SAFETY: the caller's promise.
        let space = unsafe { capability(space) }?;
        let found = space::leaf(&image, space, address).map_err(space_status)?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(leaf, found.into()) }
    });
    memory::status(outcome)
}

/// Walks a space in ascending order of addresses and calls `each` for every leaf. A tree that has a cycle, or leads
/// through more than `max_gpts` GPTs, each counted as often as it is entered, ends the walk with an error.
///
/// # Safety
/// The pointers must be NULL or point to their structs; `each` must be NULL or a function of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_walk(
    image: *const execfmt_coyotos_image,
    space: *const execfmt_coyotos_capability,
    max_gpts: u64,
    each: execfmt_coyotos_mapping_fn,
    context: *mut c_void,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        // SAFETY: the caller's promise.
        let space = unsafe { capability(space) }?;
        let each = each.ok_or(EXECFMT_E_NULL)?;
        for mapping in space::walk(&image, space, WalkLimits { gpts: max_gpts }).pages() {
            let mapping = execfmt_coyotos_mapping::from(mapping.map_err(space_status)?);
            // SAFETY: the caller's own function, called as its type says.
            if unsafe { each(context, &raw const mapping) } != 0 {
                break;
            }
        }
        Ok(())
    });
    memory::status(outcome)
}

/// The symbol `index`, in the order of the table: by space and address. EXECFMT_END behind the last one.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_symbol(
    image: *const execfmt_coyotos_image,
    index: u32,
    symbol: *mut execfmt_coyotos_symbol,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        let index = usize::try_from(index).map_err(|_| EXECFMT_END)?;
        // SAFETY: the caller's promise.
        unsafe { store(image.symbols().get(index), EXECFMT_END, symbol) }
    });
    memory::status(outcome)
}

/// The symbol that an address belongs to, in the space with this root; in any space, the first one first, when `space`
/// is NULL. EXECFMT_END when there is none. A search in halves: the image is not read through.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_symbol_at(
    image: *const execfmt_coyotos_image,
    space: *const execfmt_coyotos_capability,
    address: u64,
    symbol: *mut execfmt_coyotos_symbol,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        let found = if space.is_null() {
            image.symbol_at(address)
        } else {
            // SAFETY: the caller's promise.
            image.symbols().at_in(root(unsafe { capability(space) }?)?, address)
        };
        // SAFETY: the caller's promise.
        unsafe { store(found, EXECFMT_END, symbol) }
    });
    memory::status(outcome)
}

/// The symbol with a name of `name_length` bytes; looks at every one. EXECFMT_END when there is none.
///
/// # Safety
/// `name` must point to `name_length` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_symbol_named(
    image: *const execfmt_coyotos_image,
    name: *const c_char,
    name_length: usize,
    symbol: *mut execfmt_coyotos_symbol,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        // SAFETY: the caller's promise.
        let name = unsafe { memory::slice(name.cast::<u8>(), name_length) }?;
        // SAFETY: the caller's promise.
        unsafe { store(image.symbols().named(name), EXECFMT_END, symbol) }
    });
    memory::status(outcome)
}

/// The build id of a space's side file, in hexadecimal: `*id` points into the image, and no NUL is promised behind its
/// `*id_length` bytes. EXECFMT_END when the image has none.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_build_id(
    image: *const execfmt_coyotos_image,
    space: *const execfmt_coyotos_capability,
    id: *mut *const c_char,
    id_length: *mut usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        // SAFETY: the caller's promise.
        let root = root(unsafe { capability(space) }?)?;
        let found = image.symbols().build_id(root).ok_or(EXECFMT_END)?;
        memory::check(id, 1)?;
        // SAFETY: the caller's promise.
        unsafe {
            memory::write(id_length, found.len())?;
            memory::write(id, found.as_ptr().cast())
        }
    });
    memory::status(outcome)
}
