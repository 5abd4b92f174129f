use coyotos_image::{BuildError, Builder, Capability};

use super::builder::{Handle, build_status, execfmt_coyotos_builder, give_capability, handle, with};
use super::convert::object_type;
use super::read::capability;
use super::types::{
    EXECFMT_COYOTOS_E_NO_SLOT, execfmt_coyotos_capability, execfmt_coyotos_endpoint, execfmt_coyotos_gpt,
    execfmt_coyotos_process,
};
use crate::memory::{Caller, caller, status};
use crate::status::{EXECFMT_E_BUFFER, EXECFMT_E_LENGTH, execfmt_status};

/// Number of objects of a type. For pages: page 0 and the allocated ones, without tables.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_count(
    builder: *mut execfmt_coyotos_builder,
    object_type: u32,
    count: *mut u64,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let handle = handle(caller, builder)?;
        let found = handle.builder.count(self::object_type(object_type)?);
        caller.write(count, found)
    })
}

/// The Entry of bank 0, to which objects are charged unless another bank is given.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_prime_bank(
    builder: *mut execfmt_coyotos_builder,
    bank: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    let caller = caller!();
    status(|| give_capability(caller, builder, bank, |builder| Ok(builder.prime_bank())))
}

/// Allocates a bank below another, and stores its Entry.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_alloc_bank(
    builder: *mut execfmt_coyotos_builder,
    parent: *const execfmt_coyotos_capability,
    bank: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        capability(caller, parent)
            .and_then(|parent| give_capability(caller, builder, bank, |b| Ok(b.alloc_bank(parent)?)))
    })
}

/// Allocates a page, capability page, GPT, process or endpoint, charged to a bank, and stores a capability to
/// it. It is all zero; each slot of a GPT covers a page.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_alloc(
    builder: *mut execfmt_coyotos_builder,
    object_type: u32,
    bank: *const execfmt_coyotos_capability,
    object: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let bank = capability(caller, bank)?;
        let object_type = self::object_type(object_type)?;
        give_capability(caller, builder, object, |b| Ok(b.alloc(object_type, bank)?))
    })
}

/// Writes bytes into a page, from `offset` on.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_write_page(
    builder: *mut execfmt_coyotos_builder,
    page: *const execfmt_coyotos_capability,
    offset: u32,
    bytes: *const u8,
    length: usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let page = capability(caller, page)?;
        let bytes = caller.values(bytes, length)?;
        with(caller, builder, |handle| Ok(handle.builder.write_page(page, offset.into(), bytes)?))
    })
}

/// Copies a page into `buffer`; EXECFMT_E_BUFFER when it is shorter than a page.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_read_page(
    builder: *mut execfmt_coyotos_builder,
    page: *const execfmt_coyotos_capability,
    buffer: *mut u8,
    capacity: usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let page = capability(caller, page)?;
        let handle = handle(caller, builder)?;
        let size = usize::try_from(handle.builder.arch().page_size()).map_err(|_| EXECFMT_E_LENGTH)?;
        let contents = handle.builder.page(page).map_err(build_status)?;
        if capacity < size {
            return Err(EXECFMT_E_BUFFER);
        }
        let buffer = caller.buffer(buffer, contents.map_or(size, <[u8]>::len))?;
        match contents {
            Some(contents) => buffer.copy_from_slice(contents),
            None => buffer.fill(0),
        }
        Ok(())
    })
}

/// The capability in a slot of an object, numbered as for execfmt_coyotos_read_capability.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_capability(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    slot: u32,
    found: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let object = capability(caller, object)?;
        let slot = slot_of(handle(caller, builder)?, object, slot)?;
        give_capability(caller, builder, found, |b| Ok(b.capability(object, slot)?))
    })
}

/// Stores a capability in a slot of an object.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_set_capability(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    slot: u32,
    value: *const execfmt_coyotos_capability,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let object = capability(caller, object)?;
        let value = capability(caller, value)?;
        let slot = slot_of(handle(caller, builder)?, object, slot)?;
        with(caller, builder, |handle| Ok(handle.builder.set_capability(object, slot, value)?))
    })
}

fn slot_of(handle: &Handle, object: Capability, slot: u32) -> Result<coyotos_image::Slot, execfmt_status> {
    let kind = coyotos_image::ObjectType::from_cap_type(object.cap_type());
    let slot = kind.and_then(|kind| kind.slot(slot, handle.builder.arch().page_size()));
    slot.ok_or(EXECFMT_COYOTOS_E_NO_SLOT)
}

/// A GPT's fields.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_gpt(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    gpt: *mut execfmt_coyotos_gpt,
) -> execfmt_status {
    let caller = caller!();
    status(|| get(caller, builder, object, gpt, |builder, object| builder.gpt(object)))
}

/// Sets a GPT's fields.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_set_gpt(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    gpt: *const execfmt_coyotos_gpt,
) -> execfmt_status {
    let caller = caller!();
    status(|| set(caller, builder, object, gpt, Builder::set_gpt))
}

/// An endpoint's fields.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_endpoint(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    endpoint: *mut execfmt_coyotos_endpoint,
) -> execfmt_status {
    let caller = caller!();
    status(|| get(caller, builder, object, endpoint, |builder, object| builder.endpoint(object)))
}

/// Sets an endpoint's fields. A bank's endpoint is identified by its endpoint_id: changing that changes which
/// bank is charged.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_set_endpoint(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    endpoint: *const execfmt_coyotos_endpoint,
) -> execfmt_status {
    let caller = caller!();
    status(|| set(caller, builder, object, endpoint, Builder::set_endpoint))
}

/// A process's fields.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_process(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    process: *mut execfmt_coyotos_process,
) -> execfmt_status {
    let caller = caller!();
    status(|| get(caller, builder, object, process, |builder, object| builder.process(object)))
}

/// Sets a process's fields.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_set_process(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    process: *const execfmt_coyotos_process,
) -> execfmt_status {
    let caller = caller!();
    status(|| set(caller, builder, object, process, Builder::set_process))
}

fn get<C: Copy, T: Into<C>>(
    caller: Caller<'_>,
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    place: *mut C,
    get: impl FnOnce(&Builder, Capability) -> Result<T, BuildError>,
) -> Result<(), execfmt_status> {
    let object = capability(caller, object)?;
    caller.write(place, with(caller, builder, |handle| Ok(get(&handle.builder, object)?))?.into())
}

fn set<C: Copy + TryInto<T, Error = execfmt_status>, T>(
    caller: Caller<'_>,
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    value: *const C,
    set: impl FnOnce(&mut Builder, Capability, T) -> Result<(), BuildError>,
) -> Result<(), execfmt_status> {
    let (object, value) = (capability(caller, object)?, caller.read(value)?.try_into()?);
    with(caller, builder, |handle| Ok(set(&mut handle.builder, object, value)?))
}
