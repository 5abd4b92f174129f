//! Compressed sections of ELKS executables.

#![allow(unsafe_code, reason = "one call of C")]

use aout_minix::compress::{
    CompressError, CompressedFile, FileReport, IN_PLACE_MARGIN, Level, MAX_SIZE, PlainReason, Stored,
    check_kernel_limits, compress_file, compress_sections, decode, decode_in_place, encode, encode_bound,
    encode_patiently, expand_file, expanded_header, footprint,
};
use aout_minix::{Builder, Cpu, FileType, Image, Section, parse};

use crate::words;

/// Of fewer bytes all ways to store them are tried.
const FEW: usize = 256;

/// Of fewer bytes, patiently too, which takes longer.
const VERY_FEW: usize = 32;

unsafe extern "C" {
    /// `aout-minix/tests/c/kernel_decode.c`: the kernel's decoder in our own words, bounds-checked.
    fn kernel_decode(area: *mut u8, area_size: u32, packed: u32, size: u32) -> u32;
}

/// What the kernel makes of compressed bytes, with the memory that it has for them. `None` where they are refused.
fn kernel(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut area = vec![0xa5; size + IN_PLACE_MARGIN];
    area.get_mut(..packed.len())?.copy_from_slice(packed);
    // SAFETY: the area has the size that is given, and the checked build stays within it.
    let unpacked =
        unsafe { kernel_decode(area.as_mut_ptr(), area.len() as u32, packed.len() as u32, size as u32) };
    area.truncate(size);
    (unpacked != 0).then_some(area)
}

/// As [`kernel`], by the library.
fn in_place(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut area = vec![0xa5; size + IN_PLACE_MARGIN];
    area.get_mut(..packed.len())?.copy_from_slice(packed);
    decode_in_place(&mut area, packed.len(), size).ok()?;
    area.truncate(size);
    Some(area)
}

/// Two bytes of size and any bytes as a stream: the verdict and the section are those of the kernel.
pub fn decompress(data: &[u8]) {
    let Some((size, packed)) = data.split_first_chunk() else { return };
    let size = usize::from(u16::from_le_bytes(*size));
    let ours = in_place(packed, size);
    assert_eq!(ours, kernel(packed, size), "verdict or section differ");
    let mut out = vec![0x5a; size];
    let apart = decode(packed, &mut out);
    assert_eq!(footprint(packed, size).map(drop), apart, "measuring is decoding");
    if let Ok(found) = footprint(packed, size) {
        let fits = packed.len() <= size + IN_PLACE_MARGIN;
        assert_eq!(ours.is_some(), fits && check_kernel_limits(packed, size).is_ok(), "{found:?}");
    }
    match (ours, apart) {
        (Some(ours), apart) => assert!(apart.is_ok() && ours == out, "in place and apart differ"),
        (None, Ok(())) => {}
        (None, Err(finding)) => {
            assert!(finding.offset <= packed.len() as u64, "{finding}");
            assert!(!finding.expected.allows(finding.found), "{finding}");
            words::finding(&finding);
            words::rule(finding.rule);
        }
    }
}

/// Any bytes as a section and as a program: packed and unpacked they are the same, here and in the kernel.
pub fn compress_roundtrip(data: &[u8]) {
    let Some((&choice, data)) = data.split_first() else { return };
    let data = &data[..data.len().min(MAX_SIZE)];
    let level = match choice & 7 {
        0 => Level::Default,
        1 if data.len() < FEW => Level::Best,
        _ => Level::Fast,
    };
    if data.is_empty() {
        assert!(encode(data, level).is_err());
        return;
    }
    if choice & 8 == 0 { section(data, level) } else { program(data, usize::from(choice >> 4), level) }
}

fn section(data: &[u8], level: Level) {
    let packed = encode(data, level).unwrap();
    assert!(packed.len() <= encode_bound(data.len()));
    let mut out = vec![0; data.len()];
    decode(&packed, &mut out).unwrap();
    assert!(out == data, "another section");
    let fits = check_kernel_limits(&packed, data.len()).is_ok();
    let expected = fits.then(|| data.to_vec());
    assert_eq!(kernel(&packed, data.len()), expected, "the kernel does as the simulation foretells");
    assert_eq!(in_place(&packed, data.len()), expected);
    if data.len() < VERY_FEW {
        let packed = encode_patiently(data, 1).unwrap();
        let mut out = vec![0; data.len()];
        decode(&packed, &mut out).unwrap();
        assert!(out == data, "another section");
    }
}

/// The bytes, cut into text, far text, data, symbols and what follows them.
fn program(data: &[u8], cut: usize, level: Level) {
    let (text, rest) = data.split_at(data.len().div_ceil(2));
    let (far_text, rest) = rest.split_at(rest.len() * cut / 20);
    let (init, rest) = rest.split_at(rest.len() * 3 / 4);
    let (symbols, trailing) = rest.split_at(rest.len() / 2);
    let builder = Builder::new(FileType::SPLITID).version(1).bss(16).minstack(64);
    let builder = builder.text(text).far_text(far_text).data(init).symbols(symbols).trailing(trailing);
    let Ok(file) = builder.to_vec() else { return };
    let image = parse(&file).expect("what was built can be parsed");
    match compress_file(&image, level).unwrap() {
        CompressedFile::Written(new, report) => {
            assert!(new.len() < file.len() && report.after == new.len() && report.before == file.len());
            let compressed = parse(&new).expect("what was compressed can be parsed");
            assert!(expand_file(&compressed).unwrap() == file, "another file");
            assert_eq!(expanded_header(compressed.header()), *image.header());
            let again = compress_file(&compressed, level).unwrap();
            assert_eq!(again, CompressedFile::AlreadyCompressed);
            reported(&compressed, &report);
        }
        CompressedFile::NothingGained(report) => assert_eq!(report.after, file.len()),
        CompressedFile::AlreadyCompressed => panic!("it was built plain"),
    }
    some_sections(&image);
    // No other system decompresses.
    let minix = FileType { cpu: Cpu::M68K, ..FileType::SPLITID };
    let file = Builder::new(minix).text(text).to_vec().expect("a file for Minix");
    let refused = compress_file(&parse(&file).expect("what was built can be parsed"), level);
    let refused = refused.expect_err("not for ELKS");
    assert_eq!(refused, CompressError::NotElks(minix));
    words::error(&refused);
}

/// What is said of each section is what is stored of it.
fn reported(compressed: &Image<'_>, report: &FileReport) {
    for section in &report.sections {
        assert_eq!(section.after() as usize, compressed.section(section.section).len());
        let sizes = compressed.header().sizes(section.section);
        assert_eq!(sizes.uncompressed, section.before);
        assert_eq!(sizes.is_compressed, matches!(section.stored, Stored::Compressed(..)));
        if let Stored::Plain(reason) = section.stored {
            words::said(&reason);
        }
    }
}

/// The text alone, and the data alone: the other sections are as they were.
fn some_sections(image: &Image<'_>) {
    for chosen in [Section::Text, Section::Data] {
        let new = match compress_sections(image, Level::Fast, &[chosen]).expect("for ELKS") {
            CompressedFile::Written(new, report) => {
                reported(&parse(&new).expect("what was compressed can be parsed"), &report);
                new
            }
            CompressedFile::NothingGained(report) => {
                let plain = report.sections.iter().filter(|it| it.section != chosen);
                let reasons = plain.filter_map(|it| match it.stored {
                    Stored::Plain(reason) => Some(reason),
                    Stored::Compressed(..) => None,
                });
                let unasked = [PlainReason::Empty, PlainReason::NotChosen];
                let reasons: Vec<_> = reasons.inspect(|reason| _ = words::said(reason)).collect();
                assert!(reasons.len() == 2 && reasons.iter().all(|reason| unasked.contains(reason)));
                continue;
            }
            CompressedFile::AlreadyCompressed => panic!("it was built plain"),
        };
        let compressed = parse(&new).expect("what was compressed can be parsed");
        for section in Section::ALL.into_iter().filter(|&section| section != chosen) {
            assert!(compressed.section(section) == image.section(section), "{section}");
        }
    }
}
