//! The memory that a program gets, drawn to scale.

use std::fmt::Write as _;
use std::ops::Range;

use anstyle::AnsiColor;
use os2_ne::elks::{Layout, SegmentLayout};

use crate::picture::{Region, Strip, draw};

/// The finest that is drawn: a paragraph.
const PARAGRAPH: u64 = 16;

/// The segment in which the program starts beside the auto data segment, and a table of all.
pub(super) fn elks(layout: &Layout) -> String {
    let none = Strip { title: String::new(), length: 0, regions: Vec::new() };
    let strip = |number| layout.segment(number).map(|segment| strip(layout, number, segment));
    let code = Some(layout.entry_segment).filter(|&it| it != layout.auto_data_segment).and_then(strip);
    let code = code.unwrap_or_else(|| none.clone());
    let data = strip(layout.auto_data_segment).unwrap_or(none);
    let remark = |row: Range<u64>| {
        let begins = |region: &&Region| row.contains(&region.span.0) && region.span.0 < region.span.1;
        data.regions.iter().filter(begins).map(|region| region.name).collect::<Vec<_>>().join(", ")
    };
    let mut text = draw(&code, &data, PARAGRAPH, remark);
    let _ = writeln!(text, "\n{:<28}{:>14}  {:>8}", "segment", "addresses", "bytes");
    for (number, segment) in (1..).zip(layout.segments()) {
        let strip = self::strip(layout, number, segment);
        for Region { name, span: (start, end), .. } in
            strip.regions.iter().filter(|region| region.span.0 < region.span.1)
        {
            let span = format!("{start:#06x}..{end:#06x}");
            let _ = writeln!(text, "{number}   {name:<24}{span:>14}  {:>8}", end - start);
        }
    }
    text
}

fn strip(layout: &Layout, number: u16, segment: &SegmentLayout) -> Strip {
    let length = u64::from(segment.bytes());
    let (size, zeros) = (u64::from(segment.size).min(length), u64::from(segment.min_alloc).min(length));
    let is_auto = number == layout.auto_data_segment;
    let is_code = segment.kind == os2_ne::elks::SegmentKind::Code;
    let (name, letter, color) =
        if is_code { ("code", 'c', AnsiColor::Green) } else { ("data", 'd', AnsiColor::Yellow) };
    let mut regions =
        vec![region(name, letter, color, (0, size)), region("zeros", '0', AnsiColor::Blue, (size, zeros))];
    if is_auto {
        let (begstack, brk) = (u64::from(layout.begstack).min(length), u64::from(layout.endbrk));
        let stack = begstack.saturating_sub(layout.minstack.into());
        let heap = brk.min(stack);
        regions.push(region("heap", 'h', AnsiColor::Magenta, (heap, stack)));
        regions.push(region("stack", 's', AnsiColor::Red, (stack, begstack)));
        regions.push(region("arguments", 'a', AnsiColor::Cyan, (begstack, length)));
    }
    Strip { title: format!("segment {number}, {length} bytes"), length, regions }
}

fn region(name: &'static str, letter: char, color: AnsiColor, span: (u64, u64)) -> Region {
    Region { name, letter, color: Some(color), span }
}
