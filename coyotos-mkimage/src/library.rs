//! The calls of the image library, and the recipe that makes the same ones.

use alloc::string::String;
use alloc::vec::Vec;

use coyotos_image::LoadedElf;
use coyotos_image::space::Leaf;
use coyotos_image::{
    Arch, Builder, CapType, Capability, EndpointAttrs, GptAttrs, ObjectId, ObjectType, ProcessAttrs, Slot,
};

use crate::error::Cause;
use crate::limits::Limit;
use crate::trace::Trace;

/// The image that is being built.
#[derive(Debug)]
pub(crate) struct Library {
    builder: Builder,
    /// The OIDs of the banks' endpoints, indexed by bank.
    banks: Vec<u64>,
    trace: Option<Trace>,
    /// Maximum size of the image, in bytes.
    most: u64,
}

type Done<T> = Result<T, Cause>;

impl Library {
    pub(crate) fn new(builder: Builder, traced: bool, most: u64) -> Self {
        let trace = traced.then(|| Trace::new(builder.arch()));
        Self { builder, banks: alloc::vec![0], trace, most }
    }

    pub(crate) const fn builder(&self) -> &Builder {
        &self.builder
    }

    pub(crate) fn into_builder(self) -> Builder {
        self.builder
    }

    pub(crate) const fn arch(&self) -> Arch {
        self.builder.arch()
    }

    pub(crate) fn banks(&self) -> &[u64] {
        &self.banks
    }

    pub(crate) fn trace(&mut self) -> Option<&mut Trace> {
        self.trace.as_mut()
    }

    fn write(&mut self, line: impl FnOnce(&mut Trace)) {
        if let Some(trace) = &mut self.trace {
            line(trace);
        }
    }

    /// Checks that the image is not too large.
    fn bounded(&self) -> Done<()> {
        let sizes = ObjectType::ALL
            .map(|kind| self.builder.count(kind).saturating_mul(kind.size(self.arch().page_size()).into()));
        let bytes = sizes.into_iter().fold(0_u64, u64::saturating_add);
        if bytes > self.most { Err(Cause::Limit(Limit::ImageBytes(self.most))) } else { Ok(()) }
    }

    pub(crate) fn alloc_bank(&mut self, parent: Capability) -> Done<Capability> {
        let bank = self.builder.alloc_bank(parent)?;
        self.banks.push(bank.oid());
        self.write(|trace| trace.made("bank", "bank", bank, &[parent], ""));
        self.bounded()?;
        Ok(bank)
    }

    pub(crate) fn alloc(&mut self, kind: ObjectType, bank: Capability) -> Done<Capability> {
        let cap = self.builder.alloc(kind, bank)?;
        let call = match kind {
            ObjectType::Page => "page",
            ObjectType::CapPage => "cappage",
            ObjectType::Gpt => "gpt",
            ObjectType::Process => "process",
            ObjectType::Endpoint => "endpoint",
        };
        self.write(|trace| trace.made(call, call, cap, &[bank], ""));
        self.bounded()?;
        Ok(cap)
    }

    pub(crate) fn capability(&self, object: Capability, slot: Slot) -> Done<Capability> {
        Ok(self.builder.capability(endpoint_of(object), slot)?)
    }

    pub(crate) fn set_capability(&mut self, object: Capability, slot: Slot, cap: Capability) -> Done<()> {
        let object = endpoint_of(object);
        self.builder.set_capability(object, slot, cap)?;
        let index = match slot {
            Slot::Index(index) | Slot::CapReg(index) => index,
            _ => 0,
        };
        self.write(|trace| trace.put(object, slot.name(), index, cap));
        Ok(())
    }

    pub(crate) fn gpt(&self, object: Capability) -> Done<GptAttrs> {
        Ok(self.builder.gpt(object)?)
    }

    pub(crate) fn set_gpt(&mut self, object: Capability, state: GptAttrs) -> Done<()> {
        let before = self.builder.gpt(object)?;
        self.builder.set_gpt(object, state)?;
        self.write(|trace| {
            trace.set("gptset", object, "l2v", before.l2v.into(), state.l2v.into());
            trace.set("gptset", object, "ha", before.ha.into(), state.ha.into());
            trace.set("gptset", object, "bg", before.bg.into(), state.bg.into());
        });
        Ok(())
    }

    pub(crate) fn endpoint(&self, object: Capability) -> Done<EndpointAttrs> {
        Ok(self.builder.endpoint(endpoint_of(object))?)
    }

    pub(crate) fn set_endpoint(&mut self, object: Capability, state: EndpointAttrs) -> Done<()> {
        let object = endpoint_of(object);
        let before = self.builder.endpoint(object)?;
        self.builder.set_endpoint(object, state)?;
        self.write(|trace| {
            trace.set("epset", object, "pm", before.pm.into(), state.pm.into());
            let (old, new) = (before.prot_payload.into(), state.prot_payload.into());
            trace.set("epset", object, "protPayload", old, new);
            trace.set("epset", object, "endpointID", before.endpoint_id, state.endpoint_id);
        });
        Ok(())
    }

    pub(crate) fn process(&self, object: Capability) -> Done<ProcessAttrs> {
        Ok(self.builder.process(object)?)
    }

    pub(crate) fn set_process(&mut self, object: Capability, state: ProcessAttrs) -> Done<()> {
        let before = self.builder.process(object)?;
        self.builder.set_process(object, state)?;
        self.write(|trace| {
            trace.set("procset", object, "runState", before.run_state.into(), state.run_state.into());
            trace.set("procset", object, "flags", before.flags.into(), state.flags.into());
            trace.set("procset", object, "notices", before.notices.into(), state.notices.into());
            trace.set("procset", object, "faultCode", before.fault_code.into(), state.fault_code.into());
            trace.set("procset", object, "faultInfo", before.fault_info, state.fault_info);
        });
        Ok(())
    }

    /// A page's contents; `None` for all zeros.
    pub(crate) fn page(&self, page: Capability) -> Done<Option<&[u8]>> {
        Ok(self.builder.page(page)?)
    }

    pub(crate) fn write_page(&mut self, page: Capability, offset: u64, bytes: &[u8]) -> Done<()> {
        self.builder.write_page(page, offset, bytes)?;
        self.write(|trace| trace.data(page, offset, bytes));
        Ok(())
    }

    pub(crate) fn guarded(
        &mut self,
        bank: Capability,
        cap: Capability,
        offset: u64,
        l2: u32,
    ) -> Done<Capability> {
        let made = self.builder.guarded(bank, cap, offset, l2)?;
        let end = alloc::format!(" {offset:#x} {l2}");
        self.write(|trace| trace.made("guarded", "space", made, &[bank, cap], &end));
        self.bounded()?;
        Ok(made)
    }

    pub(crate) fn add(
        &mut self,
        bank: Capability,
        space: Capability,
        offset: u64,
        cap: Capability,
        l2: u32,
    ) -> Done<Capability> {
        let root = self.builder.add(bank, space, offset, cap, l2)?;
        self.write(|trace| trace.add(bank, space, offset, cap, l2, root));
        self.bounded()?;
        Ok(root)
    }

    pub(crate) fn leaf(&mut self, space: Capability, offset: u64) -> Done<Leaf> {
        let leaf = self.builder.leaf(space, offset)?;
        self.write(|trace| trace.leaf(space, offset));
        Ok(leaf)
    }

    /// Loads a program as the original does.
    pub(crate) fn load(&mut self, bank: Capability, name: &str, bytes: &[u8]) -> Done<LoadedElf> {
        if self.trace.is_some() && (name.is_empty() || name.contains(|c: char| c.is_ascii_whitespace())) {
            return Err(Cause::Untraceable(name.into()));
        }
        let loaded = self.builder.load_elf_compat(bank, bytes).map_err(Cause::Load)?;
        let end = alloc::format!(" {name}");
        self.write(|trace| trace.made("elf", "space", loaded.space, &[bank], &end));
        self.bounded()?;
        Ok(loaded)
    }

    /// Copies the contents of an object into another of its kind.
    pub(crate) fn copy(&mut self, from: Capability, to: Capability) -> Done<()> {
        let Some(kind) = ObjectId::of(from).map(|id| id.object_type) else { return Ok(()) };
        match kind {
            ObjectType::Page => {
                if let Some(bytes) = self.builder.page(from)?.map(Vec::from) {
                    self.write_page(to, 0, &bytes)?;
                }
            }
            ObjectType::CapPage => {}
            ObjectType::Gpt => self.set_gpt(to, self.builder.gpt(from)?)?,
            ObjectType::Process => self.set_process(to, self.builder.process(from)?)?,
            ObjectType::Endpoint => self.set_endpoint(to, self.builder.endpoint(from)?)?,
        }
        let page_size = self.arch().page_size();
        for slot in (0..kind.slot_count(page_size)).filter_map(|index| kind.slot(index, page_size)) {
            let cap = self.builder.capability(from, slot)?;
            if !cap.is_zero() {
                self.set_capability(to, slot, cap)?;
            }
        }
        Ok(())
    }

    /// The lines of the recipe since the previous call.
    pub(crate) fn take_trace(&mut self) -> String {
        self.trace.as_mut().map(Trace::take).unwrap_or_default()
    }
}

/// An Entry refers to an endpoint, and its fields are those of the endpoint.
fn endpoint_of(mut object: Capability) -> Capability {
    if object.cap_type() == CapType::ENTRY {
        object.set_type(CapType::ENDPOINT);
    }
    object
}
