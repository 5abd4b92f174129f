use core::ffi::{c_char, c_void};

use coyotos_image::space::WalkLimits;
use coyotos_image::{Capability, Image, ObjectId, Options, space};
use static_assertions::const_assert_eq;

use super::convert::{object_type, packing, root, space_status};
use super::rules::rule_status;
use super::{
    EXECFMT_COYOTOS_AS_WRITTEN, EXECFMT_COYOTOS_E_HANDLE, EXECFMT_COYOTOS_E_NO_OBJECT,
    EXECFMT_COYOTOS_E_NO_SLOT, execfmt_coyotos_alloc, execfmt_coyotos_bank, execfmt_coyotos_capability,
    execfmt_coyotos_endpoint, execfmt_coyotos_gpt, execfmt_coyotos_header, execfmt_coyotos_image,
    execfmt_coyotos_leaf, execfmt_coyotos_mapping, execfmt_coyotos_mapping_fn, execfmt_coyotos_process,
    execfmt_coyotos_symbol,
};
use crate::finding::{execfmt_finding, to_c};
use crate::memory::{Caller, caller, check, status};
use crate::status::{EXECFMT_E_NULL, EXECFMT_END, execfmt_status};

/// A checksum over an image's fields: invalid structs pass it only by chance.
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
pub(super) fn image<'a>(
    caller: Caller<'a>,
    image: *const execfmt_coyotos_image,
) -> Result<Image<'a>, execfmt_status> {
    let c = caller.read(image)?;
    if c.seal != seal(c.bytes, c.length, c.packing) {
        return Err(EXECFMT_COYOTOS_E_HANDLE);
    }
    let bytes = caller.values(c.bytes, c.length)?;
    let options = Options { packing: packing(c.packing)?, ..Options::default() };
    Image::parse(bytes, options).map_err(|finding| rule_status(finding.rule))
}

/// A caller's capability.
pub(super) fn capability(
    caller: Caller<'_>,
    cap: *const execfmt_coyotos_capability,
) -> Result<Capability, execfmt_status> {
    caller.read(cap)?.try_into()
}

/// Stores a function's result, or reports that there is none.
fn store<T: Copy, F: Into<T>>(
    caller: Caller<'_>,
    found: Option<F>,
    none: execfmt_status,
    place: *mut T,
) -> Result<(), execfmt_status> {
    caller.write(place, found.ok_or(none)?.into())
}

/// Reads and checks the header of an uncompressed image of `length` bytes. On success `*image` is filled in;
/// when the image is refused, the status is the reason, and `*finding`, unless `finding` is NULL, has the
/// field, its offset, the value found and the value expected. `packing` is EXECFMT_COYOTOS_AS_WRITTEN for
/// every file that the original wrote.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_open(
    file: *const u8,
    length: usize,
    packing: u32,
    image: *mut execfmt_coyotos_image,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let way = self::packing(packing)?;
        let bytes = caller.values(file, length)?;
        check(image, 1)?;
        match Image::parse(bytes, Options { packing: way, ..Options::default() }) {
            Ok(_) => {
                let seal = seal(file, length, packing);
                caller.write(image, execfmt_coyotos_image { bytes: file, length, packing, seal })
            }
            Err(refusal) => {
                if !finding.is_null() {
                    caller.write(finding, to_c(&refusal))?;
                }
                Err(rule_status(refusal.rule))
            }
        }
    })
}

const_assert_eq!(EXECFMT_COYOTOS_AS_WRITTEN, 0);

/// The header of an image.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_header(
    image: *const execfmt_coyotos_image,
    header: *mut execfmt_coyotos_header,
) -> execfmt_status {
    let caller = caller!();
    status(|| self::image(caller, image).and_then(|image| caller.write(header, image.header().into())))
}

/// Locates the bytes of an object: `*bytes` points into the image.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_object(
    image: *const execfmt_coyotos_image,
    object_type: u32,
    oid: u64,
    bytes: *mut *const u8,
    length: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = self::image(caller, image)?;
        let id = ObjectId { object_type: self::object_type(object_type)?, oid };
        let found = image.object_bytes(id).ok_or(EXECFMT_COYOTOS_E_NO_OBJECT)?;
        check(bytes, 1)?;
        caller.write(length, found.len())?;
        caller.write(bytes, found.as_ptr())
    })
}

/// A GPT's fields.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_gpt(
    image: *const execfmt_coyotos_image,
    oid: u64,
    gpt: *mut execfmt_coyotos_gpt,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        self::image(caller, image)
            .and_then(|image| store(caller, image.gpt(oid), EXECFMT_COYOTOS_E_NO_OBJECT, gpt))
    })
}

/// An endpoint's fields.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_endpoint(
    image: *const execfmt_coyotos_image,
    oid: u64,
    endpoint: *mut execfmt_coyotos_endpoint,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        self::image(caller, image)
            .and_then(|image| store(caller, image.endpoint(oid), EXECFMT_COYOTOS_E_NO_OBJECT, endpoint))
    })
}

/// A process's fields.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_process(
    image: *const execfmt_coyotos_image,
    oid: u64,
    process: *mut execfmt_coyotos_process,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        self::image(caller, image)
            .and_then(|image| store(caller, image.process(oid), EXECFMT_COYOTOS_E_NO_OBJECT, process))
    })
}

/// The capability in a slot of an object. Slots are numbered from 0 in file order: a GPT has 16, a CapPage
/// the page size divided by 16, a process those from EXECFMT_COYOTOS_SLOT_SCHEDULE on, an endpoint one.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_capability(
    image: *const execfmt_coyotos_image,
    object_type: u32,
    oid: u64,
    slot: u32,
    capability: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = self::image(caller, image)?;
        let object_type = self::object_type(object_type)?;
        let id = ObjectId { object_type, oid };
        image.object_offset(id).ok_or(EXECFMT_COYOTOS_E_NO_OBJECT)?;
        let slot = object_type.slot(slot, image.arch().page_size()).ok_or(EXECFMT_COYOTOS_E_NO_SLOT)?;
        store(caller, image.capability(id, slot), EXECFMT_COYOTOS_E_NO_SLOT, capability)
    })
}

/// The record `index` of the bank table; EXECFMT_END past the last one.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_bank(
    image: *const execfmt_coyotos_image,
    index: u32,
    bank: *mut execfmt_coyotos_bank,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        self::image(caller, image).and_then(|image| store(caller, image.bank(index), EXECFMT_END, bank))
    })
}

/// The record `index` of the alloc table; EXECFMT_END past the last one.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_alloc(
    image: *const execfmt_coyotos_image,
    index: u32,
    alloc: *mut execfmt_coyotos_alloc,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        self::image(caller, image).and_then(|image| store(caller, image.alloc(index), EXECFMT_END, alloc))
    })
}

/// Looks up what is mapped at an address of a space. Takes at most 64 steps. If nothing is mapped, the leaf
/// is Null.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_find_leaf(
    image: *const execfmt_coyotos_image,
    space: *const execfmt_coyotos_capability,
    address: u64,
    leaf: *mut execfmt_coyotos_leaf,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = self::image(caller, image)?;
        let space = capability(caller, space)?;
        let found = space::leaf(&image, space, address).map_err(space_status)?;
        caller.write(leaf, found.into())
    })
}

/// Walks a space in ascending address order and calls `each` for every leaf. A tree that contains a cycle, or
/// has more than `max_gpts` GPTs, counting repeated visits, ends the walk with an error.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_walk(
    image: *const execfmt_coyotos_image,
    space: *const execfmt_coyotos_capability,
    max_gpts: u64,
    each: execfmt_coyotos_mapping_fn,
    context: *mut c_void,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = self::image(caller, image)?;
        let space = capability(caller, space)?;
        let each = each.ok_or(EXECFMT_E_NULL)?;
        for mapping in space::walk(&image, space, WalkLimits { gpts: max_gpts }).pages() {
            let mapping = execfmt_coyotos_mapping::from(mapping.map_err(space_status)?);
            // SAFETY: the caller's own function, called as its type says.
            if unsafe { each(context, &raw const mapping) } != 0 {
                break;
            }
        }
        Ok(())
    })
}

/// The symbol `index`, in table order: by space and address. EXECFMT_END past the last one.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_read_symbol(
    image: *const execfmt_coyotos_image,
    index: u32,
    symbol: *mut execfmt_coyotos_symbol,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = self::image(caller, image)?;
        let index = usize::try_from(index).map_err(|_| EXECFMT_END)?;
        store(caller, image.symbols().get(index), EXECFMT_END, symbol)
    })
}

/// The symbol that an address belongs to, in the space with this root, or in any space, lowest first, when
/// `space` is NULL. EXECFMT_END when there is none. This is a binary search: the image is not read through.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_symbol_at(
    image: *const execfmt_coyotos_image,
    space: *const execfmt_coyotos_capability,
    address: u64,
    symbol: *mut execfmt_coyotos_symbol,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = self::image(caller, image)?;
        let found = if space.is_null() {
            image.symbol_at(address)
        } else {
            image.symbols().at_in(root(capability(caller, space)?)?, address)
        };
        store(caller, found, EXECFMT_END, symbol)
    })
}

/// The symbol with a name of `name_length` bytes, by linear search. EXECFMT_END when there is none.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_symbol_named(
    image: *const execfmt_coyotos_image,
    name: *const c_char,
    name_length: usize,
    symbol: *mut execfmt_coyotos_symbol,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = self::image(caller, image)?;
        let name = caller.values(name.cast::<u8>(), name_length)?;
        store(caller, image.symbols().named(name), EXECFMT_END, symbol)
    })
}

/// The build ID of a space's side file, in hexadecimal: `*id` points into the image, and its `*id_length`
/// bytes are not necessarily followed by a NUL. EXECFMT_END when the image has none.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_build_id(
    image: *const execfmt_coyotos_image,
    space: *const execfmt_coyotos_capability,
    id: *mut *const c_char,
    id_length: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = self::image(caller, image)?;
        let root = root(capability(caller, space)?)?;
        let found = image.symbols().build_id(root).ok_or(EXECFMT_END)?;
        check(id, 1)?;
        caller.write(id_length, found.len())?;
        caller.write(id, found.as_ptr().cast())
    })
}
