//! The format of Coyotos images implemented a second time, straight from its specification: what the reader, the checker and the
//! walk of spaces are compared with.

use coyotos_image::space::{GptSource, Mapping, SpaceError, Visit, WalkLimits, leaf, walk};
use coyotos_image::{Arch, ByteOrder, CapType, Capability, Image, Packing};

const fn small(name: &'static str, number: u32, order: ByteOrder, machines: &'static [u16]) -> Arch {
    match Arch::new(name, number, 7, order, machines) {
        Some(arch) => arch,
        None => panic!("an architecture may have pages of 128 bytes"),
    }
}

/// Pages of 128 bytes, so that whole images are small; ELF files as of i386 and x86-64.
pub const SMALL: Arch = small("small", 0x70, ByteOrder::Little, &[3, 62]);
/// As [`SMALL`], in big-endian byte order; ELF files as of m68k and s390.
pub const SMALL_BIG: Arch = small("small-big", 0x71, ByteOrder::Big, &[4, 22]);

/// The architectures that the targets know.
pub(crate) const ARCHS: [Arch; 5] = [Arch::I386, Arch::COLDFIRE, Arch::ARM, SMALL, SMALL_BIG];

/// The least number of bits that hold all addresses below 2^b.
pub(crate) const fn low(b: u32) -> u64 {
    if b >= 64 { u64::MAX } else { (1 << b) - 1 }
}

/// The bytes of an image as words.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) bytes: &'a [u8],
    big: bool,
    native: bool,
}

impl<'a> Words<'a> {
    pub(crate) fn of(image: &Image<'a>) -> Self {
        let big = image.arch().byte_order() == ByteOrder::Big;
        Self { bytes: image.bytes(), big, native: big && image.packing() == Packing::NativeBigEndian }
    }

    pub(crate) fn word(&self, at: usize, size: usize) -> u64 {
        let bytes = self.bytes[at..at + size].iter();
        let push = |word: u64, &byte: &u8| word << 8 | u64::from(byte);
        if self.big { bytes.fold(0, push) } else { bytes.rev().fold(0, push) }
    }

    /// A bit-field, by where the packing from the least significant bit on has it.
    pub(crate) fn field(&self, word_at: usize, low_bit: u32, width: u32) -> u64 {
        let shift = if self.native { 32 - low_bit - width } else { low_bit };
        self.word(word_at, 4) >> shift & low(width)
    }

    pub(crate) fn cap(&self, at: usize) -> Cap {
        Cap {
            kind: self.field(at, 0, 6),
            swizzled: self.field(at, 6, 1),
            restr: self.field(at, 7, 5),
            count: self.field(at, 12, 20),
            payload: self.word(at + 4, 4),
            l2g: self.field(at + 4, 0, 7) as u32,
            padding: self.field(at + 4, 7, 1),
            bits: self.field(at + 4, 8, 24),
            oid: self.word(at + 8, 8),
        }
    }
}

/// A capability's fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cap {
    pub(crate) kind: u64,
    swizzled: u64,
    restr: u64,
    count: u64,
    payload: u64,
    l2g: u32,
    padding: u64,
    bits: u64,
    oid: u64,
}

impl Cap {
    fn is_memory(&self) -> bool {
        matches!(self.kind, 1 | 2 | 0x21..=0x23)
    }

    /// Compares the fields with those that the library decoded.
    pub(crate) fn demand(&self, cap: Capability) {
        assert_eq!(u64::from(cap.cap_type().number()), self.kind);
        let word0 = (u64::from(cap.swizzled()), u64::from(cap.restr().bits()), u64::from(cap.alloc_count()));
        assert_eq!((word0, cap.oid()), ((self.swizzled, self.restr, self.count), self.oid), "{cap}");
        if self.is_memory() {
            let guard = (u32::from(cap.l2g()), u64::from(cap.guard_padding()), u64::from(cap.guard_match()));
            assert_eq!(guard, (self.l2g, self.padding, self.bits), "{cap}");
        } else {
            assert_eq!(u64::from(cap.prot_payload()), self.payload, "{cap}");
        }
    }

    /// How many of the original's rules 1 to 13 it breaks.
    pub(crate) fn broken(&self, counts: &Counts) -> usize {
        let Self { kind, restr, l2g, .. } = *self;
        let object = matches!(kind, 0x20..=0x24);
        let (window, memory) = (matches!(kind, 1 | 2), self.is_memory());
        let physical = kind == 0x21 && self.oid >= 0xff00_0000_0000_0000;
        let length = match kind {
            0x20 => counts.endpoints,
            0x21 if physical => u64::MAX,
            0x21 => counts.user_pages,
            0x22 => counts.cap_pages,
            0x23 => counts.gpts,
            _ => counts.processes,
        };
        let sized = (counts.page_log2..=64).contains(&l2g);
        let lost = l2g <= 64 && u128::from(self.bits) << l2g > u128::from(u64::MAX);
        [
            self.swizzled != 0,
            !matches!(kind, 0..=0x10 | 0x20..=0x25 | 0x3f),
            self.count != 0 && !object && kind != 1,
            self.oid != 0 && !object && !window && !matches!(kind, 0x3f | 0x25),
            object && self.oid >= length,
            !memory && restr != 0,
            !memory && !matches!(kind, 0x20 | 0x25 | 0x3f) && self.payload != 0,
            memory && restr & 0x18 != 0 && kind != 0x23 && !physical,
            memory && restr & 3 == 1,
            memory && !sized,
            memory && lost,
            window && self.oid & low(l2g) != 0,
            window && self.count > if kind == 1 { 15 } else { 0 },
        ]
        .into_iter()
        .filter(|&broken| broken)
        .count()
    }
}

/// What the rules compare capabilities with.
pub(crate) struct Counts {
    pub(crate) page_log2: u32,
    pub(crate) user_pages: u64,
    pub(crate) cap_pages: u64,
    pub(crate) gpts: u64,
    pub(crate) endpoints: u64,
    pub(crate) processes: u64,
}

/// The kernel's verdict on a header (specification, sections 1 and 2), and that the tables lie one after the other.
pub(crate) fn header_is_sound(bytes: &[u8]) -> bool {
    let sound = |arch: &Arch| {
        let big = arch.byte_order() == ByteOrder::Big;
        let words = Words { bytes, big, native: false };
        let [version, target, page, allocs, banks, symbols, strings] =
            std::array::from_fn(|index| words.word(12 + 4 * index, 4));
        let [pages, cap_pages, gpts, endpoints, processes, size] =
            std::array::from_fn(|index| words.word(40 + 4 * index, 4));
        let oids: [u64; 5] = std::array::from_fn(|index| words.word(64 + 8 * index, 8));
        let sum = u128::from(pages + cap_pages) * u128::from(page)
            + u128::from(gpts * 264 + endpoints * 32 + processes * 632);
        let [bank, symbol, string, alloc, end] = oids;
        words.word(8, 4) == if big { 4321 } else { 1234 }
            && (version, target) == (1, arch.number().into())
            && page == 1 << arch.page_size_log2()
            && sum == u128::from(size)
            && size == bytes.len() as u64
            && bank > 0
            && oids.is_sorted()
            && end == pages
            && symbol - bank == (16 * banks).div_ceil(page)
            && string - symbol >= (24 * symbols).div_ceil(page)
            && alloc - string >= strings.div_ceil(page)
            && end - alloc == (24 * allocs).div_ceil(page)
    };
    bytes.len() >= 104 && bytes.starts_with(b"coyimage") && ARCHS.iter().any(sound)
}

/// Whether a GPT can be reached from itself: what is left when those that lead nowhere are taken away, again and again.
pub(crate) fn has_cycle(image: &Image<'_>) -> bool {
    let count = image.header().n_gpt as usize;
    let (mut out, mut above) = (vec![0_usize; count], vec![Vec::new(); count]);
    for (gpt, below) in out.iter_mut().enumerate() {
        for slot in 0..16 {
            let cap = image.gpt_slot(gpt as u64, slot).expect("a GPT has 16 slots");
            if cap.cap_type() == CapType::GPT && cap.oid() < count as u64 {
                *below += 1;
                above[cap.oid() as usize].push(gpt);
            }
        }
    }
    let mut ends: Vec<usize> = (0..count).filter(|&gpt| out[gpt] == 0).collect();
    let mut taken = 0;
    while let Some(gpt) = ends.pop() {
        taken += 1;
        for &parent in &above[gpt] {
            out[parent] -= 1;
            if out[parent] == 0 {
                ends.push(parent);
            }
        }
    }
    taken < count
}

/// A walk over a space, each of its mappings compared with the lookup of addresses in and around it. The mappings, and
/// the error that ended the walk.
pub(crate) fn walked<S: GptSource>(
    source: &S,
    root: Capability,
    gpts: u64,
) -> (Vec<Mapping>, Option<SpaceError>) {
    let (mut mappings, mut entered, mut error) = (Vec::new(), 0, None);
    for visit in walk(source, root, WalkLimits { gpts }) {
        assert_eq!(error, None, "something follows an error");
        match visit {
            Ok(Visit::Gpt { .. }) => entered += 1,
            Ok(Visit::Leaf { mapping, .. }) => mappings.push(mapping),
            Err(found) => error = Some(found),
        }
    }
    assert!(entered <= gpts && mappings.len() as u64 <= 16 * entered + 1);
    // The first address that no mapping has passed yet; none after the last.
    let mut next = Some(0);
    for mapping in &mappings {
        let (first, last) = (mapping.address, mapping.address | low(mapping.l2_size.into()));
        assert!(next.is_some_and(|next| next <= first), "{mapping:?} is not after {next:x?}");
        assert_eq!(first & low(mapping.l2_size.into()), 0, "{mapping:?}");
        for address in [first, last] {
            match leaf(source, root, address) {
                Ok(leaf) => assert_eq!(
                    (leaf.capability, leaf.offset, leaf.restr),
                    (mapping.capability, address - first, mapping.restr),
                    "{address:#x}"
                ),
                Err(SpaceError::NotMemory(kind)) => {
                    assert!(kind.is_window() && kind == mapping.capability.cap_type(), "{address:#x}");
                }
                Err(error) => panic!("{address:#x}: {error}"),
            }
        }
        if error.is_none() {
            demand_gap(source, root, next, first.checked_sub(1));
        }
        next = last.checked_add(1);
    }
    if error.is_none() {
        demand_gap(source, root, next, Some(u64::MAX));
    }
    (mappings, error)
}

/// Nothing is mapped between two addresses.
fn demand_gap<S: GptSource>(source: &S, root: Capability, first: Option<u64>, last: Option<u64>) {
    let (Some(first), Some(last)) = (first, last) else { return };
    if first <= last {
        for address in [first, first.midpoint(last), last] {
            match leaf(source, root, address) {
                Ok(leaf) => {
                    assert_eq!(
                        leaf.capability.cap_type(),
                        CapType::NULL,
                        "{address:#x} is mapped, and no walk finds it"
                    );
                }
                // The lookup stops at a window before it looks at its guard, as the original does.
                Err(SpaceError::NotMemory(kind)) if kind.is_window() => {}
                Err(error) => panic!("{address:#x}: {error}, and a walk leads everywhere without one"),
            }
        }
    }
}
