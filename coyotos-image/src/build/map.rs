//! The three operations with which the original builds address spaces. The order in which they allocate is
//! visible in an image, so it is the original's. Source: specification section 4.

use super::Builder;
use crate::bits::{bit_length, hi, lo, shl, shr};
use crate::capability::{CapType, Capability, Restr};
use crate::object::ObjectType;
use crate::space::{GptSource, MAX_DEPTH, SpaceError};
use crate::wire::GPT_SLOTS;

/// The location of a capability of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotRef {
    /// Held by the caller.
    Root,
    /// In a slot of a GPT.
    Gpt { gpt: usize, slot: usize },
}

/// `x` rounded up to a multiple of 4.
const fn r4(x: u32) -> u32 {
    x.next_multiple_of(4)
}

pub(crate) const LOST: SpaceError = SpaceError::Inconsistent("a slot lies outside its GPT");

/// A size as a field value: the sizes passed here are at most 127.
fn l2_field(l2: u32) -> Result<u8, SpaceError> {
    u8::try_from(l2).map_err(|_| LOST)
}

fn index(slot: u64) -> Result<usize, SpaceError> {
    usize::try_from(slot).ok().filter(|&slot| slot < GPT_SLOTS).ok_or(LOST)
}

impl Builder {
    fn page_log2(&self) -> u32 {
        self.arch().page_size_log2().into()
    }

    /// The binary logarithm of the smallest space of pages that holds an offset.
    fn l2off(&self, offset: u64) -> u32 {
        bit_length(offset).max(self.page_log2())
    }

    /// A capability to the same memory at `offset`: with a guard, and below GPTs where the 24 bits of a guard
    /// are not enough. `l2arg` is the binary logarithm of the size that it is to cover at most, 0 for its own
    /// size.
    ///
    /// # Errors
    /// [`SpaceError::NotMemory`], [`SpaceError::Size`], [`SpaceError::Unaligned`], and those of
    /// [`alloc`](Self::alloc).
    pub fn guarded(
        &mut self,
        bank: Capability,
        cap: Capability,
        offset: u64,
        l2arg: u32,
    ) -> Result<Capability, SpaceError> {
        self.atomically(|builder| builder.guard(bank, cap, offset, l2arg))
    }

    fn guard(
        &mut self,
        bank: Capability,
        mut cap: Capability,
        mut offset: u64,
        l2arg: u32,
    ) -> Result<Capability, SpaceError> {
        let kind = cap.cap_type();
        if kind == CapType::NULL {
            return Ok(cap);
        }
        if !kind.is_memory() {
            return Err(SpaceError::NotMemory(kind));
        }
        if l2arg != 0 && l2arg < self.page_log2() {
            return Err(SpaceError::Size { l2: l2arg, page: self.arch().page_size_log2() });
        }
        cap.set_guard_match(0);
        let l2 = if l2arg == 0 { cap.l2g().into() } else { l2arg };
        if lo(offset, l2) != 0 {
            return Err(SpaceError::Unaligned { address: offset, l2 });
        }
        if u32::from(cap.l2g()) > l2 {
            cap.set_l2g(l2_field(l2)?);
        }
        while offset != 0 {
            let l2g = u32::from(cap.l2g());
            if lo(offset, l2g) != 0 {
                return Err(SpaceError::Inconsistent("an offset has bits below the guard"));
            }
            let [a, b, c, ..] = shr(offset, l2g).to_le_bytes();
            cap.set_guard_match(u32::from_le_bytes([a, b, c, 0]));
            offset &= !shl(cap.guard_match().into(), l2g);
            if offset == 0 {
                break;
            }
            let l2v = l2g.saturating_add(24) & 0x3f;
            let above = l2v.saturating_add(4).min(u64::BITS);
            let (mut gpt, oid) = self.new_gpt(bank, l2_field(l2v)?, l2_field(above)?)?;
            gpt.set_restr(cap.restr().without(Restr::OP));
            let slot = index(lo(shr(offset, l2v), above.saturating_sub(l2v)))?;
            *self.gpt_slot_mut(oid, slot)?.ok_or(LOST)? = cap;
            offset = hi(offset, above);
            cap = gpt;
        }
        Ok(cap)
    }

    /// Makes a GPT's slots cover at least 2^`l2arg` bytes, and include `offset`.
    fn split(&mut self, bank: Capability, gpt: usize, offset: u64, l2arg: u32) -> Result<(), SpaceError> {
        let state = self.gpt_at(gpt)?;
        let (l2v, l2slots) = (u32::from(state.l2v), state.l2slots());
        let top = l2v.saturating_add(l2slots);
        let fits = hi(offset, top) == 0;
        if l2v >= l2arg && fits {
            return Ok(());
        }
        let new_l2v = if fits {
            l2arg
        } else {
            let wanted = l2v.saturating_add(r4(self.l2off(offset).saturating_sub(l2v)));
            let new_top = wanted.min(u64::BITS);
            let new_l2v = new_top.saturating_sub(l2slots).max(l2arg);
            if hi(offset, new_top) != 0 || new_l2v >= new_top {
                return Err(SpaceError::Inconsistent("a GPT cannot cover the address"));
            }
            new_l2v
        };
        if new_l2v <= l2v {
            return Err(SpaceError::Inconsistent("a GPT that covers too little cannot be extended"));
        }
        let old = self.gpt_caps(gpt).ok_or(LOST)?;
        let slots = 1_u64 << l2slots;
        let mut new = [Capability::NULL; GPT_SLOTS];
        for (j, place) in (0..slots).zip(&mut new) {
            let base = shl(j, new_l2v);
            if shr(base, new_l2v) != j || hi(base, top) != 0 {
                continue;
            }
            let count = slots.min(shr(shl(1, new_l2v), l2v));
            let first = index(shr(base, l2v))?;
            let group = old.get(first..).unwrap_or_default();
            let group = group.get(..usize::try_from(count).unwrap_or(GPT_SLOTS)).ok_or(LOST)?;
            *place = self.gather(bank, group, l2v)?;
        }
        let len = usize::try_from(slots).unwrap_or(GPT_SLOTS);
        let new_l2v = l2_field(new_l2v & 0x3f)?;
        self.replace_gpt(gpt, new_l2v, new.get(..len).unwrap_or_default())
    }

    /// One capability that replaces several adjacent ones of 2^`l2v` bytes each.
    fn gather(&mut self, bank: Capability, group: &[Capability], l2v: u32) -> Result<Capability, SpaceError> {
        let mut live = (0_u64..).zip(group).filter(|(_, cap)| cap.cap_type() != CapType::NULL);
        let Some((k, &cap)) = live.next() else { return Ok(Capability::NULL) };
        if live.next().is_none() && cap.cap_type().is_memory() && hi(cap.guard(), l2v) == 0 {
            let l2 = l2v.min(cap.l2g().into());
            return self.guard(bank, cap, cap.guard() | shl(k, l2v), l2);
        }
        let l2g = l2v.saturating_add(4).min(u64::BITS);
        // There are never any restrictions: the original intersects those of the parts with an empty set.
        let (cap, gpt) = self.new_gpt(bank, l2_field(l2v)?, l2_field(l2g)?)?;
        let l2v = l2_field(l2v)?;
        // Only the type of a Null capability is compared: the other contents of its slot do not matter, and
        // are kept.
        self.replace_gpt(gpt, l2v, group)?;
        Ok(cap)
    }

    fn gpt_at(&self, gpt: usize) -> Result<crate::object::GptAttrs, SpaceError> {
        GptSource::gpt_state(self, gpt as u64).ok_or(LOST)
    }

    fn read(&self, root: &Capability, at: SlotRef) -> Option<Capability> {
        match at {
            SlotRef::Root => Some(*root),
            SlotRef::Gpt { gpt, slot } => self.gpt_caps(gpt)?.get(slot).copied(),
        }
    }

    fn put(&mut self, root: &mut Capability, at: SlotRef, cap: Capability) -> Result<(), SpaceError> {
        let place = match at {
            SlotRef::Root => root,
            SlotRef::Gpt { gpt, slot } => self.gpt_slot_mut(gpt, slot)?.ok_or(LOST)?,
        };
        *place = cap;
        Ok(())
    }

    /// Removes from a capability on the path all restrictions that what is mapped below it does not have.
    fn mask(&mut self, root: &mut Capability, at: SlotRef, restr: Restr) -> Result<(), SpaceError> {
        let mut cap = self.read(root, at).ok_or(LOST)?;
        let masked = cap.restr().and(restr.with(Restr::OP));
        if masked == cap.restr() {
            return Ok(());
        }
        cap.set_restr(masked);
        self.put(root, at, cap)
    }

    /// Makes room for 2^`l2arg` bytes at `offset`: returns the slot, and the remaining offset in it.
    fn slot(
        &mut self,
        bank: Capability,
        root: &mut Capability,
        mut offset: u64,
        l2arg: u32,
        restr: Restr,
    ) -> Result<(SlotRef, u64), SpaceError> {
        if l2arg < self.page_log2() || l2arg > u64::BITS {
            return Err(SpaceError::Size { l2: l2arg, page: self.arch().page_size_log2() });
        }
        if lo(offset, l2arg) != 0 {
            return Err(SpaceError::Unaligned { address: offset, l2: l2arg });
        }
        let mut way = [SlotRef::Root; MAX_DEPTH];
        let mut depth = 0;
        let mut at = SlotRef::Root;
        let (found, left) = loop {
            let space = self.read(root, at).ok_or(LOST)?;
            let kind = space.cap_type();
            if kind == CapType::NULL {
                break (at, offset);
            }
            if !kind.is_memory() {
                return Err(SpaceError::NotMemory(kind));
            }
            let l2s = l2arg.max(space.l2g().into());
            if hi(offset ^ space.guard(), l2s) != 0 {
                break self.widen(bank, root, at, offset, l2s, restr)?;
            }
            if u32::from(space.l2g()) <= l2arg {
                break (at, offset);
            }
            offset = lo(offset, space.l2g().into());
            if kind != CapType::GPT {
                return Err(SpaceError::Indivisible(kind));
            }
            let gpt = self.index(space, ObjectType::Gpt)?;
            self.split(bank, gpt, offset, l2arg)?;
            let state = self.gpt_at(gpt)?;
            let l2v = u32::from(state.l2v);
            let slot = shr(offset, l2v);
            if l2v < l2arg || shr(slot, state.l2slots()) != 0 {
                return Err(SpaceError::Inconsistent(
                    "a GPT was split, but still does not cover the address",
                ));
            }
            *way.get_mut(depth).ok_or(SpaceError::TooDeep)? = at;
            depth = depth.saturating_add(1);
            at = SlotRef::Gpt { gpt, slot: index(slot)? };
            offset = lo(offset, l2v);
            if l2v == l2arg {
                break (at, offset);
            }
        };
        for &at in way.get(..depth).unwrap_or_default().iter().rev() {
            self.mask(root, at, restr)?;
        }
        Ok((found, left))
    }

    /// Adds a GPT above a space that does not include the offset.
    fn widen(
        &mut self,
        bank: Capability,
        root: &mut Capability,
        at: SlotRef,
        offset: u64,
        l2s: u32,
        restr: Restr,
    ) -> Result<(SlotRef, u64), SpaceError> {
        let mut space = self.read(root, at).ok_or(LOST)?;
        let guard = space.guard();
        let difference = hi(offset ^ guard, l2s);
        let l2g = u32::from(space.l2g());
        let new_l2g = l2g.saturating_add(r4(self.l2off(difference).saturating_sub(l2g))).min(u64::BITS);
        let l2v = new_l2g.saturating_sub(4).max(l2s);
        if hi(offset ^ guard, new_l2g) != 0 || l2v >= new_l2g {
            return Err(SpaceError::Inconsistent("no GPT covers both the space and the address"));
        }
        let (mut cap, gpt) = self.new_gpt(bank, l2_field(l2v & 0x3f)?, l2_field(new_l2g)?)?;
        cap.set_restr(restr.and(space.restr().with(Restr::OP)));
        let l2slots = new_l2g.saturating_sub(l2v);
        let old_slot = index(lo(shr(guard, l2v), l2slots))?;
        let slot = index(lo(shr(offset, l2v), l2slots))?;
        if old_slot == slot {
            return Err(SpaceError::Inconsistent("the space and the address share a slot"));
        }
        space.set_guard_match(0);
        let old = self.guard(bank, space, lo(guard, l2v), 0)?;
        *self.gpt_slot_mut(gpt, old_slot)?.ok_or(LOST)? = old;
        let new_root = self.guard(bank, cap, hi(guard, new_l2g), 0)?;
        self.put(root, at, new_root)?;
        Ok((SlotRef::Gpt { gpt, slot }, lo(offset, l2v)))
    }

    /// Maps `sub` into a space at `address` and returns the root of the space, which may be a new one. What
    /// was mapped there is replaced; Null unmaps. `l2arg` is the binary logarithm of the number of bytes to
    /// cover, 0 for the `l2g` of `sub` (a page for Null). New GPTs are charged to `bank`.
    ///
    /// # Errors
    /// [`SpaceError`]; the builder is unchanged.
    pub fn add(
        &mut self,
        bank: Capability,
        space: Capability,
        address: u64,
        sub: Capability,
        l2arg: u32,
    ) -> Result<Capability, SpaceError> {
        let kind = sub.cap_type();
        if !kind.is_memory() && kind != CapType::NULL {
            return Err(SpaceError::NotMemory(kind));
        }
        let null = kind == CapType::NULL;
        let own = if null { self.page_log2() } else { sub.l2g().into() };
        let l2arg = if l2arg == 0 { own } else { l2arg };
        let restr =
            if null { Restr::RO.with(Restr::NX).with(Restr::WK) } else { sub.restr().without(Restr::OP) };
        self.atomically(|builder| {
            let mut root = space;
            let (at, left) = builder.slot(bank, &mut root, address, l2arg, restr)?;
            let cap = builder.guard(bank, sub, left, l2arg)?;
            builder.put(&mut root, at, cap)?;
            Ok(root)
        })
    }
}
