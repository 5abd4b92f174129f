//! Each kind by the smallest bytes that are one; where a tool made them, by its bytes.

use execfmt_common::{Advice, ByteOrder};
use execfmt_detect::{FileKind, Magic, OwnFormat, detect};

/// The header of an ELF file and, where `code` says, one section of code: with bytes, or without any.
fn elf(class: u8, order: u8, elf_type: u8, machine: u8, code: Option<u8>) -> Vec<u8> {
    let number = |value: u64, size: usize| -> Vec<u8> {
        let bytes = if order == 2 { value.to_be_bytes() } else { value.to_le_bytes() };
        let skipped = if order == 2 { 8_usize.saturating_sub(size) } else { 0 };
        bytes.into_iter().skip(skipped).take(size).collect()
    };
    let wide = if class == 2 { 8 } else { 4 };
    let (header, section) = if class == 2 { (64, 64) } else { (52, 40) };
    let mut file = [&[0x7f, b'E', b'L', b'F', class, order, 1][..], &[0; 9]].concat();
    file.extend(number(elf_type.into(), 2));
    file.extend(number(machine.into(), 2));
    file.extend(number(1, 4));
    // Entry, program headers, section headers, flags.
    file.extend([number(0, wide), number(0, wide), number(header, wide), number(0, 4)].concat());
    let sections = if code.is_some() { 2 } else { 0 };
    for value in [header, 0, 0, section, sections, 0] {
        file.extend(number(value, 2));
    }
    if let Some(section_type) = code {
        file.extend(vec![0; usize::try_from(section).unwrap_or_default()]);
        // Name, type, flags (allocated, code); the rest does not count.
        file.extend([number(0, 4), number(section_type.into(), 4), number(6, wide)].concat());
        file.extend(vec![0; 64]);
    }
    file
}

/// A DOS header that points to another one right after it.
fn mz(next: &[u8], length: usize) -> Vec<u8> {
    let mut file = vec![0; 64];
    for (to, from) in file.iter_mut().zip(b"MZ") {
        *to = *from;
    }
    if let Some(at) = file.get_mut(60) {
        *at = 64;
    }
    let mut next = next.to_vec();
    next.resize(length.max(next.len()), 0);
    file.extend(next);
    file
}

fn ne(target: u8) -> Vec<u8> {
    let mut header = b"NE".to_vec();
    header.resize(0x36, 0);
    header.push(target);
    mz(&header, 64)
}

fn member(name: &str, contents: &[u8]) -> Vec<u8> {
    let mut member = format!("{name:<48}{:<10}`\n", contents.len()).into_bytes();
    member.extend(contents);
    if contents.len() % 2 == 1 {
        member.push(b'\n');
    }
    member
}

fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [b"!<arch>\n".to_vec(), members.concat()].concat()
}

#[test]
fn each_kind_says_what_it_is_and_what_to_do() {
    let table: Vec<(Vec<u8>, &str, &str)> = vec![
        (vec![], "an empty file", "copy or build it again"),
        (b"\xad\xdf\xba".to_vec(), "the start of a Nachos NOFF executable, cut short", "again"),
        (b"\x00\xba\xdf".to_vec(), "the start of a Nachos NOFF executable, cut short", "again"),
        (b"coyi".to_vec(), "the start of a Coyotos image, cut short", "again"),
        (b"\x7fEL".to_vec(), "the start of an ELF file, cut short", "again"),
        (b"\x7fELF\x01\x01\x01".to_vec(), "the start of an ELF file, cut short", "again"),
        (b"\xad\xdf\xba\x00".to_vec(), "a Nachos NOFF executable", "inspect it"),
        (b"coyimage".to_vec(), "a Coyotos image", "inspect it"),
        (b"\x01\x03".to_vec(), "an ELKS or Minix a.out executable", "inspect it"),
        (b"\x01\x03text\n".to_vec(), "the two bytes of the a.out magic, without a header after them", ""),
        (
            elf(1, 1, 2, 8, None),
            "an ELF executable for MIPS, 32-bit, little-endian",
            "convert it to NOFF, COFF or a flat file",
        ),
        (
            elf(1, 2, 2, 8, None),
            "an ELF executable for MIPS, 32-bit, big-endian",
            "little-endian MIPS compiler",
        ),
        (elf(1, 1, 1, 3, None), "an ELF object file for 80386, 32-bit, little-endian", "link it"),
        (
            elf(1, 1, 2, 3, Some(1)),
            "an ELF executable for 80386, 32-bit, little-endian",
            "convert it to ELKS a.out or a Coyotos image",
        ),
        (
            elf(1, 1, 2, 3, Some(8)),
            "an ELF file for 80386, 32-bit, little-endian, with debugging information only",
            "use the program itself",
        ),
        (
            elf(2, 1, 3, 62, Some(8)),
            "an ELF file for x86-64, 64-bit, little-endian, with debugging information only",
            "use the program itself",
        ),
        (
            elf(2, 1, 3, 62, None),
            "an ELF shared object or position-independent executable for x86-64, 64-bit, little-endian",
            "-no-pie",
        ),
        (elf(2, 2, 2, 22, Some(1)), "an ELF executable for S/390, 64-bit, big-endian", "build it for MIPS"),
        (elf(1, 1, 4, 40, None), "an ELF core dump for ARM, 32-bit, little-endian", ""),
        (elf(1, 2, 2, 4, None), "an ELF executable for 68000, 32-bit, big-endian", "a Coyotos image"),
        (elf(1, 1, 9, 99, None), "an ELF file of type 9 for machine 99, 32-bit, little-endian", ""),
        ([b"\x62\x01\x02\x00".to_vec(), vec![0; 16]].concat(), "a MIPS COFF file", "convert it to NOFF"),
        (
            [b"\x01\x60\x00\x02".to_vec(), vec![0; 16]].concat(),
            "a big-endian MIPS COFF file",
            "little-endian",
        ),
        (b"\xa3\x86\x01\x00".to_vec(), "an object file of bcc (as86)", "bcc or ld86"),
        // As ar86 and GNU ar write them: with a table of symbols, and with one of long names.
        (archive(&[member("m.o/", b"\xa3\x86\x01")]), "a library of bcc's object files", "bcc or ld86"),
        (archive(&[member("m.o", &elf(1, 1, 1, 8, None))]), "a library of ELF object files", "link it"),
        (
            archive(&[member("/", b"odd"), member("//", b"long name.o/\n"), member("/0", b"\x7fELF")]),
            "a library of ELF object files",
            "link it",
        ),
        (archive(&[]), "an archive of ar", "link it"),
        (archive(&[member("/", b"")]), "an archive of ar", "link it"),
        (b"!<thin>\n".to_vec(), "a thin archive, with the names of object files", "link it"),
        // ld's OMAGIC for i386-linuxaout, and the oldest ones without a machine.
        (
            b"\x07\x01\x64\x00".to_vec(),
            "an a.out file of Linux or BSD (OMAGIC), not of ELKS or Minix",
            "build it for ELKS",
        ),
        (
            b"\x08\x01\x00\x00".to_vec(),
            "an a.out file of Linux or BSD (NMAGIC), not of ELKS or Minix",
            "ELKS",
        ),
        (
            b"\x0b\x01\x64\x00".to_vec(),
            "an a.out file of Linux or BSD (ZMAGIC), not of ELKS or Minix",
            "ELKS",
        ),
        (
            b"\xcc\x00\x64\x00".to_vec(),
            "an a.out file of Linux or BSD (QMAGIC), not of ELKS or Minix",
            "ELKS",
        ),
        (b"MZ".to_vec(), "a DOS program (MZ)", "build it for ELKS"),
        (mz(b"PE\0\0\x4c\x01", 64), "a Windows program (PE) for 80386", "build it for ELKS"),
        (mz(b"PE\0\0\x34\x12", 64), "a Windows program (PE) for machine 0x1234", "build it for ELKS"),
        (mz(b"LX\0\0", 64), "a linear executable (LE or LX) of OS/2 or Windows", "build it for ELKS"),
        (ne(1), "a segmented executable (NE) for OS/2", "convert it to ELKS a.out"),
        (ne(2), "a segmented executable (NE) for 16-bit Windows", "build it for ELKS"),
        (ne(3), "a segmented executable (NE) for DOS 4", "build it for ELKS"),
        (ne(0), "a segmented executable (NE) for the unknown system 0", "convert it to ELKS a.out"),
        // The first bytes of `int main(){return 3;}` by bcc -Md, 228 bytes.
        (
            [b"\xe9\x31\x00\xc30.16.17\x00".to_vec(), vec![0x90; 216]].concat(),
            "a program of bcc without a header, such as bcc -Md makes for DOS",
            "build it for ELKS",
        ),
        // The jump leads out of the file.
        (b"\xe9\x31\x00\xc30.16.17\x00".to_vec(), "not a file that execfmt recognises", ""),
        (b"#!/bin/sh\n".to_vec(), "a script", ""),
        (b"\x1f\x8b\x08".to_vec(), "a gzip file", "inflate it"),
        ("gr\u{fc}n\n".as_bytes().to_vec(), "text", ""),
        (b"MS\x00\x01".to_vec(), "not a file that execfmt recognises", ""),
        (b"\xff\xfe\xfd".to_vec(), "not a file that execfmt recognises", ""),
        (b"\x80".to_vec(), "not a file that execfmt recognises", ""),
    ];
    for (file, what, advice) in table {
        let kind = detect(&file, file.len() as u64);
        assert_eq!(kind.to_string(), what, "{file:02x?}");
        let given = kind.advice().map(|advice| advice.to_string()).unwrap_or_default();
        assert!(given.contains(advice) && given.is_empty() == advice.is_empty(), "{what}: {given}");
    }
}

#[test]
fn a_prefix_is_not_a_file_that_was_cut() {
    let noff = detect(b"\xad\xdf", 1000);
    assert_ne!(noff, FileKind::Cut(OwnFormat::Noff(execfmt_common::ByteOrder::Little)));
    // More may follow, but not what would make it another kind.
    assert_eq!(detect(b"\xad\xdf\xba\x00", 1000).advice(), Some(Advice::Inspect));
    let a_out = [&b"\x01\x03"[..], &[0xff; 30]].concat();
    assert_eq!(detect(&a_out, 32), FileKind::Own(OwnFormat::AoutMinix));
}

#[test]
fn no_bytes_are_too_strange() {
    // Offsets that lead anywhere, in every field that is followed.
    for file in [
        mz(b"NE", 2),
        mz(&[], 0),
        elf(1, 1, 2, 8, Some(1)).into_iter().take(50).collect(),
        elf(2, 2, 3, 8, Some(8)).into_iter().take(100).collect(),
        archive(&[member("/", &[0; 9]).into_iter().take(62).collect()]),
    ] {
        for damaged in 0..file.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut file = file.clone();
                if let Some(byte) = file.get_mut(damaged) {
                    *byte = value;
                }
                let told = detect(&file, file.len() as u64).to_string();
                assert!(!told.is_empty());
            }
        }
    }
}

/// Four bytes are enough for the kind, and the whole recogniser agrees with them.
#[test]
fn the_first_four_bytes_decide_as_the_whole_recogniser_does() {
    let rows: &[(&[u8], Magic, &str)] = &[
        (b"\x7fELF", Magic::Elf, "an ELF file"),
        (b"\x62\x01\x03\0", Magic::MipsCoff(ByteOrder::Little), "a MIPS COFF file"),
        (b"\x01\x60\0\x03", Magic::MipsCoff(ByteOrder::Big), "a big-endian MIPS COFF file"),
        (b"MZ\x90\0", Magic::Mz, "an MZ file"),
        (b"#!/b", Magic::Script, "a script"),
        (b"!<arch>\n", Magic::Archive, "an archive"),
        (b"!<thin>\n", Magic::Archive, "an archive"),
        (b"\xa3\x86\x01\0", Magic::BccObject, "an object file of bcc"),
        (b"\x07\x01\x64\0", Magic::LinuxAout, "not of ELKS or Minix"),
        (b"\xcc\0\x64\0", Magic::LinuxAout, "not of ELKS or Minix"),
        (b"\x1f\x8b\x08\0", Magic::Gzip, "a gzip file"),
        (b"\xad\xdf\xba\0", Magic::Noff(ByteOrder::Little), "NOFF"),
        (b"\0\xba\xdf\xad", Magic::Noff(ByteOrder::Big), "NOFF"),
        (b"coyimage", Magic::CoyotosImage, "a Coyotos image"),
        (b"\x01\x03\x20\x04", Magic::AoutMinix, "a.out"),
        (b"\x03\x01\x20\x04", Magic::Unknown, "unknown"),
        (b"", Magic::Unknown, "unknown"),
        (b"MY", Magic::Unknown, "unknown"),
    ];
    for &(bytes, magic, words) in rows {
        assert_eq!(Magic::of(bytes), magic, "{words}");
        assert!(magic.to_string().contains(words), "{magic}");
        let agrees = match (magic, detect(bytes, 4096)) {
            (Magic::Elf, kind) => matches!(kind, FileKind::CutElf | FileKind::Elf(_)),
            (Magic::MipsCoff(order), FileKind::MipsCoff(other)) => order == other,
            (Magic::Mz, FileKind::Mz)
            | (Magic::Script, FileKind::Script)
            | (Magic::Archive, FileKind::Archive(_))
            | (Magic::BccObject, FileKind::BccObject)
            | (Magic::LinuxAout, FileKind::LinuxAout(_))
            | (Magic::Gzip, FileKind::Gzip)
            | (Magic::CoyotosImage, FileKind::Own(OwnFormat::CoyotosImage))
            | (Magic::AoutMinix, FileKind::Own(OwnFormat::AoutMinix))
            | (Magic::Unknown, FileKind::Unknown | FileKind::Text) => true,
            (Magic::Noff(order), FileKind::Own(OwnFormat::Noff(other))) => order == other,
            _ => false,
        };
        assert!(agrees, "{magic:?}: {:?}", detect(bytes, 4096));
    }
}
