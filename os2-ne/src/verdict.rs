//! From bytes to all findings and the verdict of ELKS.

use core::ops::ControlFlow;

use execfmt_common::{AnyFinding, Listing, Tally};

use crate::check::faults;
use crate::elks::{ElksRefusal, Options, Program, execve};
use crate::header::Header;
use crate::image::Image;
use crate::rules::{NeFinding, NeRule};
use crate::system::System;

/// The result of [`check_bytes`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Verdict<'a> {
    /// Number of errors and warnings, including those that were not listed.
    pub tally: Tally,
    /// Rule number of the first error, which is a status code in C.
    pub first_error: Option<i32>,
    /// The header, if there is one.
    pub header: Option<Header>,
    /// The system for which the file is made, if there is a header.
    pub system: Option<System>,
    /// The verdict of ELKS.
    pub elks: Result<Program<'a>, ElksRefusal>,
}

impl Verdict<'_> {
    /// True when ELKS starts the program and there is no error that ELKS fails to notice: exactly when
    /// [`load`](crate::elks::load) succeeds.
    pub const fn is_accepted(&self) -> bool {
        self.tally.errors == 0
    }
}

/// Checks a whole file: the rules of ELKS, then what ELKS does not check.
///
/// `found` is called with the first [`MAX_LISTED`](execfmt_common::MAX_LISTED) findings in order, until it
/// breaks; all are counted. Takes time proportional to the file's length, and allocates nothing.
///
/// ```
/// use core::ops::ControlFlow;
/// use os2_ne::{Builder, NewSegment, Options, check_bytes};
///
/// let segments = [NewSegment::code(&[0xeb, 0xfe]), NewSegment::data(&[0, 0]).min_alloc(6)];
/// let mut file = [0; 256];
/// let length = Builder::new(&segments).entry(1, 2).write_to(&mut file)?;
/// let mut codes = [None; 2];
/// let mut rest = codes.iter_mut();
/// let verdict = check_bytes(&file[..length], &Options::default(), &mut |finding| {
///     rest.next().map(|code| *code = Some(finding.code()));
///     ControlFlow::Continue(())
/// });
/// assert!(!verdict.is_accepted());
/// assert!(verdict.elks.is_ok(), "ELKS does not look at the entry point");
/// assert_eq!(codes, [Some("entry_outside"), None]);
/// # Ok::<(), os2_ne::BuildError>(())
/// ```
pub fn check_bytes<'a>(
    bytes: &'a [u8],
    options: &Options,
    found: &mut dyn FnMut(&dyn AnyFinding) -> ControlFlow<()>,
) -> Verdict<'a> {
    let elks = execve(bytes, *options);
    let mut listing = Listing::new(found);
    if let Err(refusal) = &elks {
        listing.add(refusal);
    }
    if let Ok(image) = Image::parse(bytes) {
        let layout = elks.as_ref().ok().map(Program::layout);
        faults(&image, layout, *options, &mut |finding| {
            if !elks.as_ref().is_err_and(|refusal| says_the_same(refusal, &finding)) {
                listing.add(&finding);
            }
        });
    }
    let header = Header::parse(bytes).ok();
    let (tally, first_error) = (listing.tally(), listing.first_error());
    Verdict { tally, first_error, header, system: header.as_ref().map(System::of), elks }
}

/// True when the kernel refuses a file for a reason that one of the format's own rules reports too.
fn says_the_same(refusal: &ElksRefusal, finding: &NeFinding) -> bool {
    let past_eof = matches!(finding.rule, NeRule::SegmentPastEof | NeRule::RelocationsPastEof);
    past_eof && (refusal.field, refusal.offset) == (finding.field, finding.offset)
}
