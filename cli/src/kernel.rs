//! The kernels for which a file can be made: one option for all formats.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
pub(crate) use execfmt_formats::kernel::Kernel;

/// The environment variable that gives a kernel when no option does.
pub(crate) const ENVIRONMENT: &str = "EXECFMT_KERNEL";

/// Accepts the names of the kernels, which help and completions list.
pub(crate) fn parser() -> impl TypedValueParser<Value = Kernel> {
    let names = Kernel::names().map(|(name, help)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(names).try_map(|name| Kernel::named(&name).ok_or("not the name of a kernel"))
}
