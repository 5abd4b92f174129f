//! The kernels that a file may be for: one option for all formats.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use noff::{PROFILES, Profile};

/// Names a kernel where no option does.
pub(crate) const ENVIRONMENT: &str = "EXECFMT_KERNEL";

/// A family of kernels. Files of formats that it has nothing to do with are checked as if none were named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kernel {
    /// Nachos.
    Nachos(&'static Profile<'static>),
}

impl Kernel {
    /// What Nachos kernels these are, if they are.
    pub(crate) const fn nachos(self) -> Option<&'static Profile<'static>> {
        match self {
            Self::Nachos(profile) => Some(profile),
        }
    }
}

/// Takes the names of the kernels, which help and completions list.
pub(crate) fn parser() -> impl TypedValueParser<Value = Kernel> {
    let names = PROFILES.iter().map(|profile| PossibleValue::new(profile.name).help(profile.kernels));
    PossibleValuesParser::new(names)
        .map(|name| Kernel::Nachos(Profile::named(&name).unwrap_or(&noff::NACHOS3)))
}
