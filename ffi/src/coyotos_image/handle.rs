#[cfg(not(feature = "std"))]
use alloc::alloc::{alloc, dealloc};
use core::alloc::Layout;
use core::ffi::{c_char, c_void};
use core::ptr;
#[cfg(feature = "std")]
use std::alloc::{alloc, dealloc};

use coyotos_image::{Arch, BuildError, Builder, Capability, LoadError, Packing};

use super::convert::{packing, space_status};
use super::read::image;
use super::rules::{EXECFMT_COYOTOS_E_GPT_SIZE, rule_status};
use super::types::*;
use crate::allocator::{self, Hooks};
use crate::base::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_E_NULL, execfmt_status, write_sentence};
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
    pub(super) hooks: Option<Hooks>,
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

pub(super) fn build_status(error: BuildError) -> execfmt_status {
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
        BuildError::SmallModel(_) => EXECFMT_COYOTOS_E_SMALL_MODEL,
        BuildError::SymbolName => EXECFMT_COYOTOS_E_NAMES,
        BuildError::NotWritable { .. } => EXECFMT_COYOTOS_E_NOT_WRITABLE,
        BuildError::AddressOverflow(_) => EXECFMT_COYOTOS_E_ADDRESS,
        _ => EXECFMT_E_ARGUMENT,
    }
}

fn load_status(error: LoadError) -> execfmt_status {
    match error {
        LoadError::Build(error) => build_status(error),
        LoadError::Elf(finding) => finding.rule.number(),
        _ => EXECFMT_E_ARGUMENT,
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
    unsafe { write_sentence(buffer, capacity, last) }
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
