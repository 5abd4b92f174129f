//! `build`: recipes.

use std::io;
use std::path::{Path, PathBuf};

use coyotos_image::recipe::{Cause, Interpreter, Outcome as Done};

use super::args::Build;
use super::command::{failed, refused, stored};
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::files::read_or_report;
use crate::outcome::Outcome;

/// Why a recipe produced no image.
enum Failure {
    Refused(String),
    /// A file that a line names could not be read.
    Unreadable(String),
}

/// The result of a recipe.
#[derive(Default)]
struct Built {
    /// The images to write, and where.
    images: Vec<(PathBuf, Vec<u8>)>,
    /// The output of its lines.
    notes: Vec<String>,
}

pub(super) fn run(options: &Build) -> io::Result<Outcome> {
    let Some(bytes) = read_or_report(&options.recipe)? else { return Ok(Outcome::Failed) };
    let bytes = match files::unmarked(&bytes) {
        Ok(bytes) => bytes,
        Err(why) => return refused(&options.recipe, why),
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return refused(&options.recipe, "this is not text, so it is not a recipe");
    };
    match build(text, options.output.as_deref(), !options.no_gzip) {
        Ok(built) => write(options, &built),
        Err(Failure::Refused(why)) => refused(&options.recipe, &why),
        Err(Failure::Unreadable(why)) => {
            print_error(format_args!("{}: {why}", files::name(&options.recipe)))?;
            Ok(Outcome::Failed)
        }
    }
}

fn write(options: &Build, built: &Built) -> io::Result<Outcome> {
    if built.images.is_empty() {
        print_error("the recipe has no `file` line: give -o IMAGE")?;
        return Ok(Outcome::Failed);
    }
    for (index, (path, _)) in built.images.iter().enumerate() {
        if built.images.iter().take(index).any(|(other, _)| files::same(path, other)) {
            print_error(format_args!("{}: two `file` lines write the same file", files::shown(path)))?;
            return Ok(Outcome::Failed);
        }
    }
    if !options.quiet {
        let name = files::name(&options.recipe);
        built.notes.iter().try_for_each(|note| diagnostic(&name, None, note))?;
    }
    for (path, image) in &built.images {
        if let Err(error) = files::write(path, image) {
            return failed(path, error);
        }
    }
    Ok(Outcome::Success)
}

/// Runs a recipe to its end before anything is written.
fn build(recipe: &str, output: Option<&Path>, gzip: bool) -> Result<Built, Failure> {
    let mut interpreter =
        Interpreter::new(|name: &str| files::read(Path::new(name)).map_err(|error| error.to_string()));
    let refusal = |why: String| Failure::Refused(why);
    let mut built = Built::default();
    for (number, line) in (1..).zip(recipe.lines()) {
        let done = interpreter.line(line).map_err(|error| match error.cause {
            Cause::File { .. } => Failure::Unreadable(error.to_string()),
            _ => Failure::Refused(error.to_string()),
        })?;
        match done {
            Done::Done => {}
            Done::Entry(entry) => {
                built.notes.push(format!("line {number}: the program starts at {entry:#x}"))
            }
            Done::Leaf(leaf) => built.notes.push(format!(
                "line {number}: {}, offset {:#x}, restr {:#x} ({})",
                leaf.capability,
                leaf.offset,
                leaf.restr.bits(),
                leaf.restr
            )),
            Done::Valid => built.notes.push(format!("line {number}: valid")),
            // With -o the line only requires that the image can be written here.
            Done::File { name, image } if output.is_none() => {
                built.images.push((PathBuf::from(name), stored(image, gzip).map_err(refusal)?));
            }
            Done::File { .. } => {}
        }
    }
    if let Some(output) = output {
        let builder = interpreter.into_builder();
        let builder =
            builder.ok_or_else(|| Failure::Refused("a recipe begins with an `arch` line".into()))?;
        let image =
            builder.to_vec().map_err(|error| Failure::Refused(format!("after the last line: {error}")))?;
        built.images.push((output.to_path_buf(), stored(image, gzip).map_err(refusal)?));
    }
    Ok(built)
}
