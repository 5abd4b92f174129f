//! The implementation of each call.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::words::{hex, low8, low32, number};
use super::{Cause, Outcome};
use crate::build::{Builder, SpaceWriter};
use crate::capability::{CapType, Capability, Restr};
use crate::object::{ObjectId, ObjectType, Slot};

pub(super) struct Calls<'a, R> {
    pub(super) builder: &'a mut Builder,
    pub(super) names: &'a mut BTreeMap<String, Capability>,
    pub(super) read: &'a mut R,
}

impl<R: FnMut(&str) -> Result<Vec<u8>, String>> Calls<'_, R> {
    /// A capability by its name; an unknown name means Null.
    fn cap(&self, name: &str) -> Capability {
        self.names.get(name).copied().unwrap_or_default()
    }

    /// An object by its name.
    fn object(&self, name: &str) -> Result<Capability, Cause> {
        self.names.get(name).copied().ok_or_else(|| Cause::UnknownName(name.to_string()))
    }

    fn bind(&mut self, name: &str, cap: Capability) -> Result<Outcome, Cause> {
        self.names.insert(name.to_string(), cap);
        Ok(Outcome::Done)
    }

    fn l2(text: &str) -> Result<u32, Cause> {
        u32::try_from(number(text)?).map_err(|_| Cause::Number(text.to_string()))
    }

    /// The slot that a `put` or `get` refers to. The field is used only for processes, as in the original.
    fn slot(object: Capability, field: &str, index: &str) -> Result<Slot, Cause> {
        let index = Self::l2(index)?;
        match ObjectId::of(object).map(|id| id.object_type) {
            Some(ObjectType::Gpt | ObjectType::CapPage) => Ok(Slot::Index(index)),
            Some(ObjectType::Endpoint) => Ok(Slot::Recipient),
            _ => Slot::from_name(field, index).ok_or_else(|| Cause::UnknownField(field.to_string())),
        }
    }

    /// Runs a call; `None` when it takes other arguments.
    pub(super) fn call(&mut self, call: &str, words: &[&str]) -> Option<Result<Outcome, Cause>> {
        Some(match (call, words) {
            ("bank", [name, parent]) => {
                let parent = self.cap(parent);
                self.builder.alloc_bank(parent).map_err(Cause::from).and_then(|cap| self.bind(name, cap))
            }
            ("page", [name, bank]) => self.alloc(name, ObjectType::Page, bank),
            ("cappage", [name, bank]) => self.alloc(name, ObjectType::CapPage, bank),
            ("gpt", [name, bank]) => self.alloc(name, ObjectType::Gpt, bank),
            ("endpoint", [name, bank]) => self.alloc(name, ObjectType::Endpoint, bank),
            ("process", [name, bank]) => self.alloc(name, ObjectType::Process, bank),
            ("cap", [name, cap_type]) => self.make(name, cap_type, "0"),
            ("cap", [name, cap_type, oid]) => self.make(name, cap_type, oid),
            ("copy", [name, from]) => self.bind(name, self.cap(from)),
            ("set", [name, field, value]) => self.set(name, field, value),
            ("put", [object, field, index, name]) => self.put(object, field, index, name),
            ("get", [name, object, field, index]) => self.get(name, object, field, index),
            ("gptset", [gpt, field, value]) => self.gptset(gpt, field, value),
            ("epset", [endpoint, field, value]) => self.epset(endpoint, field, value),
            ("procset", [process, field, value]) => self.procset(process, field, value),
            ("data", [page, offset, bytes]) => self.data(page, offset, bytes),
            ("guarded", [name, bank, cap, offset, l2]) => self.guarded(name, bank, cap, offset, l2),
            ("add", [name, bank, space, address, cap, l2]) => self.add(name, (bank, space), address, cap, l2),
            ("elf", [name, bank, file]) => self.elf(name, bank, file),
            ("load", [name, bank, file]) => self.load(name, bank, file),
            ("runnable", [name, bank, space, pc]) => self.runnable(name, bank, space, pc),
            ("constructor", [name, proto, bank, space, pc]) => {
                self.constructor((name, proto), bank, space, pc, None)
            }
            ("constructor", [name, proto, bank, space, pc, file]) => {
                self.constructor((name, proto), bank, space, pc, Some(file))
            }
            ("emit", [name, bank, space, address, restr, bytes]) => {
                self.emit(name, (bank, space), address, restr, bytes)
            }
            ("symbols", [space, file]) => self.symbols(space, file),
            ("leaf", [space, address]) => self.leaf(space, address),
            ("validate", []) => self.builder.validate().map(|()| Outcome::Valid).map_err(Cause::from),
            ("file", [name]) => {
                let image = self.builder.to_vec();
                image.map(|image| Outcome::File { name: (*name).to_string(), image }).map_err(Cause::from)
            }
            _ => return None,
        })
    }

    fn alloc(&mut self, name: &str, object_type: ObjectType, bank: &str) -> Result<Outcome, Cause> {
        let cap = self.builder.alloc(object_type, self.cap(bank))?;
        self.bind(name, cap)
    }

    fn make(&mut self, name: &str, cap_type: &str, oid: &str) -> Result<Outcome, Cause> {
        let number_of = u8::try_from(number(cap_type)?).ok().and_then(CapType::new);
        let kind = number_of.ok_or_else(|| Cause::Number(cap_type.to_string()))?;
        let cap = self.builder.capability_to(kind, number(oid)?);
        self.bind(name, cap)
    }

    fn set(&mut self, name: &str, field: &str, value: &str) -> Result<Outcome, Cause> {
        let (mut cap, value) = (self.cap(name), number(value)?);
        match field {
            "type" => cap.set_type(CapType::new(low8(value & 0x3f)).unwrap_or(CapType::NULL)),
            "swizzled" => cap.set_swizzled(value & 1 != 0),
            "restr" => cap.set_restr(Restr::from_bits(low8(value))),
            "allocCount" => cap.set_alloc_count(low32(value)),
            "pp" => cap.set_prot_payload(low32(value)),
            "l2g" => cap.set_l2g(low8(value)),
            "match" => cap.set_guard_match(low32(value)),
            "oid" => cap.set_oid(value),
            _ => return Err(Cause::UnknownField(field.to_string())),
        }
        self.bind(name, cap)
    }

    fn put(&mut self, object: &str, field: &str, index: &str, name: &str) -> Result<Outcome, Cause> {
        let object = self.object(object)?;
        let slot = Self::slot(object, field, index)?;
        self.builder.set_capability(object, slot, self.cap(name))?;
        Ok(Outcome::Done)
    }

    fn get(&mut self, name: &str, object: &str, field: &str, index: &str) -> Result<Outcome, Cause> {
        let object = self.object(object)?;
        let cap = self.builder.capability(object, Self::slot(object, field, index)?)?;
        self.bind(name, cap)
    }

    fn gptset(&mut self, gpt: &str, field: &str, value: &str) -> Result<Outcome, Cause> {
        let (gpt, value) = (self.object(gpt)?, number(value)?);
        let mut state = self.builder.gpt(gpt)?;
        match field {
            "l2v" => state.l2v = low8(value & 0x3f),
            "ha" => state.ha = value & 1 != 0,
            "bg" => state.bg = value & 1 != 0,
            _ => return Err(Cause::UnknownField(field.to_string())),
        }
        self.builder.set_gpt(gpt, state)?;
        Ok(Outcome::Done)
    }

    fn epset(&mut self, endpoint: &str, field: &str, value: &str) -> Result<Outcome, Cause> {
        let (endpoint, value) = (self.object(endpoint)?, number(value)?);
        // An Entry refers to its endpoint, and is accepted here.
        let mut target = endpoint;
        if target.cap_type() == CapType::ENTRY {
            target.set_type(CapType::ENDPOINT);
        }
        let mut state = self.builder.endpoint(target)?;
        match field {
            "pm" => state.pm = value & 1 != 0,
            "protPayload" => state.prot_payload = low32(value),
            "endpointID" => state.endpoint_id = value,
            _ => return Err(Cause::UnknownField(field.to_string())),
        }
        self.builder.set_endpoint(target, state)?;
        Ok(Outcome::Done)
    }

    fn procset(&mut self, process: &str, field: &str, value: &str) -> Result<Outcome, Cause> {
        let (process, value) = (self.object(process)?, number(value)?);
        let mut state = self.builder.process(process)?;
        match field {
            "runState" => state.run_state = low8(value),
            "flags" => {
                let [low, high, ..] = value.to_le_bytes();
                state.flags = u16::from_le_bytes([low, high]);
            }
            "notices" => state.notices = low32(value),
            "faultCode" => state.fault_code = low32(value),
            "faultInfo" => state.fault_info = value,
            _ => return Err(Cause::UnknownField(field.to_string())),
        }
        self.builder.set_process(process, state)?;
        Ok(Outcome::Done)
    }

    fn data(&mut self, page: &str, offset: &str, bytes: &str) -> Result<Outcome, Cause> {
        let page = self.object(page)?;
        self.builder.write_page(page, number(offset)?, &hex(bytes)?)?;
        Ok(Outcome::Done)
    }

    fn guarded(
        &mut self,
        name: &str,
        bank: &str,
        cap: &str,
        offset: &str,
        l2: &str,
    ) -> Result<Outcome, Cause> {
        let (bank, cap) = (self.cap(bank), self.cap(cap));
        let cap = self.builder.guarded(bank, cap, number(offset)?, Self::l2(l2)?)?;
        self.bind(name, cap)
    }

    fn add(
        &mut self,
        name: &str,
        (bank, space): (&str, &str),
        address: &str,
        cap: &str,
        l2: &str,
    ) -> Result<Outcome, Cause> {
        let (bank, space, cap) = (self.cap(bank), self.cap(space), self.cap(cap));
        let root = self.builder.add(bank, space, number(address)?, cap, Self::l2(l2)?)?;
        self.bind(name, root)
    }

    fn read_file(&mut self, file: &str) -> Result<Vec<u8>, Cause> {
        (self.read)(file).map_err(|reason| Cause::File { name: file.to_string(), reason })
    }

    /// The default loader, which checks every bound.
    fn load(&mut self, name: &str, bank: &str, file: &str) -> Result<Outcome, Cause> {
        let bytes = self.read_file(file)?;
        let loaded = self.builder.load_elf(self.cap(bank), &bytes).map_err(Cause::Load)?;
        self.bind(name, loaded.space)?;
        Ok(Outcome::Entry(loaded.entry))
    }

    fn runnable(&mut self, name: &str, bank: &str, space: &str, pc: &str) -> Result<Outcome, Cause> {
        let process = self.builder.runnable_process(self.cap(bank), self.cap(space), number(pc)?)?;
        self.bind(name, process)
    }

    /// The input of a constructor: the space, and the page of the `ProtoSpace`.
    fn constructor(
        &mut self,
        (name, proto_name): (&str, &str),
        bank: &str,
        space: &str,
        pc: &str,
        file: Option<&str>,
    ) -> Result<Outcome, Cause> {
        let arch = self.builder.arch();
        let proto = match file {
            Some(file) => {
                let elf = self.read_file(file)?;
                Some(Builder::proto_space_of_elf(arch, &elf).map_err(Cause::Load)?)
            }
            None => None,
        };
        let (bank, space) = (self.cap(bank), self.cap(space));
        let form = self.builder.constructor_form(bank, space, number(pc)?, proto.as_deref())?;
        self.bind(name, form.space)?;
        self.bind(proto_name, form.proto_space)
    }

    fn emit(
        &mut self,
        name: &str,
        (bank, space): (&str, &str),
        address: &str,
        restr: &str,
        bytes: &str,
    ) -> Result<Outcome, Cause> {
        let (bank, space) = (self.cap(bank), self.cap(space));
        let (address, restr, bytes) = (number(address)?, number(restr)?, hex(bytes)?);
        let mut writer = SpaceWriter::extend(self.builder, bank, space);
        writer.rights(Restr::from_bits(low8(restr)));
        writer.write(address, &bytes)?;
        let (root, _) = writer.finish();
        self.bind(name, root)
    }

    /// Adds the symbols of a program for a space.
    fn symbols(&mut self, space: &str, file: &str) -> Result<Outcome, Cause> {
        let bytes = self.read_file(file)?;
        let space = self.object(space)?;
        self.builder.keep_symbols(&bytes, space, None).map_err(Cause::Load)?;
        Ok(Outcome::Done)
    }

    fn elf(&mut self, name: &str, bank: &str, file: &str) -> Result<Outcome, Cause> {
        let bytes = self.read_file(file)?;
        let loaded = self.builder.load_elf_compat(self.cap(bank), &bytes).map_err(Cause::Load)?;
        self.bind(name, loaded.space)?;
        Ok(Outcome::Entry(loaded.entry))
    }

    fn leaf(&mut self, space: &str, address: &str) -> Result<Outcome, Cause> {
        Ok(Outcome::Leaf(self.builder.leaf(self.cap(space), number(address)?)?))
    }
}
