//! What lies where: in the file, and in the memory that it becomes.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// What bytes are for. Upper case is what stays in the file, lower case what becomes memory; `0`, `-` and `x` take no byte
/// of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Headers.
    Header,
    /// Machine code.
    Code,
    /// Machine code of an a.out file, which calls it text.
    Text,
    /// The second segment of text.
    FarText,
    /// Data that is only read.
    ReadOnly,
    /// Data with values.
    Data,
    /// Memory that begins as zeros.
    Zeroed,
    /// Memory that a program allocates from.
    Heap,
    /// The stack.
    Stack,
    /// Arguments and environment.
    Arguments,
    /// Room that is needed only while a file is loaded.
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
    /// What no part of the format claims.
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

    /// The letter that stands for it in every picture.
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

/// Bytes of a file or of memory that have one use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The use, in the format's words.
    pub name: Cow<'static, str>,
    /// The use, as pictures show it.
    pub role: Role,
    /// The first byte.
    pub start: u64,
    /// One past the last byte. It may lie beyond the end of a file that was cut short.
    pub end: u64,
    /// Of bytes of a file: the memory that they become, as its index in [`View::memory`](crate::View::memory), the first
    /// address and the one past the last.
    pub becomes: Option<(usize, u64, u64)>,
}

impl Region {
    /// `size` bytes from `start` on.
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, role: Role, start: u64, size: u64) -> Self {
        Self { name: name.into(), role, start, end: start.saturating_add(size), becomes: None }
    }

    /// From one byte to before another; nothing where that is not after it.
    pub(crate) fn between(name: impl Into<Cow<'static, str>>, role: Role, (start, end): (u64, u64)) -> Self {
        Self::new(name, role, start, end.saturating_sub(start))
    }

    /// The same with the memory that it becomes: `size` bytes from `start` on.
    pub(crate) fn becoming(self, memory: usize, start: u64, size: u64) -> Self {
        Self { becomes: Some((memory, start, start.saturating_add(size))), ..self }
    }

    /// The number of its bytes.
    pub const fn len(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// True for no bytes.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A run of memory, from address 0 on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// What it is, with its size.
    pub title: String,
    /// The same in a word: a segment register, a segment's number, or the root of an address space as users write it.
    pub short: Cow<'static, str>,
    /// Its length in bytes.
    pub length: u64,
    /// What it is given out in, in bytes: pages or paragraphs.
    pub page: u64,
    /// What lies in it. Later ones lie on top of earlier ones.
    pub regions: Vec<Region>,
    /// How its pages may be used, where that differs.
    pub pages: Option<Pages>,
    /// Of an address space that is a tree: its nodes and what they map, from the root on.
    pub tree: Vec<Branch>,
    /// Whether `tree` has all of them: a hostile tree has no end.
    pub is_whole: bool,
}

impl Memory {
    /// Its regions in the order of addresses, and what none of them takes. Of an address space that is a tree only what is
    /// mapped: its holes are as large as the space.
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

/// How the pages of a memory may be used, as runs of page numbers: the first and the last of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Pages that can be mapped read-only.
    pub read_only: Vec<(u64, u64)>,
    /// Pages with parts of several segments.
    pub shared: Vec<(u64, u64)>,
}

impl Pages {
    /// Whether all pages from one to another are read-only.
    pub fn are_read_only(&self, first: u64, last: u64) -> bool {
        covers(&self.read_only, first, last)
    }

    /// Whether all pages from one to another are shared.
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
    /// How far it is from the root.
    pub depth: usize,
    /// The node, or what is mapped.
    pub text: String,
    /// What is mapped; `None` for a node.
    pub leaf: Option<Leaf>,
}

/// What a leaf of such a tree maps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The first address.
    pub start: u64,
    /// One past the last address, which may not fit 64 bits.
    pub end: u128,
    /// The rights in effect, such as `r-x`.
    pub rights: String,
    /// What may be done there, as pictures show it.
    pub role: Role,
}

/// The regions that are not empty, in order, and what up to `length` none of them takes.
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
