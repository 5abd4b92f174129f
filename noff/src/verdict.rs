//! From the bytes of a file to all findings and a verdict.

use core::ops::ControlFlow;

use execfmt_common::{AnyFinding, Expected, Listing, Tally};
use mips_scan::{Counts, ScanOptions, scan};

use crate::check::check;
use crate::header::{Header, Layout};
use crate::image::Image;
use crate::page::STACK_RESERVE;
use crate::profile::{Format, Profile};
use crate::program::{Program, Strictness};
use crate::rules::{NoffField, NoffFinding, NoffRule};
use crate::segment::{SegmentField, SegmentHeader, SegmentKind};
use crate::wire::MAGIC;

/// What [`check_bytes`] needs to know besides the bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions<'a> {
    /// The layout, where the caller knows it. `None` takes it from the file: a profile does not determine it,
    /// because a file of the other layout is to be reported, not misread.
    pub layout: Option<Layout>,
    /// The kernels that will load the file. `None` checks what all of them have in common.
    pub profile: Option<&'a Profile<'a>>,
    /// Whether [`check_bytes`] scans the code for instructions that the simulated machine of Nachos lacks or
    /// executes differently. Its findings are warnings.
    pub scan_code: bool,
}

/// The result of [`check_bytes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The header, if it could be read.
    pub header: Option<Header>,
    /// The program, if a kernel of some family can load it.
    pub program: Option<Program>,
    /// Number of findings, including those that were not listed.
    pub tally: Tally,
    /// Rule number of the first error, which is a status code in C.
    pub first_error: Option<i32>,
    /// What a scan of the code counted; `None` when no scan was requested, or there is no program.
    pub code: Option<Counts>,
    accepted: bool,
}

impl Verdict {
    /// True when the chosen kernels load the file; without a profile, when any kernel can. This is equivalent
    /// to no finding being an error.
    pub const fn is_accepted(&self) -> bool {
        self.accepted
    }
}

/// Checks a whole file, reports every error and warning, and decides whether it can be loaded.
///
/// `report` is called with the first [`MAX_LISTED`](execfmt_common::MAX_LISTED) findings in order, until it
/// breaks; all are counted. There are at most a few dozen, plus those of the code where it is scanned; the
/// scan takes time proportional to the size of the code.
///
/// ```
/// use noff::{CheckOptions, NACHOS4_RDATA, check_bytes};
///
/// let mut file = [0; 56];
/// let builder = noff::Builder::new(noff::Layout::Three, noff::ByteOrder::Little).code(0, &[0; 16]);
/// builder.write_to(&mut file)?;
/// let mut codes = Vec::new();
/// let mut report = |finding: &dyn execfmt_common::AnyFinding| {
///     codes.push(finding.code());
///     core::ops::ControlFlow::Continue(())
/// };
/// let options = CheckOptions { profile: Some(&NACHOS4_RDATA), ..CheckOptions::default() };
/// assert!(!check_bytes(&file, &options, &mut report).is_accepted());
/// assert_eq!(codes, ["kernel_layout"]);
/// # Ok::<(), noff::BuildError>(())
/// ```
pub fn check_bytes(
    bytes: &[u8],
    options: &CheckOptions<'_>,
    report: &mut dyn FnMut(&dyn AnyFinding) -> ControlFlow<()>,
) -> Verdict {
    let file_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut listing = Listing::new(report);
    let mut verdict = check_header(bytes, file_len, options, &mut listing);
    if let Some(program) = verdict.program.filter(|_| options.scan_code) {
        let nachos5j = options.profile.is_some_and(|profile| profile.faults.unsigned_immediates);
        verdict.code =
            Some(scan(&Image::of(program, bytes).code(), ScanOptions { nachos5j }, &mut |finding| {
                listing.add(&finding);
                ControlFlow::Continue(())
            }));
        verdict.tally = listing.tally();
    }
    verdict
}

/// Like [`check_bytes`], given the first [`MAX_HEADER_SIZE`](crate::MAX_HEADER_SIZE) bytes of a file of
/// `file_len` bytes, or all bytes of a shorter file. The code, which these bytes do not contain, is not
/// scanned.
pub fn check_prefix(
    prefix: &[u8],
    file_len: u32,
    options: &CheckOptions<'_>,
    report: &mut dyn FnMut(&dyn AnyFinding) -> ControlFlow<()>,
) -> Verdict {
    check_header(prefix, file_len, options, &mut Listing::new(report))
}

fn check_header(
    prefix: &[u8],
    file_len: u32,
    options: &CheckOptions<'_>,
    listing: &mut Listing<'_>,
) -> Verdict {
    let parsed = Header::parse(prefix, file_len, options.layout);
    let program = parsed.ok().and_then(|header| Program::new(header, file_len, Strictness::Errors).ok());
    match &parsed {
        Ok(header) => findings(header, file_len, options.profile).for_each(|finding| listing.add(&finding)),
        Err(finding) => listing.add(finding),
    }
    let accepted = match (&program, options.profile) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(program), Some(profile)) => runs_on(program, profile).is_ok(),
    };
    let (tally, first_error) = (listing.tally(), listing.first_error());
    Verdict { header: parsed.ok(), program, tally, first_error, code: None, accepted }
}

/// Every error and warning of a header, for the kernels of a profile if one is given.
pub fn findings<'a>(
    header: &'a Header,
    file_len: u32,
    profile: Option<&'a Profile<'a>>,
) -> impl Iterator<Item = NoffFinding> + 'a {
    // The rules that depend on the kernel come from its profile.
    let general = move |finding: &NoffFinding| {
        let by_kernel =
            matches!(finding.rule, NoffRule::CodeNotAtStart | NoffRule::MemoryGap | NoffRule::LargeProgram);
        profile.is_none() || !by_kernel
    };
    let special = profile.into_iter().flat_map(move |profile| {
        let program = Program::new(*header, file_len, Strictness::Errors).ok();
        ALL.into_iter().filter_map(move |rule| rule(header, program.as_ref(), profile))
    });
    check(header, file_len).filter(general).chain(special)
}

/// Whether kernels of a profile run a program.
///
/// # Errors
/// The first reason why not.
pub fn runs_on(program: &Program, profile: &Profile<'_>) -> Result<(), NoffFinding> {
    let broken = ALL.into_iter().filter_map(|rule| rule(program.header(), Some(program), profile));
    broken.filter(NoffFinding::is_error).map(Err).next().unwrap_or(Ok(()))
}

/// A rule about a kernel. Some need a program whose numbers are valid.
type KernelRule = fn(&Header, Option<&Program>, &Profile<'_>) -> Option<NoffFinding>;

const ALL: [KernelRule; 11] = [
    format,
    layout,
    byte_order,
    |header, _, profile| size(header, profile, SegmentKind::Code),
    |header, _, profile| size(header, profile, SegmentKind::InitData),
    |header, _, profile| size(header, profile, SegmentKind::ReadonlyData),
    |header, _, profile| size(header, profile, SegmentKind::UninitData),
    unmapped,
    code_start,
    memory,
    memory_gap,
];

fn loads_noff(profile: &Profile<'_>) -> bool {
    matches!(profile.format, Format::Noff { .. })
}

fn in_segment(
    header: &Header,
    rule: NoffRule,
    (kind, field): (SegmentKind, SegmentField),
    found: u64,
    expected: Expected,
) -> Option<NoffFinding> {
    let offset = header.layout.field_offset(kind, field)?;
    (!expected.allows(found)).then_some(rule.finding(
        NoffField::Segment(kind, field),
        offset,
        found,
        expected,
    ))
}

fn format(_: &Header, _: Option<&Program>, profile: &Profile<'_>) -> Option<NoffFinding> {
    // The magic of little-endian MIPS COFF files.
    let expected = Expected::Exactly(0x0162);
    let finding = NoffRule::KernelFormat.finding(NoffField::NoffMagic, 0, MAGIC.into(), expected);
    (!loads_noff(profile)).then_some(finding)
}

fn layout(header: &Header, _: Option<&Program>, profile: &Profile<'_>) -> Option<NoffFinding> {
    let Format::Noff { layout } = profile.format else { return None };
    let (kind, _) = header.payload_start().unwrap_or((SegmentKind::Code, 0));
    let expected = Expected::Exactly(layout.header_size().into());
    let found = header.layout.header_size().into();
    in_segment(header, NoffRule::KernelLayout, (kind, SegmentField::InFileAddr), found, expected)
}

fn byte_order(header: &Header, _: Option<&Program>, profile: &Profile<'_>) -> Option<NoffFinding> {
    let swapped = NoffRule::KernelByteOrder.finding(
        NoffField::NoffMagic,
        0,
        MAGIC.swap_bytes().into(),
        Expected::Exactly(MAGIC.into()),
    );
    let wrong = loads_noff(profile) && !profile.byte_orders.contains(header.byte_order);
    wrong.then_some(swapped)
}

fn size(header: &Header, profile: &Profile<'_>, kind: SegmentKind) -> Option<NoffFinding> {
    if !loads_noff(profile) || !header.non_empty().any(|(other, _)| other == kind) {
        return None;
    }
    let expected = Expected::MultipleOf(profile.size_granularity.max(1).into());
    let found = header.segment(kind).size.into();
    in_segment(header, NoffRule::KernelSize, (kind, SegmentField::Size), found, expected)
}

fn unmapped(header: &Header, _: Option<&Program>, profile: &Profile<'_>) -> Option<NoffFinding> {
    let (kind, lowest) = header.non_empty().min_by_key(|(_, segment)| segment.virtual_addr)?;
    // Code may begin in these pages when it only fills them: what matters is that the program starts above
    // them.
    if !loads_noff(profile) || kind == SegmentKind::Code && holds_start(lowest, profile) {
        return None;
    }
    let expected = Expected::AtLeast(profile.lowest_address());
    let found = lowest.virtual_addr.into();
    in_segment(header, NoffRule::KernelUnmapped, (kind, SegmentField::VirtualAddr), found, expected)
}

/// Whether a segment of whole pages holds the instruction at which the kernel starts programs.
fn holds_start(segment: SegmentHeader, profile: &Profile<'_>) -> bool {
    let first_page = Expected::MultipleOf(profile.page_size.bytes().into());
    let within = profile.start.checked_sub(segment.virtual_addr);
    first_page.allows(segment.virtual_addr.into()) && within.is_some_and(|within| within < segment.size)
}

fn code_start(header: &Header, _: Option<&Program>, profile: &Profile<'_>) -> Option<NoffFinding> {
    if !loads_noff(profile) || header.code.size == 0 {
        return None;
    }
    // A kernel with unmapped pages starts programs above them, and their code may begin with fill.
    if profile.unmapped_pages > 0 && holds_start(header.code, profile) {
        return None;
    }
    let expected = Expected::Exactly(profile.start.into());
    let field = (SegmentKind::Code, SegmentField::VirtualAddr);
    in_segment(header, NoffRule::CodeNotAtStart, field, header.code.virtual_addr.into(), expected)
}

fn highest(header: &Header) -> Option<SegmentKind> {
    let ends = header.non_empty().filter_map(|(kind, segment)| Some((kind, segment.memory_end()?)));
    ends.max_by_key(|&(_, end)| end).map(|(kind, _)| kind)
}

fn memory(header: &Header, program: Option<&Program>, profile: &Profile<'_>) -> Option<NoffFinding> {
    let program = program.filter(|_| loads_noff(profile))?;
    // Without a limit of the machine, the limit of addresses remains: the stack pointer must be a valid
    // address.
    let size = profile.page_size;
    let addressable = size.page_of(u64::from(u32::MAX).wrapping_add(u64::from(STACK_RESERVE)));
    let limit = profile.frames.filter(|_| !profile.demand_paging).map_or(addressable, u64::from);
    let found = program.page_count(size, profile.stack_size);
    let field = (highest(header).unwrap_or(SegmentKind::Code), SegmentField::Size);
    in_segment(header, NoffRule::KernelMemory, field, found, Expected::AtMost(limit))
}

fn memory_gap(header: &Header, program: Option<&Program>, profile: &Profile<'_>) -> Option<NoffFinding> {
    let program = program.filter(|_| loads_noff(profile))?;
    // The sum as the kernel computes it: without the pages that it never maps, although programs reach above
    // them.
    let found = header.non_empty().fold(0_u64, |sum, (_, segment)| sum.saturating_add(segment.size.into()));
    let field = (highest(header)?, SegmentField::VirtualAddr);
    let expected = Expected::AtLeast(program.memory_end().into());
    in_segment(header, NoffRule::MemoryGap, field, found, expected)
}
