//! Symbol resolution: which object defines each symbol, and which members of archives are needed.

use std::collections::BTreeMap;

use super::object_file::{Definition, ObjectFile, Symbol, is_archive, members};
use super::{Input, LinkError};

/// The definition of a global name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    /// Nothing yet.
    Undefined,
    /// A symbol of an object.
    Defined { object: usize, symbol: usize, weak: bool },
    /// Zeroed data; the object is the one that requests the largest size.
    Common { object: usize, symbol: usize, size: u64, align: u64 },
}

#[derive(Debug, Default)]
pub(super) struct Resolved<'a> {
    pub(super) objects: Vec<ObjectFile<'a>>,
    pub(super) globals: BTreeMap<&'a str, Global>,
    /// Common symbols that were merged: the name, and the objects in order.
    pub(super) met: Vec<(&'a str, usize, usize)>,
}

impl<'a> Resolved<'a> {
    /// Adds the objects in order; from archives, those members that define a symbol undefined by then.
    pub(super) fn new(
        inputs: &'a [Input<'_>],
        wanted: impl Iterator<Item = &'a str>,
    ) -> Result<Self, LinkError> {
        let mut resolved = Self::default();
        resolved.globals.extend(wanted.map(|name| (name, Global::Undefined)));
        let mut runtime = Vec::new();
        for input in inputs {
            if is_archive(input.bytes) {
                let read = |(name, bytes)| match ObjectFile::parse(name, bytes) {
                    // An archive may contain a text file, which ld allows too.
                    Err(LinkError::NotAnObject { .. }) => None,
                    object => Some(object),
                };
                let objects = members(&input.name, input.bytes)?.into_iter().filter_map(read);
                resolved.add_needed(objects.collect::<Result<_, _>>()?)?;
            } else {
                let mut object = ObjectFile::parse(input.name.clone(), input.bytes)?;
                object.runtime = input.runtime;
                if input.runtime { runtime.push(object) } else { resolved.add(object)? }
            }
        }
        resolved.add_needed(runtime)?;
        if resolved.objects.is_empty() {
            return Err(LinkError::NoInput);
        }
        Ok(resolved)
    }

    /// The common symbols of each object, each with its alignment: in the order of GNU ld, which is that of
    /// its hash table; the first one gets the largest alignment of all. Programs of the time depend on neither,
    /// but one that writes past the end of its array then writes to the same neighbour.
    pub(super) fn commons(&self) -> BTreeMap<usize, Vec<(&'a str, u64)>> {
        let mut commons: BTreeMap<usize, Vec<(&'a str, u64)>> = BTreeMap::new();
        for (name, global) in &self.globals {
            if let Global::Common { object, align, .. } = *global {
                commons.entry(object).or_default().push((name, align));
            }
        }
        for all in commons.values_mut() {
            all.sort_by_key(|(name, _)| bucket(name));
            let most = all.iter().map(|&(_, align)| align).max();
            if let (Some(first), Some(most)) = (all.first_mut(), most) {
                first.1 = most;
            }
        }
        commons
    }

    fn add_needed(&mut self, objects: Vec<ObjectFile<'a>>) -> Result<(), LinkError> {
        let mut waiting: Vec<_> = objects.into_iter().map(Some).collect();
        loop {
            let mut found = false;
            for slot in &mut waiting {
                let needed = |symbol: &Symbol<'_>| {
                    symbol.global
                        && !matches!(
                            symbol.definition,
                            Definition::Undefined | Definition::Dropped | Definition::Common(..)
                        )
                        && self.globals.get(symbol.name) == Some(&Global::Undefined)
                };
                if slot.as_ref().is_some_and(|object| object.symbols.iter().any(needed)) {
                    if let Some(object) = slot.take() {
                        self.add(object)?;
                        found = true;
                    }
                }
            }
            if !found {
                return Ok(());
            }
        }
    }

    fn add(&mut self, object: ObjectFile<'a>) -> Result<(), LinkError> {
        if self.objects.first().is_some_and(|first| first.byte_order != object.byte_order) {
            return Err(LinkError::ByteOrders { file: object.name });
        }
        let index = self.objects.len();
        for (number, symbol) in object.symbols.iter().enumerate() {
            if !symbol.global || symbol.name.is_empty() {
                continue;
            }
            let known = self.globals.entry(symbol.name).or_insert(Global::Undefined);
            let weak = symbol.weak || object.runtime;
            if let Some(first) = meets(symbol.definition, *known, object.runtime) {
                self.met.push((symbol.name, first, index));
            }
            let new = Global::Defined { object: index, symbol: number, weak };
            match (symbol.definition, *known) {
                (Definition::Undefined | Definition::Dropped, _) => {}
                (Definition::Common(size, align), Global::Undefined | Global::Defined { weak: true, .. }) => {
                    *known = Global::Common { object: index, symbol: number, size, align };
                }
                (Definition::Common(..), Global::Defined { .. }) => {}
                (
                    Definition::Common(size, align),
                    Global::Common { object, symbol, size: old, align: old_align },
                ) => {
                    let align = align.max(old_align);
                    *known = if size > old {
                        Global::Common { object: index, symbol: number, size, align }
                    } else {
                        Global::Common { object, symbol, size: old, align }
                    };
                }
                (_, Global::Undefined) => *known = new,
                (_, Global::Common { .. } | Global::Defined { weak: true, .. }) if !weak => *known = new,
                (_, Global::Defined { object: first, weak: false, .. }) if !weak => {
                    let first = self
                        .objects
                        .get(first)
                        .map_or_else(|| object.name.clone(), |first| first.name.clone());
                    return Err(LinkError::Duplicate {
                        symbol: symbol.name.into(),
                        files: [first, object.name.clone()],
                    });
                }
                _ => {}
            }
        }
        self.objects.push(object);
        Ok(())
    }
}

/// The object whose symbol is merged with a new one, if one of the two is common.
fn meets(new: Definition, known: Global, runtime: bool) -> Option<usize> {
    match (new, known) {
        (_, Global::Common { object, .. })
            if !runtime && !matches!(new, Definition::Undefined | Definition::Dropped) =>
        {
            Some(object)
        }
        (Definition::Common(..), Global::Defined { object, weak: false, .. }) => Some(object),
        _ => None,
    }
}

/// The hash of the BFD library for a symbol: `bfd_hash_hash` in binutils' bfd/hash.c, and the size of its
/// tables. They grow only for programs larger than any of Nachos.
fn bucket(name: &str) -> u32 {
    const BUCKETS: u32 = 4051;
    let mix = |hash: u32, value: u32| {
        let sum = hash.wrapping_add(value).wrapping_add(value << 17);
        sum ^ sum >> 2
    };
    let letters = name.bytes().fold(0, |hash, byte| mix(hash, byte.into()));
    mix(letters, u32::try_from(name.len()).unwrap_or(u32::MAX)) % BUCKETS
}
