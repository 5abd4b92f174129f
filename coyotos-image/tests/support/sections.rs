//! The section headers of a little-endian ELF file of 32 bits, read without the crates.

/// A section: name, type, flags and address.
pub(crate) type Section = (String, u32, u32, u32);

pub(crate) fn sections(elf: &[u8]) -> Vec<Section> {
    let word = |at: usize| u32::from_le_bytes(elf[at..at + 4].try_into().unwrap());
    let half = |at: usize| usize::from(u16::from_le_bytes(elf[at..at + 2].try_into().unwrap()));
    // e_shoff, e_shentsize, e_shnum and e_shstrndx.
    let header = |index: usize| word(32) as usize + index * half(46);
    let names = word(header(half(50)) + 16) as usize;
    let name = |offset: u32| {
        let text = elf[names + offset as usize..].split(|&byte| byte == 0).next().unwrap();
        String::from_utf8_lossy(text).into_owned()
    };
    let section = |at| (name(word(at)), word(at + 4), word(at + 8), word(at + 12));
    (0..half(48)).map(header).map(section).collect()
}
