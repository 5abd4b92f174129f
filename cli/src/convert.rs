//! `convert`.

use std::io;

use execfmt_formats::conversion::to_elf;
use execfmt_formats::noff;

use crate::args::{Convert, Target};
use crate::conversion::{Converted, Failure, file};
use crate::formats::{aout, coyotos, os2_ne};
use crate::outcome::Outcome;

pub(crate) fn run(options: &Convert) -> io::Result<Outcome> {
    file(&options.input, &options.output, options.quiet, |bytes| convert(bytes, options))
}

/// The requested file, in memory.
pub(crate) fn convert(bytes: &[u8], options: &Convert) -> Result<Converted, Failure> {
    if let Some(complaint) = misplaced(options) {
        return Err(Failure::Usage(complaint));
    }
    let Convert { to, kernel, noff: for_noff, elks: for_elks, coyotos: for_coyotos, elf: for_elf, .. } =
        options;
    match to {
        Target::Noff => noff::convert(bytes, for_noff.output(*kernel)).map(Into::into),
        Target::Flat => noff::convert(bytes, noff::Output::Flat).map(Into::into),
        Target::Coff => noff::convert(bytes, noff::Output::Coff).map(Into::into),
        Target::Elks => aout::convert(bytes, for_elks),
        Target::Os2Ne => os2_ne::repair(bytes).map(Into::into),
        Target::Coyotos => coyotos::convert(bytes, for_coyotos),
        Target::Elf => to_elf(bytes, for_elf.reading.into(), for_elf.of.map(Into::into)).map(Into::into),
    }
}

/// An option that the target does not have.
fn misplaced(options: &Convert) -> Option<String> {
    let Convert { to, noff, elks, coyotos, elf, .. } = options;
    if *to == Target::Flat && noff.given().is_some() {
        return Some("--layout and --byte-order go with --to noff: a flat file has no header".into());
    }
    let given = [
        (Target::Noff, "noff", noff.given()),
        (Target::Elks, "elks", elks.given()),
        (Target::Coyotos, "coyotos", coyotos.given()),
        (Target::Elf, "elf", elf.given()),
    ];
    let of_others = given.into_iter().filter(|(target, ..)| target != to);
    of_others.filter_map(|(_, name, given)| Some(format!("{} goes with --to {name}", given?))).next()
}
