//! Converters, each from files of one kind that are valid by construction before they are damaged.

use arbitrary::{Arbitrary, Unstructured};
use coyotos_image::{Arch, Builder, Restr};
use noff::convert::{Executable, NoffOptions, Note, Role, Span};
use noff::{ByteOrder, Layout};

use crate::aout_convert::{self, aout_convert};
use crate::coff::{coff_parse, noff_to_coff};
use crate::coyotos_elf::coyotos_elf;
use crate::made::elf::{
    EM_386, EM_ARM, EM_COLDFIRE, EM_MIPS, PF_R, PF_W, PF_X, Part, Program, Segments, Symbol,
};
use crate::made::{Made, coff, ne};
use crate::noff::{noff_convert, refused};
use crate::noff_account;
use crate::words;

fn made<T: for<'a> Arbitrary<'a>>(data: &[u8]) -> Option<Made<T>> {
    Made::arbitrary_take_rest(Unstructured::new(data)).ok()
}

/// What a part is to be in a NOFF program: an address and bytes.
type Wanted<'a> = (u32, &'a [u8]);

/// A program as it was described: what is made of it has every byte at its address, by an account of the kernel's own
/// arithmetic.
fn kept(file: &[u8], wanted: &[Wanted<'_>]) {
    let executable = match Executable::read(file) {
        Ok(executable) => executable,
        Err(error) => return refused(&error),
    };
    for layout in Layout::ALL {
        let options = NoffOptions::new(layout, ByteOrder::Little);
        let conversion = match executable.to_noff(options) {
            Ok(conversion) => conversion,
            Err(error) => {
                refused(&error);
                continue;
            }
        };
        let memory = noff_account::memory(&conversion.bytes, layout == Layout::Four, false);
        let memory = memory.expect("segments within the file, and a memory that is not too large");
        for &(address, bytes) in wanted.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            let place = memory.get(address as usize..).and_then(|rest| rest.get(..bytes.len()));
            assert!(place == Some(bytes), "{} bytes at {address:#x} of {layout:?}", bytes.len());
        }
    }
}

fn name_of(flags: u32, is_zero: bool) -> &'static str {
    match (is_zero, flags & (PF_W | PF_X)) {
        (true, _) => ".bss",
        (_, 0) => ".rodata",
        (_, PF_W) => ".data",
        _ => ".text",
    }
}

/// ELF programs for MIPS to NOFF.
pub fn noff_from_elf(data: &[u8]) {
    let Some(made) = made::<Segments>(data) else { return };
    let segments = &made.description;
    let parts = segments.parts(0, name_of);
    let (entry, symbols) = (segments.entry(&parts), segments.symbols());
    let program =
        Program { machine: EM_MIPS, big: false, flags: 0, entry, parts: &parts, symbols, paragraphs: &[] };
    let mut file = program.file();
    if !made.damage(&mut file) {
        let wanted: Vec<Wanted<'_>> = parts.iter().map(|part| (part.address, &part.bytes[..])).collect();
        kept(&file, &wanted);
        marked_elf(segments, &parts, &file);
        crate::elf::written(&parts, symbols, entry, segments.machine);
    }
    noff_convert(&file);
}

/// What a program is, without the names of its sections.
fn contents(executable: &Executable<'_>) -> Vec<(Span, Role, Vec<u8>)> {
    let sections = executable.sections.iter();
    sections.map(|section| (section.span, section.role, section.bytes.to_vec())).collect()
}

/// The same program with marks of another instruction set, of floating-point registers and of constructors: a note for
/// each, and nothing else changes.
fn marked_elf(segments: &Segments, parts: &[Part], plain: &[u8]) {
    let mark = u32::from(segments.machine);
    // The architecture, then microMIPS and MIPS16.
    let flags = mark >> 4 << 28 | (mark & 3) << 25;
    let fp_abi = segments.entry.1 % 8;
    let mut parts = parts.to_vec();
    let mut constructors = 0;
    for part in parts.iter_mut().filter(|part| part.name == ".data") {
        part.name = if constructors == 0 { ".ctors" } else { ".init_array.5" };
        constructors += 1;
    }
    let address = parts.last().map_or(0, |part| part.end() as u32);
    let bytes = vec![0, 0, 0, 0, 0, 0, 0, fp_abi];
    parts.push(Part { name: ".MIPS.abiflags", flags: PF_R, address, bytes, zeros: 0 });
    let (entry, symbols) = (segments.entry(&parts[..parts.len() - 1]), segments.symbols());
    let program =
        Program { machine: EM_MIPS, big: false, flags, entry, parts: &parts, symbols, paragraphs: &[] };
    let file = program.file();
    let (plain, marked) = match (Executable::read(plain), Executable::read(&file)) {
        (Ok(plain), Ok(marked)) => (plain, marked),
        (plain, marked) => {
            assert!(plain.is_err() && marked.is_err(), "{plain:?} {marked:?}");
            return;
        }
    };
    assert_eq!(contents(&plain), contents(&marked));
    let noted = |wanted: fn(&Note) -> bool| marked.notes.iter().filter(|note| wanted(note)).count();
    assert_eq!(noted(|note| matches!(note, Note::Isa { .. })), usize::from(mark >> 4 != 0));
    assert_eq!(noted(|note| *note == Note::Compressed), usize::from(mark & 3 != 0));
    assert_eq!(noted(|note| *note == Note::HardFloat), usize::from(!matches!(fp_abi, 0 | 3)));
    assert_eq!(noted(|note| matches!(note, Note::Constructors { .. })), constructors);
    noff_convert(&file);
    noff_to_coff(&file);
}

/// MIPS COFF programs to NOFF.
pub fn noff_from_coff(data: &[u8]) {
    let Some(made) = made::<coff::Program>(data) else { return };
    let placed = made.description.placed();
    let mut file = made.description.file(&placed);
    if !made.damage(&mut file) {
        let wanted: Vec<Wanted<'_>> = placed.iter().map(|it| (it.address, &it.bytes[..])).collect();
        kept(&file, &wanted);
        other_magics(&file);
    }
    coff_parse(&file);
    noff_convert(&file);
}

/// The place of the optional header's magic.
const OPTIONAL_MAGIC: std::ops::Range<usize> = 20..22;

/// The same program as it is linked without `-N`: a note; and by no linker: refused.
fn other_magics(file: &[u8]) {
    let Ok(plain) = Executable::read(file) else { return };
    for (magic, known) in [(0o410_u16, true), (0o413, true), (0o411, false)] {
        let mut file = file.to_vec();
        file[OPTIONAL_MAGIC].copy_from_slice(&magic.to_le_bytes());
        let marked = match Executable::read(&file) {
            Ok(marked) => marked,
            Err(error) => {
                assert!(!known, "{error}");
                refused(&error);
                continue;
            }
        };
        assert!(known && marked.notes.contains(&Note::NotOmagic { magic }));
        assert_eq!((contents(&plain), plain.notes.len() + 1), (contents(&marked), marked.notes.len()));
        noff_convert(&file);
    }
}

/// A program of ia16-elf-ld: text, far text, data and bss, and words that hold the paragraphs of one of them.
#[derive(Arbitrary, Debug)]
struct Elks {
    parts: [(u8, Vec<u8>); 3],
    bss: (u8, u16),
    entry: u8,
    symbols: Vec<Symbol>,
    paragraphs: Vec<(u8, u8, u8)>,
}

impl Elks {
    /// The parts at multiples of 16, and the addresses of the words.
    fn parts(&self) -> (Vec<Part>, Vec<u32>) {
        let mut next = 0_u32;
        let mut parts = Vec::new();
        let kinds = [(".text", PF_R | PF_X), (".fartext", PF_R | PF_X), (".data", PF_R | PF_W)];
        for ((name, flags), (gap, bytes)) in kinds.into_iter().zip(&self.parts) {
            let address = (next + u32::from(*gap)).next_multiple_of(16);
            next = address + bytes.len() as u32;
            if !bytes.is_empty() {
                parts.push(Part { name, flags, address, bytes: bytes.clone(), zeros: 0 });
            }
        }
        let paragraphs = self.paragraphs(&mut parts);
        let (gap, zeros) = (u32::from(self.bss.0 % 64), u32::from(self.bss.1));
        if zeros > 0 {
            let (name, flags, bytes) = (".bss", PF_R | PF_W, Vec::new());
            parts.push(Part { name, flags, address: next + gap, bytes, zeros });
        }
        (parts, paragraphs)
    }

    fn paragraphs(&self, parts: &mut [Part]) -> Vec<u32> {
        let mut addresses = Vec::new();
        let starts: Vec<u32> = parts.iter().map(|part| part.address).collect();
        for &(part, at, target) in self.paragraphs.iter().take(8) {
            let count = parts.len().max(1);
            let Some(part) = parts.get_mut(usize::from(part) % count) else { continue };
            let Some(room) = part.bytes.len().checked_sub(1).filter(|&room| room > 0) else { continue };
            let at = usize::from(at) % room;
            let paragraph = (starts[usize::from(target) % starts.len()] / 16) as u16;
            part.bytes[at..at + 2].copy_from_slice(&paragraph.to_le_bytes());
            addresses.push(part.address + at as u32);
        }
        addresses
    }
}

/// ELF programs of ia16-elf-ld to a.out. The options come first.
pub fn aout_from_elf(data: &[u8]) {
    let Some((options, data)) = data.split_at_checked(aout_convert::CHOICE) else { return };
    let Some(made) = made::<Elks>(data) else { return };
    let elks = &made.description;
    let (parts, paragraphs) = elks.parts();
    let entry = parts.first().map_or(0, |text| text.address + u32::from(elks.entry));
    let symbols = elks.symbols.get(..elks.symbols.len().min(8)).unwrap_or_default();
    let program = Program {
        machine: EM_386,
        big: false,
        flags: 0,
        entry,
        parts: &parts,
        symbols,
        paragraphs: &paragraphs,
    };
    let mut file = program.file();
    if !made.damage(&mut file) {
        let converted = aout_minix::convert::from_elf(&file, &Default::default());
        if let Ok(conversion) = converted {
            in_aout(&conversion.bytes, &parts);
        }
    }
    aout_convert(&[options, &file].concat());
}

/// The parts are in the file whole, one after the other after the header, whose length is its fifth byte.
fn in_aout(file: &[u8], parts: &[Part]) {
    let bytes: Vec<u8> = parts.iter().flat_map(|part| part.bytes.iter().copied()).collect();
    let start = usize::from(file[4]);
    assert!(file[start..].starts_with(&bytes), "text, far text and data");
}

/// OS/2 NE programs to a.out.
pub fn aout_from_ne(data: &[u8]) {
    let Some((options, data)) = data.split_at_checked(aout_convert::CHOICE) else { return };
    let Some(made) = made::<ne::Program>(data) else { return };
    let mut file = made.description.file();
    made.damage(&mut file);
    crate::ne::ne_elks_load(&[&[10, 0], &file[..]].concat());
    crate::ne::ne_roundtrip(&file);
    aout_convert(&[options, &file].concat());
}

/// ELF programs to address spaces in Coyotos images.
pub fn coyotos_from_elf(data: &[u8]) {
    let Some(made) = made::<Segments>(data) else { return };
    let segments = &made.description;
    let (machine, arch) = [(EM_386, Arch::I386), (EM_ARM, Arch::ARM), (EM_COLDFIRE, Arch::COLDFIRE)]
        [usize::from(segments.machine) % 3];
    let parts = segments.parts(0x1000, name_of);
    let (entry, symbols) = (segments.entry(&parts), segments.symbols());
    let big = machine == EM_COLDFIRE;
    let program = Program { machine, big, flags: 0, entry, parts: &parts, symbols, paragraphs: &[] };
    let mut file = program.file();
    if !made.damage(&mut file) {
        in_space(&file, arch, &parts);
    }
    coyotos_elf(&file);
}

/// Every byte of every part is at its address, with the rights of the parts of its page together.
fn in_space(file: &[u8], arch: Arch, parts: &[Part]) {
    let mut builder = Builder::new(arch);
    let bank = builder.prime_bank();
    let program = match builder.load_elf(bank, file) {
        Ok(program) => program,
        Err(error) => return words::error(&error),
    };
    let page_size = u64::from(arch.page_size());
    let pages: Vec<_> = builder
        .walk(program.space, Default::default())
        .pages()
        .map(|mapping| mapping.expect("the walk of a loaded space"))
        .collect();
    for mapping in &pages {
        let (start, end) = (mapping.address, mapping.address + page_size);
        let meets = |part: &&Part| {
            u64::from(part.address) < end && part.end() > start && part.end() > part.address.into()
        };
        let rights = parts.iter().filter(meets).fold(0, |rights, part| rights | part.flags);
        let restr = (rights & PF_W == 0, rights & PF_X == 0);
        assert_eq!(
            (mapping.restr.contains(Restr::RO), mapping.restr.contains(Restr::NX)),
            restr,
            "{start:#x}"
        );
    }
    for part in parts {
        for (address, &byte) in (u64::from(part.address)..).zip(&part.bytes) {
            let page = pages.iter().find(|page| page.address == address / page_size * page_size);
            let page = page.unwrap_or_else(|| panic!("nothing at {address:#x}"));
            let bytes = builder.page(page.capability).expect("what is mapped is a page");
            assert_eq!(bytes.map_or(0, |bytes| bytes[(address % page_size) as usize]), byte, "{address:#x}");
        }
    }
}
