use std::ops::ControlFlow;

use arbitrary::{Arbitrary, Unstructured};
use noff::convert::{ConvertError, Executable, NoffOptions, Source};
use noff::{
    BuildError, Builder, ByteOrder, CheckOptions, Header, Image, Layout, LoadError, Options, PROFILES,
    PageSize, Program, SegmentField, SegmentKind, Severity, Strictness, check, check_bytes,
};

use crate::built::written;
use crate::words;

/// The largest memory that a target allocates to load a program whole.
const MAX_MEMORY: u32 = 1 << 20;

/// Any bytes through everything that reads.
pub fn noff_parse(data: &[u8]) {
    let file_len = u32::try_from(data.len()).unwrap_or(u32::MAX);
    for layout in [None, Some(Layout::Three), Some(Layout::Four)] {
        for strictness in [Strictness::Errors, Strictness::Warnings] {
            let options = Options { layout, strictness };
            let parsed = Image::parse(data, options);
            let head = &data[..data.len().min(noff::MAX_HEADER_SIZE)];
            let of_head = Program::parse(head, file_len, options);
            // A kernel that reads the header only comes to the same verdict.
            assert_eq!(parsed.map(|image| *image.program()), of_head);
            match parsed {
                Ok(image) => accepted(&image),
                Err(finding) => words::finding(&finding),
            }
        }
        if let Ok(header) = Header::parse(data, file_len, layout) {
            let findings: Vec<_> = check(&header, file_len).collect();
            for finding in &findings {
                assert!(!finding.expected.allows(finding.found), "{finding}");
                assert!(finding.offset <= u64::from(file_len), "{finding}");
                words::finding(finding);
                words::rule(finding.rule);
            }
            let refused = Program::new(header, file_len, Strictness::Errors).is_err();
            assert_eq!(refused, findings.iter().any(|finding| finding.is_error()));
        }
        for profile in std::iter::once(None).chain(PROFILES.iter().map(Some)) {
            let mut errors = 0;
            let options = CheckOptions { layout, profile, scan_code: true };
            let verdict = check_bytes(data, &options, &mut |finding| {
                errors += u32::from(finding.severity() == Severity::Error);
                words::finding(finding);
                ControlFlow::Continue(())
            });
            assert_eq!(verdict.is_accepted(), errors == 0);
            let parsed = Image::parse(data, Options { layout, strictness: Strictness::Errors });
            assert_eq!(verdict.program, parsed.map(|image| *image.program()).ok());
        }
    }
}

/// The laws of a program that was accepted.
fn accepted(image: &Image<'_>) {
    let program = image.program();
    words::said(program);
    let end = program.memory_end();
    segments(image);
    for kind in SegmentKind::ALL {
        let segment = program.header().segment(kind);
        let size = segment.size;
        let last = u64::from(segment.virtual_addr) + u64::from(size);
        assert!(size == 0 || last <= u64::from(end), "{kind:?} ends at {last:#x}, and memory at {end:#x}");
        let expected = if kind.is_file_backed() { size as usize } else { 0 };
        assert_eq!(image.segment_bytes(kind).len(), expected);
    }
    for size in [1, 16, 128, 4096, PageSize::MAX] {
        let page_size = PageSize::new(size).unwrap();
        let pages = program.page_count(page_size, noff::USER_STACK_SIZE);
        assert!(pages * u64::from(size) >= u64::from(end) + 1024);
        let listed = program.pages(page_size, noff::USER_STACK_SIZE).take(100);
        assert!(listed.enumerate().all(|(vpn, page)| page.address() == vpn as u64 * u64::from(size)));
        if let Some(pointer) = program.stack_pointer(page_size, noff::USER_STACK_SIZE) {
            assert!(u64::from(pointer) + 16 == pages * u64::from(size));
        }
        for vpn in [0, 1, end / size, (end / size).wrapping_add(1), u32::MAX / size, u32::MAX] {
            page(image, vpn, page_size);
        }
    }
    if end <= MAX_MEMORY {
        whole_equals_pages(image);
    }
}

/// The segments that are listed are those of the header that have a size, and the warnings are those of a check.
fn segments(image: &Image<'_>) {
    let (program, header) = (image.program(), image.program().header());
    let sized = header.layout.kinds().iter().filter(|&&kind| header.segment(kind).size > 0);
    assert!(image.segments().map(|segment| segment.kind).eq(sized.copied()));
    for segment in image.segments() {
        assert_eq!(segment.header, header.segment(segment.kind));
        assert_eq!(segment.bytes, image.segment_bytes(segment.kind));
        let within = segment.header.file_end() <= image.bytes().len() as u64;
        assert!(within || !segment.kind.is_file_backed(), "{:?}", segment.header);
    }
    assert!(program.warnings().eq(check(header, program.file_len())));
    // A record of three words for each segment that the layout has.
    for kind in SegmentKind::ALL {
        let start = header.layout.field_offset(kind, SegmentField::VirtualAddr);
        let record = header.layout.fields().iter().find(|field| Some(field.offset as u64) == start);
        let expected = header.layout.kinds().contains(&kind).then_some((kind.name(), 12));
        assert_eq!(record.map(|field| (field.name, field.size)), expected);
    }
}

/// A page's pieces are within the page and the file, and do not overlap.
fn page(image: &Image<'_>, vpn: u32, page_size: PageSize) {
    let page = image.program().page(vpn, page_size);
    let mut pieces: Vec<_> = page.pieces().collect();
    assert!(pieces.len() <= 3);
    pieces.sort_by_key(|piece| piece.offset_in_page);
    let mut at = 0;
    for piece in pieces {
        assert!(piece.length > 0 && piece.offset_in_page >= at);
        at = piece.offset_in_page + piece.length;
        assert!(at <= page_size.bytes());
        assert!(u64::from(piece.file_offset) + u64::from(piece.length) <= image.bytes().len() as u64);
    }
    let covered = page.segments().all(SegmentKind::is_read_only) && page.segments().next().is_some();
    assert!(!page.is_read_only() || covered);
}

/// The memory that a whole load gives is that of its pages, one by one.
fn whole_equals_pages(image: &Image<'_>) {
    let end = image.program().memory_end();
    let mut memory = vec![0xa5; end as usize];
    image.load_into(&mut memory).unwrap();
    let mut frame = [0xa5; 128];
    for vpn in 0..end.div_ceil(128) {
        image.read_page(vpn, &mut frame).unwrap();
        let start = vpn as usize * 128;
        let length = (memory.len() - start).min(128);
        assert_eq!(memory[start..start + length], frame[..length]);
        assert!(frame[length..].iter().all(|&byte| byte == 0));
    }
    if let Some(short) = memory.len().checked_sub(1) {
        words::error(&image.load_into(&mut memory[..short]).expect_err("too short"));
    }
    for length in [0, 3, 127] {
        let refused = image.read_page(0, &mut frame[..length]);
        assert_eq!(refused, Err(LoadError::PageSize(length as u64)));
        words::error(&refused.expect_err("not a page size"));
    }
}

/// What goes into a file.
#[derive(Arbitrary, Debug)]
struct Contents {
    four: bool,
    big: bool,
    code: Vec<u8>,
    data: Vec<u8>,
    constants: Vec<u8>,
    bss: u32,
    gaps: [u8; 3],
    data_first: bool,
}

/// A valid file: built, parsed, compared, loaded.
pub fn noff_roundtrip(data: &[u8]) {
    let Ok(contents) = Contents::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let Contents { four, big, code, data, constants, bss, gaps, data_first } = contents;
    let layout = if four { Layout::Four } else { Layout::Three };
    let byte_order = if big { ByteOrder::Big } else { ByteOrder::Little };
    let constants = if four { constants } else { Vec::new() };
    let at_constants = code.len() as u32 + u32::from(gaps[0]);
    let at_data = at_constants + constants.len() as u32 + u32::from(gaps[1]);
    let at_bss = at_data + data.len() as u32 + u32::from(gaps[2]);

    let start = Builder::new(layout, byte_order);
    let builder = if data_first {
        start.init_data(at_data, &data).readonly_data(at_constants, &constants).code(0, &code)
    } else {
        start.code(0, &code).readonly_data(at_constants, &constants).init_data(at_data, &data)
    }
    .uninit_data(at_bss, bss);

    let has_bytes = !(code.is_empty() && constants.is_empty() && data.is_empty());
    let fits = at_bss.checked_add(bss).is_some();
    if !four {
        // Constants have no segment of their own.
        let refused = builder.readonly_data(at_constants, b"constant").written_len();
        assert_eq!(refused, Err(BuildError::NoSuchSegment(SegmentKind::ReadonlyData)));
        words::error(&refused.expect_err("no such segment"));
    }
    let length = match builder.written_len() {
        Ok(length) => length,
        Err(error) => {
            assert!(!has_bytes || !fits, "a valid file is refused: {error}");
            words::error(&error);
            return;
        }
    };
    assert!(has_bytes && fits);
    let header_size = layout.header_size() as usize;
    assert_eq!(length, header_size + code.len() + constants.len() + data.len());
    let file = written(length, |place| builder.write_to(place));

    let image = Image::parse(&file, Options::default()).expect("what was built can be parsed");
    let header = image.program().header();
    assert_eq!((header.layout, header.byte_order), (layout, byte_order));
    let parts = [
        (SegmentKind::Code, 0, &code),
        (SegmentKind::ReadonlyData, at_constants, &constants),
        (SegmentKind::InitData, at_data, &data),
    ];
    for (kind, address, bytes) in parts {
        assert_eq!(image.segment_bytes(kind), &bytes[..]);
        assert!(bytes.is_empty() || header.segment(kind).virtual_addr == address);
    }
    assert_eq!(header.uninit_data.size, bss);
    accepted(&image);
}

/// Any bytes through the converters; what comes out can be parsed, and converted again to the same.
pub fn noff_convert(data: &[u8]) {
    words::kind(data);
    let executable = match Executable::read(data) {
        Ok(executable) => executable,
        Err(error) => return refused(&error),
    };
    for note in &executable.notes {
        words::said(note);
    }
    let loaded: usize = executable.sections.iter().map(|section| section.bytes.len()).sum();
    assert!(loaded <= data.len());
    let plain = Layout::ALL.map(|layout| NoffOptions::new(layout, ByteOrder::Little));
    let of_kernels = PROFILES.iter().filter_map(NoffOptions::for_profile).flat_map(|options| {
        [options, options.with(None, Some(ByteOrder::Big)), options.with(Some(Layout::Four), None)]
    });
    for options in plain.into_iter().chain(of_kernels) {
        match executable.to_noff(options) {
            Ok(conversion) => {
                assert!(conversion.bytes.len() <= data.len() + 4 * noff::convert::MAX_FILL as usize + 52);
                let image = Image::parse(&conversion.bytes, Options::default())
                    .expect("what was converted can be parsed");
                for section in &executable.sections {
                    in_place(&image, section.span.start, section.bytes);
                }
                for note in &conversion.notes {
                    words::said(note);
                    assert_ne!(note.severity(), Some(Severity::Error), "a note of what was converted");
                }
                assert!(conversion.notes.starts_with(&executable.notes), "a note was lost");
                let again = Executable::from_image(&image).to_noff(options);
                assert_eq!(again.expect("a NOFF becomes a NOFF").bytes, conversion.bytes);
            }
            Err(error) => refused(&error),
        }
    }
    match executable.to_flat() {
        Ok(conversion) => {
            assert!(conversion.bytes.len() <= noff::convert::MAX_FLAT_SIZE as usize + data.len());
            assert!(conversion.notes.starts_with(&executable.notes), "a note was lost");
            conversion.notes.iter().for_each(|note| _ = words::said(note));
            // From COFF, as `coff2flat`: one section after the other.
            for section in executable.sections.iter().filter(|_| executable.source != Source::Coff) {
                assert!(conversion.bytes[section.span.start as usize..].starts_with(section.bytes));
            }
        }
        Err(error) => refused(&error),
    }
}

/// Why a file was not converted: with the rule found again by its numbers, and something to do.
pub(crate) fn refused(error: &ConvertError) {
    words::error(error);
    error.advice().iter().for_each(|advice| _ = words::advice(advice));
    if let ConvertError::Input { finding, .. } = error {
        words::finding(finding);
        words::rule(finding.rule);
        assert!(!finding.expected.allows(finding.found), "{finding}");
    }
}

/// A section's bytes lie at its address.
fn in_place(image: &Image<'_>, start: u32, bytes: &[u8]) {
    let mut frame = [0; 128];
    let mut at = 0;
    while at < bytes.len() {
        let address = start + at as u32;
        image.read_page(address / 128, &mut frame).unwrap();
        let offset = address as usize % 128;
        let length = (128 - offset).min(bytes.len() - at);
        assert_eq!(frame[offset..offset + length], bytes[at..at + length]);
        at += length;
    }
}
