//! The kernels that a file may be for: one option for all formats.

use aout_minix::Loader;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use noff::{PROFILES, Profile};

/// Names a kernel where no option does.
pub(crate) const ENVIRONMENT: &str = "EXECFMT_KERNEL";

/// A family of kernels. Files of formats that it has nothing to do with are checked as if none were named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kernel {
    /// Nachos.
    Nachos(&'static Profile<'static>),
    /// ELKS or Minix.
    Aout(Loader),
}

/// The kernels that run a.out programs, by name, and what they are.
const AOUT: [(&str, &str, Loader); 3] = [
    ("elks", "ELKS", Loader::Elks),
    ("elks-minimal", "ELKS without medium model and compression", Loader::ElksMinimal),
    ("minix2", "Minix 2", Loader::Minix2),
];

impl Kernel {
    /// What Nachos kernels these are, if they are.
    pub(crate) const fn nachos(self) -> Option<&'static Profile<'static>> {
        match self {
            Self::Nachos(profile) => Some(profile),
            Self::Aout(_) => None,
        }
    }

    /// Which kernel of a.out programs it is, if it is one.
    pub(crate) const fn aout(self) -> Option<Loader> {
        match self {
            Self::Nachos(_) => None,
            Self::Aout(loader) => Some(loader),
        }
    }
}

/// Takes the names of the kernels, which help and completions list.
pub(crate) fn parser() -> impl TypedValueParser<Value = Kernel> {
    let names = PROFILES.iter().map(|profile| PossibleValue::new(profile.name).help(profile.kernels));
    let others = AOUT.iter().map(|(name, what, _)| PossibleValue::new(*name).help(*what));
    PossibleValuesParser::new(names.chain(others)).map(|name| {
        match AOUT.iter().find(|(known, ..)| *known == name) {
            Some((.., loader)) => Kernel::Aout(*loader),
            None => Kernel::Nachos(Profile::named(&name).unwrap_or(&noff::NACHOS3)),
        }
    })
}
