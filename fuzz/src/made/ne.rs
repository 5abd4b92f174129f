//! OS/2 NE files as ELKS runs them.

use arbitrary::Arbitrary;

use super::Words;

/// A segment: its bytes, the zeros after them, relocations: source, place, segment, offset.
#[derive(Arbitrary, Debug)]
struct Segment {
    data: bool,
    bytes: Vec<u8>,
    zeros: u8,
    relocations: Vec<(bool, u8, u8, u16)>,
}

/// A program of up to five segments.
#[derive(Arbitrary, Debug)]
pub(crate) struct Program {
    segments: Vec<Segment>,
    heap: u16,
    stack: u16,
    entry: (u8, u8),
    auto: u8,
}

const MZ_SIZE: usize = 64;
const NE_SIZE: usize = 64;
/// `shift` of the segment table: segments begin at multiples of 2^4.
const SHIFT: u16 = 4;

impl Program {
    pub(crate) fn file(&self) -> Vec<u8> {
        let segments: Vec<&Segment> = self.segments.iter().take(5).collect();
        let count = segments.len() as u16;
        let number = |number: u8| u16::from(number) % count.max(1) + 1;
        let table_end = MZ_SIZE + NE_SIZE + 8 * segments.len();
        let mut table = Words { big: false, bytes: Vec::new() };
        let mut body = Words { big: false, bytes: Vec::new() };
        let base = table_end.next_multiple_of(1 << SHIFT);
        for segment in segments {
            body.bytes.resize(body.bytes.len().next_multiple_of(1 << SHIFT), 0);
            let length = segment.bytes.len().max(1) as u16;
            let flags = u16::from(segment.data) | if segment.relocations.is_empty() { 0 } else { 0x100 };
            let start = ((base + body.bytes.len()) >> SHIFT) as u16;
            table.half(start).half(length).half(flags);
            table.half(length.saturating_add(segment.zeros.into()));
            body.bytes.extend_from_slice(&segment.bytes);
            if segment.bytes.is_empty() {
                body.bytes.push(0);
            }
            let relocations = segment.relocations.get(..segment.relocations.len().min(6)).unwrap_or_default();
            if !relocations.is_empty() {
                body.half(relocations.len() as u16);
            }
            for &(far, place, target, offset) in relocations {
                // A segment or a far pointer; an internal reference.
                body.bytes.extend([if far { 3 } else { 2 }, 0]);
                body.half(u16::from(place)).half(number(target)).half(offset);
            }
        }
        let mut file = Words { big: false, bytes: b"MZ".to_vec() };
        file.bytes.resize(60, 0);
        file.words(&[MZ_SIZE as u32]);
        file.bytes.extend_from_slice(b"NE\x05\x01");
        // The entry table is empty, and so are all names.
        file.half((NE_SIZE + 8 * usize::from(count)) as u16).half(0).words(&[0]).half(0x202);
        file.half(number(self.auto)).half(self.heap).half(self.stack);
        file.half(self.entry.1.into()).half(number(self.entry.0));
        file.words(&[0]).half(count).half(0).half(0);
        let after = (NE_SIZE + 8 * usize::from(count)) as u16;
        file.half(NE_SIZE as u16);
        for _ in 0..4 {
            file.half(after);
        }
        file.words(&[0]).half(0).half(SHIFT).half(0).bytes.extend([1, 0]);
        file.bytes.resize(MZ_SIZE + NE_SIZE, 0);
        file.bytes.extend_from_slice(&table.bytes);
        file.bytes.resize(base, 0);
        [file.bytes, body.bytes].concat()
    }
}
