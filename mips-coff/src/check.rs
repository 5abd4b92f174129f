//! From bytes to all findings and a verdict, for a chosen loader.

use core::ops::ControlFlow;

use execfmt_common::{AnyFinding, ByteOrder, Expected, Listing, Tally};
use mips_scan::{Counts, ScanOptions};

use crate::error::{CoffField, CoffFinding, CoffRule, SectionField};
use crate::image::Image;
use crate::nachos5j::{self, MAX_SECTIONS, MIN_LENGTH, MIN_SECTIONS, PAGE_SIZE};
use crate::section::{SectionHeader, SectionKind};
use crate::wire::{self, F_EXEC, F_RELFLG, MAGIC_BIG, MAGIC_LITTLE, OMAGIC, OPTIONAL_HEADER_SIZE};

/// The program that will read the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loader {
    /// Any reader: the rules of the format itself.
    #[default]
    Any,
    /// `coff2noff` that writes three segments.
    Coff2NoffThree,
    /// `coff2noff` that writes four segments.
    Coff2NoffFour,
    /// Nachos 5.0j.
    Nachos5j,
}

impl Loader {
    /// All loaders.
    pub const ALL: [Self; 4] = [Self::Any, Self::Coff2NoffThree, Self::Coff2NoffFour, Self::Nachos5j];

    /// The name used in command lines and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Coff2NoffThree => "coff2noff",
            Self::Coff2NoffFour => "coff2noff-rdata",
            Self::Nachos5j => "nachos5j",
        }
    }
}

/// What a file is checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckOptions {
    /// The program that will read it.
    pub loader: Loader,
    /// Number of frames of Nachos 5.0j's machine.
    pub frames: u32,
    /// Whether [`check_bytes`] scans the code for instructions that the simulated machine of Nachos lacks or
    /// executes differently. Its findings are warnings.
    pub scan_code: bool,
}

impl CheckOptions {
    /// For a loader, with the default number of frames.
    pub const fn new(loader: Loader) -> Self {
        Self { loader, frames: nachos5j::FRAMES, scan_code: false }
    }

    /// For Nachos 5.0j as shipped.
    pub const fn nachos5j() -> Self {
        Self::new(Loader::Nachos5j)
    }
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self::new(Loader::Any)
    }
}

/// The result of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Number of findings, including those that were not listed.
    pub tally: Tally,
    /// Rule number of the first error, which is a status code in C.
    pub first_error: Option<i32>,
    /// What a scan of the code counted; `None` when no scan was requested, or the headers cannot be read.
    pub code: Option<Counts>,
}

impl Verdict {
    /// True when the loader accepts the file.
    pub const fn is_accepted(&self) -> bool {
        self.tally.errors == 0
    }
}

/// Checks a whole file, reports every error and warning, and decides whether the loader accepts it.
///
/// `report` is called with the first [`MAX_LISTED`](execfmt_common::MAX_LISTED) findings in file order, until
/// it breaks; all are counted. Takes time proportional to the number of sections, and to the size of the code
/// where that is scanned.
pub fn check_bytes(
    bytes: &[u8],
    options: &CheckOptions,
    report: &mut dyn FnMut(&dyn AnyFinding) -> ControlFlow<()>,
) -> Verdict {
    let mut listing = Listing::new(report);
    let _ = findings(bytes, options, &mut |finding| {
        listing.add(&finding);
        ControlFlow::Continue(())
    });
    let image = Image::parse(bytes).ok().filter(|_| options.scan_code);
    let code = image.map(|image| scan_code(&image, options.loader, &mut listing));
    Verdict { tally: listing.tally(), first_error: listing.first_error(), code }
}

fn scan_code(image: &Image<'_>, loader: Loader, listing: &mut Listing<'_>) -> Counts {
    let options = ScanOptions { nachos5j: loader == Loader::Nachos5j };
    image.code().fold(Counts::default(), |counts, code| {
        let of_section = mips_scan::scan(&code, options, &mut |finding| {
            listing.add(&finding);
            ControlFlow::Continue(())
        });
        counts.and(of_section)
    })
}

/// The first error that [`check_bytes`] would count, for callers that need only the verdict: the check stops
/// there, and does not scan the code, where only warnings are found.
pub fn first_error(bytes: &[u8], options: &CheckOptions) -> Option<CoffFinding> {
    let mut first = None;
    let _ = findings(bytes, options, &mut |finding| {
        if !finding.is_error() {
            return ControlFlow::Continue(());
        }
        first = Some(finding);
        ControlFlow::Break(())
    });
    first
}

type Sink<'a> = dyn FnMut(CoffFinding) -> ControlFlow<()> + 'a;

/// Every finding of [`check_bytes`] except those of the code, as values of this crate's type, until `sink`
/// breaks.
pub fn findings(
    bytes: &[u8],
    options: &CheckOptions,
    sink: &mut (dyn FnMut(CoffFinding) -> ControlFlow<()> + '_),
) -> ControlFlow<()> {
    let image = match Image::parse(bytes) {
        Ok(image) => image,
        Err(finding) => return sink(finding),
    };
    let check = Check { image: &image, options };
    match options.loader {
        Loader::Any => {}
        Loader::Coff2NoffThree | Loader::Coff2NoffFour => check.converter_headers(sink)?,
        Loader::Nachos5j => check.nachos5j_headers(sink)?,
    }
    check.sections(sink)?;
    check.entry(sink)?;
    check.symbols(sink)
}

struct Check<'a> {
    image: &'a Image<'a>,
    options: &'a CheckOptions,
}

/// Maximum number of sections that are compared with each other; real files have at most ten.
const COMPARED: usize = 32;

/// Reports a finding, unless the value found is allowed.
fn expect(
    sink: &mut Sink<'_>,
    rule: CoffRule,
    (field, offset): (CoffField, u64),
    found: u64,
    expected: Expected,
) -> ControlFlow<()> {
    if expected.allows(found) {
        return ControlFlow::Continue(());
    }
    sink(rule.finding(field, offset, found, expected))
}

impl Check<'_> {
    fn converter_headers(&self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let header = self.image.header();
        let magic = match header.byte_order {
            ByteOrder::Little => MAGIC_LITTLE,
            ByteOrder::Big => MAGIC_BIG,
        };
        let little = Expected::Exactly(MAGIC_LITTLE.into());
        expect(sink, CoffRule::BigEndian, CoffField::file("f_magic"), magic.into(), little)?;
        let size = Expected::AtLeast(OPTIONAL_HEADER_SIZE.into());
        let opthdr = header.opthdr.into();
        expect(sink, CoffRule::OptionalHeaderSize, CoffField::file("f_opthdr"), opthdr, size)?;
        let Some(optional) = header.optional else { return ControlFlow::Continue(()) };
        let omagic = Expected::Exactly(OMAGIC.into());
        expect(sink, CoffRule::OptionalMagic, CoffField::optional("magic"), optional.magic.into(), omagic)?;
        let zero = Expected::Exactly(0);
        expect(sink, CoffRule::EntryNotKept, CoffField::optional("entry"), optional.entry.into(), zero)
    }

    fn nachos5j_headers(&self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let (header, len) = (self.image.header(), self.image.bytes().len() as u64);
        if header.byte_order == ByteOrder::Big {
            let little = Expected::Exactly(MAGIC_LITTLE.into());
            expect(sink, CoffRule::BigEndian, CoffField::file("f_magic"), MAGIC_BIG.into(), little)?;
        }
        let least = Expected::AtLeast(MIN_LENGTH.into());
        expect(sink, CoffRule::TooShort5j, (CoffField::FileLength, len), len, least)?;
        let (nscns, at) = (u64::from(header.nscns), CoffField::file("f_nscns"));
        expect(sink, CoffRule::SectionCount5j, at, nscns, Expected::AtLeast(MIN_SECTIONS.into()))?;
        expect(sink, CoffRule::SectionCount5j, at, nscns, Expected::AtMost(MAX_SECTIONS.into()))?;
        let wanted = F_RELFLG | F_EXEC;
        if header.flags & wanted != wanted {
            let (field, offset) = CoffField::file("f_flags");
            let expected = Expected::Exactly((header.flags | wanted).into());
            return sink(CoffRule::NotLinked5j.finding(field, offset, header.flags.into(), expected));
        }
        ControlFlow::Continue(())
    }

    fn at(&self, index: u16, field: SectionField) -> (CoffField, u64) {
        (CoffField::Section(index, field), self.image.section_field(index, field))
    }

    fn sections(&self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        match self.options.loader {
            Loader::Any => self.each_section(sink)?,
            Loader::Coff2NoffThree | Loader::Coff2NoffFour => {
                self.each_section(sink)?;
                for (index, section) in self.image.section_headers().filter(|(_, section)| section.size != 0)
                {
                    self.converter_section(sink, index, &section)?;
                }
                if self.options.loader == Loader::Coff2NoffThree {
                    self.data_and_rdata(sink)?;
                }
            }
            Loader::Nachos5j => return self.sections_5j(sink),
        }
        self.overlaps(sink)
    }

    /// What every reader needs of the sections.
    fn each_section(&self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let mut any = false;
        for (result, (index, section)) in self.image.sections().zip(self.image.section_headers()) {
            any |= section.size != 0;
            if let Err(finding) = result {
                sink(finding)?;
            }
            if section.size != 0 {
                let at = self.at(index, SectionField::Vaddr);
                let paddr = Expected::Exactly(section.paddr.into());
                expect(sink, CoffRule::TwoAddresses, at, section.vaddr.into(), paddr)?;
            }
        }
        if any {
            return ControlFlow::Continue(());
        }
        let (field, offset) = CoffField::file("f_nscns");
        sink(CoffRule::NoSections.finding(field, offset, 0, Expected::AtLeast(1)))
    }

    /// The converters identify sections by name, and use physical addresses.
    fn converter_section(&self, sink: &mut Sink<'_>, index: u16, section: &SectionHeader) -> ControlFlow<()> {
        if section.paddr.checked_add(section.size).is_none() {
            let (field, offset) = self.at(index, SectionField::Paddr);
            let room = Expected::AtMost(u32::MAX.saturating_sub(section.size).into());
            sink(CoffRule::AddressOverflow.finding(field, offset, section.paddr.into(), room))?;
        }
        if matches!(section.name.as_bytes(), b".text" | b".data" | b".rdata" | b".bss" | b".sbss") {
            return ControlFlow::Continue(());
        }
        let (field, offset) = self.at(index, SectionField::Name);
        let expected = Expected::Exactly(0);
        sink(CoffRule::UnknownSection.finding(field, offset, section.size.into(), expected))
    }

    fn data_and_rdata(&self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let named = |name: &'static [u8]| {
            let mut headers = self.image.section_headers();
            headers.find(|(_, section)| section.size != 0 && section.name.as_bytes() == name)
        };
        let (Some(_), Some((index, rdata))) = (named(b".data"), named(b".rdata")) else {
            return ControlFlow::Continue(());
        };
        let at = self.at(index, SectionField::Size);
        expect(sink, CoffRule::DataAndRdata, at, rdata.size.into(), Expected::Exactly(0))
    }

    /// Sections that share addresses with an earlier one in the file, among the first [`COMPARED`].
    fn overlaps(&self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let loaded = || {
            let headers = self.image.section_headers().take(COMPARED);
            headers.filter(|(_, section)| section.size != 0 && section.kind().is_some())
        };
        let end = |section: &SectionHeader| u64::from(section.vaddr).saturating_add(section.size.into());
        for (index, section) in loaded() {
            for (_, other) in loaded().take_while(|(other, _)| *other < index) {
                if u64::from(section.vaddr) < end(&other) && u64::from(other.vaddr) < end(&section) {
                    let (field, offset) = self.at(index, SectionField::Vaddr);
                    let (found, expected) = (section.vaddr.into(), Expected::AtLeast(end(&other)));
                    sink(CoffRule::SectionsOverlap.finding(field, offset, found, expected))?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Nachos 5.0j's walk along the section table, empty sections included.
    fn sections_5j(&self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let mut next_page = 0_u64;
        for (index, section) in self.image.section_headers() {
            let at = |field| self.at(index, field);
            let nreloc = section.nreloc.into();
            expect(sink, CoffRule::Relocations5j, at(SectionField::Nreloc), nreloc, Expected::Exactly(0))?;
            let kind = nachos5j::kind(section.flags);
            if kind.is_none() {
                let (field, offset) = at(SectionField::Flags);
                let text = Expected::Exactly(wire::STYP_TEXT.into());
                sink(CoffRule::SectionFlags5j.finding(field, offset, section.flags.into(), text))?;
            }
            let page = Expected::MultipleOf(PAGE_SIZE.into());
            let vaddr = u64::from(section.vaddr);
            expect(sink, CoffRule::Unaligned5j, at(SectionField::Vaddr), vaddr, page)?;
            let positive = Expected::AtMost(i32::MAX.unsigned_abs().into());
            let size = u64::from(section.size);
            expect(sink, CoffRule::NegativeSize5j, at(SectionField::Size), size, positive)?;
            if kind.is_some_and(SectionKind::is_file_backed) {
                self.bytes_5j(sink, index, &section)?;
            }
            if !page.allows(vaddr) {
                next_page = next_page.saturating_add(size.div_ceil(PAGE_SIZE.into()));
                continue;
            }
            let first = u64::from(section.vaddr.checked_div(PAGE_SIZE).unwrap_or(0));
            let contiguous = Expected::Exactly(next_page);
            expect(sink, CoffRule::Fragmented5j, at(SectionField::Vaddr), first, contiguous)?;
            next_page = next_page.saturating_add(size.div_ceil(PAGE_SIZE.into()));
        }
        let extra = u64::from(nachos5j::STACK_PAGES).saturating_add(nachos5j::ARGUMENT_PAGES.into());
        let pages = next_page.saturating_add(extra);
        let frames = Expected::AtMost(self.options.frames.into());
        expect(sink, CoffRule::TooManyPages5j, CoffField::file("f_nscns"), pages, frames)
    }

    /// The bytes of an initialised section, which is checked even when it is empty.
    fn bytes_5j(&self, sink: &mut Sink<'_>, index: u16, section: &SectionHeader) -> ControlFlow<()> {
        let (len, start) = (self.image.bytes().len() as u64, u64::from(section.scnptr));
        if section.file_end() > len {
            let (field, found, bound) = match len.checked_sub(start) {
                None => (SectionField::Scnptr, start, len),
                Some(rest) => (SectionField::Size, section.size.into(), rest),
            };
            let at = self.at(index, field);
            return expect(sink, CoffRule::SectionPastEof, at, found, Expected::AtMost(bound));
        }
        if section.size == 0 || section.size.checked_rem(PAGE_SIZE) != Some(0) {
            return ControlFlow::Continue(());
        }
        let (field, offset) = self.at(index, SectionField::Size);
        let more = Expected::AnythingBut(section.size.into());
        sink(CoffRule::LastPage5j.finding(field, offset, section.size.into(), more))
    }

    /// No loader reads the symbols.
    fn symbols(&self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        if self.options.loader != Loader::Any {
            return ControlFlow::Continue(());
        }
        self.image.symbols().err().map_or(ControlFlow::Continue(()), sink)
    }

    fn entry(&self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let Some(entry) = self.image.header().entry else { return ControlFlow::Continue(()) };
        let mut backed = self
            .image
            .section_headers()
            .filter(|(_, section)| section.kind().is_some_and(SectionKind::is_file_backed));
        if backed.any(|(_, s)| entry.checked_sub(s.vaddr).is_some_and(|within| within < s.size)) {
            return ControlFlow::Continue(());
        }
        let (field, offset) = CoffField::optional("entry");
        let elsewhere = Expected::AnythingBut(entry.into());
        sink(CoffRule::EntryWithoutBytes.finding(field, offset, entry.into(), elsewhere))
    }
}
