//! `mkimage`: scripts that build an image, as a subcommand and under the name of the original.

pub(crate) mod args;
mod host;
mod report;

use std::io;
use std::path::{Path, PathBuf};

use coyotos_mkimage::{Cause, Error, Machine, Options};

use super::command::{failed, refused, stored, write};
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::outcome::Outcome;
use args::Mkimage;
use host::Folders;

/// Why a run produced no image.
enum Failure {
    Script(Error),
    /// The printed output could not be written.
    Output(io::Error),
}

/// Runs as a command.
pub(crate) fn run(options: &Mkimage) -> io::Result<Outcome> {
    let debugging = options.debugging();
    if let Some(option) = debugging {
        diagnostic(option, None, "shows the internals of the original, and has no effect here")?;
    }
    if options.trace && files::is_dash(&options.output) {
        print_error("--trace prints a recipe on standard output: give the image a name other than -")?;
        return Ok(Outcome::Failed);
    }
    match &options.headers {
        Some(folder) => headers(options, folder),
        None => image(options),
    }
}

fn machine_options(options: &Mkimage) -> Options {
    let mut machine = Options::default();
    machine.limits.steps = options.max_steps;
    machine.limits.depth = usize::try_from(options.max_depth).unwrap_or(usize::MAX);
    machine.limits.image_bytes = options.max_image;
    machine.trace = options.trace;
    machine.rules = options.rules.into();
    machine
}

fn image(options: &Mkimage) -> io::Result<Outcome> {
    let mut folders = Folders::new(options);
    let result = fill(options, &mut folders);
    match result {
        Ok(image) => match stored(image, !options.no_gzip) {
            Ok(bytes) => write(&options.output, &bytes),
            Err(why) => refused(&options.output, &why),
        },
        Err(failure) => report(options, failure),
    }
}

/// Runs all modules, and delivers what they print, even up to a failure.
fn fill(options: &Mkimage, folders: &mut Folders) -> Result<Vec<u8>, Failure> {
    let result = {
        let mut machine = Machine::new(options.target, folders, machine_options(options));
        options.modules.iter().try_for_each(|module| machine.run(module)).and_then(|()| machine.image())
    };
    match folders.finish() {
        Err(error) => Err(Failure::Output(error)),
        Ok(()) => result.map_err(Failure::Script),
    }
}

fn headers(options: &Mkimage, folder: &Path) -> io::Result<Outcome> {
    let mut folders = Folders::new(options);
    let modules: Vec<&str> = options.modules.iter().map(String::as_str).collect();
    let result = Machine::new(options.target, &mut folders, machine_options(options)).headers(&modules);
    let headers = match (folders.finish(), result) {
        (Err(error), _) => return report(options, Failure::Output(error)),
        (Ok(()), Err(error)) => return report(options, Failure::Script(error)),
        (Ok(()), Ok(headers)) => headers,
    };
    let named: Vec<_> = headers.iter().map(|header| (format!("{}.h", header.module), &header.text)).collect();
    let contents: Vec<_> = named.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    match files::write_all(folder, &contents) {
        Ok(()) => Ok(Outcome::Success),
        Err((path, error)) => failed(&path, error),
    }
}

fn report(options: &Mkimage, failure: Failure) -> io::Result<Outcome> {
    let error = match failure {
        Failure::Output(error) => return Err(error),
        Failure::Script(error) => error,
    };
    let folders = |paths: Vec<PathBuf>, option: &str, variable: &str| {
        let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        let searched = if paths.is_empty() { "no folder".to_string() } else { paths.join(", ") };
        format!(
            "searched: {searched}; give folders with {option}, or with COYOTOS_ROOT, which contains {variable}"
        )
    };
    let advice = match error.cause() {
        Cause::ModuleNotFound(_) => Some(folders(options.module_folders(), "-I", args::MODULES)),
        Cause::FileNotFound(_) => Some(folders(options.library_folders(), "-L", args::LIBRARIES)),
        Cause::Limit(coyotos_mkimage::Limit::Steps(_)) => Some("--max-steps raises the limit".into()),
        Cause::Limit(coyotos_mkimage::Limit::Depth(_)) => Some("--max-depth raises the limit".into()),
        Cause::Limit(coyotos_mkimage::Limit::ImageBytes(_)) => Some("--max-image raises the limit".into()),
        _ => None,
    };
    report::print(&error, advice.as_deref())?;
    Ok(match error.cause() {
        Cause::FileUnreadable { .. } => Outcome::Failed,
        _ => Outcome::Refused,
    })
}
