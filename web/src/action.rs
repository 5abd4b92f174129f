//! A request and its answer.

use execfmt_formats::inspect::{facts, findings, line, marks};
use execfmt_formats::kernel::Kernel;
use execfmt_formats::open;
use serde_json::{Value, json};

use crate::request::{Action, Answer, Request};
use crate::{convert, show};

/// The answer to a request in JSON about the bytes of a file.
pub fn answer(request: &[u8], file: &[u8]) -> Answer {
    let answered = Request::parse(request).and_then(|request| act(&request, file));
    answered.unwrap_or_else(|why| Answer::refused(&why))
}

fn act(request: &Request, file: &[u8]) -> Result<Answer, String> {
    let text = |value: Value| Answer::new(&value, Vec::new());
    Ok(match request.action {
        Action::Info => text(described(request, file, true)?),
        Action::Check => text(described(request, file, false)?),
        Action::Show => show::page(request, file)?,
        Action::Svg => text(json!({ "svg": svg(request, file)? })),
        Action::Convert => convert::to(request, file)?,
        Action::Compress => convert::compress(file)?,
        Action::Decompress => convert::decompress(file)?,
        Action::Chmem => convert::chmem(request, file)?,
        Action::Kernels => {
            let one = |(name, help)| json!({ "name": name, "kernels": help });
            text(json!({ "kernels": Kernel::names().map(one).collect::<Vec<_>>() }))
        }
    })
}

/// The output of the command.
fn described(request: &Request, file: &[u8], all: bool) -> Result<Value, String> {
    let options = request.options()?;
    let format = open(file, &options);
    let found = findings(format.as_ref(), options.kernel);
    Ok(line(Some(&request.name), facts(format.as_ref(), all), &found.reports()))
}

fn svg(request: &Request, file: &[u8]) -> Result<String, String> {
    let options = request.options()?;
    let format = open(file, &options);
    let found = findings(format.as_ref(), options.kernel).reports();
    let view = format.view();
    let title = format!("{}: {}", show::shown(&request.name), view.title);
    Ok(execfmt_picture::svg(&view, &title, &marks(&found)))
}
