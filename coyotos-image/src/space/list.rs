//! The address spaces of an image: those of its processes, and those that nothing uses yet.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{SpaceError, WalkLimits, leaf, walk};
use crate::capability::{CapType, Capability, Restr};
use crate::image::Image;
use crate::object::{ObjectId, ObjectType, Slot};

/// An address space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// The root.
    pub root: Capability,
    /// The OIDs of the processes that run in it; none for a space that no process uses.
    pub processes: Vec<u64>,
}

/// What a space maps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Number of leaves.
    pub leaves: u64,
    /// The lowest address that is mapped.
    pub first: Option<u64>,
    /// One past the last address that is mapped.
    pub end: u128,
    /// Why the walk ended early, if it did.
    pub error: Option<SpaceError>,
}

impl<'a> Image<'a> {
    /// All address spaces: first those of processes, in the order of the processes; then one for every GPT
    /// that neither a GPT nor a process refers to. A process whose space is not memory has none.
    pub fn spaces(&self) -> Vec<Space> {
        let mut spaces: Vec<Space> = Vec::new();
        let mut known = BTreeMap::new();
        for (oid, root) in self.process_spaces() {
            let index = *known.entry(root.words()).or_insert(spaces.len());
            if index == spaces.len() {
                spaces.push(Space { root, processes: Vec::new() });
            }
            if let Some(space) = spaces.get_mut(index) {
                space.processes.push(oid);
            }
        }
        spaces.extend(self.unused_roots().map(|root| Space { root, processes: Vec::new() }));
        spaces
    }

    /// Processes that have an address space: OID and root.
    pub fn process_spaces(&self) -> impl Iterator<Item = (u64, Capability)> + use<'a> {
        let image = *self;
        let roots = (0..u64::from(self.count(ObjectType::Process))).filter_map(move |oid| {
            let id = ObjectId { object_type: ObjectType::Process, oid };
            Some((oid, image.capability(id, Slot::AddrSpace)?))
        });
        roots.filter(|(_, root)| root.cap_type().is_memory())
    }

    /// Capabilities to the GPTs that neither another GPT nor a process, as its space, refers to.
    pub fn unused_roots(&self) -> impl Iterator<Item = Capability> + use<'a> {
        let image = *self;
        let gpts = u64::from(self.count(ObjectType::Gpt));
        let mut used = alloc::vec![false; usize::try_from(gpts).unwrap_or_default()];
        let slots =
            (0..gpts).flat_map(|oid| image.capabilities(ObjectId { object_type: ObjectType::Gpt, oid }));
        let named = slots.map(|(_, cap)| cap).chain(self.process_spaces().map(|(_, cap)| cap));
        for cap in named.filter(|cap| cap.cap_type() == CapType::GPT) {
            if let Some(used) = usize::try_from(cap.oid()).ok().and_then(|oid| used.get_mut(oid)) {
                *used = true;
            }
        }
        (0..gpts).zip(used).filter(|(_, used)| !used).filter_map(move |(oid, _)| image.root_of_gpt(oid))
    }

    /// A capability that covers everything that a GPT maps.
    pub fn root_of_gpt(&self, oid: u64) -> Option<Capability> {
        let attrs = self.gpt(oid)?;
        let mut root = Capability::new(CapType::GPT, self.arch().page_size_log2(), oid);
        let l2 = u32::from(attrs.l2v).saturating_add(attrs.l2slots());
        root.set_l2g(u8::try_from(l2.min(u64::BITS)).unwrap_or_default());
        Some(root)
    }

    /// What a space maps, within the [limits](Self::walk_limits) for one walk.
    pub fn summary(&self, root: Capability) -> Summary {
        let mut summary = Summary::default();
        for mapping in walk(self, root, self.walk_limits()).pages() {
            match mapping {
                Ok(mapping) => {
                    summary.leaves = summary.leaves.saturating_add(1);
                    summary.first.get_or_insert(mapping.address);
                    summary.end = mapping.end();
                }
                Err(error) => summary.error = Some(error),
            }
        }
        summary
    }

    /// Whether an address of a space is mapped to an executable page.
    pub fn is_executable(&self, space: Capability, address: u64) -> bool {
        let leaf = leaf(self, space, address);
        leaf.is_ok_and(|leaf| leaf.capability.cap_type() == CapType::PAGE && !leaf.restr.contains(Restr::NX))
    }

    /// The limits for a walk of one space: a well-formed tree enters each GPT once.
    pub fn walk_limits(&self) -> WalkLimits {
        WalkLimits { gpts: u64::from(self.count(ObjectType::Gpt)).saturating_mul(2).saturating_add(1024) }
    }
}
