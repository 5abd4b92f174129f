use coyotos_image::{Builder, Capability, Restr, SpaceWriter, SymbolDef, SymbolKind};
use coyotos_image::{LoadError, LoadedElf};

use super::builder::{execfmt_coyotos_builder, give_capability, handle, with};
use super::read::capability;
use super::types::{execfmt_coyotos_capability, execfmt_coyotos_leaf, execfmt_coyotos_symbol};
use crate::memory::{Caller, caller, check, status};
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};

/// A program in an address space.
#[cfg(feature = "builder")]
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_coyotos_program {
    /// The address space.
    pub space: execfmt_coyotos_capability,
    /// The start address of the program.
    pub entry: u64,
    /// 1 when the start address is mapped executable, else 0, which only the original's loader accepts.
    pub entry_executable: u32,
    /// 0.
    pub reserved: u32,
}

/// Loader: each virtual page holds exactly what the ELF file specifies.
pub const EXECFMT_COYOTOS_LOAD_EXACT: u32 = 0;
/// Loader: the original's, which shares pages of the file among segments.
pub const EXECFMT_COYOTOS_LOAD_COMPATIBLE: u32 = 1;

/// A capability to the same memory at `offset`: with a guard, and below GPTs where the 24 bits of a guard are
/// not enough. `l2arg` is the binary logarithm of the size that it is to cover at most, 0 for its own size.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_guarded(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    memory: *const execfmt_coyotos_capability,
    offset: u64,
    l2arg: u32,
    guarded: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let (bank, memory) = (capability(caller, bank)?, capability(caller, memory)?);
        give_capability(caller, builder, guarded, |b| Ok(b.guarded(bank, memory, offset, l2arg)?))
    })
}

/// Maps memory into a space at an address, and sets `*space` to the current root; Null is an empty space.
/// `l2arg` is the binary logarithm of the size that is replaced, 0 for that of the memory itself. Mapping
/// Null unmaps.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_add(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *mut execfmt_coyotos_capability,
    address: u64,
    memory: *const execfmt_coyotos_capability,
    l2arg: u32,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let (bank, root, memory) =
            (capability(caller, bank)?, capability(caller, space)?, capability(caller, memory)?);
        give_capability(caller, builder, space, |b| Ok(b.add(bank, root, address, memory, l2arg)?))
    })
}

/// Looks up what is mapped at an address of a space.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_leaf(
    builder: *mut execfmt_coyotos_builder,
    space: *const execfmt_coyotos_capability,
    address: u64,
    leaf: *mut execfmt_coyotos_leaf,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let space = capability(caller, space)?;
        let found = with(caller, builder, |handle| Ok(handle.builder.leaf(space, address)?))?;
        caller.write(leaf, found.into())
    })
}

/// Modifies `*space` through a writer.
fn emit(
    caller: Caller<'_>,
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *mut execfmt_coyotos_capability,
    restr: u32,
    call: impl FnOnce(&mut SpaceWriter<'_>, Restr) -> Result<(), coyotos_image::BuildError>,
) -> Result<(), execfmt_status> {
    let (bank, root) = (capability(caller, bank)?, capability(caller, space)?);
    let restr = u8::try_from(restr).ok().filter(|&bits| Restr::from_bits(bits).bits() == bits);
    let restr = Restr::from_bits(restr.ok_or(EXECFMT_E_ARGUMENT)?);
    let write = |builder: &mut Builder| -> Result<Capability, LoadError> {
        let mut writer = SpaceWriter::extend(builder, bank, root);
        writer.rights(restr);
        call(&mut writer, restr)?;
        Ok(writer.space())
    };
    give_capability(caller, builder, space, write)
}

/// Writes bytes at an address of a space, for a code generator: pages and GPTs are allocated as needed, the
/// pages with the restrictions `restr`. Sets `*space` to the current root; Null is an empty space.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
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
    let caller = caller!();
    status(|| {
        caller
            .values(bytes, length)
            .and_then(|bytes| emit(caller, builder, bank, space, restr, |w, _| w.write(address, bytes)))
    })
}

/// Writes `length` zeros at an address of a space: see execfmt_coyotos_builder_emit.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_emit_zeros(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *mut execfmt_coyotos_capability,
    address: u64,
    length: u64,
    restr: u32,
) -> execfmt_status {
    let caller = caller!();
    status(|| emit(caller, builder, bank, space, restr, |w, _| w.zero(address, length)))
}

/// Sets the restrictions of all pages that a range of addresses touches; missing pages are allocated.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_protect(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *mut execfmt_coyotos_capability,
    address: u64,
    length: u64,
    restr: u32,
) -> execfmt_status {
    let caller = caller!();
    status(|| emit(caller, builder, bank, space, restr, |w, restr| w.protect(address, length, restr)))
}

/// Loads a linked program of `length` bytes, ELF32 or ELF64, into a new address space. `loader` is
/// EXECFMT_COYOTOS_LOAD_EXACT or EXECFMT_COYOTOS_LOAD_COMPATIBLE.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_load_elf(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    elf: *const u8,
    length: usize,
    loader: u32,
    program: *mut execfmt_coyotos_program,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let (bank, elf) = (capability(caller, bank)?, caller.values(elf, length)?);
        let load = match loader {
            EXECFMT_COYOTOS_LOAD_EXACT => Builder::load_elf,
            EXECFMT_COYOTOS_LOAD_COMPATIBLE => Builder::load_elf_compat,
            _ => return Err(EXECFMT_E_ARGUMENT),
        };
        check(program, 1)?;
        let loaded = with(caller, builder, |handle| load(&mut handle.builder, bank, elf))?;
        let LoadedElf { entry, space, entry_executable } = loaded;
        let entry_executable = entry_executable.into();
        let loaded = execfmt_coyotos_program { space: space.into(), entry, entry_executable, reserved: 0 };
        caller.write(program, loaded)
    })
}

/// Allocates a process that the kernel starts at `pc` when it loads the image. Everything but its fault and
/// its space is zero and left for the caller to set, above all the schedule.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_runnable_process(
    builder: *mut execfmt_coyotos_builder,
    bank: *const execfmt_coyotos_capability,
    space: *const execfmt_coyotos_capability,
    pc: u64,
    process: *mut execfmt_coyotos_capability,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let (bank, space) = (capability(caller, bank)?, capability(caller, space)?);
        give_capability(caller, builder, process, |b| Ok(b.runnable_process(bank, space, pc)?))
    })
}

/// Makes the input of a constructor for the small memory model: `*root`, the space as one GPT of pages,
/// weakened, and `*proto_space`, a page that begins with the PC as a 64-bit word of the target. `proto` is
/// the page of the ProtoSpace program, at most a page long, whose code begins at byte 8: it is copied, and
/// the PC replaces its first 8 bytes. When it is NULL, with a length of 0, the page holds only the PC, and no
/// process can start from it.
///
/// The space must have at most 16 pages (EXECFMT_COYOTOS_E_NOT_SMALL), its text must begin at page 1, and
/// slots 14 and 15 must be free for the stacks (EXECFMT_COYOTOS_E_SMALL_MODEL).
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
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
    let caller = caller!();
    status(|| {
        let (bank, space) = (capability(caller, bank)?, capability(caller, space)?);
        check(root, 1)?;
        check(proto_space, 1)?;
        let proto = match (proto.is_null(), proto_length) {
            (true, 0) => None,
            _ => Some(caller.values(proto, proto_length)?),
        };
        let form = with(caller, builder, |h| Ok(h.builder.constructor_form(bank, space, pc, proto)?))?;
        caller.write(root, form.space.into())?;
        caller.write(proto_space, form.proto_space.into())
    })
}

/// Adds symbols to the image. The `size` of each is limited to 0xffffff, and `name` must not contain a NUL;
/// invalid UTF-8 in it is replaced. The table is sorted by space and address.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[cfg(feature = "builder")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_coyotos_builder_add_symbols(
    builder: *mut execfmt_coyotos_builder,
    symbols: *const execfmt_coyotos_symbol,
    count: usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        handle(caller, builder)?;
        let symbols = caller.values(symbols, count)?;
        let parts = symbols.iter().map(|symbol| {
            let name = caller.values(symbol.name.cast::<u8>(), symbol.name_length)?;
            let kind = u8::try_from(symbol.kind).map_err(|_| EXECFMT_E_ARGUMENT)?;
            Ok::<_, execfmt_status>((symbol, SymbolKind::from_number(kind), name))
        });
        // All of them are checked before the first is added.
        parts.clone().try_for_each(|part| part.map(|_| ()))?;
        let new = parts.flatten().map(|(symbol, kind, name)| {
            SymbolDef::named(name, kind, symbol.object, symbol.value, symbol.size.into())
        });
        with(caller, builder, |handle| Ok(handle.builder.try_add_symbols(new)?))
    })
}
