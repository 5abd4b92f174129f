//! The kernels that a file may be for: one option for all formats.

use aout_minix::Loader;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use noff::{PROFILES, Profile};

/// Names a kernel where no option does.
pub(crate) const ENVIRONMENT: &str = "EXECFMT_KERNEL";

/// A family of kernels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kernel {
    /// Nachos.
    Nachos(&'static Profile<'static>),
    /// ELKS or Minix 2.
    Aout(Loader),
    /// What reads Coyotos images by the rules of the original library.
    CoyotosOriginal,
}

/// The kernels besides those of Nachos: name, what it is, value.
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
    /// The name that `--for` takes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nachos(profile) => profile.name,
            other => OTHERS.iter().find(|(.., kernel)| *kernel == other).map_or("", |(name, ..)| name),
        }
    }

    /// What Nachos kernels these are, if they are.
    pub(crate) const fn nachos(self) -> Option<&'static Profile<'static>> {
        match self {
            Self::Nachos(profile) => Some(profile),
            _ => None,
        }
    }

    /// The loader of a.out programs, if it is one.
    pub(crate) const fn aout(self) -> Option<Loader> {
        match self {
            Self::Aout(loader) => Some(loader),
            _ => None,
        }
    }

    fn named(name: &str) -> Self {
        let other = OTHERS.into_iter().find(|(known, ..)| *known == name);
        other.map_or_else(
            || Self::Nachos(Profile::named(name).unwrap_or(&noff::NACHOS3)),
            |(.., kernel)| kernel,
        )
    }
}

/// Takes the names of the kernels, which help and completions list.
pub(crate) fn parser() -> impl TypedValueParser<Value = Kernel> {
    let nachos = PROFILES.iter().map(|profile| PossibleValue::new(profile.name).help(profile.kernels));
    let others = OTHERS.iter().map(|(name, help, _)| PossibleValue::new(*name).help(*help));
    PossibleValuesParser::new(nachos.chain(others)).map(|name| Kernel::named(&name))
}
