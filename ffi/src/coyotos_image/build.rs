#[cfg(not(feature = "std"))]
use alloc::alloc::{alloc, dealloc};
use core::alloc::Layout;
use core::ffi::{c_char, c_void};
use core::ptr;
#[cfg(feature = "std")]
use std::alloc::{alloc, dealloc};

use coyotos_image::elf::{ElfRule, LoadError};
use coyotos_image::{Arch, BuildError, Builder, Capability, Packing};

use super::read::{capability, image};
use super::rules::rule_status;
use super::types::{object_type, packing, space_status};
use super::{
    EXECFMT_COYOTOS_E_ADDRESS, EXECFMT_COYOTOS_E_ELF_COMPAT, EXECFMT_COYOTOS_E_ELF_KIND,
    EXECFMT_COYOTOS_E_ELF_MACHINE, EXECFMT_COYOTOS_E_ELF_MAGIC, EXECFMT_COYOTOS_E_ELF_MALFORMED,
    EXECFMT_COYOTOS_E_ELF_OVERLAP, EXECFMT_COYOTOS_E_ELF_RANGE, EXECFMT_COYOTOS_E_ELF_SEGMENTS,
    EXECFMT_COYOTOS_E_ENTRY, EXECFMT_COYOTOS_E_GPT_SIZE, EXECFMT_COYOTOS_E_HANDLE,
    EXECFMT_COYOTOS_E_HEADER_PAGE, EXECFMT_COYOTOS_E_MEMORY, EXECFMT_COYOTOS_E_NAMES,
    EXECFMT_COYOTOS_E_NO_SLOT, EXECFMT_COYOTOS_E_NOT_SMALL, EXECFMT_COYOTOS_E_NOT_WRITABLE,
    EXECFMT_COYOTOS_E_PAST_END, EXECFMT_COYOTOS_E_TOO_LARGE, execfmt_coyotos_capability,
    execfmt_coyotos_endpoint, execfmt_coyotos_gpt, execfmt_coyotos_image, execfmt_coyotos_process,
};
use crate::allocator::{self, Hooks};
use crate::base::{
    EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_E_LENGTH, EXECFMT_E_NULL, execfmt_status, write_sentence,
};
use crate::memory;

/// Builds an image, or changes one that was read. Opaque: only the functions that begin with
/// execfmt_coyotos_builder_ know what is in it. Calls on one builder must not run at the same time; of a library that is
/// built without std, no two of these functions at all. A call that fails leaves the builder as it was.
///
/// A library for kernels has these functions when it is built with the feature "builder".
pub struct execfmt_coyotos_builder {
    _opaque: (),
}

/// Gives memory for `size` bytes, of any alignment, or NULL. It must not call functions of the builder that asks.
pub type execfmt_coyotos_malloc_fn =
    Option<unsafe extern "C" fn(context: *mut c_void, size: usize) -> *mut c_void>;

/// Takes memory back.
pub type execfmt_coyotos_free_fn = Option<unsafe extern "C" fn(context: *mut c_void, memory: *mut c_void)>;

/// The caller's memory functions. All that a builder holds is from them: its handle, its objects and their bytes, what
/// it hands out, and what a call needs while it runs. Each block is asked for with a few words more, in which the library
/// notes whom to give it back to. Where malloc has no memory, the call fails with EXECFMT_COYOTOS_E_MEMORY, and the
/// builder is as it was.
///
/// A library that is built with std takes NULL in place of this struct for the system's allocator. One without std has
/// none, and answers EXECFMT_E_NULL.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_coyotos_memory {
    /// Gives memory.
    pub malloc: execfmt_coyotos_malloc_fn,
    /// Takes it back.
    pub free: execfmt_coyotos_free_fn,
    /// Passed to both.
    pub context: *mut c_void,
}

/// What a handle points to. The magic comes first, so that little is read of what is none.
#[repr(C)]
pub(super) struct Handle {
    magic: u64,
    hooks: Option<Hooks>,
    /// Why the last call failed, for a sentence about it.
    last: Option<LoadError>,
    /// The side file that execfmt_coyotos_builder_keep_debug made.
    #[cfg(feature = "std")]
    pub(super) side: Option<Vec<u8>>,
    pub(super) builder: Builder,
}

/// "coybuild", most significant byte first.
const MAGIC: u64 = 0x636f_7962_7569_6c64;

/// A caller's handle.
///
/// # Safety
/// A pointer that passes the checks must be one that a create function gave, used by nobody else for the life of the
/// result.
pub(super) unsafe fn handle<'a>(
    builder: *mut execfmt_coyotos_builder,
) -> Result<&'a mut Handle, execfmt_status> {
    let handle = builder.cast::<Handle>();
    memory::check(handle, 1)?;
    // SAFETY: the magic is the first field, and the pointer points to 8 bytes at least: the caller's promise.
    if unsafe { handle.cast::<u64>().read() } != MAGIC {
        return Err(EXECFMT_COYOTOS_E_HANDLE);
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { &mut *handle })
}

/// Runs a call on a builder, with memory from the builder's hooks, and remembers why it failed.
///
/// # Safety
/// As for [`handle`].
pub(super) unsafe fn with<T>(
    builder: *mut execfmt_coyotos_builder,
    call: impl FnOnce(&mut Handle) -> Result<T, LoadError>,
) -> Result<T, execfmt_status> {
    // SAFETY: the caller's promise.
    let handle = unsafe { handle(builder) }?;
    allocator::using(handle.hooks, || call(handle)).map_err(|error| {
        handle.last = Some(error);
        load_status(error)
    })
}

fn build_status(error: BuildError) -> execfmt_status {
    match error {
        BuildError::Space(error) => space_status(error),
        BuildError::NoSuchSlot { .. } => EXECFMT_COYOTOS_E_NO_SLOT,
        BuildError::PastEnd { .. } => EXECFMT_COYOTOS_E_PAST_END,
        BuildError::HeaderPage => EXECFMT_COYOTOS_E_HEADER_PAGE,
        BuildError::GptSize(_) => EXECFMT_COYOTOS_E_GPT_SIZE,
        BuildError::Refused(finding) => rule_status(finding.rule),
        BuildError::TooLarge(_) => EXECFMT_COYOTOS_E_TOO_LARGE,
        BuildError::BufferTooSmall { .. } => EXECFMT_E_BUFFER,
        BuildError::EntryNotExecutable(_) => EXECFMT_COYOTOS_E_ENTRY,
        BuildError::NotSmall { .. } => EXECFMT_COYOTOS_E_NOT_SMALL,
        BuildError::SymbolName => EXECFMT_COYOTOS_E_NAMES,
        BuildError::NotWritable { .. } => EXECFMT_COYOTOS_E_NOT_WRITABLE,
        BuildError::AddressOverflow(_) => EXECFMT_COYOTOS_E_ADDRESS,
        _ => EXECFMT_E_ARGUMENT,
    }
}

fn load_status(error: LoadError) -> execfmt_status {
    let rule = match error {
        LoadError::Build(error) => return build_status(error),
        LoadError::Elf(finding) => finding.rule,
    };
    match rule {
        ElfRule::NotElf => EXECFMT_COYOTOS_E_ELF_MAGIC,
        ElfRule::Malformed(_) | ElfRule::SharedBytes => EXECFMT_COYOTOS_E_ELF_MALFORMED,
        ElfRule::WrongMachine | ElfRule::WrongByteOrder => EXECFMT_COYOTOS_E_ELF_MACHINE,
        ElfRule::NotLinked | ElfRule::Dynamic => EXECFMT_COYOTOS_E_ELF_KIND,
        ElfRule::NoSegments | ElfRule::TooManySegments => EXECFMT_COYOTOS_E_ELF_SEGMENTS,
        ElfRule::PastEof | ElfRule::FileSize | ElfRule::AddressOverflow | ElfRule::TooLarge => {
            EXECFMT_COYOTOS_E_ELF_RANGE
        }
        ElfRule::Overlap => EXECFMT_COYOTOS_E_ELF_OVERLAP,
        ElfRule::Misaligned | ElfRule::DataLost => EXECFMT_COYOTOS_E_ELF_COMPAT,
    }
}

/// The caller's memory functions; `None` for the system's.
///
/// # Safety
/// As for [`memory::read`].
unsafe fn hooks(hooks: *const execfmt_coyotos_memory) -> Result<Option<Hooks>, execfmt_status> {
    if cfg!(feature = "std") && hooks.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    let execfmt_coyotos_memory { malloc, free, context } = unsafe { memory::read(hooks) }?;
    let (malloc, free) = (malloc.ok_or(EXECFMT_E_NULL)?, free.ok_or(EXECFMT_E_NULL)?);
    Ok(Some(Hooks { malloc, free, context }))
}

/// Makes a builder's handle, with memory from its hooks.
fn give(
    hooks: Option<Hooks>,
    make: impl FnOnce() -> Result<Builder, BuildError>,
) -> Result<*mut execfmt_coyotos_builder, execfmt_status> {
    allocator::using(hooks, || {
        let builder = make().map_err(build_status)?;
        // SAFETY: the layout is not empty.
        let place = unsafe { alloc(Layout::new::<Handle>()) }.cast::<Handle>();
        if place.is_null() {
            return Err(EXECFMT_COYOTOS_E_MEMORY);
        }
        let handle = Handle {
            magic: MAGIC,
            hooks,
            last: None,
            #[cfg(feature = "std")]
            side: None,
            builder,
        };
        // SAFETY: memory of this size and alignment, ours alone.
        unsafe { place.write(handle) };
        Ok(place.cast())
    })
}

/// Makes a builder with page 0 and the prime bank, for a target such as EXECFMT_COYOTOS_I386. `memory` may be NULL in a
/// library that is built with std.
/// Give the builder back with execfmt_coyotos_builder_destroy.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_create(
    target: u32,
    packing: u32,
    memory: *const execfmt_coyotos_memory,
    builder: *mut *mut execfmt_coyotos_builder,
) -> execfmt_status {
    let made = || {
        let arch = Arch::ALL.into_iter().find(|arch| arch.number() == target).ok_or(EXECFMT_E_ARGUMENT)?;
        let packing: Packing = self::packing(packing)?;
        // SAFETY: the caller's promise.
        let hooks = unsafe { hooks(memory) }?;
        memory::check(builder, 1)?;
        let made = give(hooks, || Ok(Builder::try_new(arch)?.with_packing(packing)))?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(builder, made) }
    };
    memory::status(made())
}

/// Makes a builder that holds what an image holds, to be extended. An image that breaks a rule is refused with the
/// status of the rule. The image is not needed any longer afterwards. `memory` may be NULL in a library that is built with
/// std.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_create_from(
    image: *const execfmt_coyotos_image,
    memory: *const execfmt_coyotos_memory,
    builder: *mut *mut execfmt_coyotos_builder,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::image(image) }.and_then(|image| {
        // SAFETY: the caller's promise.
        let hooks = unsafe { hooks(memory) }?;
        memory::check(builder, 1)?;
        let made = give(hooks, || Builder::from_image(&image))?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(builder, made) }
    });
    memory::status(outcome)
}

/// Gives a builder back with all that it holds. NULL is well. The handle is of no use afterwards.
///
/// # Safety
/// `builder` must be NULL or a builder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_destroy(
    builder: *mut execfmt_coyotos_builder,
) -> execfmt_status {
    if builder.is_null() {
        return crate::base::EXECFMT_OK;
    }
    // SAFETY: the caller's promise.
    let outcome = unsafe { handle(builder) }.map(|handle| {
        handle.magic = 0;
        let handle = ptr::from_mut(handle);
        // SAFETY: what `give` wrote; nobody uses it any longer. Each block knows whom it goes back to.
        unsafe {
            ptr::drop_in_place(handle);
            dealloc(handle.cast(), Layout::new::<Handle>());
        }
    });
    memory::status(outcome)
}

/// Writes a sentence about why the last call on a builder failed that did, with the values that were found, as snprintf
/// does: at most `capacity` bytes into `buffer`, the closing NUL among them. Returns the length of the whole sentence
/// without the NUL; 0, and an empty string, when no call has failed for a reason within the builder.
///
/// # Safety
/// `builder` must be NULL or a builder, `buffer` be NULL or point to `capacity` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_message(
    builder: *mut execfmt_coyotos_builder,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: the caller's promise.
    let last = unsafe { handle(builder) }.ok().and_then(|handle| handle.last);
    // SAFETY: the caller's promise.
    unsafe {
        match last {
            Some(error) => write_sentence(buffer, capacity, format_args!("{error}")),
            None => write_sentence(buffer, capacity, format_args!("")),
        }
    }
}

/// Runs a call that gives a capability, and stores it.
///
/// # Safety
/// As for [`handle`] and [`memory::write`].
pub(super) unsafe fn give_capability(
    builder: *mut execfmt_coyotos_builder,
    place: *mut execfmt_coyotos_capability,
    call: impl FnOnce(&mut Builder) -> Result<Capability, LoadError>,
) -> Result<(), execfmt_status> {
    memory::check(place, 1)?;
    // SAFETY: the caller's promise.
    unsafe { memory::write(place, with(builder, |handle| call(&mut handle.builder))?.into()) }
}

/// How many objects of a type there are. Of pages: page 0 and those that were allocated, without tables.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_count(
    builder: *mut execfmt_coyotos_builder,
    object_type: u32,
    count: *mut u64,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { handle(builder) }.and_then(|handle| {
        let found = handle.builder.count(self::object_type(object_type)?);
        // SAFETY: the caller's promise.
        unsafe { memory::write(count, found) }
    });
    memory::status(outcome)
}

/// The Entry of bank 0, to which objects are charged unless there is another bank.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_prime_bank(
    builder: *mut execfmt_coyotos_builder,
    bank: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    memory::status(unsafe { give_capability(builder, bank, |builder| Ok(builder.prime_bank())) })
}

/// Allocates a bank below another, and stores its Entry.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_alloc_bank(
    builder: *mut execfmt_coyotos_builder,
    parent: *const execfmt_coyotos_capability,
    bank: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { capability(parent) }
        .and_then(|parent| unsafe { give_capability(builder, bank, |b| Ok(b.alloc_bank(parent)?)) });
    memory::status(outcome)
}

/// Allocates a page, capability page, GPT, process or endpoint, charged to a bank, and stores a capability to it. It is
/// all zero; a GPT's slots cover a page each.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_alloc(
    builder: *mut execfmt_coyotos_builder,
    object_type: u32,
    bank: *const execfmt_coyotos_capability,
    object: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { capability(bank) }.and_then(|bank| {
        let object_type = self::object_type(object_type)?;
        // SAFETY: the caller's promise.
        unsafe { give_capability(builder, object, |b| Ok(b.alloc(object_type, bank)?)) }
    });
    memory::status(outcome)
}

/// A caller's bytes, of which there may be none.
///
/// # Safety
/// As for [`memory::slice`].
pub(super) unsafe fn bytes<'a>(bytes: *const u8, length: usize) -> Result<&'a [u8], execfmt_status> {
    if length == 0 {
        return Ok(&[]);
    }
    // SAFETY: the caller's promise.
    unsafe { memory::slice(bytes, length) }
}

/// Writes bytes into a page, from `offset` on.
///
/// # Safety
/// `bytes` must point to `length` readable bytes; the other pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_write_page(
    builder: *mut execfmt_coyotos_builder,
    page: *const execfmt_coyotos_capability,
    offset: u32,
    bytes: *const u8,
    length: usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { capability(page) }.and_then(|page| {
        // SAFETY: the caller's promise.
        let bytes = unsafe { self::bytes(bytes, length) }?;
        // SAFETY: the caller's promise.
        unsafe { with(builder, |handle| Ok(handle.builder.write_page(page, offset.into(), bytes)?)) }
    });
    memory::status(outcome)
}

/// Copies a page into `buffer`; EXECFMT_E_BUFFER when it is shorter than a page.
///
/// # Safety
/// `buffer` must point to `capacity` writable bytes; the other pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_read_page(
    builder: *mut execfmt_coyotos_builder,
    page: *const execfmt_coyotos_capability,
    buffer: *mut u8,
    capacity: usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { capability(page) }.and_then(|page| {
        // SAFETY: the caller's promise.
        let handle = unsafe { handle(builder) }?;
        let size = usize::try_from(handle.builder.arch().page_size()).map_err(|_| EXECFMT_E_LENGTH)?;
        let contents = handle.builder.page(page).map_err(build_status)?;
        if capacity < size {
            return Err(EXECFMT_E_BUFFER);
        }
        // SAFETY: the caller's promise.
        let buffer = unsafe { memory::slice_mut(buffer, contents.map_or(size, <[u8]>::len)) }?;
        match contents {
            Some(contents) => buffer.copy_from_slice(contents),
            None => buffer.fill(0),
        }
        Ok(())
    });
    memory::status(outcome)
}

/// The capability in a slot of an object, counted as for execfmt_coyotos_read_capability.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_capability(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    slot: u32,
    found: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { capability(object) }.and_then(|object| {
        // SAFETY: the caller's promise.
        let slot = slot_of(unsafe { handle(builder) }?, object, slot)?;
        // SAFETY: the caller's promise.
        unsafe { give_capability(builder, found, |b| Ok(b.capability(object, slot)?)) }
    });
    memory::status(outcome)
}

/// Puts a capability into a slot of an object.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_set_capability(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    slot: u32,
    value: *const execfmt_coyotos_capability,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { capability(object) }.and_then(|object| {
        // SAFETY: the caller's promise.
        let value = unsafe { capability(value) }?;
        // SAFETY: the caller's promise.
        let slot = slot_of(unsafe { handle(builder) }?, object, slot)?;
        // SAFETY: the caller's promise.
        unsafe { with(builder, |handle| Ok(handle.builder.set_capability(object, slot, value)?)) }
    });
    memory::status(outcome)
}

fn slot_of(handle: &Handle, object: Capability, slot: u32) -> Result<coyotos_image::Slot, execfmt_status> {
    let kind = coyotos_image::ObjectType::from_cap_type(object.cap_type());
    let slot = kind.and_then(|kind| kind.slot(slot, handle.builder.arch().page_size()));
    slot.ok_or(EXECFMT_COYOTOS_E_NO_SLOT)
}

/// A GPT's fields.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_gpt(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    gpt: *mut execfmt_coyotos_gpt,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    memory::status(unsafe { get(builder, object, gpt, |builder, object| builder.gpt(object)) })
}

/// Sets a GPT's fields.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_set_gpt(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    gpt: *const execfmt_coyotos_gpt,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    memory::status(unsafe { set(builder, object, gpt, Builder::set_gpt) })
}

/// An endpoint's fields.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_endpoint(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    endpoint: *mut execfmt_coyotos_endpoint,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    memory::status(unsafe { get(builder, object, endpoint, |builder, object| builder.endpoint(object)) })
}

/// Sets an endpoint's fields. A bank's endpoint is known by its endpoint_id: whoever changes that changes which bank
/// pays.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_set_endpoint(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    endpoint: *const execfmt_coyotos_endpoint,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    memory::status(unsafe { set(builder, object, endpoint, Builder::set_endpoint) })
}

/// A process's fields.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_process(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    process: *mut execfmt_coyotos_process,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    memory::status(unsafe { get(builder, object, process, |builder, object| builder.process(object)) })
}

/// Sets a process's fields.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_set_process(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    process: *const execfmt_coyotos_process,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    memory::status(unsafe { set(builder, object, process, Builder::set_process) })
}

/// # Safety
/// As for [`handle`], [`capability`] and [`memory::write`].
unsafe fn get<C: Copy, T: Into<C>>(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    place: *mut C,
    get: impl FnOnce(&Builder, Capability) -> Result<T, BuildError>,
) -> Result<(), execfmt_status> {
    // SAFETY: the caller's promise.
    let object = unsafe { capability(object) }?;
    // SAFETY: the caller's promise.
    unsafe { memory::write(place, with(builder, |handle| Ok(get(&handle.builder, object)?))?.into()) }
}

/// # Safety
/// As for [`handle`], [`capability`] and [`memory::read`].
unsafe fn set<C: Copy + TryInto<T, Error = execfmt_status>, T>(
    builder: *mut execfmt_coyotos_builder,
    object: *const execfmt_coyotos_capability,
    value: *const C,
    set: impl FnOnce(&mut Builder, Capability, T) -> Result<(), BuildError>,
) -> Result<(), execfmt_status> {
    // SAFETY: the caller's promise.
    let (object, value) = unsafe { (capability(object)?, memory::read(value)?.try_into()?) };
    // SAFETY: the caller's promise.
    unsafe { with(builder, |handle| Ok(set(&mut handle.builder, object, value)?)) }
}

/// The whole image in memory of the caller's malloc, to be given back with the caller's free; NULL hooks have none.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_image(
    builder: *mut execfmt_coyotos_builder,
    image: *mut *mut u8,
    length: *mut usize,
) -> execfmt_status {
    let made = || {
        memory::check(image, 1)?;
        memory::check(length, 1)?;
        // SAFETY: the caller's promise.
        let (hooks, needed) = unsafe {
            let hooks = handle(builder)?.hooks.ok_or(EXECFMT_E_NULL)?;
            (hooks, with(builder, |handle| Ok(handle.builder.written_len()?))?)
        };
        let needed = usize::try_from(needed).map_err(|_| EXECFMT_E_LENGTH)?;
        let place = hooks.malloc(needed);
        if place.is_null() {
            return Err(EXECFMT_COYOTOS_E_MEMORY);
        }
        // SAFETY: memory of this size, which its giver does not use until it gets it back.
        let written = unsafe {
            ptr::write_bytes(place, 0, needed);
            memory::slice_mut(place, needed)
                .and_then(|room| with(builder, |handle| Ok(handle.builder.write_to(room)?)))
        };
        let written = written.inspect_err(|_| hooks.free(place))?;
        // SAFETY: the caller's promise.
        unsafe {
            memory::write(length, written)?;
            memory::write(image, place)
        }
    };
    memory::status(made())
}
