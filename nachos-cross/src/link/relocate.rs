//! Relocation: writes addresses into instructions and data.

use execfmt_common::ByteOrder;
use object::elf;

use super::LinkError;
use super::error::Undefined;
use super::layout::{Layout, Out, Piece};
use super::object_file::{Kind, ObjectFile, Relocation, Section};
use super::resolve::Resolved;

/// Maximum number of undefined references listed.
const MAX_UNDEFINED: usize = 20;

/// Maximum number of undefined references whose functions are searched for: each takes time proportional to
/// the object's symbols.
const MAX_LOOKED_FOR: usize = 1000;

/// The references to undefined symbols.
#[derive(Debug, Default)]
pub(super) struct Undefineds {
    /// The first ones, each listed once.
    pub(super) list: Vec<Undefined>,
    looked_for: usize,
}

impl Undefineds {
    fn add(&mut self, new: impl FnOnce() -> Undefined) {
        if self.list.len() < MAX_UNDEFINED && self.looked_for < MAX_LOOKED_FOR {
            self.looked_for += 1;
            let new = new();
            if !self.list.contains(&new) {
                self.list.push(new);
            }
        }
    }
}

/// The bytes of an output section.
pub(super) fn bytes_of(
    out: &Out<'_>,
    layout: &Layout<'_, '_, '_>,
    resolved: &Resolved<'_>,
    undefined: &mut Undefineds,
) -> Result<Vec<u8>, LinkError> {
    if out.kind == Kind::Zero {
        return Ok(Vec::new());
    }
    let order = resolved.objects.first().map_or(ByteOrder::Little, |object| object.byte_order);
    let mut bytes = vec![0; usize::try_from(out.size).unwrap_or(0)];
    for (piece, at) in &out.pieces {
        let offset = usize::try_from(at - out.address).unwrap_or(usize::MAX);
        match piece {
            Piece::Assign(_) | Piece::Common(..) => {}
            Piece::Data(length, value) => {
                let value = layout.value(value, *at, 0, 1)?;
                let length = usize::try_from(*length).unwrap_or(0);
                let word = u32::try_from(value & u64::from(u32::MAX)).unwrap_or(0);
                let (little, big) = (word.to_le_bytes(), word.to_be_bytes());
                let source = match order {
                    ByteOrder::Little => little.get(..length),
                    ByteOrder::Big => big.get(4 - length.min(4)..),
                };
                if let (Some(to), Some(source)) =
                    (bytes.get_mut(offset..offset.saturating_add(length)), source)
                {
                    to.copy_from_slice(source);
                }
            }
            Piece::Section { object: index, section: number } => {
                let Some(object) = resolved.objects.get(*index) else { continue };
                let Some(section) = object.sections.get(*number) else { continue };
                let end = offset.saturating_add(section.bytes.len());
                let Some(to) = bytes.get_mut(offset..end) else { continue };
                to.copy_from_slice(section.bytes);
                let mut place = Place {
                    layout,
                    object,
                    index: *index,
                    number: *number,
                    section,
                    address: *at,
                    bytes: to,
                    undefined,
                };
                place.all()?;
            }
        }
    }
    Ok(bytes)
}

struct Place<'p, 'r, 'a, 's> {
    layout: &'p Layout<'r, 'a, 's>,
    object: &'p ObjectFile<'a>,
    index: usize,
    number: usize,
    section: &'p Section<'a>,
    address: u64,
    bytes: &'p mut [u8],
    undefined: &'p mut Undefineds,
}

impl Place<'_, '_, '_, '_> {
    fn all(&mut self) -> Result<(), LinkError> {
        // The low half that belongs to each high half: the next one of the same symbol. Found in one backward
        // pass.
        let mut low = std::collections::BTreeMap::new();
        let mut partners = vec![None; self.section.relocations.len()];
        for (relocation, partner) in self.section.relocations.iter().zip(&mut partners).rev() {
            match relocation.kind {
                elf::R_MIPS_LO16 => {
                    low.insert(relocation.symbol, relocation.offset);
                }
                elf::R_MIPS_HI16 => *partner = low.get(&relocation.symbol).copied(),
                _ => {}
            }
        }
        // High halves first: they read the low halves as the assembler left them.
        for pass in [elf::R_MIPS_HI16, 0] {
            for (relocation, partner) in self.section.relocations.iter().zip(&partners) {
                if (relocation.kind == elf::R_MIPS_HI16) == (pass == elf::R_MIPS_HI16) {
                    self.one(*relocation, *partner)?;
                }
            }
        }
        Ok(())
    }

    fn error(&self, relocation: Relocation, reason: impl Into<String>) -> LinkError {
        let symbol = self.object.symbols.get(relocation.symbol).map_or("", |symbol| symbol.name);
        LinkError::Relocation {
            file: self.object.name.clone(),
            function: self.function(relocation),
            symbol: symbol.into(),
            reason: reason.into(),
        }
    }

    fn function(&self, relocation: Relocation) -> String {
        self.object.function_at(self.number, relocation.offset).unwrap_or(self.section.name).into()
    }

    fn word(&self, offset: u64) -> Option<u32> {
        let at = usize::try_from(offset).ok()?;
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(self.object.byte_order.u32(bytes))
    }

    fn one(&mut self, relocation: Relocation, partner: Option<u64>) -> Result<(), LinkError> {
        let Relocation { offset, kind, symbol } = relocation;
        if matches!(kind, elf::R_MIPS_NONE | elf::R_MIPS_JALR) {
            return Ok(());
        }
        let Some(symbol) = self.object.symbols.get(symbol) else {
            return Err(self.error(relocation, "is a symbol that the object does not have"));
        };
        let Some(word) = self.word(offset) else {
            return Err(
                self.error(relocation, format!("is at offset {offset:#x}, outside {}", self.section.name))
            );
        };
        let value = if symbol.global {
            self.layout.global(symbol.name)
        } else {
            self.layout.defined(self.index, symbol.definition)
        };
        let value = match value {
            Some(value) => value,
            None if symbol.global && symbol.weak => 0,
            None if symbol.name == "_gp_disp" || symbol.name == "__gnu_local_gp" => {
                return Err(self.error(relocation, "belongs to position-independent code, which Nachos cannot run; compile with -mno-abicalls"));
            }
            None if symbol.global => {
                let (object, section) = (self.object, self.section);
                self.undefined.add(|| Undefined {
                    symbol: symbol.name.into(),
                    file: object.name.clone(),
                    function: object
                        .function_at(self.number, relocation.offset)
                        .unwrap_or(section.name)
                        .into(),
                });
                return Ok(());
            }
            None => return Err(self.error(relocation, "is in a section that was left out")),
        };
        let low = |value: u64| u32::try_from(value & u64::from(u32::MAX)).unwrap_or(0);
        let value = low(value);
        let here = low(self.address.wrapping_add(offset));
        let signed = |half: u32| (half & 0xffff ^ 0x8000).wrapping_sub(0x8000);
        let new = match kind {
            elf::R_MIPS_32 => word.wrapping_add(value),
            elf::R_MIPS_26 => {
                let field = (word & 0x03ff_ffff) << 2;
                let addend = if symbol.global {
                    (field ^ 0x0800_0000).wrapping_sub(0x0800_0000)
                } else {
                    field | here.wrapping_add(4) & 0xf000_0000
                };
                let target = addend.wrapping_add(value);
                if target & 3 != 0 || (target ^ here.wrapping_add(4)) & 0xf000_0000 != 0 {
                    return Err(self.error(
                        relocation,
                        format!("is at {target:#x}, out of reach of a jump from {here:#x}"),
                    ));
                }
                word & 0xfc00_0000 | target >> 2 & 0x03ff_ffff
            }
            elf::R_MIPS_HI16 => {
                let addend = partner.and_then(|partner| self.word(partner)).map_or(0, signed);
                let sum = (word << 16).wrapping_add(addend).wrapping_add(value);
                word & 0xffff_0000 | sum.wrapping_add(0x8000) >> 16
            }
            elf::R_MIPS_LO16 => word & 0xffff_0000 | signed(word).wrapping_add(value) & 0xffff,
            elf::R_MIPS_PC16 => {
                let distance = (signed(word) << 2).wrapping_add(value).wrapping_sub(here);
                if distance & 3 != 0 || !(0xfffe_0000..=u32::MAX).contains(&distance) && distance >= 0x2_0000
                {
                    return Err(self.error(
                        relocation,
                        format!("is {distance:#x} bytes away, out of reach of a branch"),
                    ));
                }
                word & 0xffff_0000 | distance >> 2 & 0xffff
            }
            elf::R_MIPS_GPREL16 | elf::R_MIPS_LITERAL | elf::R_MIPS_GPREL32 => {
                return Err(self.error(
                    relocation,
                    "is addressed through the register $gp, which Nachos does not set; compile with -G 0",
                ));
            }
            elf::R_MIPS_GOT16 | elf::R_MIPS_CALL16 => {
                return Err(self.error(relocation, "is addressed by position-independent code, which Nachos cannot run; compile with -mno-abicalls"));
            }
            _ => {
                return Err(self.error(
                    relocation,
                    format!("needs relocation {kind}, which does not exist for a MIPS I"),
                ));
            }
        };
        let bytes = match self.object.byte_order {
            ByteOrder::Little => new.to_le_bytes(),
            ByteOrder::Big => new.to_be_bytes(),
        };
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        if let Some(to) = self.bytes.get_mut(at..at.saturating_add(4)) {
            to.copy_from_slice(&bytes);
        }
        Ok(())
    }
}
