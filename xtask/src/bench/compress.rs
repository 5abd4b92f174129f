//! The compressor: its figures, and the plot of size against time.

use std::ffi::OsStr;

use anyhow::Result;

use super::curve::{self, Point};
use super::table::Table;
use super::{example, fenced};
use crate::seabios;

pub(super) fn measure() -> Result<String> {
    let folder = seabios::folder()?;
    let bench = |arguments: &[&OsStr]| example("aout-minix", "compress", "compress_bench", arguments);
    let figures = bench(&[folder.as_os_str()])?;
    let curve = bench(&[folder.as_os_str(), OsStr::new("curve")])?;
    let points = curve.lines().map(Point::read).collect::<Result<Vec<_>>>()?;
    curve::draw(&points)?;
    let mut table = Table::new(&["search, three files of SeaBIOS", "ms", "bytes"]);
    points.iter().for_each(|point| table.row(point.cells()));
    Ok(format!("{}\n{table}\n![Size against time](compress.svg)\n", fenced(&figures)))
}
