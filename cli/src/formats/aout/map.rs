//! The memory that a program gets, drawn to scale.

use std::fmt::Write as _;
use std::ops::Range;

use anstyle::AnsiColor;
use aout_minix::elks::{INIT_HEAP, Layout, MAX_HEAP, Program};
use aout_minix::{Header, minix2};

use crate::picture::{Region, Strip, draw};

/// The finest that is drawn: a paragraph.
const PARAGRAPH: u64 = 16;

/// What lies between heap and stack.
const GAP: &str = "gap";

/// The same where heap and stack have no bytes of their own.
const SHARED_GAP: &str = "gap for heap and stack";

/// As ELKS lays it out. No size in it is beyond 128 KiB.
pub(super) fn elks(program: &Program) -> [Strip; 2] {
    let layout = program.layout();
    let far_text = u64::from(layout.far_text_offset());
    let text_end = u64::from(layout.text_bytes());
    let far_end = far_text + u64::from(layout.far_text);
    let code = Strip {
        title: format!("code segment, {text_end} bytes"),
        length: text_end,
        regions: vec![
            region("text", 't', AnsiColor::Green, (0, layout.text.into())),
            region("far text", 'f', AnsiColor::Cyan, (far_text, far_end)),
            region("room to expand", 'x', AnsiColor::BrightBlack, spare(layout, far_end, text_end)),
        ],
    };
    let data = Strip {
        title: format!("data segment, {} bytes", layout.data_len),
        length: layout.data_len.into(),
        regions: data_regions(program.header(), layout),
    };
    [code, data]
}

/// The paragraph that a compressed text gets for being expanded.
fn spare(layout: &Layout, far_end: u64, text_end: u64) -> (u64, u64) {
    let used = if layout.far_text == 0 { u64::from(layout.text) } else { far_end };
    let used = used.next_multiple_of(PARAGRAPH);
    (used.min(text_end), text_end)
}

fn data_regions(header: &Header, layout: &Layout) -> Vec<Region> {
    let (begstack, end) = (u64::from(layout.begstack), u64::from(layout.data_len));
    let bss_end = u64::from(layout.t_enddata);
    let stack = begstack.saturating_sub(layout.minstack.into());
    // What was asked for; what rounding adds to it is the gap. Where heap and stack share their bytes, all is gap.
    let (asked, gap) = match (header.version, header.chmem) {
        (_, 0) => (INIT_HEAP.into(), GAP),
        (0, _) => (0, SHARED_GAP),
        (_, MAX_HEAP..) => (u64::MAX, GAP),
        (_, asked) => (asked.into(), GAP),
    };
    let heap_start = u64::from(layout.endbrk).min(stack);
    let heap_end = heap_start.saturating_add(asked).min(stack);
    vec![
        region("data", 'd', AnsiColor::Yellow, (0, layout.data.into())),
        region("bss", '0', AnsiColor::Blue, (layout.data.into(), bss_end)),
        region("heap", 'h', AnsiColor::Magenta, (heap_start, heap_end)),
        region(gap, '-', AnsiColor::BrightBlack, (heap_end, stack)),
        region("stack", 's', AnsiColor::Red, (stack, begstack)),
        region("arguments", 'a', AnsiColor::Cyan, (begstack, end)),
    ]
}

/// As Minix 2 lays it out, in whole clicks.
pub(super) fn minix2(header: &Header, layout: &minix2::Layout) -> [Strip; 2] {
    let bytes = |clicks: u32| u64::from(clicks) * u64::from(minix2::CLICK_SIZE);
    let text = u64::from(header.tseg);
    let separate = header.file_type.is_separate();
    let code = Strip {
        title: format!("text segment, {} bytes", bytes(layout.text_clicks)),
        length: bytes(layout.text_clicks),
        regions: vec![region("text", 't', AnsiColor::Green, (0, if separate { text } else { 0 }))],
    };
    let start = if separate { 0 } else { text };
    let (data_end, total) = (start + u64::from(header.dseg), bytes(layout.total_clicks));
    let bss_end = data_end + u64::from(header.bseg);
    let data = Strip {
        title: format!("data segment, {total} bytes"),
        length: total,
        regions: vec![
            region("text", 't', AnsiColor::Green, (0, start)),
            region("data", 'd', AnsiColor::Yellow, (start, data_end)),
            region("bss", '0', AnsiColor::Blue, (data_end, bss_end)),
            region(SHARED_GAP, '-', AnsiColor::BrightBlack, (bytes(layout.data_clicks), total)),
        ],
    };
    [code, data]
}

fn region(name: &'static str, letter: char, color: AnsiColor, span: (u64, u64)) -> Region {
    Region { name, letter, color: Some(color), span }
}

/// The strips, and below them every region with its addresses and size.
pub(super) fn picture([code, data]: &[Strip; 2]) -> String {
    let remark = |row: Range<u64>| {
        let begins = |region: &&Region| row.contains(&region.span.0) && region.span.0 < region.span.1;
        data.regions.iter().filter(begins).map(|region| region.name).collect::<Vec<_>>().join(", ")
    };
    let mut text = draw(code, data, PARAGRAPH, remark);
    let _ = writeln!(text, "\n{:<28}{:>14}  {:>8}", "", "addresses", "bytes");
    for (segment, strip) in [("CS", code), ("DS", data)] {
        for Region { name, span: (start, end), .. } in
            strip.regions.iter().filter(|region| region.span.0 < region.span.1)
        {
            let span = format!("{start:#06x}..{end:#06x}");
            let _ = writeln!(text, "{segment}  {name:<24}{span:>14}  {:>8}", end - start);
        }
    }
    text
}
