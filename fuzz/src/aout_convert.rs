use aout_minix::convert::{self, Conversion, ConvertError, DataMemory, ElfOptions, Note, Rom};
use aout_minix::{Builder, Section, Severity, chmem, elks, parse};
use arbitrary::{Arbitrary, Unstructured};

use crate::words;

/// The options, at the start of the bytes.
#[derive(Arbitrary, Debug)]
struct Choice {
    tiny: bool,
    symtab: bool,
    symfile: bool,
    rom: Option<(u16, u16)>,
    memory: u8,
    sizes: [u16; 2],
}

/// No options take more bytes.
pub(crate) const CHOICE: usize = 3 + 5 + 1 + 4;

/// ELF and NE files, with any options.
pub fn aout_convert(data: &[u8]) {
    let mut source = Unstructured::new(data);
    let Ok(choice) = Choice::arbitrary(&mut source) else { return };
    let bytes = source.take_rest();
    let [first, second] = choice.sizes;
    let options = ElfOptions {
        tiny: choice.tiny,
        rom: choice.rom.map(|(aout_seg, data_seg)| Rom { aout_seg, data_seg }),
        memory: match choice.memory % 4 {
            0 => DataMemory::Default,
            1 => DataMemory::Total(first),
            2 => DataMemory::Chmem(first),
            _ => DataMemory::HeapStack { heap: first, stack: second },
        },
        symtab: choice.symtab,
        symfile: choice.symfile,
    };
    match convert::from_any(bytes, &options) {
        Ok(conversion) => {
            assert_eq!(convert::from_any(bytes, &options).as_ref(), Ok(&conversion));
            converted(bytes, &options, &conversion);
        }
        Err(error) => refused(&error),
    }
    for number in choice.sizes {
        for text in [format!("{number}"), format!("{number:#x}"), format!("0{number:o}")] {
            assert_eq!(convert::number(&text), Some(number), "{text}");
            assert_eq!(convert::number(&format!("+{text}")), None);
        }
    }
}

/// Why a file was not converted: with the rule found again by its numbers, and something to do.
fn refused(error: &ConvertError) {
    words::error(error);
    match error {
        ConvertError::Input { finding, .. } => {
            words::finding(finding);
            words::rule(finding.rule);
            assert!(!finding.expected.allows(finding.found), "{finding}");
        }
        ConvertError::Option(error) => _ = words::advice(&error.advice()),
        _ => {}
    }
}

/// The output is an a.out file that states what was requested, and that a loader can trust.
fn converted(input: &[u8], options: &ElfOptions, conversion: &Conversion) {
    for note in &conversion.notes {
        words::said(note);
        assert_ne!(note.severity(), Some(Severity::Error), "a note of what was converted");
    }
    let image = parse(&conversion.bytes).expect("what was converted can be parsed");
    let header = image.header();
    assert_eq!(Builder::from_image(&image).to_vec().as_ref(), Ok(&conversion.bytes));
    assert!(image.trailing().is_empty());
    words::said(&chmem::Row::of(header));
    assert!(u64::from(header.dseg) + u64::from(header.bseg) <= 0xffff);
    assert!(header.entry < header.tseg);
    let loaded: usize = Section::LOADED.into_iter().map(|section| image.section(section).len()).sum();
    assert!(loaded <= 3 * input.len(), "bytes from nowhere");
    for section in Section::LOADED {
        let size = image.section(section).len() as u64;
        for relocation in image.relocations(section) {
            let place = u64::from(relocation.expect("whole relocations").vaddr);
            assert!(place + 2 <= size, "{section}: a relocation at {place:#x} of {size:#x}");
        }
    }
    let is_elf = !input.starts_with(b"MZ");
    if is_elf && options.rom.is_some() {
        assert!(Section::LOADED.into_iter().all(|section| image.relocations(section).next().is_none()));
    }
    let symbols = image.section(Section::Symbols);
    if is_elf {
        assert_eq!(conversion.symbol_table.is_some(), options.symtab || options.symfile);
        assert_eq!(
            symbols,
            conversion.symbol_table.as_deref().filter(|_| options.symtab).unwrap_or_default()
        );
    }
    let refused = conversion.notes.iter().find_map(|note| match note {
        Note::Refused(refusal) => Some(*refusal),
        _ => None,
    });
    if !(is_elf && options.rom.is_some()) {
        assert_eq!(elks::execve(&conversion.bytes, elks::Options::default()).err(), refused);
    }
}
