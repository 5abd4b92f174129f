//! Coyotos builders: random calls, compared with maps from addresses to pages.

mod calls;
mod laws;

use std::collections::BTreeMap;
use std::error::Error;

use arbitrary::{Result, Unstructured};
use coyotos_image::{Arch, Builder, CapType, Capability, ObjectType, Packing, Restr};

use crate::coyotos_account::{SMALL, SMALL_BIG};
use crate::words;

/// The most calls of one run.
const MOST_CALLS: usize = 32;
/// The largest image that is written before and after a call that fails, in bytes.
const MOST_COMPARED: u32 = 5000;

/// What is mapped at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mapped {
    cap_type: CapType,
    oid: u64,
    restr: Restr,
}

impl Mapped {
    fn of(cap: Capability) -> Self {
        Self { cap_type: cap.cap_type(), oid: cap.oid(), restr: cap.restr() }
    }
}

/// A space: its root, and the account of what is to be found in it.
#[derive(Clone, Debug)]
struct Space {
    root: Capability,
    pages: BTreeMap<u64, Mapped>,
}

impl Space {
    const EMPTY: Self = Self { root: Capability::NULL, pages: BTreeMap::new() };
}

struct Run<'a, 'b> {
    from: &'b mut Unstructured<'a>,
    builder: Builder,
    page_log2: u32,
    /// Whether calls may spoil the trees, so that no account of the spaces can be kept.
    wild: bool,
    spaces: Vec<Space>,
    banks: Vec<Capability>,
    /// Capabilities to anything.
    caps: Vec<Capability>,
    /// What was written to pages, by their OIDs; all other pages are zero.
    contents: BTreeMap<u64, Vec<u8>>,
}

/// Bytes as calls on a builder.
pub fn coyotos_ops(data: &[u8]) {
    // Bytes that have come to an end read as zeros: there is always a next one.
    let _ = run(&mut Unstructured::new(data));
}

fn run(from: &mut Unstructured<'_>) -> Result<()> {
    let choice: u8 = from.arbitrary()?;
    let arch = [SMALL, SMALL_BIG, SMALL, Arch::ARM][usize::from(choice & 3)];
    let packing = if choice & 4 == 0 { Packing::AsWritten } else { Packing::NativeBigEndian };
    let builder = Builder::new(arch).with_packing(packing);
    let bank = builder.prime_bank();
    let mut run = Run {
        from,
        page_log2: arch.page_size_log2().into(),
        wild: choice & 0x30 == 0x30,
        spaces: vec![Space::EMPTY],
        banks: vec![bank],
        caps: vec![Capability::NULL, bank],
        contents: BTreeMap::new(),
        builder,
    };
    for _ in 0..MOST_CALLS {
        if run.from.is_empty() {
            break;
        }
        run.call()?;
    }
    run.finish(choice & 0xc0 == 0);
    Ok(())
}

impl Run<'_, '_> {
    fn call(&mut self) -> Result<()> {
        let at = usize::from(self.byte()?) % self.spaces.len();
        let kind = self.byte()?;
        let (kind, more) = (kind & 15, kind >> 4);
        match kind {
            0..=3 => self.add_page(at, more),
            4 => self.add_again(at),
            5 => self.remove(at, more),
            6 => self.add_space(at, more),
            7 => self.guarded(),
            8 => self.alloc(more),
            9 => self.fields(),
            10 | 11 => self.write(at),
            12 => self.failing(at, more),
            13 => self.hand_on(at),
            14 if self.wild => self.spoil(),
            14 => {
                self.spaces.push(Space::EMPTY);
                Ok(())
            }
            _ => {
                self.read_back();
                Ok(())
            }
        }
    }

    /// Runs a call that may fail: then nothing has changed, byte for byte where the image is small.
    fn attempt<T, E: Error>(
        &mut self,
        call: impl FnOnce(&mut Builder) -> std::result::Result<T, E>,
    ) -> Option<T> {
        let header = self.builder.header();
        let small = header.is_ok_and(|header| header.img_bytes <= MOST_COMPARED);
        let before = small.then(|| self.builder.to_vec());
        match call(&mut self.builder) {
            Ok(value) => Some(value),
            Err(error) => {
                words::error(&error);
                let after = small.then(|| self.builder.to_vec());
                assert!(after == before && self.builder.header() == header, "the call left a trace: {error}");
                None
            }
        }
    }

    fn byte(&mut self) -> Result<u8> {
        self.from.arbitrary()
    }

    fn bank(&mut self) -> Result<Capability> {
        let index = usize::from(self.byte()?);
        Ok(self.banks[index % self.banks.len()])
    }

    fn any_cap(&mut self) -> Result<Capability> {
        let index = usize::from(self.byte()?);
        Ok(self.caps[index % self.caps.len()])
    }

    /// Restrictions that a page may have: WK only where RO is.
    fn restr(&mut self) -> Result<Restr> {
        let restr = Restr::from_bits(self.byte()? & 7);
        Ok(if restr.contains(Restr::WK) { restr.with(Restr::RO) } else { restr })
    }

    /// An address: among the first 16 pages or low, near the last one of a space, of few bits far up, or any.
    fn address(&mut self, at: usize) -> Result<u64> {
        let kind = self.byte()?;
        Ok(match kind & 3 {
            0 => u64::from(self.byte()? & if kind & 4 == 0 { 15 } else { 255 }) << self.page_log2,
            1 => {
                let last = self.spaces[at].pages.last_key_value().map_or(0, |(&address, _)| address);
                last.wrapping_add(u64::from(kind >> 2) << self.page_log2)
            }
            2 => u64::from(self.from.arbitrary::<u16>()?) << (u32::from(kind >> 2) % 57),
            _ => self.from.arbitrary()?,
        })
    }

    fn new_page(&mut self, cap_page: bool) -> Result<Capability> {
        let object_type = if cap_page { ObjectType::CapPage } else { ObjectType::Page };
        let bank = self.bank()?;
        let mut page = self.builder.alloc(object_type, bank).expect("a bank pays");
        self.caps.push(page);
        page.set_restr(self.restr()?);
        Ok(page)
    }

    fn wrote(&mut self, oid: u64, offset: usize, bytes: &[u8]) {
        let page = self.contents.entry(oid).or_insert_with(|| vec![0; 1 << self.page_log2]);
        page[offset..offset + bytes.len()].copy_from_slice(bytes);
    }
}
