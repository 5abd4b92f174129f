use std::ops::ControlFlow;

use mips_coff::wire::EXTERNAL_SYMBOL_SIZE;
use mips_coff::{AnyFinding, ByteOrder, Severity};
use mips_coff::{
    CheckOptions, Image, LoadError, Loader, MAX_NAME, Program, check_bytes, findings, first_error,
};
use mips_scan::{Code, Opcode, ScanOptions, scan};
use noff::convert::{Executable, Role};
use noff::{Options, PROFILES};

use crate::noff::refused;
use crate::words;

/// The largest memory that a target allocates to load a program whole.
const MAX_MEMORY: u64 = 1 << 18;

/// Any bytes through everything that reads COFF, and the verdict of each loader.
pub fn coff_parse(data: &[u8]) {
    if let Ok(image) = Image::parse(data) {
        assert_eq!(image.section_headers().count(), usize::from(image.header().nscns));
        for section in image.sections() {
            match section {
                Ok(section) => {
                    let size = section.header.size as usize;
                    assert!(section.bytes.is_empty() || section.bytes.len() == size);
                }
                Err(finding) => {
                    assert!(finding.is_error());
                    words::finding(&finding);
                }
            }
        }
        words::said(image.header());
        match image.symbols() {
            Ok(symbols) => {
                let most = data.len() / EXTERNAL_SYMBOL_SIZE as usize;
                assert!(symbols.iter().count() <= most, "no more symbols than the file has room for");
                for symbol in symbols.iter() {
                    assert!(symbol.name.len() <= MAX_NAME && !symbol.name.contains(&0));
                    let shown = words::said(&symbol);
                    assert!(shown.contains(&format!(" {} ", symbol.letter())), "{shown}");
                }
            }
            Err(finding) => {
                assert!(!finding.is_error());
                words::finding(&finding);
            }
        }
    }
    for loader in Loader::ALL {
        let mut errors = 0;
        let options = CheckOptions { scan_code: true, ..CheckOptions::new(loader) };
        let verdict = check_bytes(data, &options, &mut |finding: &dyn AnyFinding| {
            errors += u64::from(finding.severity() == Severity::Error);
            assert!(!finding.expected().allows(finding.found()), "{finding}");
            assert!(finding.offset() <= data.len() as u64, "{finding}");
            words::finding(finding);
            ControlFlow::Continue(())
        });
        let first = first_error(data, &options);
        assert_eq!(first.map(|finding| finding.rule.number()), verdict.first_error);
        first.into_iter().for_each(|finding| words::rule(finding.rule));
        let listed = verdict.tally.unlisted() == 0;
        assert_eq!(verdict.is_accepted(), verdict.first_error.is_none());
        assert!(verdict.tally.errors == errors || !listed && verdict.tally.errors > errors);
        let mut first = 0;
        let stopped = findings(data, &options, &mut |_| {
            first += 1;
            ControlFlow::Break(())
        });
        assert_eq!(stopped.is_break(), first == 1, "a search ends where it is told to");
    }
}

/// A program that Nachos 5.0j takes, loaded whole and page by page.
pub fn coff_load(data: &[u8]) {
    for frames in [10, 64, u32::MAX] {
        let options = CheckOptions { frames, ..CheckOptions::nachos5j() };
        let verdict = check_bytes(data, &options, &mut |_| ControlFlow::Continue(()));
        let program = Program::parse(data, frames);
        assert_eq!(verdict.is_accepted(), program.is_ok());
        let program = match program {
            Ok(program) => program,
            Err(finding) => {
                words::finding(&finding);
                continue;
            }
        };
        assert_eq!(program.image().bytes(), data);
        assert!(program.pages() <= frames);
        assert!(program.page(program.pages()).is_none());
        if program.memory_size() > MAX_MEMORY {
            continue;
        }
        let mut memory = vec![0xa5; program.memory_size() as usize];
        let start = program.load_into(&mut memory, &[data.get(..8).unwrap_or_default()]).unwrap();
        assert_eq!(start.stack_pointer % 1024, 0);
        for (vpn, frame) in (0..program.section_pages()).zip(memory.chunks(1024)) {
            let page = program.page(vpn).unwrap();
            assert_eq!(&frame[..page.bytes.len()], page.bytes);
            assert!(frame[page.bytes.len()..].iter().all(|&byte| byte == 0));
        }
        let before = memory.clone();
        let needed = 1024 + 5;
        let long = program.load_into(&mut memory, &[&[b'a'; 1024]]).expect_err("an argument of a page");
        assert_eq!(long, LoadError::ArgumentsTooLong { needed });
        words::error(&long);
        words::error(&program.load_into(&mut memory[1..], &[]).expect_err("too short"));
        assert!(memory == before, "nothing is written");
    }
}

/// Any bytes as code.
pub fn mips_scan(data: &[u8]) {
    for byte_order in [ByteOrder::Little, ByteOrder::Big] {
        let address = u32::from(data.first().copied().unwrap_or_default()) << 24;
        let code = Code { bytes: data, address, file_offset: 40, byte_order };
        let trimmed = code.up_to_last_return();
        assert!(data.starts_with(trimmed.bytes));
        let mut found = [0_u64; 2];
        for (count, nachos5j) in found.iter_mut().zip([false, true]) {
            let counts = scan(&code, ScanOptions { nachos5j }, &mut |finding| {
                *count += 1;
                // Two successors at most of each instruction, and one finding about itself.
                assert!(*count <= data.len() as u64 / 4 * 3);
                let within = finding.offset - 40;
                assert!(within % 4 == 0 && within + 4 <= data.len() as u64);
                assert!(Opcode::of(finding.found as u32).is_some());
                words::finding(&finding);
                words::rule(finding.rule);
                ControlFlow::Continue(())
            });
            assert!(counts.unsigned_shifts <= counts.instructions);
            assert_eq!(counts.first_unsigned_shift.is_some(), counts.unsigned_shifts > 0);
            assert_eq!(counts.first_or.is_some(), counts.ors > 0);
        }
        assert!(found[0] <= found[1], "a profile adds findings");
    }
}

/// Any MIPS program to COFF and to ELF: its memory stays what it was.
pub fn noff_to_coff(data: &[u8]) {
    let executable = if noff::byte_order(data).is_ok() {
        let Ok(image) = noff::Image::parse(data, Options::default()) else { return };
        Executable::from_image(&image)
    } else {
        match Executable::read(data) {
            Ok(executable) => executable,
            Err(error) => return refused(&error),
        }
    };
    for profile in std::iter::once(None).chain(PROFILES.iter().map(Some)) {
        for note in executable.code_notes(profile) {
            words::said(&note);
            assert_ne!(note.severity(), Some(Severity::Error));
        }
    }
    let elf = executable.to_elf();
    elf.as_ref().err().iter().for_each(|error| refused(error));
    if let Ok(elf) = elf {
        elf.notes.iter().for_each(|note| _ = words::said(note));
        assert!(elf.bytes.starts_with(b"\x7fELF"));
        if let Ok(back) = Executable::read(&elf.bytes) {
            let spans = |of: &Executable<'_>| {
                of.sections.iter().map(|s| (s.span, s.bytes.to_vec())).collect::<Vec<_>>()
            };
            assert_eq!(spans(&executable), spans(&back));
        }
    }
    let coff = match executable.to_coff() {
        Ok(coff) => coff,
        Err(error) => return refused(&error),
    };
    coff.notes.iter().for_each(|note| _ = words::said(note));
    assert!(coff.bytes.len() <= data.len() + 2048 * (executable.sections.len() + 1), "{}", coff.bytes.len());
    let program = Program::parse(&coff.bytes, u32::MAX).unwrap();
    if program.memory_size() > MAX_MEMORY {
        return;
    }
    let mut memory = vec![0xa5; program.memory_size() as usize];
    program.load_into(&mut memory, &[]).unwrap();
    let mut expected = vec![0; program.section_pages() as usize * 1024];
    for section in executable.sections.iter().filter(|section| section.role != Role::Zero) {
        expected[section.span.start as usize..section.span.end as usize].copy_from_slice(section.bytes);
    }
    assert_eq!(memory[..expected.len()], expected);
}
