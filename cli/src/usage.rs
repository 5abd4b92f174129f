//! Invalid arguments: what the user may have meant.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use execfmt_common::{Escaped, is_harmful};

use crate::diagnostics::print_error;
use crate::invocation::Applet;
use crate::outcome::Outcome;

/// The arguments as the options of a tool.
///
/// # Errors
/// The exit code: help was requested, or the arguments were invalid; either was printed.
pub(crate) fn parse<P: Parser>(arguments: Vec<OsString>) -> Result<P, Outcome> {
    P::try_parse_from(arguments).map_err(|error| {
        let hint = hint(&error);
        let error = escaped(error);
        // If nothing can be printed, the exit code still shows it. The original mkimage prints its help to
        // standard error.
        let _ = match Applet::current() {
            Applet::Mkimage => write!(anstream::stderr(), "{}", error.render().ansi()),
            _ => error.print(),
        };
        if let Some(hint) = hint {
            let _ = print_error(hint);
        }
        if error.use_stderr() { Outcome::Failed } else { Outcome::Success }
    })
}

/// The error, with the user's text made harmless for a terminal.
pub(crate) fn escaped(mut error: clap::Error) -> clap::Error {
    let harmless = |text: &String| Escaped::of(text).to_string();
    let typed_harm = error.context().any(|(_, value)| match value {
        ContextValue::String(text) => text.chars().any(is_harmful),
        ContextValue::Strings(texts) => texts.iter().any(|text| text.chars().any(is_harmful)),
        _ => false,
    });
    let context: Vec<_> = error
        .context()
        .filter_map(|(kind, value)| match (kind, value) {
            // What clap wrote itself, and suggestions, which are the names of options.
            (ContextKind::Usage | ContextKind::Custom, _) => None,
            (_, ContextValue::String(text)) => Some((kind, ContextValue::String(harmless(text)))),
            (_, ContextValue::Strings(texts)) => {
                Some((kind, ContextValue::Strings(texts.iter().map(harmless).collect())))
            }
            _ => None,
        })
        .collect();
    for (kind, value) in context {
        error.insert(kind, value);
    }
    // A tip repeats what was typed, between colours of its own; nobody can type it as it would be shown.
    if typed_harm {
        error.remove(ContextKind::Suggested);
    }
    error
}

/// What to type instead of a file or a tool in place of a subcommand.
fn hint(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    if let Some(tool) = Applet::tool(typed) {
        return Some(tool_hint(tool));
    }
    // As typed: clap's text may have lost invalid UTF-8.
    let argument = std::env::args_os().find(|argument| argument.to_string_lossy() == *typed);
    let path = argument.unwrap_or_else(|| OsString::from(typed));
    Path::new(&path).exists().then(|| format!("{typed} is a file: `execfmt info {typed}` describes it"))
}

/// A tool is replaced by a subcommand, and by a link with its name.
fn tool_hint(tool: Applet) -> String {
    let name = tool.name();
    let same = match tool {
        Applet::Coff2noff | Applet::Coff2noffX86Linux => "execfmt convert IN -o OUT --to noff",
        Applet::Coff2flat => "execfmt convert IN -o OUT --to flat",
        Applet::Elf2elks | Applet::Os2toelks => "execfmt convert IN -o OUT --to elks",
        Applet::ElksCompress => "execfmt compress FILE",
        Applet::Chmem | Applet::Size86 => "execfmt chmem FILE",
        Applet::Decomp | Applet::Hostdecomp => "execfmt decompress FILE",
        Applet::Nm86 => "execfmt symbols FILE",
        Applet::Objdump86 => "execfmt info FILE",
        Applet::Mkimage => "execfmt coyotos mkimage",
        Applet::Execfmt => "execfmt",
    };
    format!(
        "`{same}` does what {name} does; linked to the name {name}, execfmt takes that tool's own arguments: \
         ln -s \"$(command -v execfmt)\" {name}"
    )
}
