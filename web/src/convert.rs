//! Conversion to other formats, with the command's default options.

use aout_minix::Section;
use aout_minix::compress::Level;
use aout_minix::convert::ElfOptions;
use execfmt_common::Target;
use execfmt_detect::{FileKind, OwnFormat, detect};
use execfmt_formats::aout::compress::{Change, Refusal, longer, shorter};
use execfmt_formats::aout::{self, errors};
use execfmt_formats::conversion::{Converted, Failure};
use execfmt_formats::kernel::Kernel;
use execfmt_formats::{noff, os2_ne};
use serde_json::json;

use crate::request::{Answer, Request};

/// `convert`.
pub(crate) fn to(request: &Request, file: &[u8]) -> Result<Answer, String> {
    let kernel = request.kernel()?.and_then(Kernel::nachos);
    let kind = detect(file, file.len() as u64);
    let converted = match request.target()? {
        Target::Noff => noff::convert(file, noff::Output::Noff { kernel, layout: None, byte_order: None }),
        Target::Coff => noff::convert(file, noff::Output::Coff),
        Target::Flat => noff::convert(file, noff::Output::Flat),
        Target::Elf if kind == FileKind::Own(OwnFormat::AoutMinix) => aout::convert::to_elf(file),
        Target::Elf => noff::convert(file, noff::Output::Elf),
        Target::Os2Ne => os2_ne::repair(file),
        _ if matches!(kind, FileKind::Mz | FileKind::Ne(_)) => aout::convert::from_ne(file),
        _ => aout::convert::from_elf(file, &ElfOptions::default()).map(|(converted, _)| converted),
    };
    let Converted { bytes, notes, .. } = converted.map_err(|failure| match failure {
        Failure::Refused(why) | Failure::Usage(why) => why,
        Failure::Found(report) => report.message,
    })?;
    let notes = notes.into_iter().map(|(severity, text)| {
        let severity = severity.map_or("note", |severity| severity.name());
        json!({ "severity": severity, "text": text })
    });
    let notes: Vec<_> = notes.collect();
    Ok(Answer::new(&json!({ "changed": true, "notes": notes }), bytes))
}

/// `compress`.
pub(crate) fn compress(file: &[u8]) -> Result<Answer, String> {
    changed(file, shorter(file, Level::Default, &Section::LOADED))
}

/// `decompress`.
pub(crate) fn decompress(file: &[u8]) -> Result<Answer, String> {
    changed(file, longer(file))
}

/// The new file, or the old one and why it is unchanged.
fn changed(file: &[u8], change: Result<Change, Refusal>) -> Result<Answer, String> {
    let note = |severity: &str, text: String| json!({ "severity": severity, "text": text });
    let change = change.map_err(|refusal| match refusal {
        Refusal::Other(why) | Refusal::Malformed(why) => why,
    })?;
    Ok(match change {
        Change::New(bytes, report) => {
            let memory = report.map(|report| report.extra_memory).filter(|bytes| *bytes != 0);
            let memory =
                memory.map(|bytes| note("note", format!("it takes {bytes} more bytes of memory to load")));
            let refused = errors(&bytes).into_iter().map(|text| note("warning", text));
            let notes: Vec<_> = memory.into_iter().chain(refused).collect();
            Answer::new(&json!({ "changed": true, "notes": notes }), bytes)
        }
        Change::None(why, _) => {
            let notes = [note("note", why.into())];
            Answer::new(&json!({ "changed": false, "notes": notes }), file.to_vec())
        }
    })
}
