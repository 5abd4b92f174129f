//! Files by description: valid ones, then damaged in a few places. Random bytes rarely get past a header.
//!
//! The files are written here in words of their own, not by the libraries that read them.

pub(crate) mod coff;
pub(crate) mod elf;
pub(crate) mod ne;

use arbitrary::Arbitrary;

/// A description, and what is done to the file afterwards.
#[derive(Arbitrary, Debug)]
pub(crate) struct Made<T> {
    pub(crate) description: T,
    damage: Vec<Damage>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Damage {
    Byte(u16, u8),
    Half(u16, u16),
    Word(u16, u32),
    /// A number that is there becomes one that is near it.
    Nudge(u16, i8),
    Cut(u16),
}

/// The most places that are damaged.
const MOST_DAMAGE: usize = 4;

impl<T> Made<T> {
    /// Damages the file; `false` when it stays as it was described.
    pub(crate) fn damage(&self, file: &mut Vec<u8>) -> bool {
        let before = file.clone();
        for damage in self.damage.iter().take(MOST_DAMAGE) {
            match *damage {
                Damage::Byte(at, value) => put(file, at, &[value]),
                Damage::Half(at, value) => put(file, at, &value.to_le_bytes()),
                Damage::Word(at, value) => put(file, at, &value.to_le_bytes()),
                Damage::Nudge(at, by) => {
                    let word = file.get(usize::from(at)..).and_then(|rest| rest.first_chunk::<4>());
                    let Some(&word) = word else { continue };
                    put(file, at, &u32::from_le_bytes(word).wrapping_add_signed(by.into()).to_le_bytes());
                }
                Damage::Cut(at) => file.truncate(at.into()),
            }
        }
        *file != before
    }
}

fn put(file: &mut [u8], at: u16, bytes: &[u8]) {
    if let Some(place) = file.get_mut(usize::from(at)..).and_then(|rest| rest.get_mut(..bytes.len())) {
        place.copy_from_slice(bytes);
    }
}

/// Some bytes, many of them by few. Lengths near the end of a page are as likely as all others.
#[derive(Arbitrary, Clone, Debug)]
pub(crate) enum Bytes {
    These(Vec<u8>),
    /// As many as reach so far beyond the end of one of the next pages, which are not all alike.
    ToPage {
        pages: u8,
        beyond: i8,
        step: u8,
    },
}

/// No page of a format that is read here is larger than this.
const PAGE: u64 = 4096;

impl Bytes {
    /// The bytes of a part that begins at an address.
    pub(crate) fn at(&self, address: u64) -> Vec<u8> {
        match self {
            Self::These(bytes) => bytes.clone(),
            Self::ToPage { pages, beyond, step } => {
                let end = (address / PAGE + 1 + u64::from(pages % 3)) * PAGE;
                let end = end.saturating_add_signed((*beyond).into());
                (0..end.saturating_sub(address)).map(|n| (n as u8).wrapping_mul(*step) | 1).collect()
            }
        }
    }
}

/// Numbers in a byte order.
pub(crate) struct Words {
    pub(crate) big: bool,
    pub(crate) bytes: Vec<u8>,
}

impl Words {
    pub(crate) fn half(&mut self, value: u16) -> &mut Self {
        self.bytes.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }

    pub(crate) fn words(&mut self, values: &[u32]) -> &mut Self {
        for value in values {
            self.bytes.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
        }
        self
    }
}
