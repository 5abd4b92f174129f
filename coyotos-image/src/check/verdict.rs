//! From the bytes of a file to all findings and a verdict.

use core::ops::ControlFlow;

use execfmt_common::{AnyFinding, Listing, Tally};

use super::{Rules, check};
use crate::arch::Arch;
use crate::header::Header;
use crate::image::Image;
use crate::options::Options;
use crate::rules::CoyotosFinding;
use crate::wire::Packing;

/// The loader of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loader {
    /// A reader that relies on the whole contents of the image: [`Rules::Full`].
    #[default]
    Careful,
    /// The kernel and the library of December 2007, which check the header and 16 rules:
    /// [`Rules::Reference`].
    Original,
}

impl Loader {
    /// The rules of the loader.
    pub const fn rules(self) -> Rules {
        match self {
            Self::Careful => Rules::Full,
            Self::Original => Rules::Reference,
        }
    }
}

/// What [`check_bytes`] needs to know besides the bytes.
#[derive(Clone, Copy, Debug)]
pub struct CheckOptions<'a> {
    /// The loader of the image.
    pub loader: Loader,
    /// The architectures that the image may be for.
    pub archs: &'a [Arch],
    /// How bit-fields are packed into words; relevant only for big-endian targets.
    pub packing: Packing,
    /// Maximum number of bytes that are inflated from a gzip file.
    pub max_inflated: u64,
}

impl Default for CheckOptions<'_> {
    fn default() -> Self {
        let Options { archs, packing, .. } = Options::default();
        Self { loader: Loader::default(), archs, packing, max_inflated: u32::MAX as u64 }
    }
}

/// The result of [`check_bytes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The header, if it could be read.
    pub header: Option<Header>,
    /// Number of findings, including those that were not listed.
    pub tally: Tally,
}

impl Verdict {
    /// True when the loader accepts the image: there are no errors, and each page of each space can be read.
    pub const fn is_accepted(&self) -> bool {
        self.tally.errors == 0
    }
}

/// Checks a whole file by the rules of a loader.
///
/// `found` is called with the first [`MAX_LISTED`](execfmt_common::MAX_LISTED) findings, until it breaks; all
/// are counted. Takes time linear in the image. With the feature `gzip` a gzip file is inflated first. With
/// `alloc`, [cycles](super::find_cycles) give warnings, and spaces that no process uses are walked too.
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use core::ops::ControlFlow;
/// use coyotos_image::{Arch, Builder, CheckOptions, check_bytes};
///
/// let mut bytes = Builder::new(Arch::I386).to_vec()?;
/// let verdict = check_bytes(&bytes, &CheckOptions::default(), &mut |_| ControlFlow::Continue(()));
/// assert!(verdict.is_accepted());
/// bytes.pop();
/// let mut codes = Vec::new();
/// let verdict = check_bytes(&bytes, &CheckOptions::default(), &mut |finding| {
///     codes.push(finding.code());
///     ControlFlow::Continue(())
/// });
/// assert!(!verdict.is_accepted());
/// assert_eq!(codes, ["file_size"]);
/// # }
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn check_bytes(
    bytes: &[u8],
    options: &CheckOptions<'_>,
    found: &mut dyn FnMut(&dyn AnyFinding) -> ControlFlow<()>,
) -> Verdict {
    let mut listing = Listing::new(found);
    #[cfg(feature = "gzip")]
    let bytes = &match crate::gzip::contents(bytes, options.max_inflated) {
        Ok(bytes) => bytes,
        Err(finding) => {
            listing.add(&finding);
            return Verdict { header: crate::gzip::header(bytes).ok(), tally: listing.tally() };
        }
    };
    let header = Header::parse(bytes).ok();
    let reading = Options { archs: options.archs, packing: options.packing, old_layouts: false };
    match Image::parse(bytes, reading) {
        Ok(image) => findings(&image, options.loader.rules(), &mut |finding| listing.add(finding)),
        Err(finding) => listing.add(&finding),
    }
    Verdict { header, tally: listing.tally() }
}

/// All findings of an image that could be read.
pub(super) fn findings(image: &Image<'_>, rules: Rules, found: &mut dyn FnMut(&CoyotosFinding)) {
    check(image, rules).for_each(|finding| found(&finding));
    #[cfg(feature = "alloc")]
    if rules == Rules::Full && image.layout() == crate::wire::Layout::Current {
        super::spaces::unused(image, found);
        let gpts = usize::try_from(image.count(crate::object::ObjectType::Gpt)).unwrap_or_default();
        let mut scratch = alloc::vec![super::CycleScratch::default(); gpts];
        super::find_cycles(image, &mut scratch).into_iter().flatten().for_each(|finding| found(&finding));
    }
}
