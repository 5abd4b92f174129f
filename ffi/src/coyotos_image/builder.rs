#[cfg(not(feature = "std"))]
use alloc::alloc::{alloc, dealloc};
use core::alloc::Layout;
use core::ffi::{c_char, c_void};
use core::ptr;
#[cfg(feature = "std")]
use std::alloc::{alloc, dealloc};

use coyotos_image::{Arch, BuildError, Builder, Capability, CoyotosRule, LoadError, Packing};

use super::convert::{packing, space_status};
use super::read::image;
use super::rules::rule_status;
use super::types::*;
use crate::allocator::{self, Hooks};
use crate::memory::{Caller, caller, check, status};
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_E_NULL, EXECFMT_OK, execfmt_status};

/// Builds an image, or modifies one that was read. Opaque: use it only through the functions that begin with
/// execfmt_coyotos_builder_. Calls on one builder must not run at the same time; in a library built without
/// std, no two of these functions may run at the same time at all. A call that fails leaves the builder
/// unchanged.
///
/// A library for kernels contains these functions when it is built with the feature "builder".
#[cfg(feature = "builder")]
pub struct execfmt_coyotos_builder {
    _opaque: (),
}

/// Allocates `size` bytes, of any alignment, or returns NULL. It must not call functions of the calling
/// builder.
#[cfg(feature = "builder")]
pub type execfmt_coyotos_malloc_fn =
    Option<unsafe extern "C" fn(context: *mut c_void, size: usize) -> *mut c_void>;

/// Frees memory.
#[cfg(feature = "builder")]
pub type execfmt_coyotos_free_fn = Option<unsafe extern "C" fn(context: *mut c_void, memory: *mut c_void)>;

/// The caller's memory functions. Everything that a builder holds is allocated with them: its handle, its
/// objects and their bytes, what it returns, and temporary memory of calls. Each allocation is a few words
/// larger than the block, to record the allocator that owns it. When malloc returns NULL, the call fails with
/// EXECFMT_COYOTOS_E_MEMORY, and the builder is unchanged.
///
/// In a library built with std, NULL in place of this struct means the system's allocator. One without std
/// has none, and returns EXECFMT_E_NULL. Linked into a Rust program that has its own allocator, a builder
/// uses that one: pass NULL; anything else is refused with EXECFMT_E_ARGUMENT.
#[cfg(feature = "builder")]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_coyotos_memory {
    /// Allocates memory.
    pub malloc: execfmt_coyotos_malloc_fn,
    /// Frees it.
    pub free: execfmt_coyotos_free_fn,
    /// Passed to both functions unchanged.
    pub context: *mut c_void,
}

/// What a handle points to. The magic comes first, so that little is read through an invalid handle.
#[repr(C)]
pub(super) struct Handle {
    magic: u64,
    pub(super) hooks: Option<Hooks>,
    /// Why the last failed call failed, for a sentence about it.
    last: Option<LoadError>,
    /// The side file that execfmt_coyotos_builder_keep_debug made.
    #[cfg(feature = "std")]
    pub(super) side: Option<Vec<u8>>,
    pub(super) builder: Builder,
}

/// "coybuild", most significant byte first.
const MAGIC: u64 = 0x636f_7962_7569_6c64;

/// A caller's handle.
pub(super) fn handle<'a>(
    caller: Caller<'a>,
    builder: *mut execfmt_coyotos_builder,
) -> Result<&'a mut Handle, execfmt_status> {
    let handle = builder.cast::<Handle>();
    check(handle, 1)?;
    // The magic is the first field.
    if caller.read(handle.cast::<u64>())? != MAGIC {
        return Err(EXECFMT_COYOTOS_E_HANDLE);
    }
    // SAFETY: promised: a handle from a create function, used by nobody else during the call.
    Ok(unsafe { &mut *handle })
}

/// Runs a call on a builder, with memory from the builder's hooks, and records why it failed.
pub(super) fn with<T>(
    caller: Caller<'_>,
    builder: *mut execfmt_coyotos_builder,
    call: impl FnOnce(&mut Handle) -> Result<T, LoadError>,
) -> Result<T, execfmt_status> {
    let handle = handle(caller, builder)?;
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
        BuildError::GptSize(_) => CoyotosRule::GptSize.number(),
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
fn hooks(caller: Caller<'_>, hooks: *const execfmt_coyotos_memory) -> Result<Option<Hooks>, execfmt_status> {
    // Without an allocator of the library's own, a builder allocates from the program's.
    if hooks.is_null() && cfg!(any(feature = "std", not(feature = "archive"))) {
        return Ok(None);
    }
    if cfg!(not(feature = "archive")) {
        return Err(EXECFMT_E_ARGUMENT);
    }
    let execfmt_coyotos_memory { malloc, free, context } = caller.read(hooks)?;
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

/// Creates a builder with page 0 and the prime bank, for a target such as EXECFMT_COYOTOS_I386. `memory` may
/// be NULL in a library built with std. Free the builder with execfmt_coyotos_builder_destroy.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_create(
    target: u32,
    packing: u32,
    memory: *const execfmt_coyotos_memory,
    builder: *mut *mut execfmt_coyotos_builder,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let arch = Arch::ALL.into_iter().find(|arch| arch.number() == target).ok_or(EXECFMT_E_ARGUMENT)?;
        let packing: Packing = self::packing(packing)?;
        let hooks = hooks(caller, memory)?;
        check(builder, 1)?;
        let made = give(hooks, || Ok(Builder::try_new(arch)?.with_packing(packing)))?;
        caller.write(builder, made)
    })
}

/// Creates a builder with the contents of an image, to be extended. An image that breaks a rule is refused
/// with the status of the rule. The image is no longer needed afterwards. `memory` may be NULL in a library
/// built with std.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_create_from(
    image: *const execfmt_coyotos_image,
    memory: *const execfmt_coyotos_memory,
    builder: *mut *mut execfmt_coyotos_builder,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = self::image(caller, image)?;
        let hooks = hooks(caller, memory)?;
        check(builder, 1)?;
        let made = give(hooks, || Builder::from_image(&image))?;
        caller.write(builder, made)
    })
}

/// Frees a builder and everything that it holds. NULL is accepted and ignored. The handle must not be used
/// afterwards.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_destroy(
    builder: *mut execfmt_coyotos_builder,
) -> execfmt_status {
    let caller = caller!();
    if builder.is_null() {
        return EXECFMT_OK;
    }
    status(|| {
        handle(caller, builder).map(|handle| {
            handle.magic = 0;
            let handle = ptr::from_mut(handle);
            // SAFETY: what `give` wrote; nobody uses it any longer. Each block records its owning allocator.
            unsafe {
                ptr::drop_in_place(handle);
                dealloc(handle.cast(), Layout::new::<Handle>());
            }
        })
    })
}

/// Writes a sentence that explains why the last failed call on a builder failed, with the values found, in
/// the manner of snprintf: at most `capacity` bytes into `buffer`, including the terminating NUL. Returns the
/// length of the whole sentence without the NUL; 0, and an empty string, when no call has failed for a reason
/// within the builder.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_message(
    builder: *mut execfmt_coyotos_builder,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    let caller = caller!();
    let last = handle(caller, builder).ok().and_then(|handle| handle.last);
    caller.sentence(buffer, capacity, last)
}

/// Runs a call that returns a capability, and stores it.
pub(super) fn give_capability(
    caller: Caller<'_>,
    builder: *mut execfmt_coyotos_builder,
    place: *mut execfmt_coyotos_capability,
    call: impl FnOnce(&mut Builder) -> Result<Capability, LoadError>,
) -> Result<(), execfmt_status> {
    check(place, 1)?;
    caller.write(place, with(caller, builder, |handle| call(&mut handle.builder))?.into())
}
