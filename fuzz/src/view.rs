//! The view of a file of any format.

use std::borrow::Cow;
use std::ops::ControlFlow;

use aout_minix::{
    CheckOptions as AoutOptions, ElksSymbols, Loader, SymbolFormat, Symbols, check_bytes as check_aout,
};
use coyotos_image::{Header as CoyotosHeader, Image as CoyotosImage, contents, is_gzip};
use execfmt_common::{ByteOrder, field_name};
use execfmt_view::{AoutView, CoffView, CoyotosView, Data, NeView, Node, NoffView, Section, Value, View};
use noff::PROFILES;

use crate::words;

/// The most bytes that are inflated.
const INFLATED: u64 = 1 << 20;

/// Looks at the bytes as a file of every format.
///
/// A recipe is of no format: what it makes is looked at.
pub fn view(bytes: &[u8]) {
    words::kind(bytes);
    if let Some(image) = crate::coyotos_recipe::image(bytes) {
        each(&image, holds);
        let image = CoyotosImage::parse(&image, Default::default()).expect("what was written can be parsed");
        holds(&CoyotosView::of(image).view(), image.bytes());
    }
    each(bytes, holds);
}

/// The views of some bytes as a file of each format, with the bytes that each is of.
pub(crate) fn each(bytes: &[u8], mut take: impl FnMut(&View, &[u8])) {
    let order = if bytes.first() == Some(&0) { ByteOrder::Big } else { ByteOrder::Little };
    let noff = NoffView::new(bytes, order, None);
    for profile in std::iter::once(None).chain(PROFILES.iter().map(Some)) {
        take(&NoffView { profile, ..noff }.view(), bytes);
    }

    let image = mips_coff::Image::parse(bytes);
    take(&CoffView { bytes, image, code: Default::default(), loaders: Vec::new() }.view(), bytes);

    for loader in [Loader::Intended, Loader::Minix2] {
        let options = AoutOptions { loader, ..AoutOptions::default() };
        let verdict = check_aout(bytes, &options, &mut |_| ControlFlow::Continue(()));
        take(&AoutView { bytes, verdict: &verdict, options: options.elks() }.view(), bytes);
    }
    if SymbolFormat::of(bytes) == SymbolFormat::Elks {
        let symbols = Symbols::Elks(ElksSymbols::new(bytes));
        take(&View::elks_symbols(&symbols, bytes.len() as u64), bytes);
    }

    let options = os2_ne::Options::default();
    let verdict = os2_ne::check_bytes(bytes, &options, &mut |_| ControlFlow::Continue(()));
    take(&NeView { bytes, options, verdict: &verdict }.view(), bytes);

    let inflated = contents(bytes, INFLATED).ok();
    let header = inflated.as_deref().and_then(|bytes| CoyotosHeader::parse(bytes).ok());
    let image = inflated.as_deref().and_then(|bytes| CoyotosImage::parse(bytes, Default::default()).ok());
    let coyotos = CoyotosView {
        file_length: bytes.len() as u64,
        gzip: is_gzip(bytes),
        bytes: inflated.as_deref(),
        header,
        image,
    };
    take(&coyotos.view(), inflated.as_deref().unwrap_or_default());
}

/// Fields hold what the file has there, regions lie where they say, and no text is obeyed by a terminal.
fn holds(view: &View, bytes: &[u8]) {
    let mut fields = 0;
    view.fields.iter().for_each(|node| field(node, bytes, &mut fields));
    assert!(fields <= bytes.len(), "{fields} fields of {} bytes", bytes.len());

    assert!(view.file.is_sorted_by_key(|region| region.start), "{:?}", view.file);
    for region in &view.file {
        assert!(region.start <= region.end, "{region:?}");
        let Some((memory, start, end)) = region.becomes else { continue };
        // A file that is refused has no memory, and says all the same what its parts are for.
        if let Some(memory) = view.memory.get(memory) {
            assert!(start <= end && end <= memory.length, "{region:?} of {}", memory.length);
        }
    }
    // Every byte is of a part, and every part is listed once. A damaged header may place one after the file.
    let parts = view.file_parts();
    let covered = parts.iter().fold(0, |end, part| {
        assert!(part.start.min(view.file_length) <= end, "{part:?} after a hole at {end}");
        part.end.max(end)
    });
    assert!(covered >= view.file_length, "{covered} of {}", view.file_length);
    let stored = view.parts().into_iter().filter(|part| part.stored.is_some()).count();
    let regions = view.file.iter().filter(|region| !region.is_empty()).count();
    assert!(stored >= regions, "{stored} of {regions} regions are listed");
    for memory in &view.memory {
        assert_ne!(memory.page, 0);
        for region in &memory.regions {
            assert!(
                region.start <= region.end && region.end <= memory.length,
                "{region:?} of {}",
                memory.length
            );
        }
        for pages in memory.pages.iter().flat_map(|pages| [&pages.read_only, &pages.shared]) {
            let apart = pages.windows(2).all(|runs| runs[0].1 < runs[1].0);
            assert!(apart && pages.iter().all(|(first, last)| first <= last), "{pages:?}");
        }
        if let Some(pages) = &memory.pages {
            let after = |last: u64| last.checked_add(1);
            for &(first, last) in &pages.shared {
                assert!(pages.are_shared(first, last), "{pages:?}");
                assert!(after(last).is_none_or(|after| !pages.are_shared(first, after)), "{pages:?}");
            }
            for &(first, last) in &pages.read_only {
                assert!(pages.are_read_only(first, last), "{pages:?}");
            }
        }
        memory.tree.iter().for_each(|branch| harmless(&branch.text));
        harmless(&memory.title);
    }

    harmless(&view.title);
    for section in &view.words {
        match section {
            Section::Facts(facts) => {
                for fact in facts {
                    harmless(&fact.text);
                    fact.advice.iter().for_each(|advice| _ = words::advice(advice));
                }
            }
            Section::Table(table) => {
                table.rows.iter().flatten().for_each(|cell| harmless(cell));
                assert!(table.rows.iter().all(|row| row.len() <= table.columns.len()), "{table:?}");
            }
            Section::Text(text, _) => harmless(text),
            _ => {}
        }
    }
    assert!(matches!(view.facts.get("format"), Some(Data::Text(_))), "{:?}", view.facts);
}

fn field(node: &Node, bytes: &[u8], fields: &mut usize) {
    assert_eq!(node.number().is_some(), matches!(node.value, Value::Unsigned(_)), "{}", node.name);
    assert_eq!(node.value.shown().is_none(), matches!(node.value, Value::Bytes(_) | Value::Fields(_)));
    if let Cow::Borrowed(name) = node.name {
        assert_eq!(field_name(name), name, "a name of Rust and not of the format");
    }
    if let Value::Fields(below) = &node.value {
        assert_eq!(node.fields(), below);
        // By its path, a field is the first of its name.
        for child in below.iter().filter(|child| !child.name.contains('.')) {
            let found = node.find(&child.name).expect("a field is found by its name");
            assert_eq!(found.name, child.name);
            for (grandchild, first) in child.fields().iter().zip(found.fields()).take(1) {
                let path = format!("{}.{}", child.name, grandchild.name);
                assert!(grandchild.name.contains('.') || node.find(&path) == Some(first), "{path}");
            }
        }
        assert_eq!(node.find("nothing of this name"), None);
        below.iter().for_each(|below| field(below, bytes, fields));
        return;
    }
    *fields += 1;
    let (start, size) = (node.offset as usize, node.size as usize);
    let held = bytes.get(start..start + size).expect("a field that is shown is whole");
    match &node.value {
        Value::Bytes(shown) => assert_eq!(shown, held, "{}", node.name),
        Value::Unsigned(number) => {
            let number = number.to_le_bytes();
            let (low, rest) = number.split_at(size);
            let reversed = || low.iter().rev().eq(held);
            assert!(rest.iter().all(|byte| *byte == 0) && (low == held || reversed()), "{}", node.name);
        }
        _ => {}
    }
}

fn harmless(text: &str) {
    assert!(!text.chars().any(is_obeyed), "{text:?}");
}

/// What a terminal obeys or a reader does not see as it is, by Unicode's own properties and not by what is to be
/// tested: controls (Cc) of seven and eight bits, marks and overrides of direction (`Bidi_Control`), separators of lines.
pub(crate) fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{2028}' | '\u{2029}')
}
