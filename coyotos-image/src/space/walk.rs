use super::{GptSource, MAX_DEPTH, SpaceError};
use crate::bits::{shl, shr};
use crate::capability::{CapType, Capability, Restr};
use crate::object::GptAttrs;

/// A leaf of an address space and the address at which it is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Its first address.
    pub address: u64,
    /// The binary logarithm of the number of bytes reachable through it: that of a page, in a well-formed
    /// tree.
    pub l2_size: u8,
    /// The Page, CapPage or window.
    pub capability: Capability,
    /// The effective restrictions: those of all capabilities on the path, without OP; WK adds RO.
    pub restr: Restr,
}

impl Mapping {
    /// One past the last address; beyond 64 bits at most by one.
    pub const fn end(&self) -> u128 {
        let size = match 1_u128.checked_shl(self.l2_size as u32) {
            Some(size) => size,
            None => 0,
        };
        (self.address as u128).saturating_add(size)
    }
}

/// A step of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// A GPT is entered; its slots follow.
    Gpt {
        /// The capability to the GPT, with the restrictions accumulated up to here.
        mapping: Mapping,
        /// Its fields.
        state: GptAttrs,
        /// Number of GPTs above it.
        depth: usize,
    },
    /// A leaf.
    Leaf {
        /// What is mapped.
        mapping: Mapping,
        /// Number of GPTs above it.
        depth: usize,
    },
}

/// The limits of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkLimits {
    /// Maximum number of GPTs that are entered, counting repeated visits.
    pub gpts: u64,
}

impl Default for WalkLimits {
    /// Sixteen million GPTs: a well-formed tree with as many pages as an image can hold has a hundred
    /// thousand.
    fn default() -> Self {
        Self { gpts: 1 << 24 }
    }
}

#[derive(Clone, Copy)]
struct Level {
    /// The GPT.
    oid: u64,
    /// Its first address.
    address: u64,
    state: GptAttrs,
    /// The next slot.
    slot: u32,
    /// The binary logarithm of the number of bytes reachable through the GPT.
    l2_size: u32,
    restr: Restr,
}

const NO_LEVEL: Level = Level {
    oid: 0,
    address: 0,
    state: GptAttrs { l2v: 0, ha: false, bg: false },
    slot: 0,
    l2_size: 0,
    restr: Restr::NONE,
};

/// A walk over an address space, in ascending order of addresses. Allocates nothing.
///
/// A tree that shares GPTs maps them as often as it refers to them; a hostile one may refer to them so often
/// that a walk would never end, or contain a cycle. The walk then ends with an error:
/// [`SpaceError::TooDeep`], or [`SpaceError::TooMany`] for more GPTs than [`WalkLimits`] allows.
pub struct Walk<'s, S> {
    source: &'s S,
    levels: [Level; MAX_DEPTH],
    depth: usize,
    root: Option<Capability>,
    budget: u64,
    failed: bool,
}

/// Walks an address space. See [`Walk`]; [`Walk::pages`] returns only the leaves.
pub fn walk<S: GptSource>(source: &S, space: Capability, limits: WalkLimits) -> Walk<'_, S> {
    let levels = [NO_LEVEL; MAX_DEPTH];
    Walk { source, levels, depth: 0, root: Some(space), budget: limits.gpts, failed: false }
}

impl<'s, S: GptSource> Walk<'s, S> {
    /// The leaves only: every mapped page with its address and effective restrictions.
    pub fn pages(self) -> impl Iterator<Item = Result<Mapping, SpaceError>> + use<'s, S> {
        self.filter_map(|visit| match visit {
            Ok(Visit::Leaf { mapping, .. }) => Some(Ok(mapping)),
            Ok(Visit::Gpt { .. }) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// Number of GPTs that may still be entered.
    pub(crate) const fn budget(&self) -> u64 {
        self.budget
    }

    fn level(&mut self) -> Option<&mut Level> {
        self.levels.get_mut(self.depth.checked_sub(1)?)
    }

    /// Visits a capability through which 2^`room` bytes from `address` on are reachable.
    fn visit(
        &mut self,
        cap: Capability,
        address: u64,
        room: u32,
        above: Restr,
    ) -> Result<Option<Visit>, SpaceError> {
        let kind = cap.cap_type();
        if kind == CapType::NULL {
            return Ok(None);
        }
        if !kind.is_memory() {
            return Err(SpaceError::NotMemory(kind));
        }
        let (l2g, bits) = (u32::from(cap.l2g()), u64::from(cap.guard_match()));
        // A guard beyond what the slot covers, or beyond 64 bits, matches no address.
        let guard = shl(bits, l2g);
        if shr(guard, room) != 0 || shr(guard, l2g) != bits {
            return Ok(None);
        }
        let address = address | guard;
        let size = l2g.min(room);
        let mut restr = above.with(cap.restr().without(Restr::OP));
        if restr.contains(Restr::WK) {
            restr = restr.with(Restr::RO);
        }
        let l2_size = u8::try_from(size).unwrap_or(u8::MAX);
        let (mapping, depth) = (Mapping { address, l2_size, capability: cap, restr }, self.depth);
        if kind != CapType::GPT {
            return Ok(Some(Visit::Leaf { mapping, depth }));
        }
        let missing =
            SpaceError::NoSuchObject { cap_type: kind, oid: cap.oid(), count: self.source.gpt_count() };
        let state = self.source.gpt_state(cap.oid()).ok_or(missing)?;
        self.budget = self.budget.checked_sub(1).ok_or(SpaceError::TooMany)?;
        let level = self.levels.get_mut(depth).ok_or(SpaceError::TooDeep)?;
        *level = Level { oid: cap.oid(), address, state, slot: 0, l2_size: size, restr };
        self.depth = depth.saturating_add(1);
        Ok(Some(Visit::Gpt { mapping, state, depth }))
    }

    fn step(&mut self) -> Result<Option<Visit>, SpaceError> {
        if let Some(root) = self.root.take() {
            return self.visit(root, 0, u64::BITS, Restr::NONE);
        }
        let Some(level) = self.level() else { return Ok(None) };
        let (slot, l2v) = (level.slot, u32::from(level.state.l2v));
        let base = shl(slot.into(), l2v);
        // Slots beyond the GPT's own, and those whose addresses do not match its guard, are never reached.
        let lost = shr(base, l2v) != u64::from(slot) || shr(base, level.l2_size) != 0;
        if shr(slot.into(), level.state.l2slots()) != 0 || lost {
            self.depth = self.depth.saturating_sub(1);
            return Ok(None);
        }
        level.slot = slot.saturating_add(1);
        let (oid, address, room, restr) =
            (level.oid, level.address | base, l2v.min(level.l2_size), level.restr);
        let missing =
            SpaceError::NoSuchObject { cap_type: CapType::GPT, oid, count: self.source.gpt_count() };
        let cap = self.source.gpt_slot(oid, slot).ok_or(missing)?;
        self.visit(cap, address, room, restr)
    }
}

impl<S: GptSource> Iterator for Walk<'_, S> {
    type Item = Result<Visit, SpaceError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.failed && (self.depth > 0 || self.root.is_some()) {
            match self.step() {
                Ok(Some(visit)) => return Some(Ok(visit)),
                Ok(None) => {}
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
