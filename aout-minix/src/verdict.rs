//! From bytes to all findings and the verdict of a kernel.

use core::any::Any;
use core::fmt;
use core::ops::ControlFlow;

use execfmt_common::{Advice, AnyFinding, Detail as _, Expected, Listing, Severity, Tally};

use crate::check::check_for;
use crate::codec::{StreamField, StreamFinding, check_in_place};
use crate::elks::{self, ElksRefusal, Program};
use crate::header::Header;
use crate::header_check::check_header;
use crate::image::Image;
use crate::minix2::{self, CLICK_SIZE, Minix2Refusal, WordSize};
use crate::rules::AoutFinding;
use crate::section::Section;
use crate::types::{Cpu, FileType};
use crate::wire::HLEN_PLAIN;

/// The kernel whose verdict is requested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loader {
    /// The one that the file is made for: for the 8086, ELKS or Minix 2, whichever runs it; for the 80386,
    /// Minix 2. A file for another processor is checked only by the format's rules.
    #[default]
    Intended,
    /// ELKS with medium model and compression.
    Elks,
    /// ELKS without medium model and compression.
    ElksMinimal,
    /// Minix 2, for the processor that the file names.
    Minix2,
}

/// Options of [`check_bytes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CheckOptions {
    /// The kernel.
    pub loader: Loader,
    /// Size of the argument block (argc, argv, environment, strings), in bytes.
    pub argument_bytes: u16,
    /// Whether compressed sections are decompressed, as ELKS does at `execve`. Otherwise they are assumed to
    /// be well-formed.
    pub decompress: bool,
}

impl Default for CheckOptions {
    /// The kernel that the file is made for, the smallest argument block, and compressed sections decompressed.
    fn default() -> Self {
        Self { loader: Loader::Intended, argument_bytes: elks::MIN_ARGUMENT_BYTES, decompress: true }
    }
}

impl CheckOptions {
    /// The options for ELKS, when it is consulted.
    pub const fn elks(&self) -> elks::Options {
        let full = !matches!(self.loader, Loader::ElksMinimal);
        elks::Options { medium_model: full, compression: full, argument_bytes: self.argument_bytes }
    }
}

/// The result of [`check_bytes`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Verdict {
    /// Number of errors and warnings, including those that were not listed.
    pub tally: Tally,
    /// Rule number of the first error, which is a status code in C.
    pub first_error: Option<i32>,
    /// The header, if the file has at least 32 bytes.
    pub header: Option<Header>,
    /// The verdict of ELKS; `None` without a header.
    pub elks: Option<Result<Program, ElksRefusal>>,
    /// The verdict of Minix 2; `None` without a header, or when the file is for another system.
    pub minix2: Option<Result<minix2::Layout, Minix2Refusal>>,
}

impl Verdict {
    /// True when the chosen kernel runs the file and there is no error that this kernel fails to notice.
    pub const fn is_accepted(&self) -> bool {
        self.tally.errors == 0
    }

    /// True when ELKS runs the file and no error was found in it.
    pub const fn elks_runs_it(&self) -> bool {
        self.is_accepted() && matches!(self.elks, Some(Ok(_)))
    }
}

/// Checks a whole file by every rule of the format and the rules of the chosen kernel, with compressed
/// sections decompressed as that kernel does.
///
/// `found` is called with the first [`MAX_LISTED`](execfmt_common::MAX_LISTED) findings in order, until it
/// breaks; all are counted. A refusal by a kernel other than the chosen one is a warning. Takes time
/// proportional to the file's length and to the uncompressed size of its compressed sections, at most 65,519
/// bytes each, and allocates nothing.
///
/// ```
/// use core::ops::ControlFlow;
/// use aout_minix::{Builder, CheckOptions, FileType, check_bytes};
///
/// // Data, bss, stack and heap do not fit a segment: well-formed, but no kernel runs it.
/// let mut file = [0; 64];
/// let builder = Builder::new(FileType::SPLITID_AHISTORICAL).version(1).text(&[0x90; 16]).bss(60_000);
/// let length = builder.chmem(0x8000).write_to(&mut file)?;
/// let mut codes = [None; 2];
/// let mut rest = codes.iter_mut();
/// let verdict = check_bytes(&file[..length], &CheckOptions::default(), &mut |finding| {
///     rest.next().map(|code| *code = Some(finding.code()));
///     ControlFlow::Continue(())
/// });
/// assert!(!verdict.is_accepted());
/// assert_eq!(codes, [Some("heap_too_large"), None]);
/// # Ok::<(), aout_minix::BuildError>(())
/// ```
pub fn check_bytes(
    bytes: &[u8],
    options: &CheckOptions,
    found: &mut dyn FnMut(&dyn AnyFinding) -> ControlFlow<()>,
) -> Verdict {
    let header = Header::from_bytes(bytes);
    let elks = header.map(|_| elks(bytes, options));
    let minix2 = header.and_then(|header| minix2(&header, options.loader));
    let mut listing = Listing::new(found);
    let refusal = match options.loader {
        Loader::Minix2 => {
            minix2.and_then(|verdict| verdict.err().map(|it| Refusal::minix2(it, Severity::Error)))
        }
        Loader::Elks | Loader::ElksMinimal => {
            elks.and_then(|verdict| verdict.err().map(|it| Refusal::elks(it, Severity::Error)))
        }
        Loader::Intended => header.and_then(|header| intended(&header, elks.as_ref(), minix2.as_ref())),
    };
    // A defect that one of the format's own rules reports too is reported once, with the higher severity.
    let mut said = false;
    let mut own = |listing: &mut Listing<'_>, finding: &AoutFinding| {
        let same = refusal.as_ref().filter(|refusal| refusal.is_about(finding));
        if let Some(refusal) = same {
            if finding.severity() >= refusal.severity {
                said = true;
            } else if finding.rule.code() == refusal.finding.any().code() {
                return;
            }
        }
        listing.add(finding);
    };
    let image = Image::parse(bytes);
    match (&image, header) {
        (Ok(image), _) => check_for(image, options.elks()).for_each(|finding| own(&mut listing, &finding)),
        (Err(_), Some(header)) if Header::parse(bytes).is_ok() => {
            check_header(&header, bytes.len() as u64).for_each(|finding| own(&mut listing, &finding));
        }
        (Err(only), _) => own(&mut listing, only),
    }
    if let Some(refusal) = refusal.filter(|_| !said) {
        listing.add(&refusal);
    }
    if let (Ok(image), true, Some(Err(refusal))) = (&image, options.decompress, &elks) {
        streams(image, refusal, options.elks(), &mut listing);
    }
    Verdict { tally: listing.tally(), first_error: listing.first_error(), header, elks, minix2 }
}

/// The verdict of ELKS.
fn elks(bytes: &[u8], options: &CheckOptions) -> Result<Program, ElksRefusal> {
    let elks_options = options.elks();
    if options.decompress {
        elks::execve(bytes, elks_options)
    } else {
        let program = Program::new(bytes, elks_options)?;
        program.check_file(bytes, |_, _, _| true)?;
        Ok(program)
    }
}

/// True for a file that is only for ELKS: it has features that Minix lacks.
fn is_for_elks_only(header: &Header) -> bool {
    header.version != 0 || header.hlen != HLEN_PLAIN || header.file_type == FileType::SPLITID_AHISTORICAL
}

/// The verdict of Minix 2 for a file that is meant for it, or for any file when its verdict is requested.
fn minix2(header: &Header, loader: Loader) -> Option<Result<minix2::Layout, Minix2Refusal>> {
    let asked = loader == Loader::Minix2;
    if !asked && is_for_elks_only(header) {
        return None;
    }
    let word_size = match header.file_type.cpu {
        Cpu::I80386 => WordSize::Bits32,
        Cpu::I8086 => WordSize::Bits16,
        _ if asked => WordSize::Bits16,
        _ => return None,
    };
    Some(minix2::exec(header, word_size, CLICK_SIZE))
}

/// Reports that the kernel for which a file is made does not run it, or that ELKS does not run what another
/// kernel does.
fn intended(
    header: &Header,
    elks: Option<&Result<Program, ElksRefusal>>,
    minix2: Option<&Result<minix2::Layout, Minix2Refusal>>,
) -> Option<Refusal> {
    let elks = elks.and_then(|verdict| verdict.err_copy());
    match (header.file_type.cpu, minix2) {
        (Cpu::I8086, Some(Ok(_))) => elks.map(|refusal| Refusal::elks(refusal, Severity::Warning)),
        // All kernels for these two processors are known: nothing runs the file.
        (Cpu::I8086, _) | (Cpu::I80386, None) => elks.map(|refusal| Refusal::elks(refusal, Severity::Error)),
        (_, Some(Err(refusal))) => Some(Refusal::minix2(*refusal, Severity::Error)),
        _ => elks.map(|refusal| Refusal::elks(refusal, Severity::Warning)),
    }
}

trait ErrCopy<E> {
    fn err_copy(&self) -> Option<E>;
}

impl<T, E: Copy> ErrCopy<E> for Result<T, E> {
    fn err_copy(&self) -> Option<E> {
        self.as_ref().err().copied()
    }
}

/// Why compressed sections cannot be decompressed, where that is the reason of ELKS' refusal.
fn streams(image: &Image<'_>, refusal: &ElksRefusal, options: elks::Options, listing: &mut Listing<'_>) {
    let elks::ElksRule::BadCompression(_) = refusal.rule else { return };
    let Ok(program) = Program::new(image.bytes(), options) else { return };
    for section in Section::LOADED {
        let sizes = image.header().sizes(section);
        if !sizes.is_compressed {
            continue;
        }
        let size = usize::try_from(sizes.uncompressed).unwrap_or(usize::MAX);
        let area = usize::try_from(program.layout().area(section)).unwrap_or(usize::MAX);
        if let Err(finding) = check_in_place(image.section(section), size, area) {
            let start = image.header().offset_of(section);
            let field = SectionField { section, field: finding.field };
            listing.add(&InSection { field, start, finding });
        }
    }
}

/// A refusal by a kernel, with its severity for the verdict.
#[derive(Clone, Copy)]
struct Refusal {
    finding: KernelFinding,
    severity: Severity,
}

#[derive(Clone, Copy)]
enum KernelFinding {
    Elks(ElksRefusal),
    Minix2(Minix2Refusal),
}

impl KernelFinding {
    fn any(&self) -> &dyn AnyFinding {
        match self {
            Self::Elks(finding) => finding,
            Self::Minix2(finding) => finding,
        }
    }
}

impl Refusal {
    const fn elks(finding: ElksRefusal, severity: Severity) -> Self {
        Self { finding: KernelFinding::Elks(finding), severity }
    }

    const fn minix2(finding: Minix2Refusal, severity: Severity) -> Self {
        Self { finding: KernelFinding::Minix2(finding), severity }
    }

    /// True when a finding is about the same field.
    fn is_about(&self, finding: &AoutFinding) -> bool {
        let (field, offset) = match &self.finding {
            KernelFinding::Elks(refusal) => (refusal.field, refusal.offset),
            KernelFinding::Minix2(refusal) => (refusal.field, refusal.offset),
        };
        (field, offset) == (finding.field, finding.offset)
    }
}

/// Passes everything through, except the given finding.
macro_rules! forward {
    ($self:ident, $inner:expr) => {
        fn code(&$self) -> &'static str {
            $inner.code()
        }

        fn number(&$self) -> i32 {
            $inner.number()
        }

        fn found(&$self) -> u64 {
            $inner.found()
        }

        fn expected(&$self) -> Expected {
            $inner.expected()
        }

        fn explain(&$self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            $inner.explain(f)
        }

        fn advice(&$self) -> Option<Advice> {
            $inner.advice()
        }
    };
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.finding.any().fmt(f)
    }
}

impl AnyFinding for Refusal {
    forward!(self, self.finding.any());

    fn severity(&self) -> Severity {
        self.severity
    }

    fn detail(&self) -> u32 {
        self.finding.any().detail()
    }

    fn field(&self) -> &dyn fmt::Display {
        self.finding.any().field()
    }

    fn field_value(&self) -> &dyn Any {
        self.finding.any().field_value()
    }

    fn offset(&self) -> u64 {
        self.finding.any().offset()
    }
}

/// A finding in the stream of a compressed section, with its offset in the file.
struct InSection {
    field: SectionField,
    start: u64,
    finding: StreamFinding,
}

struct SectionField {
    section: Section,
    field: StreamField,
}

impl fmt::Display for SectionField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "compressed {}: {}", self.section, self.field)
    }
}

impl fmt::Display for InSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: ", self.field, self.offset())?;
        self.explain(f)
    }
}

impl AnyFinding for InSection {
    forward!(self, (&self.finding as &dyn AnyFinding));

    fn severity(&self) -> Severity {
        self.finding.severity()
    }

    fn detail(&self) -> u32 {
        self.field.section.number()
    }

    fn field(&self) -> &dyn fmt::Display {
        &self.field
    }

    fn field_value(&self) -> &dyn Any {
        &self.finding.field
    }

    fn offset(&self) -> u64 {
        self.start.saturating_add(self.finding.offset)
    }
}
