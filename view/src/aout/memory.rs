//! The memory of a program.

use alloc::vec::Vec;
use alloc::{format, vec};

use aout_minix::elks::{INIT_HEAP, Layout, MAX_HEAP, Program};
use aout_minix::{Header, minix2};

use crate::{Memory, Region, Role};

/// The unit in which ELKS allocates memory.
const PARAGRAPH: u64 = 16;

/// The gap between heap and stack.
const GAP: &str = "gap";

/// The same when heap and stack have no bytes of their own.
const SHARED_GAP: &str = "gap for heap and stack";

/// As ELKS lays it out. All sizes in it are at most 128 KiB.
pub(super) fn elks(program: &Program) -> [Memory; 2] {
    let layout = program.layout();
    let far_text = u64::from(layout.far_text_offset());
    let far_end = far_text.saturating_add(layout.far_text.into());
    let text_end = u64::from(layout.text_bytes());
    let code = vec![
        Region::between("text", Role::Text, (0, layout.text.into())),
        Region::between("far text", Role::FarText, (far_text, far_end)),
        Region::between("room to expand", Role::Spare, spare(layout, far_end, text_end)),
    ];
    let data_len = u64::from(layout.data_len);
    let data = data_regions(program.header(), layout);
    [
        Memory::new(format!("code segment, {text_end} bytes"), "CS", (text_end, PARAGRAPH), code),
        Memory::new(format!("data segment, {data_len} bytes"), "DS", (data_len, PARAGRAPH), data),
    ]
}

/// The paragraph that a compressed text gets for decompression.
fn spare(layout: &Layout, far_end: u64, text_end: u64) -> (u64, u64) {
    let used = if layout.far_text == 0 { u64::from(layout.text) } else { far_end };
    let used = used.checked_next_multiple_of(PARAGRAPH).unwrap_or(text_end);
    (used.min(text_end), text_end)
}

fn data_regions(header: &Header, layout: &Layout) -> Vec<Region> {
    let (begstack, end) = (u64::from(layout.begstack), u64::from(layout.data_len));
    let stack = begstack.saturating_sub(layout.minstack.into());
    // The requested memory; what rounding adds to it is the gap. If heap and stack share their bytes, all of
    // it is gap.
    let (asked, gap) = match (header.version, header.chmem) {
        (_, 0) => (INIT_HEAP.into(), GAP),
        (0, _) => (0, SHARED_GAP),
        (_, MAX_HEAP..) => (u64::MAX, GAP),
        (_, asked) => (asked.into(), GAP),
    };
    let heap_start = u64::from(layout.endbrk).min(stack);
    let heap_end = heap_start.saturating_add(asked).min(stack);
    vec![
        Region::between("data", Role::Data, (0, layout.data.into())),
        Region::between("bss", Role::Zeroed, (layout.data.into(), layout.t_enddata.into())),
        Region::between("heap", Role::Heap, (heap_start, heap_end)),
        Region::between(gap, Role::Gap, (heap_end, stack)),
        Region::between("stack", Role::Stack, (stack, begstack)),
        Region::between("arguments", Role::Arguments, (begstack, end)),
    ]
}

/// As Minix 2 lays it out, in whole clicks.
pub(super) fn minix2(header: &Header, layout: &minix2::Layout) -> [Memory; 2] {
    let click = u64::from(minix2::CLICK_SIZE);
    let bytes = |clicks: u32| u64::from(clicks).saturating_mul(click);
    let text = u64::from(header.tseg);
    let (text_end, start) = if header.file_type.is_separate() { (text, 0) } else { (0, text) };
    let data_end = start.saturating_add(header.dseg.into());
    let bss_end = data_end.saturating_add(header.bseg.into());
    let (code, total) = (bytes(layout.text_clicks), bytes(layout.total_clicks));
    let data = vec![
        Region::between("text", Role::Text, (0, start)),
        Region::between("data", Role::Data, (start, data_end)),
        Region::between("bss", Role::Zeroed, (data_end, bss_end)),
        Region::between(SHARED_GAP, Role::Gap, (bytes(layout.data_clicks), total)),
    ];
    let text = vec![Region::between("text", Role::Text, (0, text_end))];
    [
        Memory::new(format!("text segment, {code} bytes"), "CS", (code, click), text),
        Memory::new(format!("data segment, {total} bytes"), "DS", (total, click), data),
    ]
}
