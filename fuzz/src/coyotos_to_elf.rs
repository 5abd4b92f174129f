//! An address space of an image as an ELF program: read back by an account of its own.

use coyotos_image::space::Mapping;
use coyotos_image::{
    CapType, Capability, Image, ObjectId, Restr, SpaceId, SymbolKind, ToElfError, elf_of_space,
};

use crate::coyotos_elf::account::{Elf, PF_W, PF_X, PT_LOAD, Segment};
use crate::words;

/// The most bytes of pages that a program may have.
const LIMIT: u64 = 1 << 18;

/// The start address is that of the first process of the space that is to be started, and the symbols are those of the space.
fn started_and_named(image: &Image<'_>, root: Capability, elf: &Elf<'_>) {
    let mut starts = image.process_spaces().filter(|(_, space)| *space == root).filter_map(|(oid, _)| {
        let process = image.process(oid)?;
        (process.fault_code == 25).then_some(process.fault_info)
    });
    let start = starts.next().unwrap_or_default();
    assert_eq!(elf.entry(), u64::from(u32::try_from(start).unwrap_or_default()));
    let space = ObjectId::of(root).map(|root| SpaceId::of(root).to_u64());
    let of_space = image.symbols().iter().filter(|symbol| Some(symbol.object) == space);
    let named = of_space.filter(|symbol| symbol.value <= u64::from(u32::MAX)).filter_map(|symbol| {
        let kind = match symbol.kind {
            SymbolKind::Function => 2,
            SymbolKind::Data => 1,
            _ => 0,
        };
        Some((symbol.name?, symbol.value, u64::from(symbol.size), kind))
    });
    let written = elf.symbols().expect("a symbol table");
    let written =
        written.iter().skip(1).map(|symbol| (symbol.name, symbol.value, symbol.size, symbol.info & 15));
    assert!(written.eq(named), "other symbols");
}

/// Each mapped page is in the program, at its address and with its rights, and nothing else is.
pub(crate) fn to_elf(image: &Image<'_>, root: Capability, mappings: &[Mapping]) {
    let pages = mappings.iter().filter(|mapping| mapping.capability.cap_type() == CapType::PAGE);
    let pages: Vec<_> = pages
        .filter_map(|mapping| {
            let page = image.page(mapping.capability.oid())?;
            // A malformed tree shows only a part of a page.
            let shown = 1_usize.checked_shl(mapping.l2_size.into()).unwrap_or(usize::MAX);
            Some((mapping, &page[..page.len().min(shown)]))
        })
        .collect();
    let total: u64 = pages.iter().map(|(_, page)| page.len() as u64).sum();
    let file = match elf_of_space(image, root, LIMIT) {
        Ok(file) => file,
        Err(error) => {
            words::error(&error);
            let wanted = match error {
                ToElfError::Empty => pages.is_empty(),
                ToElfError::TooLarge { .. } => total > LIMIT,
                ToElfError::Address(address) => address > u64::from(u32::MAX),
                _ => false,
            };
            assert!(wanted, "{error}");
            return;
        }
    };
    if let Some(limit) = total.checked_sub(1) {
        let error = elf_of_space(image, root, limit).expect_err("a byte less");
        assert_eq!(error, ToElfError::TooLarge { limit });
        words::error(&error);
    }
    let elf = Elf::new(&file).expect("an ELF file");
    started_and_named(image, root, &elf);
    let segments = elf.segments().expect("program headers within the file");
    let loaded: Vec<_> = segments.iter().filter(|segment| segment.kind == PT_LOAD).collect();
    for (mapping, page) in &pages {
        let size = page.len() as u64;
        let within = |segment: &&&Segment| {
            segment.address <= mapping.address
                && mapping.address + size <= segment.address + segment.memory_size
        };
        let segment =
            loaded.iter().find(within).unwrap_or_else(|| panic!("{mapping:?} is not in the program"));
        let at = mapping.address - segment.address;
        let stored = segment.file_size.saturating_sub(at).min(size) as usize;
        let start = (segment.offset + at) as usize;
        // Trailing pages of zeros have no bytes, and no place, in the file.
        assert!(stored == 0 || file[start..start + stored] == page[..stored], "{mapping:?}");
        assert!(page[stored..].iter().all(|&byte| byte == 0), "{mapping:?}");
        let rights = [(PF_W, Restr::RO), (PF_X, Restr::NX)];
        let same =
            rights.iter().all(|&(flag, restr)| (segment.flags & flag == 0) == mapping.restr.contains(restr));
        assert!(same, "{mapping:?} has flags {:#x}", segment.flags);
    }
    let memory: u64 = loaded.iter().map(|segment| segment.memory_size).sum();
    assert_eq!(memory, total, "something else is loaded");
}
