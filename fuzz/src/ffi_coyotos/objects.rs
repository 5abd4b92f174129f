//! Calls on objects: their contents, slots and fields.

use std::ptr;

use ::coyotos_image::{Capability, EndpointAttrs, GptAttrs, ObjectType, ProcessAttrs, Slot};
use arbitrary::Unstructured;
use execfmt::*;

use super::build::{Refusal, Twins, fits, of};
use super::memory::{answer, buffer};
use super::status::of_build;

impl Twins<'_> {
    pub(super) fn write_page(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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

    pub(super) fn read_page(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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

    pub(super) fn slots(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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

    pub(super) fn gpt(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (gpt, l2v, flags): (_, u8, u8) = (self.cap(source)?, source.arbitrary()?, source.arbitrary()?);
        let state = execfmt_coyotos_gpt { l2v: u32::from(l2v & 0x7f), flags: u32::from(flags & 7) };
        // SAFETY: as in `step`.
        let c = of(unsafe { execfmt_coyotos_builder_set_gpt(self.c, &raw const gpt.c, &raw const state) });
        self.both(c, |b| {
            let gpt = gpt.get()?;
            fits(state.l2v < 64 && state.flags < 4)?;
            Ok(b.set_gpt(gpt, GptAttrs { l2v: l2v & 0x7f, ha: flags & 1 != 0, bg: flags & 2 != 0 })?)
        });
        // SAFETY: as in `step`.
        let c = answer(|state| unsafe { execfmt_coyotos_builder_gpt(self.c, &raw const gpt.c, state) });
        if let Some((c, ours)) = self.both(c, |b| Ok(b.gpt(gpt.get()?)?)) {
            let flags = u32::from(ours.ha) | u32::from(ours.bg) << 1;
            assert_eq!((c.l2v, c.flags), (ours.l2v.into(), flags));
        }
        Ok(())
    }

    pub(super) fn endpoint(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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
            Ok(b.set_endpoint(endpoint, EndpointAttrs { pm: pm == 1, prot_payload, endpoint_id })?)
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

    pub(super) fn process(&mut self, source: &mut Unstructured<'_>) -> arbitrary::Result<()> {
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
            Ok(b.set_process(process, ProcessAttrs { run_state, flags, notices, fault_code, fault_info })?)
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
}
