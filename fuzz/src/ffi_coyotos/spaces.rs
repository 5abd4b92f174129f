//! Calls on address spaces, and those that load programs into them.

use std::ptr;

use ::coyotos_image::{Capability, Restr, SpaceWriter, SymbolDef, SymbolKind};
use arbitrary::Unstructured;
use execfmt::*;

use super::build::{Cap, Twins, fits, of};
use super::memory::{answer, buffer};
use super::{for_c, known};

impl Twins<'_> {
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

    pub(super) fn guarded(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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

    pub(super) fn add(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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

    pub(super) fn leaf(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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

    pub(super) fn emit(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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

    pub(super) fn load(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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
    pub(super) fn start(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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
                let none = core::ptr::null();
                execfmt_coyotos_builder_constructor_form(self.c, bank, space, pc, none, 0, root, proto)
            });
            if let Some((c, form)) =
                self.both(c, |b| Ok(b.constructor_form(bank.get()?, space.get()?, pc, None)?))
            {
                self.gave(Some((c, form.space)));
                self.gave(Some((proto, form.proto_space)));
            }
        }
        Ok(())
    }

    pub(super) fn symbols(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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
                SymbolDef { object, value, size: size.into(), kind, name }
            });
            Ok(b.add_symbols(new.collect())?)
        });
        Ok(())
    }
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
