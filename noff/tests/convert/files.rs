//! Files to convert, made field by field, and what becomes of them.

use noff::convert::{Conversion, ConvertError, Executable, NoffOptions};
use noff::{ByteOrder, Header, Image, Layout, Options};

/// A section of a file to convert: name, address, flags, contents, or the size of bss.
pub(crate) type Part<'a> = (&'a str, u32, u32, Result<&'a [u8], u32>);

pub(crate) fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub(crate) fn halves(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A COFF file by the facts of its format: 20, 56 and 40 bytes of headers, then the contents.
pub(crate) fn coff(parts: &[Part<'_>]) -> Vec<u8> {
    let mut file = [halves(&[0x162, parts.len() as u16]), words(&[0, 0, 0]), halves(&[56, 7])].concat();
    file.extend([halves(&[0o407, 0]), words(&[0; 13])].concat());
    let mut at = 76 + 40 * parts.len() as u32;
    for &(name, address, flags, contents) in parts {
        let size = contents.map_or_else(|size| size, |bytes| bytes.len() as u32);
        let mut padded = [0; 8];
        padded[..name.len()].copy_from_slice(name.as_bytes());
        file.extend(padded);
        file.extend(words(&[address, address, size, if contents.is_ok() { at } else { 0 }, 0, 0, 0, flags]));
        at += contents.map_or(0, |bytes| bytes.len() as u32);
    }
    file.extend(parts.iter().filter_map(|part| part.3.ok()).flatten());
    file
}

pub(crate) const ALLOC: u32 = 2;
pub(crate) const WRITE: u32 = 1;
pub(crate) const EXEC: u32 = 4;

/// A MIPS ELF file: header, contents, section names, section headers.
pub(crate) fn elf(parts: &[Part<'_>]) -> Vec<u8> {
    let mut contents = Vec::new();
    let mut names = b"\0.shstrtab\0".to_vec();
    let mut headers = words(&[0; 10]);
    for &(name, address, flags, part) in parts {
        let (kind, size) = part.map_or_else(|size| (8, size), |bytes| (1, bytes.len() as u32));
        headers.extend(words(&[
            names.len() as u32,
            kind,
            flags,
            address,
            52 + contents.len() as u32,
            size,
            0,
            0,
            1,
            0,
        ]));
        names.extend(name.as_bytes());
        names.push(0);
        contents.extend(part.unwrap_or_default());
    }
    headers.extend(words(&[1, 3, 0, 0, 52 + contents.len() as u32, names.len() as u32, 0, 0, 1, 0]));
    contents.extend(names);
    let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend([halves(&[2, 8]), words(&[1, 0, 0, 52 + contents.len() as u32, 0])].concat());
    file.extend(halves(&[52, 0, 0, 40, parts.len() as u16 + 2, parts.len() as u16 + 1]));
    [file, contents, headers].concat()
}

pub(crate) fn converted(file: &[u8], layout: Layout) -> Result<(Header, Vec<u8>, Conversion), ConvertError> {
    let conversion = Executable::read(file)?.to_noff(NoffOptions::new(layout, ByteOrder::Little))?;
    let image =
        Image::parse(&conversion.bytes, Options::default()).expect("what was converted can be parsed");
    let mut memory = vec![0; image.program().memory_end() as usize];
    image.load_into(&mut memory).expect("and loaded");
    Ok((*image.program().header(), memory, conversion.clone()))
}

/// What lies at every address by the input's own sections.
pub(crate) fn expected_memory(parts: &[Part<'_>]) -> Vec<u8> {
    let size = |part: &Part<'_>| part.3.map_or_else(|size| size, |bytes| bytes.len() as u32);
    let end = parts.iter().map(|part| part.1 + size(part)).max().unwrap();
    let mut memory = vec![0; end as usize];
    for part in parts {
        if let Ok(bytes) = part.3 {
            memory[part.1 as usize..][..bytes.len()].copy_from_slice(bytes);
        }
    }
    memory
}

/// The rule that refuses a file, by its code, and the sentence.
pub(crate) fn refusal(file: &[u8]) -> (&'static str, String) {
    let error = Executable::read(file).unwrap_err();
    let ConvertError::Input { ref finding, .. } = error else { panic!("{error}") };
    (finding.rule.code(), error.to_string())
}

pub(crate) fn with_word(mut file: Vec<u8>, at: usize, value: u32) -> Vec<u8> {
    file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    file
}
