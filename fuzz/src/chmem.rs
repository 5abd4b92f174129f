//! Heap and stack of whole files, a.out and OS/2 NE.

use aout_minix::chmem::{self as aout, MinixChange};
use aout_minix::parse;
use arbitrary::{Arbitrary, Unstructured};
use os2_ne::Header;
use os2_ne::chmem::{Change, Heap, MemoryAsked, write_header};

use crate::words;

/// The request.
#[derive(Arbitrary, Debug)]
struct Asked {
    heap: Option<u16>,
    stack: Option<u16>,
    minix: (u8, u32),
}

/// The request, and a file.
pub fn chmem(data: &[u8]) {
    let mut source = Unstructured::new(data);
    let Ok(asked) = Asked::arbitrary(&mut source) else { return };
    let file = source.take_rest();
    if file.starts_with(b"MZ") { ne(&asked, file) } else { elks(&asked, file) }
}

/// Byte offsets of `chmem` and `minstack` in an a.out header, and of the word that has the version.
const CHMEM: std::ops::Range<usize> = 24..28;
const VERSION: std::ops::Range<usize> = 6..8;

fn elks(asked: &Asked, file: &[u8]) {
    let Ok(image) = parse(file) else { return };
    let header = image.header();
    words::said(&aout::Row::of(header));
    let change = aout::Change { heap: asked.heap.map(u32::from), stack: asked.stack.map(u32::from) };
    let (kind, amount) = asked.minix;
    let minix = [MinixChange::Exactly(amount), MinixChange::More(amount), MinixChange::Less(amount)];
    let minix = aout::minix(header, minix[usize::from(kind) % 3]);
    if let Ok(changed) = &minix {
        // What was there before, and more or less of it.
        let after = changed.after as i64;
        let wanted = match kind % 3 {
            0 => i64::from(amount),
            1 => changed.before + i64::from(amount),
            _ => changed.before - i64::from(amount),
        };
        assert_eq!(after, wanted);
    }
    let changed = [aout::change(header, change), minix.map(|minix| minix.changed)];
    for changed in changed {
        let changed = match changed {
            Ok(changed) => changed,
            Err(error) => {
                words::error(&error);
                continue;
            }
        };
        let mut new = file.to_vec();
        changed.write_to(&mut new).expect("a file with a header");
        for (at, (old, new)) in file.iter().zip(&new).enumerate() {
            assert!(old == new || CHMEM.contains(&at) || VERSION.contains(&at), "byte {at} has changed");
        }
        let again = parse(&new).expect("the sections are where they were");
        assert_eq!(*again.header(), changed.header);
        assert!(changed.write_to(&mut new[..31]).is_err(), "not into less than a header");
    }
}

fn ne(asked: &Asked, file: &[u8]) {
    let change = Change { heap: asked.heap.map(Heap::from_word), stack: asked.stack };
    let mut new = file.to_vec();
    let (before, after) = match change.apply_to_file(&mut new) {
        Ok(headers) => headers,
        Err(finding) => return words::finding(&finding),
    };
    let read = Header::parse(&new).expect("the header is where it was");
    assert_eq!((read.heap(), read.stack()), (after.heap(), after.stack()));
    // Heap and stack are the words at 0x10 and 0x12 of the NE header, whose place is in the word at 0x3c.
    let ne = u32::from_le_bytes(file[0x3c..0x40].try_into().expect("four bytes")) as usize;
    for (at, (old, new)) in file.iter().zip(&new).enumerate() {
        assert!(old == new || (ne + 0x10..ne + 0x14).contains(&at), "byte {at} has changed");
    }
    let word = |at: usize| u16::from_le_bytes([new[ne + at], new[ne + at + 1]]);
    assert_eq!(word(0x10), asked.heap.unwrap_or(before.heap()));
    assert_eq!(word(0x12), asked.stack.unwrap_or(before.stack()));
    let MemoryAsked { heap, stack } = MemoryAsked::of(&after);
    let bytes = match after.heap() {
        0 => Some(4096),
        0xffff => None,
        bytes => Some(bytes),
    };
    assert_eq!((heap.word(), heap.bytes()), (after.heap(), bytes));
    assert_eq!(stack, if after.stack() == 0 { 4096 } else { after.stack() });
    // Written where it was read, a header makes the same file; into less room it is not written.
    let mut again = file.to_vec();
    let short = write_header(&after, &mut again[ne..ne + 63]).expect_err("too short");
    assert_eq!((short.needed, short.given), (64, 63));
    words::error(&short);
    assert!(again == file, "nothing is written");
    write_header(&after, &mut again[ne..]).expect("the room of a header");
    assert!(again == new, "another file");
}
