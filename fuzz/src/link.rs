//! The linker of `nachos-cross`: scripts, objects, archives, and all of them together.

use std::hint::black_box;

use nachos_cross::link::script::Script;
use nachos_cross::link::{Input, LinkOptions, Linked, MAX_PROGRAM, ObjectFile, link};

use crate::words;

/// The largest program that a target writes whole.
const MAX_WRITTEN: u64 = 1 << 18;

/// Any text as a linker script.
pub fn link_script(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Script::parse(&text) {
        Ok(script) => {
            // Each statement takes a character at least.
            assert!(script.statements.len() <= text.len());
            black_box(script.is_paged());
        }
        Err(error) => {
            assert!(error.line >= 1 && error.line as usize <= 1 + text.matches('\n').count(), "{error}");
            assert!(error.found.chars().count() <= 40, "{error}");
        }
    }
}

/// Any bytes as an object, and linked alone by the script that the old linker had: an archive too.
pub fn link_object(data: &[u8]) {
    if let Ok(object) = ObjectFile::parse("fuzz.o".into(), data) {
        let bytes: usize = object.sections.iter().map(|section| section.bytes.len()).sum();
        let relocations: usize = object.sections.iter().map(|section| section.relocations.len()).sum();
        assert!(bytes + 8 * relocations <= data.len(), "no memory by what is claimed twice");
        assert!(object.symbols.len() <= 1 + data.len() / 16);
    }
    let input = |runtime| Input { name: "fuzz".into(), bytes: data, runtime };
    let undefined = ["__start", "main", "memcpy"].map(String::from).into();
    let options = LinkOptions { undefined, ..LinkOptions::default() };
    judge(link(&[input(false)], &Script::default(), &options).ok().as_ref());
}

/// A script and several objects: two bytes, the script's length; the script; a byte of options; and of each object the length
/// in four bytes, and its bytes. Where less is left, that is all of it.
pub fn link_program(data: &[u8]) {
    let (length, rest) = data.split_at(data.len().min(2));
    let length = length.iter().rev().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
    let (text, rest) = rest.split_at(length.min(rest.len()));
    let Ok(script) = Script::parse(&String::from_utf8_lossy(text)) else { return };
    let Some((&flags, mut rest)) = rest.split_first() else { return };
    let mut inputs = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (bytes, after) = after.split_at(after.len().min(u32::from_le_bytes(*length) as usize));
        inputs.push(Input { name: format!("{}.o", inputs.len()), bytes, runtime: false });
        rest = after;
    }
    if let Some(last) = inputs.last_mut() {
        last.runtime = flags & 1 != 0;
    }
    let options = LinkOptions {
        granularity: u64::from(flags & 0xf0),
        avoid_whole_pages: flags & 2 != 0,
        ..LinkOptions::default()
    };
    match link(&inputs, &script, &options) {
        Ok(linked) => judge(Some(&linked)),
        Err(error) => {
            // Undefined references are a line each.
            error.to_string().lines().for_each(|line| _ = words::said(&line));
        }
    }
}

/// What was linked lies in memory of 32 bits, no two sections at one address, and is written as COFF and as ELF.
fn judge(linked: Option<&Linked>) {
    let Some(linked) = linked else { return };
    let mut filled: Vec<_> = linked.sections.iter().filter(|section| section.size != 0).collect();
    filled.sort_by_key(|section| section.address);
    let total: u64 = filled.iter().map(|section| section.size).sum();
    assert!(total <= MAX_PROGRAM);
    for pair in filled.windows(2) {
        assert!(pair[0].address + pair[0].size <= pair[1].address);
    }
    for section in &filled {
        assert!(section.address + section.size <= 1 << 32);
        assert!(section.bytes.is_empty() || section.bytes.len() as u64 == section.size, "{}", section.name);
    }
    if total > MAX_WRITTEN {
        return;
    }
    if let Ok(coff) = linked.to_coff() {
        let image = mips_coff::Image::parse(&coff).unwrap();
        let sizes: u64 = image.section_headers().map(|(_, header)| u64::from(header.size)).sum();
        // The file's sections are padded.
        let most = total + 16 * image.section_headers().count() as u64;
        assert!((total..=most).contains(&sizes), "{total} bytes, {sizes} in the file");
    }
    if let Ok(elf) = linked.to_elf() {
        assert!(elf.starts_with(b"\x7fELF"));
    }
}
