//! Loading NOFF whole, page by page and in runs of pages, beside an account of the kernel's arithmetic.

use noff::{ByteOrder, EndOfFile, Image, Layout, LoadError, Options, PageSize, push_arguments};

use crate::noff_account;
use crate::words;

/// What memory holds before anything is loaded.
const FILL: u8 = 0xa5;

/// The binary logarithm of a page size, and a file.
pub fn noff_load(data: &[u8]) {
    let Some((&size, file)) = data.split_first() else { return };
    let page_size = PageSize::new(1 << (size % 17)).expect("a power of two up to 64 KiB");
    arguments(file, page_size.bytes());
    for layout in Layout::ALL {
        let options = Options { layout: Some(layout), ..Options::default() };
        let Ok(image) = Image::parse(file, options) else { continue };
        let big = image.program().header().byte_order == ByteOrder::Big;
        within(file, layout == Layout::Four, big);
        if let Some(expected) = noff_account::memory(file, layout == Layout::Four, big) {
            compare(&image, page_size, expected);
        }
    }
}

/// A segment that counts ends within 32 bits, and within the file when its bytes are there.
fn within(file: &[u8], four: bool, big: bool) {
    for (address, offset, size, has_bytes) in noff_account::segments(file, four, big) {
        if size > 0 {
            assert!(address + size <= u64::from(u32::MAX), "a segment of {size} bytes at {address:#x}");
            assert!(!has_bytes || offset + size <= file.len() as u64, "{size} bytes at {offset:#x}");
        }
    }
}

/// A file that was cut short after its header was read: what is not there is reported, and only that.
fn cut_short(image: &Image<'_>, memory: &mut [u8]) {
    let filled = image.program().header().file_backed().filter(|(_, segment)| segment.size > 0);
    let Some(end) = filled.map(|(_, segment)| segment.file_end() as usize).max() else { return };
    for length in [end - 1, end] {
        let file = &image.bytes()[..length];
        let read = |offset: u32, place: &mut [u8]| {
            let bytes = file.get(offset as usize..).and_then(|rest| rest.get(..place.len()));
            place.copy_from_slice(bytes.ok_or(EndOfFile)?);
            Ok(())
        };
        let loaded = image.program().load_with(memory, read);
        let expected = if length == end { Ok(()) } else { Err(LoadError::Read(EndOfFile)) };
        assert_eq!(loaded, expected, "{length} of {end} bytes");
        loaded.err().iter().for_each(|error| words::error(error));
    }
}

/// The most arguments.
const MOST_ARGUMENTS: usize = 4;

/// Strings of the file on a stack of so many bytes: each is found by its address, or they do not fit.
fn arguments(file: &[u8], room: u32) {
    let strings: Vec<&[u8]> = file.split(|&byte| byte == 0).take(MOST_ARGUMENTS).collect();
    let (top, room) = (0x2_0000, room as usize);
    let mut stack = vec![FILL; room];
    let needed = strings.iter().map(|string| string.len() + 1 + 4).sum::<usize>() + 4 + 16;
    let placed = match push_arguments(strings.iter().copied(), top, &mut stack) {
        Ok(placed) => placed,
        Err(error) => {
            // The array is aligned to 4 bytes, and the stack pointer to 8.
            assert!(needed + 3 + 7 > room, "{needed} bytes of {room}");
            return words::error(&error);
        }
    };
    let at = |address: u32| (address as usize).checked_sub(top as usize - room).expect("within the stack");
    let word = |address: u32| u32::from_le_bytes(stack[at(address)..][..4].try_into().expect("four bytes"));
    assert_eq!((placed.argc as usize, placed.stack_pointer % 8), (strings.len(), 0));
    assert!(at(placed.stack_pointer) + 16 <= at(placed.argv));
    for (entry, string) in (placed.argv..).step_by(4).zip(&strings) {
        let found = &stack[at(word(entry))..];
        assert!(found.starts_with(string) && found[string.len()] == 0);
    }
    assert_eq!(word(placed.argv + 4 * placed.argc), 0);
}

/// The most pages that are filled one by one.
const MOST_PAGES: usize = 4096;

fn compare(image: &Image<'_>, page_size: PageSize, mut expected: Vec<u8>) {
    let program = image.program();
    assert_eq!(expected.len(), program.memory_end() as usize);
    let mut memory = vec![FILL; expected.len()];
    image.load_into(&mut memory).expect("the memory is large enough");
    assert!(memory == expected, "loaded whole");
    cut_short(image, &mut memory);
    // Each byte of the file is found by its address.
    for address in [0, 1, expected.len() / 2, expected.len().saturating_sub(1)] {
        if let Some((offset, rest)) = program.file_offset(address as u32) {
            assert!(rest > 0);
            assert_eq!(expected[address], image.bytes()[offset as usize], "{address:#x}");
        }
    }
    let bytes = page_size.bytes() as usize;
    expected.resize(expected.len().next_multiple_of(bytes), 0);
    let count = expected.len() / bytes;
    if count > MOST_PAGES {
        return;
    }
    let mut frame = vec![FILL; bytes];
    for (vpn, wanted) in (0..).zip(expected.chunks(bytes)) {
        image.read_page(vpn, &mut frame).expect("a frame of the page's size");
        assert!(frame == wanted, "page {vpn} of {bytes} bytes");
    }
    let mut run = vec![FILL; expected.len()];
    let read = |offset: u32, place: &mut [u8]| {
        let from = offset as usize;
        place.copy_from_slice(image.bytes().get(from..from + place.len()).ok_or(())?);
        Ok::<(), ()>(())
    };
    program.load_pages_with(0, page_size, &mut run, read).expect("whole pages");
    assert!(run == expected, "a run of pages");
    if bytes > 1 && !run.is_empty() {
        let refused = program.load_pages_with(0, page_size, &mut run[1..], read);
        assert_eq!(refused, Err(LoadError::PageSize(expected.len() as u64 - 1)));
    }
}
