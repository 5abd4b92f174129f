//! Conversion to other formats, with the command's default options, and changes of files.

use aout_minix::Section;
use aout_minix::compress::Level;
use aout_minix::convert::ElfOptions;
use coyotos_image::Arch;
use execfmt_common::Target;
use execfmt_detect::{FileKind, detect};
use execfmt_formats::aout::compress::{self, Refusal, longer, shorter};
use execfmt_formats::aout::{self, errors};
use execfmt_formats::chmem::{self, Change, Task};
use execfmt_formats::conversion::{Converted, Failure, to_elf};
use execfmt_formats::coyotos::convert::{ImageOptions, from_elf};
use execfmt_formats::coyotos::{MAX_INFLATED, Reading};
use execfmt_formats::kernel::Kernel;
use execfmt_formats::{noff, os2_ne};
use serde_json::json;

use crate::request::{Answer, ImageFields, MemoryFields, Request};

/// `convert`.
pub(crate) fn to(request: &Request, file: &[u8]) -> Result<Answer, String> {
    let kernel = request.kernel()?.and_then(Kernel::nachos);
    let kind = detect(file, file.len() as u64);
    let converted = match request.target()? {
        Target::Noff => noff::convert(file, noff::Output::Noff { kernel, layout: None, byte_order: None }),
        Target::Coff => noff::convert(file, noff::Output::Coff),
        Target::Flat => noff::convert(file, noff::Output::Flat),
        Target::Elf => to_elf(file, Reading::default(), None),
        Target::Coyotos => image(request, file)?,
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

/// A Coyotos image.
fn image(request: &Request, file: &[u8]) -> Result<Result<Converted, Failure>, String> {
    let ImageFields { arch, compat, for_constructor: constructor, no_gzip, max_image } = request.fields()?;
    let arch = arch.filter(|name| !name.is_empty()).map(|name| {
        Arch::from_name(&name).ok_or_else(|| {
            let names = Arch::ALL.map(|arch| arch.name());
            format!("there is no architecture {name}; there are {}", names.join(", "))
        })
    });
    let options = ImageOptions {
        arch: arch.transpose()?,
        compat,
        constructor,
        gzip: !no_gzip,
        max_image: max_image.unwrap_or(MAX_INFLATED),
        ..ImageOptions::default()
    };
    Ok(from_elf(file, &options).map(|(converted, _)| converted))
}

/// `chmem`.
pub(crate) fn chmem(request: &Request, file: &[u8]) -> Result<Answer, String> {
    let MemoryFields { heap, stack } = request.fields()?;
    if heap.is_none() && stack.is_none() {
        return Err("give the bytes of heap, of stack, or of both".into());
    }
    let mut bytes = file.to_vec();
    let done = chmem::run(&mut bytes, Task::Change(Change { heap, stack }));
    if let Some(why) = done.error {
        return Err(why);
    }
    let truncated = done.truncated_to.map(|heap| format!("heap truncated to {heap}"));
    let notes = truncated.into_iter().chain(done.warnings);
    let notes: Vec<_> = notes.map(|text| json!({ "severity": "warning", "text": text })).collect();
    let changed = bytes != file;
    let object = json!({ "changed": changed, "before": done.before, "after": done.after, "notes": notes });
    Ok(Answer::new(&object, bytes))
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
fn changed(file: &[u8], change: Result<compress::Change, Refusal>) -> Result<Answer, String> {
    let note = |severity: &str, text: String| json!({ "severity": severity, "text": text });
    let change = change.map_err(|refusal| match refusal {
        Refusal::Other(why) | Refusal::Malformed(why) => why,
    })?;
    Ok(match change {
        compress::Change::New(bytes, report) => {
            let memory = report.map(|report| report.extra_memory).filter(|bytes| *bytes != 0);
            let memory =
                memory.map(|bytes| note("note", format!("it takes {bytes} more bytes of memory to load")));
            let refused = errors(&bytes).into_iter().map(|text| note("warning", text));
            let notes: Vec<_> = memory.into_iter().chain(refused).collect();
            Answer::new(&json!({ "changed": true, "notes": notes }), bytes)
        }
        compress::Change::None(why, _) => {
            let notes = [note("note", why.into())];
            Answer::new(&json!({ "changed": false, "notes": notes }), file.to_vec())
        }
    })
}
