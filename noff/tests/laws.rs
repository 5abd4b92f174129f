//! What holds of every file: the parser, the checker and the loader agree; whole, pages and runs of pages give the same
//! memory.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

use std::ops::ControlFlow;

use execfmt_testkit::{Mutator, corpus, corpus_file, testdata};
use noff::{
    Builder, ByteOrder, CheckOptions, Header, Image, Layout, Options, PROFILES, PageSize, Profile, Program,
    SegmentHeader, SegmentKind, Severity, Strictness, check, check_bytes, check_prefix,
};

/// Numbers at which something changes: around the headers, the file's length, pages, known ends and 32 bits.
const EDGES: [u32; 30] = [
    0,
    1,
    3,
    4,
    15,
    16,
    17,
    32,
    39,
    40,
    41,
    51,
    52,
    53,
    64,
    96,
    100,
    127,
    128,
    129,
    0x100,
    0x101,
    0xc248,
    0xc249,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ff00,
    0xffff_fff0,
    0xffff_fffe,
    0xffff_ffff,
];

fn random_header(rng: &mut fastrand::Rng) -> Header {
    let layout = if rng.bool() { Layout::Three } else { Layout::Four };
    let order = if rng.bool() { ByteOrder::Little } else { ByteOrder::Big };
    let mut header = Header::empty(layout, order);
    // Half of the headers are nearly right, so that each rule is met alone as well.
    let tidy = rng.bool();
    let (mut address, mut offset) = (0, layout.header_size());
    for kind in layout.kinds() {
        let size = rng.u32(0..40) * 4;
        let mut segment = SegmentHeader { virtual_addr: address, in_file_addr: offset, size };
        address += size + rng.u32(0..2) * 16;
        offset += if kind.is_file_backed() { size } else { 0 };
        let mut edge = |value: &mut u32| {
            if rng.u8(..) < if tidy { 12 } else { 128 } {
                *value = if rng.bool() {
                    EDGES[rng.usize(..EDGES.len())]
                } else {
                    value.wrapping_add(rng.u32(..8)).wrapping_sub(4)
                };
            }
        };
        edge(&mut segment.virtual_addr);
        edge(&mut segment.in_file_addr);
        edge(&mut segment.size);
        header.set_segment(*kind, segment);
    }
    header
}

/// A parser that asks only whether there is an error goes another way through the rules than the checker, which wants
/// each finding. Both must refuse the same.
#[test]
fn a_program_is_refused_exactly_when_check_has_an_error() {
    let mut mutator = Mutator::new("headers, parser against checker", 0x0ff0);
    let rng = mutator.rng();
    let mut refused = 0;
    for _ in 0..200_000 {
        let header = random_header(rng);
        let file_len = if rng.bool() { rng.u32(30..700) } else { EDGES[rng.usize(..EDGES.len())] };
        let findings: Vec<_> = check(&header, file_len).collect();
        let first = findings.iter().find(|finding| finding.is_error());
        let program = Program::new(header, file_len, Strictness::Errors);
        assert_eq!(program.err().as_ref(), first, "{header}, {file_len} bytes");
        refused += u32::from(first.is_some());
        let strict = Program::new(header, file_len, Strictness::Warnings);
        assert_eq!(strict.err().as_ref(), findings.first(), "{header}, {file_len} bytes");
        if let Ok(program) = program {
            assert_eq!(Some(program.memory_end()), header.memory_end(), "{header}");
        }
        for finding in &findings {
            assert_eq!(finding.rule.severity(), finding.severity());
            assert!(!finding.expected.allows(finding.found), "{finding}");
        }
    }
    assert!(
        (60_000..180_000).contains(&refused),
        "{refused} of 200000 refused: too few or too many to learn from"
    );
}

/// The largest memory that a program is loaded into here.
const MAX_MEMORY: u32 = 1 << 20;

/// What a whole load gives, byte by byte from the definition: the segments' bytes at their addresses, and zeros.
fn expected(image: &Image<'_>) -> Vec<u8> {
    let mut memory = vec![0; image.program().memory_end() as usize];
    for segment in image.segments() {
        memory[segment.header.virtual_addr as usize..][..segment.bytes.len()].copy_from_slice(segment.bytes);
    }
    memory
}

fn loads_alike(image: &Image<'_>) {
    let (program, expected) = (image.program(), expected(image));
    let mut memory = vec![0xa5; expected.len() + 300];
    image.load_into(&mut memory).unwrap();
    assert_eq!(memory[..expected.len()], expected, "{program}");
    assert!(memory[expected.len()..].iter().all(|&byte| byte == 0), "{program}");
    let read = |offset: u32, place: &mut [u8]| {
        place.copy_from_slice(&image.bytes()[offset as usize..][..place.len()]);
        Ok::<(), ()>(())
    };
    for address in 0..expected.len() as u32 + 200 {
        let segment = program.segment_at(address);
        match program.file_offset(address) {
            Some((offset, rest)) => {
                assert_eq!(
                    image.bytes()[offset as usize],
                    expected[address as usize],
                    "{program}: {address}"
                );
                let kind = segment.unwrap();
                assert_eq!(Some(address + rest), program.header().segment(kind).memory_end());
            }
            None => assert!(segment.is_none_or(|kind| !kind.is_file_backed()), "{program}: {address}"),
        }
        assert_eq!(
            segment.is_some(),
            program.page(address, PageSize::new(1).unwrap()).segments().next().is_some(),
            "{program}: {address}"
        );
    }
    for size in [16, 128] {
        let page_size = PageSize::new(size).unwrap();
        let pages = expected.len().div_ceil(size as usize);
        let mut run = vec![0xa5; pages * size as usize];
        program.load_pages_with(0, page_size, &mut run, read).unwrap();
        assert_eq!(run[..expected.len()], expected, "{program}");
        assert!(run[expected.len()..].iter().all(|&byte| byte == 0));
        for (vpn, whole) in run.chunks(size as usize).enumerate() {
            let mut frame = vec![0xa5; size as usize];
            image.read_page(vpn as u32, &mut frame).unwrap();
            assert_eq!(frame, whole, "{program}: page {vpn}");
        }
        let half = pages / 2;
        let mut rest = vec![0xa5; (pages - half) * size as usize];
        program.load_pages_with(half as u32, page_size, &mut rest, read).unwrap();
        assert_eq!(rest, run[half * size as usize..]);
        // What a run says of its first page, each of its pages says of itself.
        let mut next = 0;
        for run in program.page_runs(page_size, 1024) {
            assert_eq!(run.first, next);
            for vpn in run.first..=run.last {
                let page = program.page(vpn as u32, page_size);
                assert_eq!(page.is_read_only(), run.page.is_read_only(), "{program}: page {vpn}");
                assert!(page.segments().eq(run.page.segments()), "{program}: page {vpn}");
            }
            next = run.last + 1;
        }
        assert_eq!(next, program.page_count(page_size, 1024));
        assert_eq!(program.pages(page_size, 1024).count() as u64, next);
    }
}

fn errors(file: &[u8], options: &CheckOptions<'_>) -> (bool, usize) {
    let mut errors = 0;
    let verdict = check_bytes(file, options, &mut |finding| {
        errors += usize::from(finding.severity() == Severity::Error);
        ControlFlow::Continue(())
    });
    assert_eq!(verdict.tally.errors as usize, errors);
    if errors == 1 {
        // The verdict is the same for who does not want to hear the reasons.
        let silent = check_bytes(file, options, &mut |_| ControlFlow::Break(()));
        assert_eq!(silent.is_accepted(), verdict.is_accepted());
    }
    (verdict.is_accepted(), errors)
}

/// Whether a kernel of a profile runs a file, said again from the profile's fields alone.
fn kernel_runs(image: &Image<'_>, profile: &Profile<'_>) -> bool {
    let header = image.program().header();
    let noff::Format::Noff { layout } = profile.format else { return false };
    let pages = (u64::from(image.program().memory_end()) + u64::from(profile.stack_size))
        .div_ceil(profile.page_size.bytes().into());
    let fits = profile.demand_paging || profile.frames.is_none_or(|frames| pages <= frames.into());
    let addressable = pages * u64::from(profile.page_size.bytes()) <= 0x1_0000_000f;
    let segments = || image.segments().map(|segment| segment.header);
    header.layout == layout
        && profile.byte_orders.contains(header.byte_order)
        && segments().all(|segment| segment.size % profile.size_granularity == 0)
        && image.segments().all(|segment| {
            let (start, end) = (segment.header.virtual_addr, segment.header.memory_end().unwrap());
            let filler = segment.kind == SegmentKind::Code
                && start % profile.page_size.bytes() == 0
                && (start..end).contains(&profile.start);
            filler || u64::from(start) >= profile.lowest_address()
        })
        && fits
        && addressable
}

#[test]
fn check_accepts_exactly_what_loads() {
    let mut seeds: Vec<Vec<u8>> = ["noff/halt.noff", "noff/echo.noff", "noff/demo.noff"].map(testdata).into();
    let code = [0; 256];
    for (layout, order) in [(Layout::Three, ByteOrder::Big), (Layout::Four, ByteOrder::Little)] {
        let mut builder = Builder::new(layout, order).code(0x80, &code[..128]).init_data(0x100, &code);
        if layout == Layout::Four {
            builder = builder.readonly_data(0x200, &code[..128]);
        }
        let mut file = vec![0; 800];
        let written = builder.uninit_data(0x280, 128).write_to(&mut file).unwrap();
        file.truncate(written);
        seeds.push(file);
    }
    let mut mutator = Mutator::new("NOFF files, checker against loader", 0x10ad);
    let (mut loaded, mut ran) = (0, 0);
    for round in 0..100_000 {
        let mut file = seeds[round % seeds.len()].clone();
        let rng = mutator.rng();
        for _ in 0..rng.usize(1..4) {
            let at = rng.usize(..13) * 4;
            if rng.u8(..) < 24 {
                file.truncate(rng.usize(..file.len() + 1));
            } else if let Some(word) = file.get_mut(at..at + 4) {
                let value = if rng.bool() { EDGES[rng.usize(..EDGES.len())] } else { rng.u32(..400) };
                word.copy_from_slice(&if rng.bool() { value.to_le_bytes() } else { value.to_be_bytes() });
            }
        }
        let layout = [None, Some(Layout::Three), Some(Layout::Four)][rng.usize(..3)];
        let options = Options { layout, strictness: Strictness::Errors };
        let (accepted, count) = errors(&file, &CheckOptions { layout, ..CheckOptions::default() });
        assert_eq!(accepted, count == 0);
        let image = Image::parse(&file, options);
        assert_eq!(image.is_ok(), accepted, "{image:?}");
        if let Some(image) = image.as_ref().ok().filter(|image| image.program().memory_end() <= MAX_MEMORY) {
            let mut memory = vec![0; image.program().memory_end() as usize];
            image.load_into(&mut memory).expect("what is accepted loads");
            if round % 64 == 0 {
                loads_alike(image);
            }
            loaded += 1;
        }
        for profile in PROFILES {
            let (accepted, count) =
                errors(&file, &CheckOptions { layout, profile: Some(profile), ..CheckOptions::default() });
            assert_eq!(accepted, count == 0);
            let runs = image.as_ref().is_ok_and(|image| kernel_runs(image, profile));
            assert_eq!(accepted, runs, "{}: {image:?}", profile.name);
            ran += u32::from(runs);
        }
    }
    assert!((10_000..90_000).contains(&loaded), "{loaded} of 100000 load: too few or too many to learn from");
    assert!(ran > 5_000, "{ran} runs on kernels");
}

/// `mul`, which is none of MIPS I; a load and its use; `srl`; the last return and its delay slot; constants that
/// would be `mul`.
const CODE: [u32; 8] =
    [0x7085_1002, 0x8c82_0000, 0x2442_0001, 0x0002_1042, 0x03e0_0008, 0, 0x7085_1002, 0x7085_1002];

#[test]
fn code_is_scanned_where_that_is_asked_for() {
    let code: Vec<u8> = CODE.iter().flat_map(|word| word.to_le_bytes()).collect();
    for byte_order in [ByteOrder::Little, ByteOrder::Big] {
        let mut file = [0; 84];
        let length = Builder::new(Layout::Four, byte_order).code(0, &code).write_to(&mut file).unwrap();
        for (scan_code, expected) in [(false, vec![]), (true, vec![("above_mips1", 52), ("load_delay", 60)])]
        {
            let mut found = Vec::new();
            let options = CheckOptions { scan_code, ..CheckOptions::default() };
            let verdict = check_bytes(&file[..length], &options, &mut |finding| {
                found.push((finding.code(), finding.offset()));
                ControlFlow::Continue(())
            });
            assert_eq!(found, expected);
            assert!(verdict.is_accepted() && verdict.first_error.is_none());
            assert_eq!(verdict.tally.warnings as usize, found.len());
            let counted = verdict.code.map(|code| (code.instructions, code.first_unsigned_shift));
            assert_eq!(counted, scan_code.then_some((6, Some(12))));
            // Without the bytes of the code there is nothing to scan.
            let prefix = check_prefix(&file[..52], length as u32, &options, &mut |_| panic!("no finding"));
            assert_eq!(prefix.code, None);
        }
    }
}

#[test]
fn random_programs_load_alike_in_every_way() {
    let mut mutator = Mutator::new("NOFF files, ways of loading", 0x9a6e);
    for _ in 0..2_000 {
        let rng = mutator.rng();
        let layout = if rng.bool() { Layout::Three } else { Layout::Four };
        let mut parts: Vec<(SegmentKind, Vec<u8>)> = layout
            .kinds()
            .iter()
            .filter(|kind| kind.is_file_backed())
            .map(|&kind| (kind, (0..rng.usize(..600)).map(|_| rng.u8(1..)).collect()))
            .collect();
        rng.shuffle(&mut parts);
        let mut builder = Builder::new(layout, ByteOrder::Little);
        let mut address = 0;
        for (kind, bytes) in &parts {
            address += if rng.bool() { 0 } else { rng.u32(..300) };
            builder = match kind {
                SegmentKind::Code => builder.code(address, bytes),
                SegmentKind::InitData => builder.init_data(address, bytes),
                _ => builder.readonly_data(address, bytes),
            };
            address += bytes.len() as u32;
        }
        let mut file = vec![0; 4000];
        let Ok(written) = builder.uninit_data(address, rng.u32(..300)).write_to(&mut file) else { continue };
        loads_alike(&Image::parse(&file[..written], Options::default()).unwrap());
    }
    // bss that begins within the padding of initData: the bytes of the file win.
    let data = [7; 16];
    let mut file = [0; 100];
    let builder = Builder::new(Layout::Three, ByteOrder::Little).code(0, &data).init_data(16, &data);
    let written = builder.uninit_data(20, 12).write_to(&mut file).unwrap();
    loads_alike(&Image::parse(&file[..written], Options::default()).unwrap());
    // Real headers, with zeros for contents.
    for row in corpus("noff-headers.tsv") {
        let file = corpus_file(&row, 1);
        loads_alike(&Image::parse(&file, Options::default()).unwrap());
    }
}
