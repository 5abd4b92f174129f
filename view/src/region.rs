//! The layout of the file, and of the memory it is loaded into.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// The purpose of bytes. Upper-case letters denote what remains in the file, lower-case ones what
/// is loaded into memory; `0`, `-` and `x` take no bytes of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Headers.
    Header,
    /// Machine code.
    Code,
    /// Machine code of an a.out file, where it is called text.
    Text,
    /// The second text segment.
    FarText,
    /// Read-only data.
    ReadOnly,
    /// Initialised data.
    Data,
    /// Zeroed memory.
    Zeroed,
    /// Memory from which a program allocates.
    Heap,
    /// The stack.
    Stack,
    /// Arguments and environment.
    Arguments,
    /// Memory needed only while a file is loaded.
    Spare,
    /// Memory between heap and stack.
    Gap,
    /// Relocations.
    Relocations,
    /// Symbols and their names.
    Symbols,
    /// Other tables.
    Tables,
    /// Pages of data of a Coyotos image.
    Pages,
    /// Pages of capabilities.
    CapPages,
    /// Nodes of address spaces.
    Gpts,
    /// Processes.
    Processes,
    /// Endpoints.
    Endpoints,
    /// Bytes that belong to no part of the format.
    Unclaimed,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Header,
        Self::Code,
        Self::Text,
        Self::FarText,
        Self::ReadOnly,
        Self::Data,
        Self::Zeroed,
        Self::Heap,
        Self::Stack,
        Self::Arguments,
        Self::Spare,
        Self::Gap,
        Self::Relocations,
        Self::Symbols,
        Self::Tables,
        Self::Pages,
        Self::CapPages,
        Self::Gpts,
        Self::Processes,
        Self::Endpoints,
        Self::Unclaimed,
    ];

    /// The letter that represents it in every picture.
    pub const fn letter(self) -> char {
        match self {
            Self::Header => 'H',
            Self::Code => 'c',
            Self::Text => 't',
            Self::FarText => 'f',
            Self::ReadOnly => 'r',
            Self::Data => 'd',
            Self::Zeroed => '0',
            Self::Heap => 'h',
            Self::Stack => 's',
            Self::Arguments => 'a',
            Self::Spare => 'x',
            Self::Gap => '-',
            Self::Relocations => 'R',
            Self::Symbols => 'S',
            Self::Tables => 'T',
            Self::Pages => 'p',
            Self::CapPages => 'C',
            Self::Gpts => 'G',
            Self::Processes => 'P',
            Self::Endpoints => 'E',
            Self::Unclaimed => '?',
        }
    }
}

/// Bytes of a file or of memory with one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The purpose, in the format's terms.
    pub name: Cow<'static, str>,
    /// The purpose, as pictures show it.
    pub role: Role,
    /// The first byte.
    pub start: u64,
    /// One past the last byte. It may be past the end of a file that was cut short.
    pub end: u64,
    /// For bytes of a file: the memory that they become, as its index in
    /// [`View::memory`](crate::View::memory), its first address and one past its last address.
    pub becomes: Option<(usize, u64, u64)>,
}

impl Region {
    /// `size` bytes from `start` on.
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, role: Role, start: u64, size: u64) -> Self {
        Self { name: name.into(), role, start, end: start.saturating_add(size), becomes: None }
    }

    /// From one offset up to another, exclusive; empty if the second is not larger.
    pub(crate) fn between(name: impl Into<Cow<'static, str>>, role: Role, (start, end): (u64, u64)) -> Self {
        Self::new(name, role, start, end.saturating_sub(start))
    }

    /// The same, with the memory it is loaded into: `size` bytes from `start` on.
    pub(crate) fn becoming(self, memory: usize, start: u64, size: u64) -> Self {
        Self { becomes: Some((memory, start, start.saturating_add(size))), ..self }
    }

    /// Its length in bytes.
    pub const fn len(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// True for a region without bytes.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A run of memory, from address 0 on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// A description, with its size.
    pub title: String,
    /// A short name: a segment register, a segment's number, or the root of an address space as users write
    /// it.
    pub short: Cow<'static, str>,
    /// Its length in bytes.
    pub length: u64,
    /// The unit of allocation, in bytes: a page or a paragraph.
    pub page: u64,
    /// Its regions. Later ones cover earlier ones.
    pub regions: Vec<Region>,
    /// The rights of its pages, where they differ.
    pub pages: Option<Pages>,
    /// For an address space that is a tree: its nodes and what they map, from the root on.
    pub tree: Vec<Branch>,
    /// Whether `tree` is complete: a hostile tree is endless.
    pub is_whole: bool,
}

impl Memory {
    /// Its regions in address order, and the gaps between them. For an address space that is a tree only what
    /// is mapped: its gaps are as large as the space.
    pub fn parts(&self) -> Vec<Region> {
        let holes = if self.tree.is_empty() { self.length } else { 0 };
        with_gaps(&self.regions, holes, ("nothing", Role::Gap))
    }

    pub(crate) fn new(
        title: String,
        short: impl Into<Cow<'static, str>>,
        (length, page): (u64, u64),
        regions: Vec<Region>,
    ) -> Self {
        Self {
            title,
            short: short.into(),
            length,
            page,
            regions,
            pages: None,
            tree: Vec::new(),
            is_whole: true,
        }
    }
}

/// The rights of the pages of a memory, as runs of page numbers: the first and the last of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Pages that can be mapped read-only.
    pub read_only: Vec<(u64, u64)>,
    /// Pages with parts of several segments.
    pub shared: Vec<(u64, u64)>,
}

impl Pages {
    /// Whether all pages of a range are read-only.
    pub fn are_read_only(&self, first: u64, last: u64) -> bool {
        covers(&self.read_only, first, last)
    }

    /// Whether all pages of a range are shared.
    pub fn are_shared(&self, first: u64, last: u64) -> bool {
        covers(&self.shared, first, last)
    }
}

fn covers(runs: &[(u64, u64)], first: u64, last: u64) -> bool {
    runs.iter().any(|&(from, to)| from <= first && last <= to)
}

/// A row of an address space that is a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its depth below the root.
    pub depth: usize,
    /// The node, or what is mapped.
    pub text: String,
    /// What is mapped; `None` for a node.
    pub leaf: Option<Leaf>,
}

/// A leaf of such a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The first address.
    pub start: u64,
    /// One past the last address, which may not fit into 64 bits.
    pub end: u128,
    /// The effective rights, such as `r-x`.
    pub rights: String,
    /// What a program may do there, as pictures show it.
    pub role: Role,
}

/// The regions that are not empty, in order, and the gaps up to `length`.
pub(crate) fn with_gaps(regions: &[Region], length: u64, (name, role): (&'static str, Role)) -> Vec<Region> {
    let mut sorted: Vec<&Region> = regions.iter().filter(|region| !region.is_empty()).collect();
    sorted.sort_by_key(|region| (region.start, region.end));
    let (mut parts, mut reached) = (Vec::new(), 0);
    for region in sorted {
        let gap = Region::between(name, role, (reached, region.start.min(length)));
        parts.extend(Some(gap).filter(|gap| !gap.is_empty()));
        reached = region.end.max(reached);
        parts.push(region.clone());
    }
    let gap = Region::between(name, role, (reached, length));
    parts.extend(Some(gap).filter(|gap| !gap.is_empty()));
    parts
}
