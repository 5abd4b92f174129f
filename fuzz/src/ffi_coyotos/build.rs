//! Building: each call made twice, through C and on a builder of Rust, with the same outcome.

use std::ptr;

use ::coyotos_image::elf::LoadError;
use ::coyotos_image::{
    Arch, Builder, CapType, Capability, EndpointState, GptState, NewSymbol, ObjectType, Options, Packing,
    ProcessState, Restr, Slot, SpaceWriter, SymbolKind, parse,
};
use arbitrary::Unstructured;
use execfmt::*;

use super::memory::{Hooks, answer, buffer};
use super::status::{of_build, of_load};
use super::{Call, for_c, known, sentence};

/// How many calls a program makes at most.
const CALLS: usize = 24;

/// What an image that was read is extended by, in the language of `step`: a page, and a space that it is in.
const EXTENSION: [&[u8]; 2] = [&[1, 0, 0, 0], &[12, 0, 0, 1, 0, 2, 0, 0, 7, 0, 0, 0, 0]];

/// Why a call is refused: by the library that translates, or by the builder, which can tell more.
enum Refusal {
    Status(execfmt_status),
    Error(LoadError),
}

impl<E: Into<LoadError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

/// A builder behind a C handle, and its twin.
struct Twins<'a> {
    call: &'a Call,
    hooks: &'a Hooks,
    c: *mut execfmt_coyotos_builder,
    ours: Builder,
    /// What the calls gave and the calls to come may take.
    caps: Vec<Capability>,
}

/// Makes a C builder, unless memory is refused.
fn create(
    hooks: &Hooks,
    make: impl FnOnce(*const execfmt_coyotos_memory, *mut *mut execfmt_coyotos_builder) -> execfmt_status,
) -> Option<Result<*mut execfmt_coyotos_builder, execfmt_status>> {
    let functions = hooks.functions();
    let made = answer(|builder| make(&raw const functions, builder));
    if hooks.refused() {
        assert_eq!((made.err(), hooks.live()), (Some(EXECFMT_COYOTOS_E_MEMORY), 0));
        return None;
    }
    Some(made)
}

/// Runs the program in the input on a new builder, and gives the image.
pub(super) fn build(call: &Call, source: &mut Unstructured<'_>) -> Option<Vec<u8>> {
    let hooks = Hooks::new(call.refused);
    let arch = Arch::ALL.into_iter().find(|arch| arch.number() == u32::from(call.target % 8));
    let packing = u32::from(call.packing % 8 == 6);
    // SAFETY: the places are there.
    let made = create(&hooks, |memory, builder| unsafe {
        execfmt_coyotos_builder_create((call.target % 8).into(), packing, memory, builder)
    });
    let made = made?;
    let Some(arch) = arch else {
        assert_eq!((made.err(), hooks.live()), (Some(EXECFMT_E_ARGUMENT), 0));
        return None;
    };
    let way = if packing == 1 { Packing::NativeBigEndian } else { Packing::AsWritten };
    let ours = Builder::new(arch).with_packing(way);
    let mut twins = Twins::new(call, &hooks, made.expect("a known target"), ours);
    for _ in 0..CALLS {
        if source.is_empty() || twins.step(source).is_err() {
            break;
        }
    }
    twins.end()
}

/// Reads an image into both builders, extends them, and writes it again.
pub(super) fn rebuild(call: &Call, bytes: &[u8], hooks: &Hooks) {
    let packing = if call.packing % 8 == 6 { Packing::NativeBigEndian } else { Packing::AsWritten };
    let Ok(image) = parse(bytes, Options { packing, ..Options::default() }) else { return };
    let way = u32::from(packing == Packing::NativeBigEndian);
    // SAFETY: the bytes and the places are there.
    let c = answer(|c| unsafe { execfmt_coyotos_open(bytes.as_ptr(), bytes.len(), way, c, ptr::null_mut()) });
    let c = c.expect("what the crate parses opens");
    // SAFETY: as above.
    let made = create(hooks, |memory, builder| unsafe {
        execfmt_coyotos_builder_create_from(&raw const c, memory, builder)
    });
    match (Builder::from_image(&image), made) {
        (_, None) => {}
        (Ok(ours), Some(Ok(c))) => {
            let mut twins = Twins::new(call, hooks, c, ours);
            let extended = EXTENSION.iter().try_for_each(|call| twins.step(&mut Unstructured::new(call)));
            assert!(extended.is_ok(), "the calls are complete");
            twins.end();
        }
        (Err(error), Some(Err(status))) => {
            assert_eq!((status, hooks.live()), (of_build(error), 0));
        }
        (ours, Some(c)) => panic!("{:?} from the crate, {:?} from C", ours.err(), c.err()),
    }
}

impl<'a> Twins<'a> {
    fn new(call: &'a Call, hooks: &'a Hooks, c: *mut execfmt_coyotos_builder, ours: Builder) -> Self {
        // SAFETY: the builder is one that was just made.
        let bank = answer(|bank| unsafe { execfmt_coyotos_builder_prime_bank(c, bank) });
        assert_eq!(bank, Ok(for_c(ours.prime_bank())));
        let caps = vec![ours.prime_bank(), Capability::NULL];
        Self { call, hooks, c, ours, caps }
    }

    /// Compares both answers to a call. What only one of them gives, or what they give different reasons for, is a
    /// defect; a call that was refused memory changes nothing, so that the twin leaves it out.
    fn both<C, T>(
        &mut self,
        c: Result<C, execfmt_status>,
        ours: impl FnOnce(&mut Builder) -> Result<T, Refusal>,
    ) -> Option<(C, T)> {
        if self.hooks.refused() {
            assert_eq!(c.err(), Some(EXECFMT_COYOTOS_E_MEMORY));
            return None;
        }
        match (c, ours(&mut self.ours)) {
            (Ok(c), Ok(ours)) => Some((c, ours)),
            (Err(c), Err(Refusal::Status(ours))) => {
                assert_eq!(c, ours);
                None
            }
            (Err(c), Err(Refusal::Error(error))) => {
                assert_eq!(c, of_load(error), "{error}");
                assert_eq!(self.message(), error.to_string());
                None
            }
            (c, ours) => panic!("{:?} from C; the crate refuses: {}", c.err(), ours.is_err()),
        }
    }

    fn message(&self) -> String {
        sentence(self.call.short, |buffer, room| {
            // SAFETY: the builder is there, and the buffer has the room given.
            unsafe { execfmt_coyotos_builder_message(self.c, buffer, room) }
        })
    }

    /// Both builders gave the same capability, which later calls may use.
    fn gave(&mut self, caps: Option<(execfmt_coyotos_capability, Capability)>) {
        if let Some((c, ours)) = caps {
            assert_eq!(c, for_c(ours));
            self.caps.push(ours);
        }
    }

    /// A capability of earlier calls, as it is or with a field changed, and its form in C, which may be none.
    fn cap(&self, source: &mut Unstructured<'_>) -> arbitrary::Result<Cap> {
        let (which, change): (u8, u8) = source.arbitrary()?;
        let mut ours = self.caps[usize::from(which) % self.caps.len()];
        let value = u32::from(change >> 4);
        match change & 0xf {
            8 => ours.set_restr(Restr::from_bits(change >> 3)),
            9 if ours.cap_type().is_memory() => ours.set_l2g(change >> 2),
            10 if ours.cap_type().is_memory() => ours.set_guard_match(value),
            11 => ours.set_oid(value.into()),
            12 => ours = self.ours.capability_to(CapType::new(change >> 2).unwrap_or(CapType::NULL), 0),
            13 => ours.set_alloc_count(value),
            _ => {}
        }
        let mut c = for_c(ours);
        // Fields beyond their bits, which no capability has.
        match change {
            0x0f => c.restr = 0x20,
            0x1f => c.cap_type |= 0x40,
            0x2f => c.reserved = 1,
            0x3f => (c.l2g, c.prot_payload) = (1, 1),
            0x4f => c.guard_match |= 1 << 24,
            0x5f => c.alloc_count |= 1 << 20,
            0x6f => c.flags |= 4,
            _ => return Ok(Cap { c, ours: Ok(ours) }),
        }
        Ok(Cap { c, ours: Err(EXECFMT_E_ARGUMENT) })
    }

    /// Makes one call.
    fn step(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        match source.arbitrary::<u8>()? % 22 {
            0 => {
                let parent = self.cap(source)?;
                // SAFETY: the builder and all places are there, in every call here and below.
                let c = answer(|bank| unsafe {
                    execfmt_coyotos_builder_alloc_bank(self.c, &raw const parent.c, bank)
                });
                let caps = self.both(c, |b| Ok(b.alloc_bank(parent.get()?)?));
                self.gave(caps);
            }
            1..=3 => {
                let (bank, kind) = (self.cap(source)?, u32::from(source.arbitrary::<u8>()?) % 6);
                let c = answer(|object| unsafe {
                    execfmt_coyotos_builder_alloc(self.c, kind, &raw const bank.c, object)
                });
                let caps = self.both(c, |b| {
                    let bank = bank.get()?;
                    let kind = ObjectType::ALL.into_iter().find(|known| known.number() == kind);
                    Ok(b.alloc(kind.ok_or(Refusal::Status(EXECFMT_E_ARGUMENT))?, bank)?)
                });
                self.gave(caps);
            }
            4 => self.write_page(source)?,
            5 => self.read_page(source)?,
            6 | 7 => self.slots(source)?,
            8 => self.gpt(source)?,
            9 => self.endpoint(source)?,
            10 => self.process(source)?,
            11 => self.guarded(source)?,
            12..=14 => self.add(source)?,
            15 => self.leaf(source)?,
            16 | 17 => self.emit(source)?,
            18 => self.load(source)?,
            19 => self.start(source)?,
            20 => self.symbols(source)?,
            _ => {
                // SAFETY: as above.
                let status = known(unsafe { execfmt_coyotos_builder_validate(self.c) });
                let c = if status == EXECFMT_OK { Ok(()) } else { Err(status) };
                self.both(c, |b| Ok(b.validate()?));
            }
        }
        Ok(())
    }

    fn write_page(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (page, offset, length): (_, u16, u8) =
            (self.cap(source)?, source.arbitrary()?, source.arbitrary()?);
        let (offset, length) = (u32::from(offset % 0x2010), usize::from(length).min(source.len()));
        let bytes = source.bytes(length)?;
        // SAFETY: as in `step`.
        let c = of(unsafe {
            let bytes = if length == 0 { ptr::null() } else { bytes.as_ptr() };
            execfmt_coyotos_builder_write_page(self.c, &raw const page.c, offset, bytes, length)
        });
        self.both(c, |b| Ok(b.write_page(page.get()?, offset.into(), bytes)?));
        Ok(())
    }

    fn read_page(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let page = self.cap(source)?;
        let size = self.ours.arch().page_size() as usize;
        let room = size.saturating_sub(usize::from(self.call.short & 1));
        // SAFETY: as in `step`; the buffer has the room given.
        let c = buffer(room, |bytes| {
            of(unsafe { execfmt_coyotos_builder_read_page(self.c, &raw const page.c, bytes, room) })
        });
        let ours = page.ours.and_then(|page| {
            let contents = self.ours.page(page).map_err(of_build)?;
            if room < size { Err(EXECFMT_E_BUFFER) } else { Ok(contents.map(Vec::from)) }
        });
        match (c, ours) {
            (Ok((c, ())), Ok(ours)) => assert!(c == ours.unwrap_or_else(|| vec![0; size])),
            (c, ours) => assert_eq!(c.err(), ours.err()),
        }
        Ok(())
    }

    fn slots(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (object, value, slot) = (self.cap(source)?, self.cap(source)?, source.arbitrary::<u8>()?);
        let slot = if slot == 255 { u32::MAX } else { slot.into() };
        let page_size = self.ours.arch().page_size();
        let place = |object: Capability| -> Result<Slot, Refusal> {
            let kind = ObjectType::from_cap_type(object.cap_type());
            let place = kind.and_then(|kind| kind.slot(slot, page_size));
            place.ok_or(Refusal::Status(EXECFMT_COYOTOS_E_NO_SLOT))
        };
        // SAFETY: as in `step`.
        let c = of(unsafe {
            execfmt_coyotos_builder_set_capability(self.c, &raw const object.c, slot, &raw const value.c)
        });
        self.both(c, |b| {
            let (object, value) = (object.get()?, value.get()?);
            Ok(b.set_capability(object, place(object)?, value)?)
        });
        // SAFETY: as in `step`.
        let c = answer(|found| unsafe {
            execfmt_coyotos_builder_capability(self.c, &raw const object.c, slot, found)
        });
        let caps = self.both(c, |b| {
            let object = object.get()?;
            Ok(b.capability(object, place(object)?)?)
        });
        self.gave(caps);
        Ok(())
    }

    fn gpt(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (gpt, l2v, flags): (_, u8, u8) = (self.cap(source)?, source.arbitrary()?, source.arbitrary()?);
        let state = execfmt_coyotos_gpt { l2v: u32::from(l2v & 0x7f), flags: u32::from(flags & 7) };
        // SAFETY: as in `step`.
        let c = of(unsafe { execfmt_coyotos_builder_set_gpt(self.c, &raw const gpt.c, &raw const state) });
        self.both(c, |b| {
            let gpt = gpt.get()?;
            fits(state.l2v < 64 && state.flags < 4)?;
            Ok(b.set_gpt(gpt, GptState { l2v: l2v & 0x7f, ha: flags & 1 != 0, bg: flags & 2 != 0 })?)
        });
        // SAFETY: as in `step`.
        let c = answer(|state| unsafe { execfmt_coyotos_builder_gpt(self.c, &raw const gpt.c, state) });
        if let Some((c, ours)) = self.both(c, |b| Ok(b.gpt(gpt.get()?)?)) {
            let flags = u32::from(ours.ha) | u32::from(ours.bg) << 1;
            assert_eq!((c.l2v, c.flags), (ours.l2v.into(), flags));
        }
        Ok(())
    }

    fn endpoint(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (endpoint, pm, endpoint_id): (_, u8, u8) =
            (self.cap(source)?, source.arbitrary()?, source.arbitrary()?);
        let (pm, endpoint_id, prot_payload) = (u32::from(pm & 3), u64::from(endpoint_id), u32::from(pm) << 9);
        let state = execfmt_coyotos_endpoint { endpoint_id, pm, prot_payload };
        // SAFETY: as in `step`.
        let c = of(unsafe {
            execfmt_coyotos_builder_set_endpoint(self.c, &raw const endpoint.c, &raw const state)
        });
        self.both(c, |b| {
            let endpoint = endpoint.get()?;
            fits(pm < 2)?;
            Ok(b.set_endpoint(endpoint, EndpointState { pm: pm == 1, prot_payload, endpoint_id })?)
        });
        // SAFETY: as in `step`.
        let c =
            answer(|state| unsafe { execfmt_coyotos_builder_endpoint(self.c, &raw const endpoint.c, state) });
        if let Some((c, ours)) = self.both(c, |b| Ok(b.endpoint(endpoint.get()?)?)) {
            let of_ours = (ours.endpoint_id, u32::from(ours.pm), ours.prot_payload);
            assert_eq!((c.endpoint_id, c.pm, c.prot_payload), of_ours);
        }
        Ok(())
    }

    fn process(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (process, run_state, flags): (_, u16, u32) =
            (self.cap(source)?, source.arbitrary()?, source.arbitrary()?);
        let (fault_info, fault_code, notices) = (u64::from(flags) << 7, flags ^ 25, flags >> 3);
        let (run_state, flags) = (u32::from(run_state & 0x1ff), flags & 0x1_ffff);
        let state = execfmt_coyotos_process { fault_info, fault_code, notices, run_state, flags };
        // SAFETY: as in `step`.
        let c = of(unsafe {
            execfmt_coyotos_builder_set_process(self.c, &raw const process.c, &raw const state)
        });
        self.both(c, |b| {
            let process = process.get()?;
            fits(run_state < 0x100 && flags < 0x1_0000)?;
            let (run_state, flags) = (run_state as u8, flags as u16);
            Ok(b.set_process(process, ProcessState { run_state, flags, notices, fault_code, fault_info })?)
        });
        // SAFETY: as in `step`.
        let c =
            answer(|state| unsafe { execfmt_coyotos_builder_process(self.c, &raw const process.c, state) });
        if let Some((c, ours)) = self.both(c, |b| Ok(b.process(process.get()?)?)) {
            assert_eq!(
                (c.fault_info, c.fault_code, c.notices),
                (ours.fault_info, ours.fault_code, ours.notices)
            );
            assert_eq!((c.run_state, c.flags), (ours.run_state.into(), ours.flags.into()));
        }
        Ok(())
    }

    /// An address in the small, in the middle or anywhere, mostly of a page.
    fn address(&self, source: &mut Unstructured<'_>) -> arbitrary::Result<u64> {
        let (how, value): (u8, u32) = source.arbitrary()?;
        let page = u32::from(self.ours.arch().page_size_log2());
        let value = u64::from(value);
        Ok(match how & 7 {
            0..=2 => (value & 0x1f) << page,
            3 | 4 => (value & 0xffff) << page,
            5 => value << (how >> 3),
            6 => value,
            _ => u64::MAX - value,
        })
    }

    fn guarded(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (bank, memory, address) = (self.cap(source)?, self.cap(source)?, self.address(source)?);
        let l2arg = u32::from(source.arbitrary::<u8>()?) % 72;
        // SAFETY: as in `step`.
        let c = answer(|guarded| unsafe {
            let (bank, memory) = (&raw const bank.c, &raw const memory.c);
            execfmt_coyotos_builder_guarded(self.c, bank, memory, address, l2arg, guarded)
        });
        let caps = self.both(c, |b| Ok(b.guarded(bank.get()?, memory.get()?, address, l2arg)?));
        self.gave(caps);
        Ok(())
    }

    /// Changes a space through C: a failed call leaves the root as it was.
    fn grow(
        &self,
        space: &Cap,
        call: impl FnOnce(*mut execfmt_coyotos_capability) -> execfmt_status,
    ) -> Result<execfmt_coyotos_capability, execfmt_status> {
        let mut root = space.c;
        let status = known(call(&raw mut root));
        assert!(status == EXECFMT_OK || root == space.c, "a failed call changes the root");
        of(status).map(|()| root)
    }

    fn add(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (bank, space, memory) = (self.cap(source)?, self.cap(source)?, self.cap(source)?);
        let (address, l2arg) = (self.address(source)?, source.arbitrary::<u8>()?);
        let l2arg = if l2arg < 0xc0 { 0 } else { u32::from(l2arg - 0xc0) + 8 };
        let c = self.grow(&space, |root| unsafe {
            // SAFETY: as in `step`.
            let (bank, memory) = (&raw const bank.c, &raw const memory.c);
            execfmt_coyotos_builder_add(self.c, bank, root, address, memory, l2arg)
        });
        let caps = self.both(c, |b| Ok(b.add(bank.get()?, space.get()?, address, memory.get()?, l2arg)?));
        self.gave(caps);
        Ok(())
    }

    fn leaf(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (space, address) = (self.cap(source)?, self.address(source)?);
        // SAFETY: as in `step`.
        let c =
            answer(|leaf| unsafe { execfmt_coyotos_builder_leaf(self.c, &raw const space.c, address, leaf) });
        if let Some((c, ours)) = self.both(c, |b| Ok(b.leaf(space.get()?, address)?)) {
            let of_ours = (for_c(ours.capability), ours.offset, u32::from(ours.restr.bits()));
            assert_eq!((c.capability, c.offset, c.restr), of_ours);
        }
        Ok(())
    }

    fn emit(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (bank, space, address) = (self.cap(source)?, self.cap(source)?, self.address(source)?);
        let (how, restr, length): (u8, u8, u16) = source.arbitrary()?;
        let (restr, length) = (u32::from(restr & 0x3f), u64::from(length & 0x3fff));
        let bytes = source.bytes(usize::from(how >> 2).min(source.len()))?;
        let c = self.grow(&space, |root| unsafe {
            // SAFETY: as in `step`.
            let (c, bank) = (self.c, &raw const bank.c);
            match how & 3 {
                0 => execfmt_coyotos_builder_emit_zeros(c, bank, root, address, length, restr),
                1 => execfmt_coyotos_builder_protect(c, bank, root, address, length, restr),
                _ => execfmt_coyotos_builder_emit(c, bank, root, address, bytes.as_ptr(), bytes.len(), restr),
            }
        });
        let caps = self.both(c, |b| {
            let (bank, space) = (bank.get()?, space.get()?);
            fits(restr < 0x20)?;
            let restr = Restr::from_bits(restr as u8);
            let mut writer = SpaceWriter::extend(b, bank, space);
            writer.rights(restr);
            match how & 3 {
                0 => writer.zero(address, length)?,
                1 => writer.protect(address, length, restr)?,
                _ => writer.write(address, bytes)?,
            }
            Ok(writer.space())
        });
        self.gave(caps);
        Ok(())
    }

    fn load(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (bank, space, how): (_, _, u8) = (self.cap(source)?, self.cap(source)?, source.arbitrary()?);
        let elf = source.bytes(source.len().min(usize::from(how | 1) * 4))?;
        if !modest(elf) {
            return Ok(());
        }
        let loader = u32::from(how % 3);
        // SAFETY: as in `step`.
        let c = answer(|program| unsafe {
            let (bank, length) = (&raw const bank.c, elf.len());
            execfmt_coyotos_builder_load_elf(self.c, bank, elf.as_ptr(), length, loader, program)
        });
        let loaded = self.both(c, |b| {
            let bank = bank.get()?;
            fits(loader < 2)?;
            Ok(if loader == 0 { b.load_elf(bank, elf)? } else { b.load_elf_compat(bank, elf)? })
        });
        if let Some((c, ours)) = loaded {
            assert_eq!((c.entry, c.entry_executable != 0), (ours.entry, ours.entry_executable));
            self.gave(Some((c.space, ours.space)));
        }
        // SAFETY: as in `step`.
        let c = of(unsafe {
            let length = elf.len();
            execfmt_coyotos_builder_keep_debug(self.c, elf.as_ptr(), length, &raw const space.c)
        });
        if let Some(((), side)) = self.both(c, |b| Ok(b.keep_debug(elf, space.get()?)?)) {
            // SAFETY: as in `step`; the buffer has the room given.
            unsafe {
                let length = answer(|length| execfmt_coyotos_builder_side_file_length(self.c, length));
                assert_eq!(length, Ok(side.bytes.len()));
                let write = |room| {
                    buffer(room, |bytes| {
                        let write = execfmt_coyotos_builder_write_side_file;
                        answer(|length| write(self.c, bytes, room, length))
                    })
                };
                let room = side.bytes.len();
                assert_eq!(write(room - 1).err(), Some(EXECFMT_E_BUFFER));
                assert_eq!(write(room), Ok((side.bytes, room)));
            }
        }
        Ok(())
    }

    /// The two forms in which a program is handed on.
    fn start(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (bank, space, pc) = (self.cap(source)?, self.cap(source)?, self.address(source)?);
        if source.arbitrary()? {
            // SAFETY: as in `step`.
            let c = answer(|process| unsafe {
                let (bank, space) = (&raw const bank.c, &raw const space.c);
                execfmt_coyotos_builder_runnable_process(self.c, bank, space, pc, process)
            });
            let caps = self.both(c, |b| Ok(b.runnable_process(bank.get()?, space.get()?, pc)?));
            self.gave(caps);
        } else {
            let mut proto = for_c(Capability::NULL);
            // SAFETY: as in `step`.
            let c = answer(|root| unsafe {
                let (bank, space) = (&raw const bank.c, &raw const space.c);
                let proto = &raw mut proto;
                execfmt_coyotos_builder_constructor_form(self.c, bank, space, pc, root, proto)
            });
            if let Some((c, form)) =
                self.both(c, |b| Ok(b.constructor_form(bank.get()?, space.get()?, pc)?))
            {
                self.gave(Some((c, form.space)));
                self.gave(Some((proto, form.proto_space)));
            }
        }
        Ok(())
    }

    fn symbols(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (count, kind): (u8, u16) = source.arbitrary()?;
        let kind = if kind & 0xf000 == 0xf000 { u32::from(kind) } else { u32::from(kind & 0x1f) };
        let mut drawn = Vec::new();
        for _ in 0..1 + count % 4 {
            let (value, size, length): (u16, u32, u8) = source.arbitrary()?;
            let name = source.bytes(usize::from(length & 0x1f).min(source.len()))?;
            let object = u64::from(value & 3) | 2 << 56;
            drawn.push((object, u64::from(value), size, name));
        }
        let c: Vec<_> = drawn
            .iter()
            .map(|&(object, value, size, name)| execfmt_coyotos_symbol {
                value,
                object,
                name: if name.is_empty() { ptr::null() } else { name.as_ptr().cast() },
                name_length: name.len(),
                size,
                kind,
            })
            .collect();
        // SAFETY: as in `step`; the names are there.
        let c = of(unsafe { execfmt_coyotos_builder_add_symbols(self.c, c.as_ptr(), c.len()) });
        self.both(c, |b| {
            fits(kind < 0x100)?;
            let kind = SymbolKind::from_number(kind as u8);
            let new = drawn.into_iter().map(|(object, value, size, name)| {
                let name = String::from_utf8_lossy(name).into_owned();
                NewSymbol { object, value, size: size.into(), kind, name }
            });
            Ok(b.add_symbols(new.collect())?)
        });
        Ok(())
    }

    /// Writes the image in both ways of C and compares it with the twin's; gives the builder back.
    fn end(mut self) -> Option<Vec<u8>> {
        for object_type in ObjectType::ALL {
            let kind = object_type.number();
            // SAFETY: as in `step`.
            let c = answer(|count| unsafe { execfmt_coyotos_builder_count(self.c, kind, count) });
            assert_eq!(c, Ok(self.ours.count(object_type)));
        }
        // SAFETY: as in `step`.
        let length = answer(|length| unsafe { execfmt_coyotos_builder_length(self.c, length) });
        if let Some((length, ours)) = self.both(length, |b| Ok(b.written_len()?)) {
            assert_eq!(length as u64, ours);
        }
        let (c, length) = (self.c, self.ours.written_len().expect("no image is that large") as usize);
        // SAFETY: as in `step`; the buffer has the room given.
        let write = |room| {
            buffer(room, |bytes| {
                answer(|written| unsafe { execfmt_coyotos_builder_write(c, bytes, room, written) })
            })
        };
        if self.call.short & 1 == 1 {
            assert_eq!(write(length - 1).err(), Some(EXECFMT_E_BUFFER));
        }
        let image = self.both(write(length), |b| Ok(b.to_vec()?)).map(|((bytes, written), ours)| {
            assert!((written, &bytes) == (length, &ours), "C writes other bytes");
            ours
        });
        let mut length = 0;
        // SAFETY: as in `step`.
        let again = answer(|image| unsafe { execfmt_coyotos_builder_image(c, image, &raw mut length) });
        if let Some((again, ())) = self.both(again, |b| Ok(b.validate()?)) {
            // SAFETY: the image is memory of the hooks, of the length stored.
            unsafe {
                let bytes = std::slice::from_raw_parts(again, length);
                assert!(image.as_deref().is_none_or(|image| image == bytes));
                self.hooks.free(again);
            }
        }
        // SAFETY: the builder is given back once; NULL is well.
        unsafe {
            assert_eq!(execfmt_coyotos_builder_destroy(c), EXECFMT_OK);
            assert_eq!(execfmt_coyotos_builder_destroy(ptr::null_mut()), EXECFMT_OK);
        }
        assert_eq!(self.hooks.live(), 0, "blocks that are not given back");
        image
    }
}

/// A capability for C, and what it stands for.
struct Cap {
    c: execfmt_coyotos_capability,
    ours: Result<Capability, execfmt_status>,
}

impl Cap {
    fn get(&self) -> Result<Capability, Refusal> {
        self.ours.map_err(Refusal::Status)
    }
}

/// A field with bits that it does not have is refused.
fn fits(fits: bool) -> Result<(), Refusal> {
    if fits { Ok(()) } else { Err(Refusal::Status(EXECFMT_E_ARGUMENT)) }
}

fn of(status: execfmt_status) -> Result<(), execfmt_status> {
    if known(status) == EXECFMT_OK { Ok(()) } else { Err(status) }
}

/// Whether a program asks for so little memory that a run takes no time; `coyotos_elf` runs the others.
fn modest(elf: &[u8]) -> bool {
    let big = elf.get(5) == Some(&2);
    let number = |at: u64, len: usize| {
        let bytes = elf.get(usize::try_from(at).ok()?..)?.get(..len)?;
        let add = |sum: u64, &byte: &u8| sum << 8 | u64::from(byte);
        Some(if big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    };
    let (phoff, phnum, entry, memsz, word) =
        if elf.get(4) == Some(&2) { (32, 56, 56, 40, 8) } else { (28, 44, 32, 20, 4) };
    let (Some(phoff), Some(phnum)) = (number(phoff, word), number(phnum, 2)) else { return true };
    let small = |index| {
        let at = phoff.checked_add(index * entry + memsz);
        at.and_then(|at| number(at, word)).is_none_or(|size| size <= 1 << 16)
    };
    phnum <= 8 && (0..phnum).all(small)
}
