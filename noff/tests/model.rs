//! The crate against the reference model and the headers of real files.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used
)]

use execfmt_testkit::{Model, Mutator, corpus, corpus_file, hex, testdata, unhex};
use noff::{Builder, ByteOrder, Header, Image, Layout, Options, PageSize, SegmentKind};

/// Answers like the model: `bad`, or layout, byte order and the segments' numbers.
const PARSE: &str = "
layout, data = line.split(' ')
try:
    n, e, h = noff.parse(bytes.fromhex(data), int(layout) or None)
    print(n, e, *['%d:%d:%d' % tuple(h[k]) for k in noff.NAMES[n]])
except noff.Bad:
    print('bad')";

fn answer(header: &Header) -> String {
    let order = if header.byte_order == ByteOrder::Little { '<' } else { '>' };
    header.segments().fold(format!("{} {order}", header.layout.segment_count()), |text, (_, segment)| {
        format!("{text} {}:{}:{}", segment.virtual_addr, segment.in_file_addr, segment.size)
    })
}

fn ours(layout: u32, file: &[u8]) -> String {
    let header = Header::parse(file, file.len() as u32, Layout::from_segment_count(layout));
    header.map_or_else(|_| "bad".into(), |header| answer(&header))
}

/// Files with every mix of segments, gaps and orders, from the builder.
fn random_files(mutator: &mut Mutator, count: usize) -> Vec<Vec<u8>> {
    let one = |_| {
        let rng = mutator.rng();
        let layout = if rng.bool() { Layout::Three } else { Layout::Four };
        let order = if rng.bool() { ByteOrder::Little } else { ByteOrder::Big };
        let mut at = 0;
        let mut place = |length: u32, gap: u32| {
            let start = at + gap;
            at = start + length;
            start
        };
        let mut bytes = || -> Vec<u8> { (0..rng.usize(..300)).map(|_| rng.u8(..)).collect() };
        let (code, data, constants) = (bytes(), bytes(), bytes());
        let mut builder = Builder::new(layout, order).code(place(code.len() as u32, 0), &code);
        if layout == Layout::Four {
            builder = builder.readonly_data(place(constants.len() as u32, rng.u32(..40)), &constants);
        }
        builder = builder.init_data(place(data.len() as u32, rng.u32(..200)), &data);
        let bss = rng.u32(..200);
        let mut file = vec![0; 2000];
        let written = builder.uninit_data(place(bss, rng.u32(..40)), bss).write_to(&mut file);
        file.truncate(written.unwrap_or(0));
        file
    };
    (0..count).map(one).filter(|file| !file.is_empty()).collect()
}

#[test]
fn real_headers_parse_to_their_layout_and_order() {
    let rows = corpus("noff-headers.tsv");
    assert!(rows.len() >= 80, "the corpus has {} rows", rows.len());
    for row in rows {
        let file = corpus_file(&row, 0);
        let image =
            Image::parse(&file, Options::default()).unwrap_or_else(|error| panic!("{row:?}: {error}"));
        let header = image.program().header();
        assert_eq!(header.layout.segment_count().to_string(), row[2]);
        assert_eq!(header.byte_order, if row[3] == "LE" { ByteOrder::Little } else { ByteOrder::Big });
    }
}

#[test]
fn verdicts_of_the_vectors() {
    let text = String::from_utf8(testdata("noff/verdicts.tsv")).unwrap();
    let mut count = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let [layout, file, verdict] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        assert_eq!(ours(layout.parse().unwrap(), &unhex(file)), verdict, "{line}");
        count += 1;
    }
    assert!(count >= 500, "{count} vectors");
}

#[test]
fn verdicts_agree_on_100_000_mutations() {
    let Some(model) = Model::new("import noff", PARSE, "NOFF verdicts against the model") else { return };
    let mut mutator = Mutator::new("NOFF verdicts", 0x0bad_fad0);
    let files = random_files(&mut mutator, 400);
    let cases: Vec<(u32, Vec<u8>)> = (0..100_000)
        .map(|n| {
            let layout = [0, 0, 3, 4][mutator.rng().usize(..4)];
            // A short head is enough: no verdict of the model depends on more than the header.
            let file = mutator.mutate(&files[n % files.len()], 52);
            (layout, file[..file.len().min(64)].to_vec())
        })
        .collect();
    let answers = model.ask(cases.iter().map(|(layout, file)| format!("{layout} {}", hex(file))).collect());
    let mut accepted = 0;
    for ((layout, file), expected) in cases.iter().zip(answers) {
        assert_eq!(ours(*layout, file), expected, "layout {layout}, file {}", hex(file));
        accepted += usize::from(expected != "bad");
    }
    assert!((20_000..90_000).contains(&accepted), "{accepted} accepted: the mutations test too little");
}

#[test]
fn pages_agree_with_the_model() {
    let script = "
b = bytes.fromhex(line)
n, e, h = noff.parse(b)
print(noff.end(h), b''.join(noff.page(b, h, v, s) for s in (128, 16, 1024) for v in range(-(-noff.end(h) // s) + 1)).hex())";
    let Some(model) = Model::new("import noff", script, "NOFF pages against the model") else { return };
    let mut mutator = Mutator::new("NOFF pages", 0x0bad_fad1);
    let files: Vec<_> = {
        let built = random_files(&mut mutator, 600);
        let mutated = (0..6000).map(|n| mutator.mutate(&built[n % built.len()], 52)).collect::<Vec<_>>();
        let accepted = |file: &Vec<u8>| {
            Image::parse(file, Options::default()).is_ok_and(|image| image.program().memory_end() < 0x4000)
        };
        built.iter().cloned().chain(mutated.into_iter().filter(accepted)).collect()
    };
    assert!(files.len() > 1500, "{} files", files.len());
    let answers = model.ask(files.iter().map(|file| hex(file)).collect());
    for (file, expected) in files.iter().zip(answers) {
        let image = Image::parse(file, Options::default()).unwrap();
        let end = image.program().memory_end();
        let mut pages = String::new();
        for size in [128, 16, 1024] {
            let page_size = PageSize::new(size).unwrap();
            for vpn in 0..=end.div_ceil(page_size.bytes()) {
                let mut frame = vec![0xa5; size as usize];
                image.read_page(vpn, &mut frame).unwrap();
                pages += &hex(&frame);
            }
        }
        assert_eq!(format!("{end} {pages}"), expected, "{}", hex(file));
    }
}

#[test]
fn built_files_are_the_models_byte_for_byte() {
    let script = "
layout, e, code, ro, data, bss, size = line.split(',')
segs = {'code': (0, bytes.fromhex(code)), 'initData': (4096, bytes.fromhex(data)), 'uninitData': (int(bss), int(size))}
if layout == '4': segs['readonlyData'] = (2048, bytes.fromhex(ro))
print(noff.build(int(layout), segs, e).hex())";
    let Some(model) = Model::new("import noff", script, "NOFF building against the model") else { return };
    let mut mutator = Mutator::new("NOFF building", 0x0bad_fad2);
    let mut questions = Vec::new();
    let mut built = Vec::new();
    for _ in 0..2000 {
        let rng = mutator.rng();
        let four = rng.bool();
        let big = rng.bool();
        let mut bytes =
            |least: usize| -> Vec<u8> { (0..rng.usize(least..200)).map(|_| rng.u8(..)).collect() };
        let (code, constants, data) = (bytes(1), bytes(0), bytes(0));
        let (bss, size) = (8192 + rng.u32(..999), rng.u32(1..9999));
        let mut builder = Builder::new(
            if four { Layout::Four } else { Layout::Three },
            if big { ByteOrder::Big } else { ByteOrder::Little },
        )
        .code(0, &code);
        if four {
            builder = builder.readonly_data(2048, &constants);
        }
        let mut file = vec![0; 700];
        let written = builder.init_data(4096, &data).uninit_data(bss, size).write_to(&mut file).unwrap();
        built.push(hex(&file[..written]));
        let (layout, order) = (if four { 4 } else { 3 }, if big { '>' } else { '<' });
        questions.push(format!(
            "{layout},{order},{},{},{},{bss},{size}",
            hex(&code),
            hex(&constants),
            hex(&data)
        ));
    }
    for ((question, ours), theirs) in questions.iter().zip(&built).zip(model.ask(questions.clone())) {
        assert_eq!(*ours, theirs, "{question}");
    }
}

#[test]
fn what_is_built_is_what_is_parsed() {
    let mut mutator = Mutator::new("NOFF round trip", 0x0bad_fad3);
    for file in random_files(&mut mutator, 2000) {
        let image = Image::parse(&file, Options::default()).unwrap();
        let header = image.program().header();
        let bytes = |kind| image.segment_bytes(kind);
        let (code, data) = (bytes(SegmentKind::Code), bytes(SegmentKind::InitData));
        let mut builder = Builder::new(header.layout, header.byte_order).code(header.code.virtual_addr, code);
        if header.layout == Layout::Four {
            let constants = bytes(SegmentKind::ReadonlyData);
            builder = builder.readonly_data(header.readonly_data.virtual_addr, constants);
        }
        let builder = builder
            .init_data(header.init_data.virtual_addr, data)
            .uninit_data(header.uninit_data.virtual_addr, header.uninit_data.size);
        let mut again = vec![0; builder.written_len().unwrap()];
        builder.write_to(&mut again).unwrap();
        assert_eq!(again, file);
    }
}
