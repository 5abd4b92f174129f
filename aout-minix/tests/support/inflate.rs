//! A plain decoder of compressed sections, as the specification tells it: slow, and only for tests of the loader.

/// Why a section cannot be expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The kernel says no.
    Bad,
    /// The kernel would read or write outside of the program's segment.
    Outside,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

struct Input<'a> {
    area: &'a mut [u8],
    inp: u16,
    bits: u8,
}

impl Input<'_> {
    fn byte(&mut self) -> Result<u8, Fault> {
        self.inp = self.inp.wrapping_sub(1);
        self.area.get(usize::from(self.inp)).copied().ok_or(Fault::Outside)
    }

    fn bit(&mut self) -> Result<u16, Fault> {
        let mut carry = self.bits >> 7;
        self.bits <<= 1;
        if self.bits == 0 {
            let byte = self.byte()?;
            carry = byte >> 7;
            self.bits = byte << 1 | 1;
        }
        Ok(carry.into())
    }

    fn field(&mut self, n: u16) -> Result<u16, Fault> {
        let mut value = 0;
        for _ in 0..n & 7 {
            value = value << 1 | self.bit()?;
        }
        if n & 8 != 0 { Ok(value << 8 | u16::from(self.byte()?)) } else { Ok(value) }
    }
}

/// Expands in place, with 16-bit pointers as the kernel has them.
pub fn inflate(area: &mut [u8], stored: usize, size: usize) -> Result<(), Fault> {
    const SAFETY: u16 = 16;
    let mut input = Input { area, inp: stored as u16, bits: 0 };
    input.bits = input.byte()?;
    let mut table = [(0_u16, 0_u16); 52];
    let mut base = 1_u16;
    for (index, entry) in table.iter_mut().enumerate() {
        if index % 16 == 0 {
            base = 1;
        }
        let low = input.field(3)?;
        let bits = low | input.field(1)? << 3;
        *entry = (base, bits);
        base = base.wrapping_add(1_u32.wrapping_shl(bits.into()) as u16);
    }
    let mut out = (size as u16).wrapping_add(SAFETY);
    let (mut state, mut first, mut offset) = (1_u8, true, 0_u16);
    loop {
        let mut literal = true;
        let mut length = 1_u16;
        if first {
            first = false;
        } else if input.bit()? == 0 {
            let mut index = 0_u16;
            while input.bit()? == 0 {
                index = index.wrapping_add(1);
            }
            match index {
                16 => break,
                17 => length = u16::from(input.byte()?) << 8 | u16::from(input.byte()?),
                _ => {
                    literal = false;
                    let (base, bits) = *table.get(usize::from(index)).ok_or(Fault::Bad)?;
                    length = base.wrapping_add(input.field(bits)?);
                    if state & 3 != 1 || input.bit()? == 0 {
                        let entry = match length {
                            1 => 48 + input.field(2)?,
                            2 => 32 + input.field(4)?,
                            _ => 16 + input.field(4)?,
                        };
                        let (base, bits) = table[usize::from(entry)];
                        offset = base.wrapping_add(input.field(bits)?);
                    }
                }
            }
        }
        loop {
            out = out.wrapping_sub(1);
            let byte = if literal {
                input.byte()?
            } else {
                *input.area.get(usize::from(out.wrapping_add(offset))).ok_or(Fault::Outside)?
            };
            *input.area.get_mut(usize::from(out)).ok_or(Fault::Outside)? = byte;
            if out.wrapping_sub(input.inp) & 0x8000 != 0 {
                return Err(Fault::Bad);
            }
            length = length.wrapping_sub(1);
            if length == 0 {
                break;
            }
        }
        state = state << 1 | u8::from(literal);
    }
    if out != SAFETY {
        return Err(Fault::Bad);
    }
    let end = size + usize::from(SAFETY);
    if end > input.area.len() {
        return Err(Fault::Outside);
    }
    input.area.copy_within(usize::from(SAFETY)..end, 0);
    Ok(())
}
