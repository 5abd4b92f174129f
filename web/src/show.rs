//! The contents of the page for a file: only values. The page makes elements of them, and displays text as
//! text.

use coyotos_image::Arch;
use execfmt_common::{Advice, Escaped, Severity, Target};
use execfmt_detect::{FileKind, OwnFormat, detect};
use execfmt_formats::advice::render;
use execfmt_formats::aout::compress::{Change, longer};
use execfmt_formats::chmem::{self, Sizes};
use execfmt_formats::inspect::{findings, marks, verdict};
use execfmt_formats::{KernelVerdict, open};
use execfmt_view::{Column, Fact, FieldLeaf, Memory, Region, Role, Section, Table, Value as Held, View};
use serde_json::{Value, json};

use crate::request::{Answer, Request, TARGETS};

/// Everything in one answer; for a file that is compressed as a whole, its bytes are the contents.
pub(crate) fn page(request: &Request, file: &[u8]) -> Result<Answer, String> {
    let options = request.options()?;
    let format = open(file, &options);
    let found = findings(format.as_ref(), options.kernel);
    let (tally, reports) = (found.tally(), found.reports());
    let view = format.view();
    let title = format!("{}: {}", shown(&request.name), view.title);
    let empty = view.file.is_empty() && view.memory.is_empty();
    let picture = (!empty).then(|| execfmt_picture::svg(&view, &title, &marks(&reports)));
    let leaves = view.leaves();
    let state = match (tally.errors, tally.warnings) {
        (0, 0) => "ok",
        (0, _) => Severity::Warning.name(),
        _ => Severity::Error.name(),
    };
    let object = json!({
        "name": shown(&request.name),
        "title": view.title,
        "known": format.is_known(),
        "state": state,
        "verdict": verdict(tally),
        "kernels": format.kernels().iter().map(kernel).collect::<Vec<_>>(),
        "findings": reports,
        "words": view.words.iter().filter_map(section).collect::<Vec<_>>(),
        "fields": leaves.iter().map(field).collect::<Vec<_>>(),
        "parts": parts(&view, &leaves),
        "length": view.file_length,
        "memory_note": view.memory_note,
        "svg": picture,
        "offers": offers(file, format.is_known()),
    });
    Ok(Answer::new(&object, format.contents().filter(|held| *held != file).unwrap_or_default().to_vec()))
}

/// A name in displayable form.
pub(crate) fn shown(name: &str) -> String {
    Escaped::of(&name).to_string()
}

fn kernel(verdict: &KernelVerdict) -> Value {
    json!({
        "name": verdict.name, "runs": verdict.runs, "spare_pages": verdict.spare_pages,
        "why": verdict.finding.as_ref().map(|finding| &finding.message),
    })
}

/// The CSS class of a role: the same as in the picture.
fn look(role: Role) -> Value {
    json!([role.letter().to_string(), execfmt_picture::class(role)])
}

fn field(FieldLeaf { path, field, role }: &FieldLeaf<'_>) -> Value {
    let held = match &field.value {
        Held::Unsigned(number) => Some(number.to_string()),
        Held::Signed(number) => Some(number.to_string()),
        _ => None,
    };
    let hexadecimal = field.number().filter(|number| *number > 9).map(|number| format!("{number:#x}"));
    json!({
        "name": path, "offset": field.offset, "size": field.size, "look": look(*role), "meaning": field.meaning,
        "value": held, "hex": hexadecimal,
    })
}

/// The regions of the file after its fields.
fn parts(view: &View, leaves: &[FieldLeaf<'_>]) -> Vec<Value> {
    let place = |(index, start, end): (usize, u64, u64)| {
        let Memory { short, .. } = view.memory.get(index)?;
        Some(json!({ "in": short, "start": start, "end": end }))
    };
    let part = |Region { name, role, start, end, becomes }: &Region| {
        json!({
            "name": shown(name), "look": look(*role), "start": start, "end": end, "becomes": becomes.and_then(place),
        })
    };
    view.parts_after(leaves).iter().filter(|part| !part.is_empty()).map(part).collect()
}

fn section(section: &Section) -> Option<Value> {
    let with = |text: &str, advice: &Option<Advice>| match advice {
        Some(advice) => format!("{text}; {}", render(*advice)),
        None => text.into(),
    };
    match section {
        Section::Facts(facts) => {
            let fact = |Fact { label, text, advice }: &Fact| json!([label, with(text, advice)]);
            Some(json!({ "facts": facts.iter().map(fact).collect::<Vec<_>>() }))
        }
        Section::Table(Table { columns, rows, footer }) => {
            let column = |Column { head, right, .. }: &Column| json!({ "head": head, "right": right });
            let columns: Vec<_> = columns.iter().map(column).collect();
            Some(json!({ "columns": columns, "rows": rows, "footer": footer }))
        }
        Section::Text(text, advice) => Some(json!({ "text": with(text, advice) })),
        _ => None,
    }
}

/// What a file of this kind can be converted to: the action, the format, and the arguments of the command.
fn offers(file: &[u8], known: bool) -> Vec<Value> {
    use Target::{Coff, Elf, Elks, Flat, Noff, Os2Ne};
    let kind = detect(file, file.len() as u64);
    let advice = kind.advice();
    let targets: &[Target] = match kind {
        FileKind::Own(OwnFormat::Noff(_)) => &[Noff, Coff, Flat, Elf],
        FileKind::Own(OwnFormat::AoutMinix) => &[Elf],
        FileKind::Own(OwnFormat::CoyotosImage) => &[Elf],
        FileKind::Gzip if known => &[Elf],
        FileKind::Ne(_) => &[Elks, Os2Ne],
        _ => match &advice {
            Some(Advice::ConvertToOneOf(targets)) => targets,
            Some(Advice::Convert(target)) => std::slice::from_ref(target),
            _ => &[],
        },
    };
    let named = |target: &Target| TARGETS.into_iter().find(|(_, known)| known == target);
    let convert = |(name, target): (&str, Target)| {
        let options = (target == Target::Coyotos).then(image_options);
        json!({ "action": "convert", "to": name, "name": target.name(), "options": options })
    };
    let own = |action: &str| json!({ "action": action });
    let mut offers: Vec<_> = targets.iter().filter_map(named).map(convert).collect();
    if kind == FileKind::Own(OwnFormat::AoutMinix) {
        let compressed = matches!(longer(file), Ok(Change::New(..)));
        offers.push(own(if compressed { "decompress" } else { "compress" }));
    }
    if matches!(kind, FileKind::Own(OwnFormat::AoutMinix) | FileKind::Ne(_)) {
        let asked = chmem::sizes(file).ok();
        offers
            .extend(asked.map(|sizes| json!({ "action": "chmem", "options": memory_options(file, &sizes) })));
    }
    offers
}

/// The options of `--to coyotos`: name in a request, option of the command, label, and the values where there are some.
fn image_options() -> Value {
    let archs = Arch::ALL.map(|arch| arch.name());
    json!([
        { "name": "arch", "option": "--arch", "label": "Architecture", "none": "the program's", "choices": archs },
        { "name": "compat", "option": "--compat", "label": "the pages that the original loader makes" },
        { "name": "forConstructor", "option": "--constructor", "label": "for a constructor: no process" },
        { "name": "noGzip", "option": "--no-gzip", "label": "uncompressed" },
    ])
}

/// The options of `chmem`, with the current values of the file.
fn memory_options(file: &[u8], sizes: &Sizes) -> Value {
    let now = |bytes: i64| if bytes == 0 { "the default".into() } else { bytes.to_string() };
    json!([
        {
            "name": "heap", "option": "-h", "label": "Bytes of heap", "now": now(sizes.heap),
            "help": format!("0: the default of 4096; {}: all that fits", chmem::all_that_fits(file)),
        },
        {
            "name": "stack", "option": "-s", "label": "Bytes of stack", "now": now(sizes.stack.into()),
            "help": "0: the default of 4096",
        },
    ])
}
