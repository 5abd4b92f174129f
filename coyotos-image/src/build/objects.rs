//! Fields, slots and contents of the builder's objects.

use super::map::LOST;
use super::{BuildError, Builder};
use crate::capability::{CapType, Capability};
use crate::object::{EndpointAttrs, GptAttrs, ObjectId, ObjectType, ProcessAttrs, Slot};
use crate::space::{GptSource, Leaf, SpaceError, Walk, WalkLimits, leaf, walk};
use crate::wire::GPT_SLOTS;

impl Builder {
    /// The index of the object that a capability refers to, if it is of this kind.
    pub(crate) fn index(&self, cap: Capability, object_type: ObjectType) -> Result<usize, SpaceError> {
        let found = cap.cap_type();
        if found != object_type.cap_type() {
            return Err(SpaceError::WrongType { found, expected: object_type.cap_type() });
        }
        let count = self.count(object_type);
        let missing = SpaceError::NoSuchObject { cap_type: found, oid: cap.oid(), count };
        usize::try_from(cap.oid()).ok().filter(|_| cap.oid() < count).ok_or(missing)
    }

    fn slots(&self, id: ObjectId) -> Option<&[Capability]> {
        let oid = usize::try_from(id.oid).ok()?;
        Some(match id.object_type {
            ObjectType::Page => return None,
            ObjectType::CapPage => &self.cap_pages.get(oid)?.object,
            ObjectType::Gpt => &self.gpts.get(oid)?.object.caps,
            ObjectType::Process => &self.processes.get(oid)?.object.caps,
            ObjectType::Endpoint => core::slice::from_ref(&self.endpoints.get(oid)?.object.recipient),
        })
    }

    fn slot_place(&self, object: Capability, slot: Slot) -> Result<(ObjectId, usize), BuildError> {
        let cap_type = object.cap_type();
        let id = ObjectId::of(object).ok_or(BuildError::NoSuchSlot { cap_type, slot })?;
        self.index(object, id.object_type)?;
        let index = id.object_type.slot_index(slot, self.arch.page_size());
        let index = index.and_then(|index| usize::try_from(index).ok());
        Ok((id, index.ok_or(BuildError::NoSuchSlot { cap_type, slot })?))
    }

    /// The capability in a slot of an object.
    ///
    /// # Errors
    /// [`BuildError::NoSuchSlot`], [`SpaceError::NoSuchObject`].
    pub fn capability(&self, object: Capability, slot: Slot) -> Result<Capability, BuildError> {
        let (id, index) = self.slot_place(object, slot)?;
        let cap = self.slots(id).and_then(|slots| slots.get(index).copied());
        cap.ok_or(BuildError::NoSuchSlot { cap_type: object.cap_type(), slot })
    }

    /// Stores a capability in a slot of an object.
    ///
    /// # Errors
    /// Those of [`capability`](Self::capability).
    pub fn set_capability(
        &mut self,
        object: Capability,
        slot: Slot,
        cap: Capability,
    ) -> Result<(), BuildError> {
        let (id, index) = self.slot_place(object, slot)?;
        let oid = usize::try_from(id.oid).unwrap_or(usize::MAX);
        let place = match id.object_type {
            ObjectType::Page => None,
            ObjectType::CapPage => self.cap_pages.get_mut(oid).and_then(|page| page.object.get_mut(index)),
            ObjectType::Gpt => self.gpt_slot_mut(oid, index)?,
            ObjectType::Process => {
                self.processes.get_mut(oid).and_then(|proc| proc.object.caps.get_mut(index))
            }
            ObjectType::Endpoint => {
                self.endpoints.get_mut(oid).map(|endpoint| &mut endpoint.object.recipient)
            }
        };
        *place.ok_or(BuildError::NoSuchSlot { cap_type: object.cap_type(), slot })? = cap;
        Ok(())
    }

    /// A GPT's fields.
    ///
    /// # Errors
    /// [`SpaceError::WrongType`], [`SpaceError::NoSuchObject`].
    pub fn gpt(&self, gpt: Capability) -> Result<GptAttrs, BuildError> {
        let index = self.index(gpt, ObjectType::Gpt)?;
        self.gpts.get(index).map(|gpt| gpt.object.state).ok_or(missing(gpt))
    }

    /// Sets a GPT's fields.
    ///
    /// # Errors
    /// Those of [`gpt`](Self::gpt), and [`BuildError::GptSize`] for an `l2v` above 63.
    pub fn set_gpt(&mut self, gpt: Capability, state: GptAttrs) -> Result<(), BuildError> {
        let index = self.index(gpt, ObjectType::Gpt)?;
        if u32::from(state.l2v) >= u64::BITS {
            return Err(BuildError::GptSize(state.l2v));
        }
        *self.gpt_state_mut(index)?.ok_or(missing(gpt))? = state;
        Ok(())
    }

    /// An endpoint's fields.
    ///
    /// # Errors
    /// [`SpaceError::WrongType`], [`SpaceError::NoSuchObject`].
    pub fn endpoint(&self, endpoint: Capability) -> Result<EndpointAttrs, BuildError> {
        let index = self.index(endpoint, ObjectType::Endpoint)?;
        self.endpoints.get(index).map(|endpoint| endpoint.object.state).ok_or(missing(endpoint))
    }

    /// Sets an endpoint's fields. A bank's endpoint is identified by its `endpoint_id`: changing that changes
    /// which bank is charged.
    ///
    /// # Errors
    /// Those of [`endpoint`](Self::endpoint).
    pub fn set_endpoint(&mut self, endpoint: Capability, state: EndpointAttrs) -> Result<(), BuildError> {
        let index = self.index(endpoint, ObjectType::Endpoint)?;
        self.endpoints.get_mut(index).ok_or(missing(endpoint))?.object.state = state;
        Ok(())
    }

    /// A process's fields.
    ///
    /// # Errors
    /// [`SpaceError::WrongType`], [`SpaceError::NoSuchObject`].
    pub fn process(&self, process: Capability) -> Result<ProcessAttrs, BuildError> {
        let index = self.index(process, ObjectType::Process)?;
        self.processes.get(index).map(|process| process.object.state).ok_or(missing(process))
    }

    /// Sets a process's fields.
    ///
    /// # Errors
    /// Those of [`process`](Self::process).
    pub fn set_process(&mut self, process: Capability, state: ProcessAttrs) -> Result<(), BuildError> {
        let index = self.index(process, ObjectType::Process)?;
        self.processes.get_mut(index).ok_or(missing(process))?.object.state = state;
        Ok(())
    }

    /// A page's contents; `None` for a page that is all zero.
    ///
    /// # Errors
    /// [`SpaceError::WrongType`], [`SpaceError::NoSuchObject`].
    pub fn page(&self, page: Capability) -> Result<Option<&[u8]>, BuildError> {
        let index = self.index(page, ObjectType::Page)?;
        Ok(self.pages.get(index).ok_or(missing(page))?.object.as_deref())
    }

    /// Writes bytes into a page, from `offset` on.
    ///
    /// # Errors
    /// Those of [`page`](Self::page), [`BuildError::PastEnd`], [`BuildError::HeaderPage`], and
    /// [`SpaceError::OutOfMemory`].
    pub fn write_page(&mut self, page: Capability, offset: u64, bytes: &[u8]) -> Result<(), BuildError> {
        let index = self.index(page, ObjectType::Page)?;
        if index == 0 {
            return Err(BuildError::HeaderPage);
        }
        let page_len = self.page_len();
        let (end, size) = (offset.saturating_add(bytes.len() as u64), page_len as u64);
        let past_end = BuildError::PastEnd { end, size };
        if end > size {
            return Err(past_end);
        }
        let start = usize::try_from(offset).map_err(|_| past_end)?;
        match &mut self.pages.get_mut(index).ok_or(missing(page))?.object {
            Some(contents) => {
                let place = contents.get_mut(start..).and_then(|rest| rest.get_mut(..bytes.len()));
                place.ok_or(past_end)?.copy_from_slice(bytes);
            }
            None => self.set_contents(index, self.page_contents(start, bytes)?)?,
        }
        Ok(())
    }

    /// Ensures that writing to a page needs no memory.
    pub(crate) fn back_page(&mut self, page: Capability) -> Result<(), BuildError> {
        if self.page(page)?.is_some() { Ok(()) } else { self.write_page(page, 0, &[]) }
    }

    /// Writes zeros to a page; this needs no memory.
    pub(crate) fn clear_page(&mut self, page: Capability, offset: u64, len: u64) -> Result<(), BuildError> {
        let index = self.index(page, ObjectType::Page)?;
        if let Some(contents) = &mut self.pages.get_mut(index).ok_or(missing(page))?.object {
            let (end, size) = (offset.saturating_add(len), contents.len() as u64);
            let range = || Some(usize::try_from(offset).ok()?..usize::try_from(end).ok()?);
            let place = range().and_then(|range| contents.get_mut(range));
            place.ok_or(BuildError::PastEnd { end, size })?.fill(0);
        }
        Ok(())
    }

    /// Looks up what is mapped at an address of a space: see [`leaf`].
    ///
    /// # Errors
    /// Those of [`leaf`].
    pub fn leaf(&self, space: Capability, address: u64) -> Result<Leaf, SpaceError> {
        leaf(self, space, address)
    }

    /// Walks an address space: see [`walk`].
    pub fn walk(&self, space: Capability, limits: WalkLimits) -> Walk<'_, Self> {
        walk(self, space, limits)
    }
}

fn missing(cap: Capability) -> BuildError {
    BuildError::Space(SpaceError::NoSuchObject { cap_type: cap.cap_type(), oid: cap.oid(), count: 0 })
}

impl GptSource for Builder {
    fn gpt_state(&self, oid: u64) -> Option<GptAttrs> {
        Some(self.gpts.get(usize::try_from(oid).ok()?)?.object.state)
    }

    fn gpt_slot(&self, oid: u64, slot: u32) -> Option<Capability> {
        let gpt = self.gpts.get(usize::try_from(oid).ok()?)?;
        gpt.object.caps.get(usize::try_from(slot).ok()?).copied()
    }

    fn gpt_count(&self) -> u64 {
        self.count(ObjectType::Gpt)
    }
}

impl Builder {
    /// All slots of a GPT.
    pub(crate) fn gpt_caps(&self, gpt: usize) -> Option<[Capability; GPT_SLOTS]> {
        Some(self.gpts.get(gpt)?.object.caps)
    }

    /// Replaces a GPT's `l2v` and its first slots.
    pub(crate) fn replace_gpt(&mut self, gpt: usize, l2v: u8, caps: &[Capability]) -> Result<(), SpaceError> {
        self.gpt_state_mut(gpt)?.ok_or(LOST)?.l2v = l2v;
        for (slot, &cap) in caps.iter().enumerate() {
            *self.gpt_slot_mut(gpt, slot)?.ok_or(LOST)? = cap;
        }
        Ok(())
    }

    /// The capability of a new GPT with these fields, and its index.
    pub(crate) fn new_gpt(
        &mut self,
        bank: Capability,
        l2v: u8,
        l2g: u8,
    ) -> Result<(Capability, usize), SpaceError> {
        let mut cap = self.alloc(ObjectType::Gpt, bank)?;
        cap.set_l2g(l2g);
        let index = self.gpts.len().saturating_sub(1);
        if let Some(gpt) = self.gpts.get_mut(index) {
            gpt.object.state.l2v = l2v;
        }
        Ok((cap, index))
    }

    /// True when a capability refers to a page of the image that can be written to.
    pub(crate) fn is_page(&self, cap: Capability) -> bool {
        cap.cap_type() == CapType::PAGE && self.index(cap, ObjectType::Page).is_ok_and(|index| index > 0)
    }
}
