//! `chmem` for OS/2 NE: a row of sizes, and heap and stack changed in the header.

use os2_ne::chmem::{Change, Heap, MemoryAsked};
use os2_ne::elks::{INIT_HEAP, MAX_HEAP, MAX_SEGMENTS};
use os2_ne::{Header, Image};

use crate::formats::aout::chmem::Sizes;

/// True for a file that has an NE header.
pub(crate) fn is_ne(bytes: &[u8]) -> bool {
    Header::parse(bytes).is_ok()
}

/// The row below the heading of a.out: text is all code, far text is none, data and bss are those of all data
/// segments.
pub(crate) fn row(bytes: &[u8]) -> Result<Sizes, String> {
    let image = Image::parse(bytes).map_err(|finding| finding.to_string())?;
    let asked = MemoryAsked::of(image.header());
    let (mut code, mut data, mut bss, mut auto) = (0_u32, 0_u32, 0_u32, 0_u32);
    for segment in image.segments().take(MAX_SEGMENTS) {
        let (size, min_alloc) = (u32::from(segment.size()), u32::from(segment.min_alloc()));
        if segment.is_data() {
            data += size;
            bss += min_alloc.saturating_sub(size);
        } else {
            code += min_alloc.max(size);
        }
        if segment.number == image.header().auto_data_segment() {
            auto = min_alloc;
        }
    }
    let stack = u32::from(asked.stack);
    let heap = match asked.heap {
        Heap::All => u32::from(MAX_HEAP & !15).saturating_sub(auto + stack),
        heap => heap.bytes().unwrap_or(INIT_HEAP).into(),
    };
    let total_data = data + bss + heap + stack;
    Ok(Sizes {
        text: code,
        far_text: 0,
        data,
        bss,
        heap: heap.into(),
        stack,
        total_data: total_data.into(),
        total: (total_data + code).into(),
        remark: if asked.heap == Heap::All { " (heap: all)".into() } else { String::new() },
    })
}

/// Changes heap and stack in the file.
///
/// # Errors
/// A number that is too large, or a header that cannot be read.
pub(crate) fn change(bytes: &mut [u8], heap: Option<u32>, stack: Option<u32>) -> Result<(), String> {
    let word = |what: &str, bytes: Option<u32>| {
        let word = bytes.map(u16::try_from).transpose();
        word.map_err(|_| format!("{} bytes of {what} is more than 65535", bytes.unwrap_or_default()))
    };
    let change = Change { heap: word("heap", heap)?.map(Heap::from_word), stack: word("stack", stack)? };
    change.apply_to_file(bytes).map_err(|finding| finding.to_string())?;
    Ok(())
}
