//! Long inputs from short ones: a record that is repeated very often. Time that grows with the square of the length then
//! becomes minutes, and the fuzzer's time limit for one input notices it.

use std::hint::black_box;
use std::ops::ControlFlow;

use aout_minix::{CheckOptions as AoutOptions, Symbols, check_bytes as check_aout, parse};
use arbitrary::{Arbitrary, Unstructured};
use coyotos_image::{
    Arch, Builder, CycleScratch, GptAttrs, Image, ObjectType, Options, Rules, Slot, SpaceId, SymbolDef,
    SymbolKind, check, find_cycles,
};
use noff::convert::Executable;
use noff::{CheckOptions as NoffOptions, PROFILES};

use crate::coyotos_account::ARCHS;
use crate::made::elf::{EM_386, EM_MIPS, Part, Program, Symbol};
use crate::mkimage;

#[derive(Arbitrary, Debug)]
enum Shape {
    Noff,
    Elks { relocations: bool },
    Elf,
    Ne,
    Image { kind: u8, symbols: bool, chain: bool },
    Script,
}

/// A shape, how long it gets, and the record.
#[derive(Arbitrary, Debug)]
struct Growth<'a> {
    shape: Shape,
    count: u16,
    record: &'a [u8],
}

/// The least number of records of an image, and the most bytes of a record that is repeated.
const LEAST: u32 = 1 << 10;
const RECORD: usize = 24;

/// The requested number of records of one kind.
pub fn growth(data: &[u8]) {
    let Ok(growth) = Growth::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let count = LEAST + 2 * u32::from(growth.count);
    let record = growth.record.get(..growth.record.len().min(RECORD)).unwrap_or_default();
    let record = if record.is_empty() { &[0] } else { record };
    let length = count as usize * 8;
    let bytes = || -> Vec<u8> { record.iter().copied().cycle().take(length).collect() };
    match growth.shape {
        Shape::Noff => noff(&bytes()),
        Shape::Elks { relocations } => elks(&bytes(), relocations),
        Shape::Elf => elf(&bytes(), record, count),
        Shape::Ne => ne(&bytes()),
        Shape::Image { kind, symbols, chain } => image(kind, symbols, chain, count),
        Shape::Script => script(&bytes()),
    }
}

fn noff(code: &[u8]) {
    let mut file =
        [0x00ba_dfad_u32, 0, 40, code.len() as u32, 0, 0, 0, 0, 0, 0].map(u32::to_le_bytes).concat();
    file.extend_from_slice(code);
    for profile in [None, PROFILES.first()] {
        let options = NoffOptions { layout: None, profile, scan_code: true };
        let mut count = 0_u64;
        noff::check_bytes(&file, &options, &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        });
        assert!(count <= code.len() as u64, "{count} findings");
    }
}

fn elks(table: &[u8], relocations: bool) {
    let length = table.len() as u32;
    let (hlen, symbols) = if relocations { (0x30, 0) } else { (0x20, length) };
    let mut words = vec![0x0430_0301, 0x0001_0000 | hlen, 16, 16, 0, 0, 0, symbols];
    if relocations {
        words.extend([length, 0, 0, 0]);
    }
    let mut file: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    file.extend([0x90; 32]);
    file.extend_from_slice(table);
    check_aout(&file, &AoutOptions::default(), &mut |_| ControlFlow::Continue(()));
    if let Ok(image) = parse(&file) {
        let count = match image.symbols() {
            Symbols::Elks(symbols) => symbols.count(),
            Symbols::Nlist(symbols) => symbols.count(),
            _ => 0,
        };
        assert!(count <= table.len());
        drop(black_box(aout_minix::convert::to_elf(&image)));
    }
}

fn elf(bytes: &[u8], record: &[u8], count: u32) {
    let field = |index: usize| record.get(index).copied().unwrap_or_default();
    let symbol =
        Symbol { name: 0, value: field(0).into(), size: field(1), kind: field(2), section: field(3) };
    let symbols = vec![symbol; (count / 8) as usize];
    for (machine, address) in [(EM_MIPS, 0), (EM_386, 0x1000)] {
        let part = Part { name: ".text", flags: 5, address, bytes: bytes.to_vec(), zeros: 0 };
        let (parts, entry) = ([part], address);
        let program = Program {
            machine,
            big: false,
            flags: 0,
            entry,
            parts: &parts,
            symbols: &symbols,
            paragraphs: &[],
        };
        let file = program.file();
        if let Ok(executable) = Executable::read(&file) {
            drop(black_box(executable.to_coff()));
        }
        let mut builder = Builder::new(Arch::I386);
        let bank = builder.prime_bank();
        if let Ok(program) = builder.load_elf(bank, &file) {
            drop(black_box(builder.keep_debug(&file, program.space)));
        }
    }
}

fn ne(records: &[u8]) {
    let records = records.get(..records.len().min(0xffff * 8)).unwrap_or_default();
    let words = |values: &[u16]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let mut file = b"MZ".to_vec();
    file.resize(60, 0);
    file.extend(64_u32.to_le_bytes());
    file.extend_from_slice(b"NE\x05\x01");
    // One segment of code and data, which begins after its table.
    file.extend(words(&[
        72, 0, 0, 0, 0x202, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 64, 72, 72, 72, 72, 0, 0, 0, 4, 0, 1,
    ]));
    file.resize(128, 0);
    file.extend(words(&[9, 2, 0x101, 16]));
    file.resize(144, 0);
    file.extend(words(&[0x9090, (records.len() / 8) as u16]));
    file.extend_from_slice(records);
    os2_ne::check_bytes(&file, &Default::default(), &mut |_| ControlFlow::Continue(()));
    drop(black_box(os2_ne::repair(&file)));
}

fn image(kind: u8, with_symbols: bool, chain: bool, count: u32) {
    let mut builder = Builder::new(Arch::I386);
    let bank = builder.prime_bank();
    let kind = [ObjectType::Endpoint, ObjectType::Gpt, ObjectType::Process][usize::from(kind) % 3];
    // A process has 632 bytes, an endpoint 32.
    let count = if kind == ObjectType::Endpoint { count } else { count / 8 };
    let mut last = None;
    for _ in 0..count {
        let Ok(object) = builder.alloc(kind, bank) else { return };
        if let (ObjectType::Gpt, true, Some(above)) = (kind, chain, last.replace(object)) {
            builder.set_gpt(above, GptAttrs { l2v: 12, ha: false, bg: false }).expect("a GPT");
            builder.set_capability(above, Slot::Index(0), object).expect("a slot");
        }
    }
    if with_symbols {
        let root = coyotos_image::ObjectId { object_type: ObjectType::Endpoint, oid: 0 };
        let symbols: Vec<SymbolDef> = (0..count)
            .map(|value| SymbolDef {
                object: SpaceId::of(root).to_u64(),
                value: value.into(),
                size: 1,
                kind: SymbolKind::Label,
                name: "name".into(),
            })
            .collect();
        let _ = black_box(builder.add_symbols(symbols));
    }
    let bytes = builder.to_vec().expect("an image of this size");
    let image =
        Image::parse(&bytes, Options { archs: &ARCHS, ..Options::default() }).expect("what was written");
    let found = check(&image, Rules::Full).count();
    assert!(chain || found == 0, "{found} findings in an image that was built");
    let mut scratch = vec![CycleScratch::default(); image.header().n_gpt as usize];
    assert_eq!(find_cycles(&image, &mut scratch).expect("an item per GPT").count(), 0);
    let symbols = image.symbols();
    assert_eq!(symbols.iter().count(), symbols.len());
}

/// Statements one after the other, as far as the machine's own limits let them run.
fn script(statements: &[u8]) {
    let body = statements.get(..statements.len().min(1 << 18)).unwrap_or_default();
    mkimage::mki_parse(&[b"module t {\n", body, b"\n}\n"].concat());
}
