//! Building: each call made twice, through C and on a builder of Rust, with the same outcome.

use std::ptr;

use ::coyotos_image::LoadError;
use ::coyotos_image::{Arch, Builder, CapType, Capability, Image, ObjectType, Options, Packing, Restr};
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
pub(super) enum Refusal {
    Status(execfmt_status),
    Error(LoadError),
}

impl<E: Into<LoadError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

/// A builder behind a C handle, and its twin.
pub(super) struct Twins<'a> {
    pub(super) call: &'a Call,
    hooks: &'a Hooks,
    pub(super) c: *mut execfmt_coyotos_builder,
    pub(super) ours: Builder,
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
    let hooks = Hooks::new(call);
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
    let Ok(image) = Image::parse(bytes, Options { packing, ..Options::default() }) else { return };
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
    pub(super) fn both<C, T>(
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
    pub(super) fn gave(&mut self, caps: Option<(execfmt_coyotos_capability, Capability)>) {
        if let Some((c, ours)) = caps {
            assert_eq!(c, for_c(ours));
            self.caps.push(ours);
        }
    }

    /// A capability of earlier calls, as it is or with a field changed, and its form in C, which may be none.
    pub(super) fn cap(&self, source: &mut Unstructured<'_>) -> arbitrary::Result<Cap> {
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
pub(super) struct Cap {
    pub(super) c: execfmt_coyotos_capability,
    pub(super) ours: Result<Capability, execfmt_status>,
}

impl Cap {
    pub(super) fn get(&self) -> Result<Capability, Refusal> {
        self.ours.map_err(Refusal::Status)
    }
}

/// A field with bits that it does not have is refused.
pub(super) fn fits(fits: bool) -> Result<(), Refusal> {
    if fits { Ok(()) } else { Err(Refusal::Status(EXECFMT_E_ARGUMENT)) }
}

pub(super) fn of(status: execfmt_status) -> Result<(), execfmt_status> {
    if known(status) == EXECFMT_OK { Ok(()) } else { Err(status) }
}
