//! The rules on what an image holds, each in one place, for the checker and for the builder.

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

/// By which rules an image is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rules {
    /// The 16 rules of the original library, exactly: they look at capabilities, `l2v`, recipients and `ioSpace`
    /// only, count no page of a table as a page, and want 0 for a LocalWindow's slot and up to 15 for a Window's.
    Reference,
    /// These, with slots up to 15 in a LocalWindow too and capabilities to tables worth a warning only; and the bank
    /// and alloc tables, reserved bits, padding, run states and flags, Entry and AppNotice, the symbols, and the address
    /// spaces.
    #[default]
    Full,
}

/// What is expected of an index into a vector, of which `found` is none.
fn index_below(count: u64, found: u64) -> Expected {
    // Of an empty vector there is no index that would do.
    count.checked_sub(1).map_or(Expected::AnythingBut(found), Expected::AtMost)
}

/// Checks what an image holds: everything that breaks a rule, in the order of the file, objects before tables; last
/// come processes whose address spaces cannot be walked to their ends.
///
/// The iterator allocates nothing and takes time linear in the image. Cycles in address spaces take memory to find:
/// see [`find_cycles`].
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
