use coyotos_image::{Builder, Capability, Restr, SpaceWriter, SymbolDef, SymbolKind};
use coyotos_image::{LoadError, LoadedElf};

use super::handle::{bytes, execfmt_coyotos_builder, give_capability, handle, with};
use super::read::capability;
use super::types::{execfmt_coyotos_capability, execfmt_coyotos_leaf, execfmt_coyotos_symbol};
use crate::base::{EXECFMT_E_ARGUMENT, execfmt_status};
use crate::memory;

/// A program in an address space.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_coyotos_program {
    /// The address space.
    pub space: execfmt_coyotos_capability,
    /// Where the program starts.
    pub entry: u64,
    /// 1 when the start address is mapped executable, else 0, which only the original's loader lets pass.
    pub entry_executable: u32,
    /// 0.
    pub reserved: u32,
}

/// Loader: each virtual page holds exactly what the ELF says.
pub const EXECFMT_COYOTOS_LOAD_EXACT: u32 = 0;
/// Loader: the original's, which shares pages of the file among segments.
pub const EXECFMT_COYOTOS_LOAD_COMPATIBLE: u32 = 1;

/// A capability to the same memory at `offset`: with a guard, and GPTs above it where a guard's 24 bits do not reach.
/// `l2arg` is the binary logarithm of the size that it is to cover at most, 0 for its own.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_guarded(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    memory: *const execfmt_coyotos_capability,
    offset: u64,
    l2arg: u32,
    guarded: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    let made = || {
        // SAFETY: the caller's promise.
        let (bank, memory) = unsafe { (capability(bank)?, capability(memory)?) };
        // SAFETY: the caller's promise.
        unsafe { give_capability(builder, guarded, |b| Ok(b.guarded(bank, memory, offset, l2arg)?)) }
    };
    memory::status(made())
}

/// Puts memory into a space at an address, and changes `*space` to the root as it is now; Null is an empty space.
/// `l2arg` is the binary logarithm of the size that is replaced, 0 for the memory's own. Null in place of memory
/// unmaps.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_add(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *mut execfmt_coyotos_capability,
    address: u64,
    memory: *const execfmt_coyotos_capability,
    l2arg: u32,
) -> execfmt_status {
    let made = || {
        // SAFETY: the caller's promise.
        let (bank, root, memory) = unsafe { (capability(bank)?, capability(space)?, capability(memory)?) };
        // SAFETY: the caller's promise.
        unsafe { give_capability(builder, space, |b| Ok(b.add(bank, root, address, memory, l2arg)?)) }
    };
    memory::status(made())
}

/// Looks up what is behind an address of a space.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_leaf(
    builder: *mut execfmt_coyotos_builder,
    space: *const execfmt_coyotos_capability,
    address: u64,
    leaf: *mut execfmt_coyotos_leaf,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { capability(space) }.and_then(|space| {
        // SAFETY: the caller's promise.
        let found = unsafe { with(builder, |handle| Ok(handle.builder.leaf(space, address)?)) }?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(leaf, found.into()) }
    });
    memory::status(outcome)
}

/// Changes `*space` through a writer.
///
/// # Safety
/// The pointers must be NULL or point to their values.
unsafe fn emit(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *mut execfmt_coyotos_capability,
    restr: u32,
    call: impl FnOnce(&mut SpaceWriter<'_>, Restr) -> Result<(), coyotos_image::BuildError>,
) -> Result<(), execfmt_status> {
    // SAFETY: the caller's promise.
    let (bank, root) = unsafe { (capability(bank)?, capability(space)?) };
    let restr = u8::try_from(restr).ok().filter(|&bits| Restr::from_bits(bits).bits() == bits);
    let restr = Restr::from_bits(restr.ok_or(EXECFMT_E_ARGUMENT)?);
    let write = |builder: &mut Builder| -> Result<Capability, LoadError> {
        let mut writer = SpaceWriter::extend(builder, bank, root);
        writer.rights(restr);
        call(&mut writer, restr)?;
        Ok(writer.space())
    };
    // SAFETY: the caller's promise.
    unsafe { give_capability(builder, space, write) }
}

/// Writes bytes at an address of a space, for a code generator: pages and GPTs are allocated as they are needed, the
/// pages with the restrictions `restr`. Changes `*space` to the root as it is now; Null is an empty space.
///
/// # Safety
/// `bytes` must point to `length` readable bytes; the other pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_emit(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *mut execfmt_coyotos_capability,
    address: u64,
    bytes: *const u8,
    length: usize,
    restr: u32,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::bytes(bytes, length) }
        .and_then(|bytes| unsafe { emit(builder, bank, space, restr, |w, _| w.write(address, bytes)) });
    memory::status(outcome)
}

/// Writes `length` zeros at an address of a space: see execfmt_coyotos_builder_emit.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_emit_zeros(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *mut execfmt_coyotos_capability,
    address: u64,
    length: u64,
    restr: u32,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    memory::status(unsafe { emit(builder, bank, space, restr, |w, _| w.zero(address, length)) })
}

/// Sets the restrictions of all pages that a range of addresses touches; those that are missing are allocated.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_protect(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *mut execfmt_coyotos_capability,
    address: u64,
    length: u64,
    restr: u32,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    memory::status(unsafe { emit(builder, bank, space, restr, |w, restr| w.protect(address, length, restr)) })
}

/// Loads a linked program of `length` bytes, ELF32 or ELF64, into a new address space. `loader` is
/// EXECFMT_COYOTOS_LOAD_EXACT or EXECFMT_COYOTOS_LOAD_COMPATIBLE.
///
/// # Safety
/// `elf` must point to `length` readable bytes; the other pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_load_elf(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    elf: *const u8,
    length: usize,
    loader: u32,
    program: *mut execfmt_coyotos_program,
) -> execfmt_status {
    let made = || {
        // SAFETY: the caller's promise.
        let (bank, elf) = unsafe { (capability(bank)?, memory::slice(elf, length)?) };
        let load = match loader {
            EXECFMT_COYOTOS_LOAD_EXACT => Builder::load_elf,
            EXECFMT_COYOTOS_LOAD_COMPATIBLE => Builder::load_elf_compat,
            _ => return Err(EXECFMT_E_ARGUMENT),
        };
        memory::check(program, 1)?;
        // SAFETY: the caller's promise.
        let loaded = unsafe { with(builder, |handle| load(&mut handle.builder, bank, elf)) }?;
        let LoadedElf { entry, space, entry_executable } = loaded;
        let entry_executable = entry_executable.into();
        let loaded = execfmt_coyotos_program { space: space.into(), entry, entry_executable, reserved: 0 };
        // SAFETY: the caller's promise.
        unsafe { memory::write(program, loaded) }
    };
    memory::status(made())
}

/// Allocates a process that the kernel makes running at `pc` when it loads the image. Everything but its fault and its
/// space is left at zero, to be set by the caller: the schedule above all.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_runnable_process(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *const execfmt_coyotos_capability,
    pc: u64,
    process: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    let made = || {
        // SAFETY: the caller's promise.
        let (bank, space) = unsafe { (capability(bank)?, capability(space)?) };
        // SAFETY: the caller's promise.
        unsafe { give_capability(builder, process, |b| Ok(b.runnable_process(bank, space, pc)?)) }
    };
    memory::status(made())
}

/// Makes what a constructor of the small model takes: `*root`, the space as one GPT of pages, weakened, and
/// `*proto_space`, a page with the PC as a 64-bit word of the target at its start. `proto` is the page of the ProtoSpace
/// program, up to a page long, whose code begins at byte 8: it is copied, and the PC replaces its first 8 bytes. When it
/// is NULL, with a length of 0, the page holds nothing but the PC, and no process can start from it.
///
/// The space has at most 16 pages (EXECFMT_COYOTOS_E_NOT_SMALL), its text begins at page 1, and slots 14 and 15 are free
/// for the stacks (EXECFMT_COYOTOS_E_SMALL_MODEL).
///
/// # Safety
/// `proto` must be NULL or point to `proto_length` readable bytes; the other pointers must be NULL or point to their
/// values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_constructor_form(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *const execfmt_coyotos_capability,
    pc: u64,
    proto: *const u8,
    proto_length: usize,
    root: *mut execfmt_coyotos_capability,
    proto_space: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    let made = || {
        // SAFETY: the caller's promise.
        let (bank, space) = unsafe { (capability(bank)?, capability(space)?) };
        memory::check(root, 1)?;
        memory::check(proto_space, 1)?;
        let proto = match (proto.is_null(), proto_length) {
            (true, 0) => None,
            // SAFETY: the caller's promise.
            _ => Some(unsafe { memory::slice(proto, proto_length) }?),
        };
        // SAFETY: the caller's promise.
        let form = unsafe { with(builder, |h| Ok(h.builder.constructor_form(bank, space, pc, proto)?)) }?;
        // SAFETY: the caller's promise.
        unsafe {
            memory::write(root, form.space.into())?;
            memory::write(proto_space, form.proto_space.into())
        }
    };
    memory::status(made())
}

/// Adds symbols to the image. Of each, `size` is cut to 0xffffff, and `name` must hold no NUL; what is no UTF-8 in it
/// is replaced. The table is sorted by space and address.
///
/// # Safety
/// `symbols` must point to `count` structs, and their names to their bytes; `builder` must be NULL or a builder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_add_symbols(
    builder: *mut execfmt_coyotos_builder,
    symbols: *const execfmt_coyotos_symbol,
    count: usize,
) -> execfmt_status {
    let made = || {
        // SAFETY: the caller's promise.
        unsafe { handle(builder) }?;
        // SAFETY: the caller's promise.
        let symbols = unsafe { memory::slice(symbols, count) }?;
        let parts = symbols.iter().map(|symbol| {
            // SAFETY: the caller's promise.
            let name = unsafe { bytes(symbol.name.cast(), symbol.name_length) }?;
            let kind = u8::try_from(symbol.kind).map_err(|_| EXECFMT_E_ARGUMENT)?;
            Ok::<_, execfmt_status>((symbol, SymbolKind::from_number(kind), name))
        });
        // All of them are looked at before the first is kept.
        parts.clone().try_for_each(|part| part.map(|_| ()))?;
        let new = parts.flatten().map(|(symbol, kind, name)| {
            SymbolDef::named(name, kind, symbol.object, symbol.value, symbol.size.into())
        });
        // SAFETY: the caller's promise.
        unsafe { with(builder, |handle| Ok(handle.builder.try_add_symbols(new)?)) }
    };
    memory::status(made())
}
