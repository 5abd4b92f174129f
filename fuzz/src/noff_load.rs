//! Loading NOFF whole, page by page and in runs of pages, beside an account of the kernel's arithmetic.

use noff::{ByteOrder, Image, Layout, Options, PageSize};

use crate::noff_account;

/// What memory holds before anything is loaded.
const FILL: u8 = 0xa5;

/// The binary logarithm of a page size, and a file.
pub fn noff_load(data: &[u8]) {
    let Some((&size, file)) = data.split_first() else { return };
    let page_size = PageSize::new(1 << (size % 17)).expect("a power of two up to 64 KiB");
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

/// The most pages that are filled one by one.
const MOST_PAGES: usize = 4096;

fn compare(image: &Image<'_>, page_size: PageSize, mut expected: Vec<u8>) {
    let program = image.program();
    assert_eq!(expected.len(), program.memory_end() as usize);
    let mut memory = vec![FILL; expected.len()];
    image.load_into(&mut memory).expect("the memory is large enough");
    assert!(memory == expected, "loaded whole");
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
}
