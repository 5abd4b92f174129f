//! The kernels for which a file can be made: one option for all formats.

use aout_minix::Loader;
use noff::{PROFILES, Profile};

/// A family of kernels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// Nachos.
    Nachos(&'static Profile<'static>),
    /// ELKS or Minix 2.
    Aout(Loader),
    /// A reader of Coyotos images by the rules of the original library.
    CoyotosOriginal,
}

/// The kernels other than those of Nachos: name, description, value.
const OTHERS: [(&str, &str, Kernel); 4] = [
    ("elks", "ELKS with medium model and compression", Kernel::Aout(Loader::Elks)),
    (
        "elks-minimal",
        "ELKS without medium model, compression and OS/2 programs",
        Kernel::Aout(Loader::ElksMinimal),
    ),
    ("minix2", "Minix 2, for the processor that the file names", Kernel::Aout(Loader::Minix2)),
    ("coyotos-original", "the original library's rules for Coyotos images", Kernel::CoyotosOriginal),
];

impl Kernel {
    /// The name for `--for`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nachos(profile) => profile.name,
            other => OTHERS.iter().find(|(.., kernel)| *kernel == other).map_or("", |(name, ..)| name),
        }
    }

    /// The family of Nachos kernels, if it is one.
    pub const fn nachos(self) -> Option<&'static Profile<'static>> {
        match self {
            Self::Nachos(profile) => Some(profile),
            _ => None,
        }
    }

    /// The loader of a.out programs, if it is one.
    pub const fn aout(self) -> Option<Loader> {
        match self {
            Self::Aout(loader) => Some(loader),
            _ => None,
        }
    }

    /// The kernel with a name.
    pub fn named(name: &str) -> Option<Self> {
        let other = OTHERS.into_iter().find(|(known, ..)| *known == name).map(|(.., kernel)| kernel);
        other.or_else(|| Profile::named(name).map(Self::Nachos))
    }

    /// The names of all kernels, each with its description.
    pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
        let nachos = PROFILES.iter().map(|profile| (profile.name, profile.kernels));
        nachos.chain(OTHERS.iter().map(|(name, help, _)| (*name, *help)))
    }
}
