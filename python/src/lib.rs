//! The Python module `execfmt._native`: bytes and options in, JSON and bytes out. `execfmt/__init__.py` gives it types.
//!
//! The interpreter lock is released while a file is examined.

use execfmt_cli::embed::{self, Error};
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

create_exception!(_native, Usage, PyException, "Invalid options: a message.");
create_exception!(_native, Refused, PyException, "A file that is refused: a message, and findings in JSON.");

fn raised(error: Error) -> PyErr {
    match error {
        Error::Usage(message) => Usage::new_err(message),
        Error::Refused { message, findings } => Refused::new_err((message, findings.to_string())),
    }
}

/// The line of `info --json`.
#[pyfunction]
fn info(python: Python<'_>, data: &[u8], options: Vec<String>) -> PyResult<String> {
    python.detach(|| embed::info(data, &options)).map(|line| line.to_string()).map_err(raised)
}

/// Whether a file is accepted, the verdict, the numbers of errors and warnings, and the line of `check --json`.
#[pyfunction]
fn check(
    python: Python<'_>,
    data: &[u8],
    options: Vec<String>,
) -> PyResult<(bool, String, u64, u64, String)> {
    let checked = python.detach(|| embed::check(data, &options)).map_err(raised)?;
    Ok((checked.accepted, checked.verdict, checked.errors, checked.warnings, checked.line.to_string()))
}

/// A file, and notes: severity and sentence.
type Conversion<'py> = (Bound<'py, PyBytes>, Vec<(&'static str, String)>);

/// Converts a file.
#[pyfunction]
fn convert<'py>(python: Python<'py>, data: &[u8], options: Vec<String>) -> PyResult<Conversion<'py>> {
    let converted = python.detach(|| embed::convert(data, &options)).map_err(raised)?;
    Ok((PyBytes::new(python, &converted.bytes), converted.notes))
}

/// Name, address and bytes of a run of memory.
type Segment<'py> = (String, u64, Bound<'py, PyBytes>);

/// The format, the segments, and the registers.
type Loaded<'py> = (&'static str, Vec<Segment<'py>>, Vec<(&'static str, u64)>);

/// Loads a program.
#[pyfunction]
fn load<'py>(python: Python<'py>, data: &[u8], options: Vec<String>) -> PyResult<Loaded<'py>> {
    let loaded = python.detach(|| embed::load(data, &options)).map_err(raised)?;
    let segments = loaded.segments.into_iter();
    let segments =
        segments.map(|segment| (segment.name, segment.address, PyBytes::new(python, &segment.bytes)));
    Ok((loaded.format, segments.collect(), loaded.registers))
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("Usage", module.py().get_type::<Usage>())?;
    module.add("Refused", module.py().get_type::<Refused>())?;
    module.add_function(wrap_pyfunction!(info, module)?)?;
    module.add_function(wrap_pyfunction!(check, module)?)?;
    module.add_function(wrap_pyfunction!(convert, module)?)?;
    module.add_function(wrap_pyfunction!(load, module)?)
}
