//! The calls.

use std::collections::BTreeMap;

use arbitrary::Result;
use coyotos_image::space::leaf;
use coyotos_image::{
    BuildError, Builder, ByteOrder, CapType, Capability, EndpointAttrs, GptAttrs, ObjectType, ProcessAttrs,
    Restr, Slot, SpaceWriter,
};

use super::{Mapped, Run, Space};
use crate::coyotos_account::low;

/// The most bytes that a call writes, in pages, and in bytes where pages are large.
const MOST_PAGES: u64 = 6;
const MOST_BYTES: u64 = 0x2800;

impl Run<'_, '_> {
    pub(super) fn add_page(&mut self, at: usize, more: u8) -> Result<()> {
        let page = self.new_page(more & 7 == 7)?;
        let l2 = if more & 8 == 0 { 0 } else { self.page_log2 + u32::from(more & 7) };
        let bank = self.bank()?;
        self.add(at, bank, page, l2)
    }

    /// A page that may be mapped elsewhere too.
    pub(super) fn add_again(&mut self, at: usize) -> Result<()> {
        let mut cap = self.any_cap()?;
        if matches!(cap.cap_type(), CapType::PAGE | CapType::CAP_PAGE) {
            cap.set_restr(self.restr()?);
            let bank = self.bank()?;
            self.add(at, bank, cap, 0)?;
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, at: usize, more: u8) -> Result<()> {
        let l2 = if more == 0 { 0 } else { self.page_log2 + u32::from(more) };
        let bank = self.bank()?;
        self.add(at, bank, Capability::NULL, l2)
    }

    fn add(&mut self, at: usize, bank: Capability, cap: Capability, l2: u32) -> Result<()> {
        let covered = low(l2.max(self.page_log2));
        let address = self.address(at)? & !covered;
        let root = self.spaces[at].root;
        let Some(root) = self.attempt(|builder| builder.add(bank, root, address, cap, l2)) else {
            assert!(self.wild || !self.banks.contains(&bank), "a sound call failed");
            return Ok(());
        };
        let space = &mut self.spaces[at];
        space.root = root;
        space.pages.retain(|&other, _| other & !covered != address);
        if cap.cap_type() != CapType::NULL {
            space.pages.insert(address, Mapped::of(cap));
        }
        self.demand_space(at);
        Ok(())
    }

    /// Puts a whole space into another; it is not a space of its own from then on.
    pub(super) fn add_space(&mut self, at: usize, more: u8) -> Result<()> {
        let inner = usize::from(self.byte()?) % self.spaces.len();
        let part = self.spaces[inner].root;
        if inner == at || part.cap_type() == CapType::NULL {
            return Ok(());
        }
        // As large as it is, or cut, or in more room than it needs.
        let l2 = u32::from(part.l2g()) + u32::from(more & 7);
        let l2 = l2.saturating_sub(u32::from(more & 8)).clamp(self.page_log2, 64);
        let (address, bank, root) = (self.address(at)? & !low(l2), self.bank()?, self.spaces[at].root);
        let Some(root) = self.attempt(|builder| builder.add(bank, root, address, part, l2)) else {
            assert!(self.wild, "a sound call failed");
            return Ok(());
        };
        let Space { pages, .. } = std::mem::replace(&mut self.spaces[inner], Space::EMPTY);
        let space = &mut self.spaces[at];
        space.root = root;
        space.pages.retain(|&other, _| other & !low(l2) != address);
        // Its guard is lost, and what lies beyond the size that it gets.
        let inside = pages.into_iter().map(|(other, mapped)| (other & low(part.l2g().into()), mapped));
        let kept = inside.filter(|&(other, _)| other <= low(l2));
        space.pages.extend(kept.map(|(other, mapped)| (address | other, mapped)));
        self.demand_space(at);
        Ok(())
    }

    pub(super) fn guarded(&mut self) -> Result<()> {
        let page = self.new_page(false)?;
        let l2 = u32::from(self.byte()?) % (65 - self.page_log2);
        let l2 = if l2 == 0 { 0 } else { self.page_log2 + l2 };
        let (offset, bank) = (self.address(0)? & !low(l2.max(self.page_log2)), self.bank()?);
        let root = self.attempt(|builder| builder.guarded(bank, page, offset, l2));
        let root = root.expect("a sound call");
        self.spaces.push(Space { root, pages: BTreeMap::from([(offset, Mapped::of(page))]) });
        self.demand_space(self.spaces.len() - 1);
        Ok(())
    }

    pub(super) fn alloc(&mut self, kind: u8) -> Result<()> {
        let bank = self.bank()?;
        if kind & 7 == 7 {
            self.banks.push(self.builder.alloc_bank(bank).expect("a bank pays"));
        }
        let object_type = ObjectType::ALL[usize::from(kind) % ObjectType::ALL.len()];
        let count = self.builder.count(object_type);
        let cap = self.builder.alloc(object_type, bank).expect("a bank pays");
        assert_eq!((cap.oid(), self.builder.count(object_type)), (count, count + 1));
        self.caps.push(cap);
        Ok(())
    }

    /// Fields and slots of anything but GPTs.
    pub(super) fn fields(&mut self) -> Result<()> {
        let (object, cap, index) = (self.any_cap()?, self.any_cap()?, self.byte()?);
        let number: u64 = self.from.arbitrary()?;
        let put = |builder: &mut Builder, slot| {
            builder.set_capability(object, slot, cap).expect("the object has this slot");
            assert_eq!(builder.capability(object, slot), Ok(cap));
        };
        match object.cap_type() {
            CapType::PAGE => {
                let bytes = &number.to_le_bytes()[..usize::from(index & 7)];
                let offset = number & low(self.page_log2);
                if self.attempt(|builder| builder.write_page(object, offset, bytes)).is_some() {
                    self.wrote(object.oid(), offset as usize, bytes);
                }
            }
            CapType::CAP_PAGE => put(&mut self.builder, Slot::Index(u32::from(index) % 8)),
            CapType::PROCESS => {
                let [run_state, flags, notices, fault_code, ..] = number.to_le_bytes();
                let state = ProcessAttrs {
                    run_state: run_state % 3,
                    flags: (flags & 0x7f).into(),
                    notices: notices.into(),
                    fault_code: fault_code.into(),
                    fault_info: number,
                };
                self.builder.set_process(object, state).expect("a process");
                assert_eq!(self.builder.process(object), Ok(state));
                put(&mut self.builder, Slot::CapReg(u32::from(index) % 32));
            }
            CapType::ENDPOINT => {
                let state =
                    EndpointAttrs { pm: index & 1 == 1, prot_payload: index.into(), endpoint_id: number };
                self.builder.set_endpoint(object, state).expect("an endpoint");
                assert_eq!(self.builder.endpoint(object), Ok(state));
                if cap.cap_type() == CapType::PROCESS {
                    put(&mut self.builder, Slot::Recipient);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A code generator's call: bytes, zeros or rights for a range of addresses.
    pub(super) fn write(&mut self, at: usize) -> Result<()> {
        let page_size = 1_u64 << self.page_log2;
        let address = self.address(at)?.wrapping_add(self.byte()?.into());
        let len = u64::from(self.from.arbitrary::<u16>()?) % (MOST_PAGES * page_size).min(MOST_BYTES);
        let (what, current, asked, bank) = (self.byte()?, self.restr()?, self.restr()?, self.bank()?);
        let protect = what % 3 == 2;
        let value = |index: u64| if what % 3 == 0 { (index as u8).wrapping_mul(7) ^ what } else { 0 };
        let bytes: Vec<u8> = (0..len).map(value).collect();
        let (root, pages_before) = (self.spaces[at].root, self.builder.count(ObjectType::Page));
        let done = self.attempt(|builder| {
            let is_new = root == Capability::NULL;
            let mut writer = if is_new {
                SpaceWriter::new(builder, bank)
            } else {
                SpaceWriter::extend(builder, bank, root)
            };
            writer.rights(current);
            match what % 3 {
                0 => writer.write(address, &bytes)?,
                1 => writer.zero(address, len)?,
                _ => writer.protect(address, len, asked)?,
            }
            if len > 0 {
                let found = writer.leaf(address)?;
                assert!(found.capability.cap_type() != CapType::NULL, "nothing at {address:#x}");
            }
            Ok::<_, BuildError>(writer.finish().0)
        });
        let Some(root) = done else {
            let pages = self.spaces[at].pages.range(address & !low(self.page_log2)..);
            let cap_page = pages
                .take_while(|&(&page, _)| page < address.saturating_add(len))
                .any(|(_, mapped)| mapped.cap_type == CapType::CAP_PAGE);
            let beyond = len > 0 && address.checked_add(len - 1).is_none();
            assert!(self.wild || beyond || cap_page, "a sound call failed");
            return Ok(());
        };
        self.spaces[at].root = root;
        let mut done = 0;
        while done < len && !self.wild {
            let start = address + done;
            let (page, offset) = (start & !low(self.page_log2), start & low(self.page_log2));
            let part = (page_size - offset).min(len - done);
            if !self.spaces[at].pages.contains_key(&page) {
                let new = leaf(&self.builder, root, start).expect("what was written can be found").capability;
                assert!(new.oid() >= pages_before, "a new page at {page:#x}, not one that stands elsewhere");
                let mapped = Mapped { restr: current, ..Mapped::of(new) };
                self.spaces[at].pages.insert(page, mapped);
            }
            let mapped = self.spaces[at].pages.get_mut(&page).expect("it was there, or is now");
            let oid = mapped.oid;
            if protect {
                mapped.restr = asked;
            } else {
                self.wrote(oid, offset as usize, &bytes[done as usize..][..part as usize]);
            }
            done += part;
        }
        self.demand_space(at);
        Ok(())
    }

    /// Calls that fail, whatever stands.
    pub(super) fn failing(&mut self, at: usize, which: u8) -> Result<()> {
        let (bank, cap, address) = (self.bank()?, self.any_cap()?, self.address(at)?);
        let (root, page_log2) = (self.spaces[at].root, self.page_log2);
        let page = self.builder.capability_to(CapType::PAGE, 0);
        let nobody = self.builder.capability_to(CapType::PROCESS, 0);
        let mut missing = bank;
        missing.set_oid(u64::MAX);
        let failed = match which {
            0 => self.attempt(|builder| builder.alloc(ObjectType::Gpt, page)).is_none(),
            1 => self.attempt(|builder| builder.alloc_bank(missing)).is_none(),
            2 => self.attempt(|builder| builder.add(bank, root, address | 1, page, 0)).is_none(),
            3 => self.attempt(|builder| builder.add(bank, root, address, nobody, 0)).is_none(),
            4 => self.attempt(|builder| builder.add(bank, root, 0, page, page_log2 - 1)).is_none(),
            5 => self.attempt(|builder| builder.add(bank, root, 0, page, 65)).is_none(),
            6 => self.attempt(|builder| builder.write_page(page, 0, b"header")).is_none(),
            7 => {
                let state = GptAttrs { l2v: 64, ha: false, bg: false };
                self.attempt(|builder| builder.set_gpt(cap, state)).is_none()
            }
            8 => self.attempt(|builder| builder.set_capability(page, Slot::Index(0), cap)).is_none(),
            9 => self.attempt(|builder| builder.page_with(bank, &vec![1; (1 << page_log2) + 1])).is_none(),
            10 => self.attempt(|builder| builder.guarded(bank, nobody, address, 0)).is_none(),
            11 => {
                let len = u64::from(u32::MAX) + 1;
                self.attempt(|builder| SpaceWriter::extend(builder, bank, root).zero(0, len)).is_none()
            }
            12 => {
                let start = u64::MAX - 2;
                self.attempt(|builder| SpaceWriter::extend(builder, bank, root).write(start, b"long"))
                    .is_none()
            }
            // Nobody pays for the GPTs that this needs, if it needs any: it may fail halfway.
            _ => {
                let page = self.new_page(false)?;
                self.add(at, missing, page, 0)?;
                true
            }
        };
        assert!(failed, "call {which} did not fail");
        Ok(())
    }

    /// A process, and the form that a constructor takes.
    pub(super) fn hand_on(&mut self, at: usize) -> Result<()> {
        let (pc, bank, which) = (self.address(at)?, self.bank()?, usize::from(self.byte()?));
        let Space { root, pages } = self.spaces[at].clone();
        // Mostly where there is a page.
        let mapped = pages.keys().nth(which % (pages.len() + 1));
        let pc = mapped.map_or(pc, |page| page + u64::from(which as u8 & 0x7f));
        let process = self.attempt(|builder| {
            if which & 1 == 0 {
                return builder.runnable_process(bank, root, pc);
            }
            let mut writer = SpaceWriter::extend(builder, bank, root);
            writer.set_pc(pc);
            writer.into_process()
        });
        let form = self.attempt(|builder| builder.constructor_form(bank, root, pc, None));
        self.caps.extend(process);
        if self.wild {
            return Ok(());
        }
        let there = pages.get(&(pc & !low(self.page_log2)));
        let executable =
            there.is_some_and(|page| page.cap_type == CapType::PAGE && !page.restr.contains(Restr::NX));
        assert_eq!(process.is_some(), executable, "{pc:#x}");
        let small = root.guard() | low(root.l2g().into()) <= low(self.page_log2 + 4);
        let slot = |slot: u64| pages.get(&(slot << self.page_log2));
        let text =
            slot(1).is_some_and(|page| page.cap_type == CapType::PAGE && !page.restr.contains(Restr::NX));
        let free = [14, 15].into_iter().all(|stack| slot(stack).is_none());
        assert_eq!(form.is_some(), executable && small && text && free, "{pc:#x}");
        let Some(form) = form else { return Ok(()) };
        assert_eq!((form.space.l2g().into(), form.space.guard()), (self.page_log2 + 4, 0));
        let weak = |mapped: &Mapped| {
            let restr = mapped.restr.with(Restr::WK).with(Restr::RO);
            Mapped { restr, ..*mapped }
        };
        let weak: Vec<_> = pages.iter().map(|(&address, mapped)| (address, weak(mapped))).collect();
        assert_eq!(self.mapped(form.space), weak, "the constructor's form of {root}");
        let word = match self.builder.arch().byte_order() {
            ByteOrder::Little => pc.to_le_bytes(),
            ByteOrder::Big => pc.to_be_bytes(),
        };
        self.wrote(form.proto_space.oid(), 0, &word);
        Ok(())
    }

    /// What spoils a space: GPTs with other sizes, slots with anything in them.
    pub(super) fn spoil(&mut self) -> Result<()> {
        let (object, mut cap, what) = (self.any_cap()?, self.any_cap()?, self.byte()?);
        if cap.cap_type().is_memory() {
            cap.set_l2g(self.byte()?);
            cap.set_guard_match(self.byte()?.into());
            cap.set_restr(Restr::from_bits(what));
        }
        let state = GptAttrs { l2v: self.byte()? & 0x3f, ha: what & 0x20 != 0, bg: what & 0x40 != 0 };
        let changed = match what & 3 {
            0 => self.attempt(|builder| builder.set_gpt(object, state)).is_some(),
            1 => {
                self.spaces.push(Space { root: cap, pages: BTreeMap::new() });
                true
            }
            _ => {
                let slot = Slot::Index(u32::from(what >> 2) % 16);
                self.attempt(|builder| builder.set_capability(object, slot, cap)).is_some()
            }
        };
        if changed {
            (0..self.spaces.len().min(4)).for_each(|at| self.demand_space(at));
        }
        Ok(())
    }
}
