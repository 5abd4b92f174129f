//! Programs of every kind, and what they are.

use std::fs;
use std::process::{Command, Stdio};

use aout_minix::compress::{Level, encode};
use aout_minix::convert::{ElfOptions, from_elf};
use aout_minix::{Builder, Content, FileType, Header, Relocation, Section, SymbolIndex};
use execfmt_testkit::{root, skipped, testdata};

use crate::elf;
use crate::support::{folder, text};

pub(crate) fn example(name: &str) -> String {
    root().join("testdata/elks").join(name).display().to_string()
}

/// A medium-model program as ia16-elf-ld links it: the text calls the far text, which prints the data, and exits with 0.
pub(crate) fn far() -> elf::Elf {
    // call 2000:0000; mov bx,0; mov ax,1; int 80h; three times nop
    let start = [0x9a, 0, 0, 0x00, 0x20, 0xbb, 0, 0, 0xb8, 1, 0, 0xcd, 0x80, 0x90, 0x90, 0x90];
    // mov ax,3000h; mov ds,ax; mov bx,1; mov cx,0; mov dx,15; mov ax,4; int 80h; retf
    let print =
        [0xb8, 0x00, 0x30, 0x8e, 0xd8, 0xbb, 1, 0, 0xb9, 0, 0, 0xba, 15, 0, 0xb8, 4, 0, 0xcd, 0x80, 0xcb];
    let sections = vec![
        elf::section(".text", 0x1_0000, &start),
        elf::section(".fartext", 0x2_0000, &print),
        elf::section(".data", 0x3_0000, b"from far text!\n"),
        elf::bss(0x3_0010, 100),
        elf::relocations(&[(0x1_0003, elf::SEGRELATIVE), (0x2_0001, elf::SEGRELATIVE)]),
    ];
    let symbol = |name, value, info, section| elf::Symbol { name, value, info, section };
    let symbols = vec![
        symbol("buffer", 0x3_0010, 0x01, 4),
        symbol("_start", 0x1_0000, 0x12, 1),
        symbol("print", 0x2_0000, 0x12, 2),
        symbol("message", 0x3_0000, 0x11, 3),
    ];
    elf::Elf { symbols, ..elf::Elf::new(0x1_0000, sections) }
}

#[test]
fn testdata_is_what_it_says_it_is() {
    let symtab = ElfOptions { symtab: true, ..ElfOptions::default() };
    let made = [("far.elf", far().file()), ("far.aout", from_elf(&far().file(), &symtab).unwrap().bytes)];
    for (name, bytes) in made {
        if std::env::var_os("EXECFMT_BLESS").is_some() {
            fs::write(example(name), &bytes).unwrap();
        }
        assert!(
            testdata(&format!("elks/{name}")) == bytes,
            "{name} is stale: EXECFMT_BLESS=1 writes it anew"
        );
    }
    let folder = folder();
    let script = format!(
        "cp {} . && bcc -ansi -c -o greet.o greet.c && ld86 -0 -i -o greet.aout greet.o",
        example("greet.c")
    );
    let built = Command::new("timeout")
        .args(["60", "sh", "-c", &script])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output();
    let Ok(output) = built else {
        return skipped("greet.aout as bcc makes it", "no shell");
    };
    if output.status.code() == Some(127) {
        return skipped("greet.aout as bcc makes it", "no bcc (packages bcc, bin86)");
    }
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(fs::read(folder.path().join("greet.aout")).unwrap(), testdata("elks/greet.aout"));
}

/// greet.aout with some bytes replaced.
pub(crate) fn greet(changes: &[(usize, &[u8])]) -> Vec<u8> {
    let mut file = testdata("elks/greet.aout");
    for (at, bytes) in changes {
        file[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    file
}

/// A small program of version 1 that asks for heap and stack.
pub(crate) fn version_1(heap: u16, stack: u16) -> Vec<u8> {
    let builder =
        Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 20]).data(b"data").bss(97);
    builder.chmem(heap).minstack(stack).to_vec().unwrap()
}

/// A program with a compressed text of 80 bytes.
pub(crate) fn compressed() -> Vec<u8> {
    let file = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 80]).to_vec().unwrap();
    let image = aout_minix::Image::parse(&file).unwrap();
    let text = encode(image.section(Section::Text), Level::Default).unwrap();
    let builder = Builder::from_image(&image).content(Section::Text, Content::compressed(&text, 80));
    builder.to_vec().unwrap()
}

/// One whose text was damaged.
pub(crate) fn damaged() -> Vec<u8> {
    let builder = Builder::new(FileType::SPLITID_AHISTORICAL).version(1);
    builder.content(Section::Text, Content::compressed(&[0xaa; 50], 80)).to_vec().unwrap()
}

/// A program with a relocation that ELKS would apply far after the text.
pub(crate) fn wild() -> Vec<u8> {
    let wild = [Relocation::segword(0x8000, SymbolIndex::DATA)];
    let builder = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 4]);
    builder.text_relocations(&wild).to_vec().unwrap()
}

/// One of 68000 Minix.
pub(crate) fn m68k() -> Vec<u8> {
    Builder::new(FileType::from_word(0x0b20_0301)).text(&[0x4e; 4]).to_vec().unwrap()
}

pub(crate) fn header(path: &str) -> Header {
    Header::from_bytes(&fs::read(path).unwrap()).unwrap()
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
pub(crate) fn mode(path: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
