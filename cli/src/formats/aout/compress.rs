//! `compress`, `decompress`, and elks-compress.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aout_minix::Section;
use aout_minix::compress::{FileReport, Level, PlainReason, Stored};
use execfmt_common::Severity;
use execfmt_formats::aout::compress::{Change, Refusal, longer, shorter};
use execfmt_formats::aout::errors;
use indicatif::ParallelProgressIterator as _;
use rayon::prelude::*;
use serde_json::json as value;

use super::args::{Compress, Decomp, Decompress, ElksCompress, Places};
use crate::case::{CASELESS, caseless};
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::json;
use crate::outcome::Outcome;
use crate::progress;

/// A file to read and one to write, which may be the same.
struct Job {
    input: PathBuf,
    output: PathBuf,
}

/// Why there is no result.
enum Failure {
    /// It is not one of the accepted files.
    Other(String),
    /// It is malformed.
    Refused(String),
    /// The file with this name could not be read or written.
    Io(String, io::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Other(why) => Self::Other(why),
            Refusal::Malformed(why) => Self::Refused(why),
        }
    }
}

/// The result for a file: its length, that of the new one, and the results for its sections.
struct Done {
    before: usize,
    after: usize,
    /// Why it is unchanged.
    same: Option<&'static str>,
    report: Option<FileReport>,
    /// What a kernel refuses in the new file.
    refusals: Vec<String>,
}

/// `execfmt compress`.
pub(crate) fn compress(options: &Compress) -> io::Result<Outcome> {
    let level = options.level();
    run(&options.places, true, |bytes| Ok(shorter(bytes, level, &Section::LOADED)?))
}

/// `execfmt decompress`.
pub(crate) fn decompress(options: &Decompress) -> io::Result<Outcome> {
    run(&options.places, false, |bytes| Ok(longer(bytes)?))
}

/// Processes every file, on all cores; then reports the results.
fn run(
    places: &Places,
    memory: bool,
    change: impl Fn(&[u8]) -> Result<Change, Failure> + Sync,
) -> io::Result<Outcome> {
    let jobs = match jobs(places) {
        Ok(jobs) => jobs,
        Err(complaint) => {
            print_error(complaint)?;
            return Ok(Outcome::Failed);
        }
    };
    if let Some(complaint) = written_twice(&jobs) {
        print_error(complaint)?;
        return Ok(Outcome::Failed);
    }
    let results = each(&jobs, |job| file(job, &change));
    let mut worst = Outcome::Success;
    let mut rows = Vec::new();
    for (job, result) in jobs.iter().zip(results) {
        let name = files::name(&job.input);
        match result {
            Ok(done) => rows.push((job, name, done)),
            Err(failure) => worst = worst.max(complain(&name, failure)?),
        }
    }
    if places.quiet {
        return Ok(worst);
    }
    let report = if places.json { lines(&rows)? } else { table(&rows, memory).into_bytes() };
    if jobs.iter().any(|job| files::is_dash(&job.output)) {
        io::stderr().write_all(&report)?;
    } else {
        let mut out = io::stdout().lock();
        out.write_all(&report)?;
        out.flush()?;
    }
    if places.json {
        return Ok(worst);
    }
    for (_, name, done) in &rows {
        notes(done).iter().try_for_each(|note| diagnostic(name, None, note))?;
        done.refusals.iter().try_for_each(|refusal| diagnostic(name, Some(Severity::Warning), refusal))?;
    }
    Ok(worst)
}

/// Reports that two jobs would write the same file, whatever its name: on several cores, their order is
/// undefined.
fn written_twice(jobs: &[Job]) -> Option<String> {
    let mut written = BTreeMap::new();
    jobs.iter().find_map(|job| {
        let identity = files::Identity::of(&job.output);
        let first = written.insert(identity, &job.output)?;
        let (first, second) = (files::name(first), files::name(&job.output));
        Some(format!("{second}: the same file as {first}, which is already written; name each file once"))
    })
}

/// Does the work for each job, on all cores; the results are in the order of the jobs. On a terminal, a bar
/// shows the progress.
fn each(
    jobs: &[Job],
    work: impl Fn(&Job) -> Result<Done, Failure> + Sync + Send,
) -> Vec<Result<Done, Failure>> {
    let bar = progress::bar(jobs.len());
    let results = jobs.par_iter().progress_with(bar.clone()).map(work).collect();
    bar.finish_and_clear();
    results
}

/// The output path of each file.
fn jobs(places: &Places) -> Result<Vec<Job>, String> {
    let Places { files: inputs, output, .. } = places;
    let Some(output) = output else {
        return Ok(inputs.iter().map(|input| Job { input: input.clone(), output: input.clone() }).collect());
    };
    if !output.is_dir() {
        return match &inputs[..] {
            [input] => Ok(vec![Job { input: input.clone(), output: output.clone() }]),
            _ => {
                Err(format!("-o {}: for several files this must be an existing folder", files::shown(output)))
            }
        };
    }
    let mut taken = BTreeSet::new();
    inputs.iter().map(|input| into_folder(input, output, &mut taken)).collect()
}

/// The path of a file in a folder, if no other input has the same name.
fn into_folder(input: &Path, folder: &Path, taken: &mut BTreeSet<PathBuf>) -> Result<Job, String> {
    let name = input.file_name().filter(|_| !files::is_dash(input));
    let name = name.ok_or_else(|| format!("{}: has no file name to use in a folder", files::name(input)))?;
    if !taken.insert(caseless(name, CASELESS)) {
        return Err(format!("{}: another file of this name goes to the same folder", files::shown(input)));
    }
    Ok(Job { input: input.into(), output: folder.join(name) })
}

/// Reads, processes and writes a file. Nothing is written unless everything succeeded; a file that would be
/// replaced by the same bytes is not touched.
fn file(job: &Job, change: impl Fn(&[u8]) -> Result<Change, Failure>) -> Result<Done, Failure> {
    let io = |path: &Path| {
        let name = files::name(path);
        move |error| Failure::Io(name, error)
    };
    let old = files::read(&job.input).map_err(io(&job.input))?;
    let (new, same, report) = match change(&old)? {
        Change::New(new, report) => (Some(new), None, report),
        Change::None(reason, report) => (None, Some(reason), report),
    };
    let in_place = job.input == job.output && !files::is_dash(&job.input);
    if new.is_some() || !in_place {
        let bytes = new.as_ref().unwrap_or(&old);
        files::write_like(&job.output, bytes, Some(&job.input)).map_err(io(&job.output))?;
    }
    let refusals = new.as_deref().map(errors).unwrap_or_default();
    Ok(Done { before: old.len(), after: new.map_or(old.len(), |new| new.len()), same, report, refusals })
}

fn complain(name: &str, failure: Failure) -> io::Result<Outcome> {
    match failure {
        Failure::Other(refusal) | Failure::Refused(refusal) => {
            diagnostic(name, Some(Severity::Error), &refusal)?;
            Ok(Outcome::Refused)
        }
        // Discards the contents of standard output, which is not wanted in that case.
        Failure::Io(_, error) if error.kind() == io::ErrorKind::BrokenPipe => Err(error),
        Failure::Io(name, error) => {
            print_error(format_args!("{name}: {error}"))?;
            Ok(Outcome::Failed)
        }
    }
}

/// A file that was read and perhaps written, its name, and the result.
type Row<'a> = (&'a Job, String, Done);

/// One JSON object per line and file.
fn lines(rows: &[Row<'_>]) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for (job, _, done) in rows {
        let sections = done.report.iter().flat_map(|report| &report.sections).map(|one| {
            let reason = match one.stored {
                Stored::Compressed(..) => None,
                Stored::Plain(reason) => Some(reason.to_string()),
            };
            value!({ "section": one.section.to_string(), "before": one.before, "after": one.after(), "reason": reason })
        });
        let line = value!({
            "file": files::text(&job.input), "output": files::text(&job.output), "before": done.before,
            "after": done.after, "changed": done.same.is_none(), "reason": done.same,
            "extra_memory": done.report.map(|report| report.extra_memory),
            "sections": sections.collect::<Vec<_>>(), "warnings": done.refusals,
        });
        json::write(&mut lines, &line)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// One row for every file, and the total of several.
fn table(rows: &[Row<'_>], memory: bool) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let total = "total";
    let width = rows.iter().map(|(_, name, _)| name.chars().count()).chain([total.len()]).max().unwrap_or(0);
    let line = |cells: [&str; 5]| {
        let [name, before, after, ratio, extra] = cells;
        let line = format!("{name:<width$}  {before:>8}  {after:>8}  {ratio:>7}");
        let line = if memory { format!("{line}  {extra:>12}") } else { line };
        format!("{}\n", line.trim_end())
    };
    let numbers = |name: &str, before: usize, after: usize, extra: &str| {
        // In tenths of a percent, rounded.
        let ratio = (after as u64 * 1000 + before as u64 / 2).checked_div(before as u64).unwrap_or(1000);
        let ratio = format!("{}.{} %", ratio / 10, ratio % 10);
        line([name, &before.to_string(), &after.to_string(), &ratio, extra])
    };
    let mut table = line(["file", "before", "after", "ratio", "extra memory"]);
    for (_, name, Done { before, after, report, .. }) in rows {
        let extra = report.map_or_else(|| "-".into(), |report| report.extra_memory.to_string());
        table += &numbers(name, *before, *after, &extra);
    }
    if rows.len() > 1 {
        let sum = |length: fn(&Done) -> usize| rows.iter().map(|(_, _, done)| length(done)).sum();
        table += &numbers(total, sum(|done| done.before), sum(|done| done.after), "");
    }
    table
}

/// The notes below the table.
fn notes(done: &Done) -> Vec<String> {
    let mut notes: Vec<_> = done.same.into_iter().map(String::from).collect();
    let Some(report) = &done.report else { return notes };
    for one in report.sections {
        match one.stored {
            Stored::Compressed(..) | Stored::Plain(PlainReason::Empty | PlainReason::NotChosen) => {}
            Stored::Plain(reason) => {
                notes.push(format!("{}, {} bytes, is left uncompressed: {reason}", one.section, one.before));
            }
        }
    }
    if let Some(hlen) = report.restored_hlen {
        notes.push(format!(
            "decompressed, it will have a header of {hlen:#x} bytes: a compressed file does not record that it was longer"
        ));
    }
    notes
}

/// `elks-compress [-vztfd] [-o OUT] FILE...`.
pub(crate) fn elks_compress(options: &ElksCompress) -> io::Result<Outcome> {
    if options.output.is_some() && options.files.len() > 1 {
        print_error("-o requires a single file")?;
        return Ok(Outcome::Failed);
    }
    let mut jobs = Vec::new();
    for input in &options.files {
        if input.is_symlink() {
            writeln!(io::stderr(), "Ignoring symlink {}", files::shown(input))?;
            continue;
        }
        let output = match &options.output {
            Some(output) => output.clone(),
            None if options.keep => {
                let mut name = OsString::from(input);
                name.push(".z");
                name.into()
            }
            None => input.clone(),
        };
        jobs.push(Job { input: input.clone(), output });
    }
    if let Some(complaint) = written_twice(&jobs) {
        print_error(complaint)?;
        return Ok(Outcome::Failed);
    }
    let sections = options.sections();
    let results = each(&jobs, |job| {
        let change = |bytes: &[u8]| match shorter(bytes, Level::Default, &sections)? {
            // An unchanged file does not replace another one either.
            Change::None(reason, _) => Err(Failure::Other(reason.into())),
            new @ Change::New(..) => Ok(new),
        };
        file(job, change)
    });
    let mut worst = Outcome::Success;
    let mut out = io::stdout().lock();
    for (job, result) in jobs.iter().zip(results) {
        let name = files::name(&job.input);
        match result {
            Ok(done) => {
                if options.verbose {
                    verbose(&name, &done, &mut out)?;
                }
                let Done { before, after, refusals, .. } = done;
                let percent = 100_usize.saturating_sub((after * 100).checked_div(before).unwrap_or(100));
                writeln!(out, "{name}: compressed from {before} to {after} ({percent}% reduction)")?;
                out.flush()?;
                refusals
                    .iter()
                    .try_for_each(|refusal| diagnostic(&name, Some(Severity::Warning), refusal))?;
            }
            Err(Failure::Other(reason)) => diagnostic(&name, None, &reason)?,
            Err(failure) => worst = worst.max(complain(&name, failure)?),
        }
    }
    out.flush()?;
    Ok(worst)
}

fn verbose(name: &str, done: &Done, out: &mut impl Write) -> io::Result<()> {
    for one in done.report.iter().flat_map(|report| report.sections) {
        match one.stored {
            Stored::Compressed(size, _) => {
                writeln!(out, "{name}: {} from {} to {size}", one.section, one.before)?
            }
            Stored::Plain(PlainReason::Empty) => {}
            Stored::Plain(reason) => {
                writeln!(
                    out,
                    "{name}: {}, {} bytes, is left uncompressed: {reason}",
                    one.section, one.before
                )?;
            }
        }
    }
    Ok(())
}

/// `decomp PROGRAM [OUT]`, also called hostdecomp.
pub(crate) fn decomp(options: &Decomp) -> io::Result<Outcome> {
    let input = options.program.clone();
    let output = options.output.clone().unwrap_or_else(|| input.clone());
    let job = Job { input, output };
    let name = files::name(&job.input);
    let change = |bytes: &[u8]| match longer(bytes)? {
        Change::None(..) => Err(Failure::Other("not compressed".into())),
        new @ Change::New(..) => Ok(new),
    };
    match file(&job, change) {
        Ok(done) => {
            writeln!(io::stdout(), "{name}: decompressed from {} to {}", done.before, done.after)?;
            Ok(Outcome::Success)
        }
        Err(Failure::Other(reason)) => {
            diagnostic(&name, None, &reason)?;
            Ok(Outcome::Success)
        }
        Err(failure) => complain(&name, failure),
    }
}
