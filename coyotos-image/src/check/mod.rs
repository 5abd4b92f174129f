//! The rules on the contents of an image, each in one place, for the checker and for the builder.

mod capability;
mod cycles;
mod findings;
mod objects;
mod spaces;
mod tables;
mod verdict;

#[cfg(feature = "alloc")]
pub(crate) use capability::{Limits, Violation, check_capability};
pub use cycles::{CycleScratch, find_cycles};
#[cfg(feature = "alloc")]
pub(crate) use objects::{check_gpt, check_slot};
pub use verdict::{CheckOptions, Loader, Verdict, check_bytes};

use execfmt_common::Expected;

use crate::image::Image;
use crate::rules::CoyotosFinding;

/// The rules by which an image is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rules {
    /// Exactly the 16 rules of the original library: they check only capabilities, `l2v`, recipients and
    /// `ioSpace`, do not count pages of tables as pages, and require a slot of 0 in a LocalWindow and of at
    /// most 15 in a Window.
    Reference,
    /// The same rules, but with slots up to 15 in a LocalWindow too and only a warning for capabilities to
    /// tables; plus rules on the bank and alloc tables, reserved bits, padding, run states and flags, Entry
    /// and AppNotice, the symbols, and the address spaces.
    #[default]
    Full,
}

/// The expected value of an index that does not exist in a vector.
fn index_below(count: u64, found: u64) -> Expected {
    // In an empty vector no index is valid.
    count.checked_sub(1).map_or(Expected::AnythingBut(found), Expected::AtMost)
}

/// Checks the contents of an image and returns everything that breaks a rule, in file order, objects before
/// tables; processes whose address spaces cannot be walked to their ends come last.
///
/// The iterator allocates nothing and takes time linear in the image. Finding cycles in address spaces
/// requires memory: see [`find_cycles`].
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use coyotos_image::{Arch, Builder, Options, Rules, check, Image};
///
/// let bytes = Builder::new(Arch::I386).to_vec()?;
/// let image = Image::parse(&bytes, Options::default())?;
/// assert_eq!(check(&image, Rules::Full).count(), 0);
/// # }
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn check<'a>(image: &Image<'a>, rules: Rules) -> impl Iterator<Item = CoyotosFinding> + use<'a> {
    findings::Findings::new(image, rules)
}
