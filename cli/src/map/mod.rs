//! `map`: the memory that a file becomes, drawn to scale beside the file.

mod parts;
mod strip;
mod tree;

use std::io::{self, Write as _};
use std::ops::Range;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use execfmt_common::Severity;
use execfmt_formats::inspect::marks;
use execfmt_view::{Memory, Role, View};
use serde_json::json as value;

use crate::args::Map;
use crate::diagnostics::{Print as _, Report, diagnostic, print_error};
use crate::files::{self, read_or_report};
use crate::formats;
use crate::inspect::{findings, line, outcome};
use crate::json;
use crate::outcome::Outcome;
use crate::terminal;
use strip::Strip;

/// How a picture is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The width of the terminal.
    columns: usize,
    /// Whether rows that are alike are all drawn.
    full: bool,
    /// The addresses to be drawn.
    range: Range<u64>,
}

/// `map FILE`.
pub(crate) fn run(options: &Map) -> io::Result<Outcome> {
    let name = files::name(&options.file);
    let Some(bytes) = read_or_report(&options.file)? else { return Ok(Outcome::Failed) };
    let format = formats::open(&bytes, &options.formats);
    let found = findings(format.as_ref(), options.formats.kernel);
    let findings = found.reports();
    findings
        .iter()
        .filter(|report| report.severity == Severity::Error)
        .try_for_each(|report| report.print(&name))?;
    let view = format.view();
    if options.json {
        let facts = value!({
            "format": view.facts.get("format").map(json::facts),
            "file_regions": json::regions(&view.file),
            "memory": json::memory(&view.memory),
        });
        let mut out = io::stdout().lock();
        json::write(&mut out, &line(Some(&options.file), facts, &findings))?;
        writeln!(out)?;
        return Ok(outcome(&found, Severity::Error));
    }
    if options.svg.is_some() || options.html.is_some() {
        let drawn = files_of(&view, &name, &findings, options)?;
        return Ok(drawn.max(outcome(&found, Severity::Error)));
    }
    if !view.memory.is_empty() {
        let range = options.range.clone().unwrap_or(0..u64::MAX);
        let frame = Frame { columns: terminal::columns(), full: options.full, range };
        let more = view.memory_note.iter().map(|note| format!("\n{note}\n")).collect::<String>();
        let picture = format!("{name}: {}\n{}{more}", view.title, draw(&view, &frame));
        anstream::stdout().lock().write_all(picture.as_bytes())?;
    } else if findings.iter().all(|report| report.severity != Severity::Error) {
        // A warning may be the reason why there is no memory to draw.
        findings.iter().try_for_each(|report| report.print(&name))?;
        let why = view.memory_note.as_deref().unwrap_or("no known kernel gives this file memory");
        diagnostic(&name, None, &format!("nothing to draw: {why}"))?;
    }
    Ok(outcome(&found, Severity::Error))
}

/// Writes the requested pictures, of a refused file too: what its header claims is drawn.
fn files_of(view: &View, name: &str, findings: &[Report], options: &Map) -> io::Result<Outcome> {
    let marks = marks(findings);
    let title = format!("{}: {}", files::shown(Path::new(name)), view.title);
    let pictures = [
        options.svg.as_ref().map(|path| (path, execfmt_picture::svg(view, &title, &marks))),
        options.html.as_ref().map(|path| (path, execfmt_picture::page(view, &title, &marks))),
    ];
    for (path, picture) in pictures.into_iter().flatten() {
        if files::same(path, &options.file) {
            print_error(format_args!("{}: this is the input file; give another name", files::shown(path)))?;
            return Ok(Outcome::Failed);
        }
        match files::write(path, picture.as_bytes()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(error),
            Err(error) => {
                print_error(format_args!("{}: {error}", files::shown(path)))?;
                return Ok(Outcome::Failed);
            }
        }
    }
    Ok(Outcome::Success)
}

/// A single run of memory is drawn beside the file; two are drawn side by side, with a table of all parts; a
/// tree is a table.
fn draw(view: &View, frame: &Frame) -> String {
    let trees: Vec<_> = view.memory.iter().filter(|memory| !memory.tree.is_empty()).collect();
    if !trees.is_empty() {
        return trees.into_iter().map(|memory| tree::draw(memory, frame)).collect();
    }
    match &*view.memory {
        [memory] => strip::draw(&Strip::of_file(view), &Strip::of(memory), memory, frame),
        several => beside(several).map_or_else(String::new, |(code, data)| {
            strip::draw(&Strip::of(code), &Strip::of(data), data, frame) + &parts::table(view)
        }),
    }
}

/// The memory with the stack, or the last one, and the one to its left: the first other one with code.
fn beside(several: &[Memory]) -> Option<(&Memory, &Memory)> {
    let has = |memory: &&Memory, role: Role| memory.regions.iter().any(|region| region.role == role);
    let data = several.iter().rev().find(|memory| has(memory, Role::Stack)).or(several.last())?;
    let mut others = several.iter().filter(|memory| !std::ptr::eq(*memory, data));
    let code = others.find(|memory| has(memory, Role::Code) || has(memory, Role::Text));
    Some((code.or(several.first())?, data))
}

/// The colour for the purpose of bytes: that of the terminal's theme.
pub(crate) fn style(role: Role) -> Style {
    let color = match role {
        Role::Header => AnsiColor::Magenta,
        Role::Code | Role::Text => AnsiColor::Green,
        Role::FarText | Role::ReadOnly | Role::Arguments => AnsiColor::Cyan,
        Role::Data | Role::Pages => AnsiColor::Yellow,
        Role::Zeroed | Role::Heap => AnsiColor::Blue,
        Role::Stack => AnsiColor::Magenta,
        _ => return Style::new(),
    };
    Style::new().fg_color(Some(color.into()))
}
