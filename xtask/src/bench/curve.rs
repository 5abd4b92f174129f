//! The compressor's plot of size against time: docs/compress.svg.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::shell::root;

const PICTURE: &str = "docs/compress.svg";

/// The size of the picture and of the plot in it, in pixels.
const SIZE: (f64, f64) = (800.0, 400.0);
const LEFT: f64 = 80.0;
const TOP: f64 = 30.0;
const RIGHT: f64 = 690.0;
const BOTTOM: f64 = 340.0;

/// A search, its time, and the resulting size.
pub(super) struct Point {
    name: String,
    ms: f64,
    bytes: f64,
}

impl Point {
    /// A line of compress_bench: name, milliseconds, bytes.
    pub(super) fn read(line: &str) -> Result<Self> {
        let mut words = line.split('\t');
        let mut next = || words.next().with_context(|| line.to_owned());
        Ok(Self { name: next()?.to_owned(), ms: next()?.parse()?, bytes: next()?.parse()? })
    }

    pub(super) fn cells(&self) -> [String; 3] {
        [self.name.clone(), format!("{:.0}", self.ms), format!("{:.0}", self.bytes)]
    }
}

/// Draws the points, time on a logarithmic scale.
pub(super) fn draw(points: &[Point]) -> Result<()> {
    fs::write(root().join(PICTURE), picture(points)?)?;
    Ok(())
}

fn picture(points: &[Point]) -> Result<String> {
    let range = |values: fn(&Point) -> f64| {
        let of = points.iter().map(values);
        (of.clone().fold(f64::INFINITY, f64::min), of.fold(0.0, f64::max))
    };
    let ((least_ms, most_ms), (least, most)) = (range(|point| point.ms), range(|point| point.bytes));
    ensure!(
        points.len() > 1 && least_ms > 0.0 && least < most,
        "there is no curve of {} points",
        points.len()
    );
    // Whole powers of ten, and a little room above and below.
    let decades = (least_ms.log10().floor(), most_ms.log10().ceil());
    let (low, high) = (least - (most - least) * 0.1, most + (most - least) * 0.1);
    let x = |ms: f64| LEFT + (ms.log10() - decades.0) / (decades.1 - decades.0) * (RIGHT - LEFT);
    let y = |bytes: f64| BOTTOM - (bytes - low) / (high - low) * (BOTTOM - TOP);
    let (width, height) = SIZE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\" role=\"img\" aria-labelledby=\"title\">\n\
         <title id=\"title\">Size against time of the compressor's searches</title>\n\
         <style>\n  svg {{ background: #fff; fill: #222; stroke: none }}\n  .line {{ fill: none; stroke: #1668b8; stroke-width: 2 }}\n  \
         .grid {{ stroke: #ccc }}\n  .dot {{ fill: #1668b8 }}\n  @media (prefers-color-scheme: dark) {{\n    \
         svg {{ background: #161616; fill: #ddd }}\n    .line {{ stroke: #6db3f2 }}\n    .grid {{ stroke: #444 }}\n    \
         .dot {{ fill: #6db3f2 }}\n  }}\n</style>\n"
    );
    let mut power = decades.0;
    while power <= decades.1 {
        let (ms, at) = (10_f64.powf(power), x(10_f64.powf(power)));
        writeln!(svg, "<path class=\"grid\" d=\"M{at:.1} {TOP}V{BOTTOM}\"/>")?;
        writeln!(svg, "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{ms} ms</text>", BOTTOM + 20.0)?;
        power += 1.0;
    }
    for step in 0..=4 {
        let bytes = low + (high - low) * f64::from(step) / 4.0;
        let at = y(bytes);
        writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>")?;
        writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{bytes:.0}</text>",
            LEFT - 8.0,
            at + 4.0
        )?;
    }
    let line: Vec<String> =
        points.iter().map(|point| format!("{:.1} {:.1}", x(point.ms), y(point.bytes))).collect();
    writeln!(svg, "<path class=\"line\" d=\"M{}\"/>", line.join("L"))?;
    for point in points {
        let (at, height) = (x(point.ms), y(point.bytes));
        writeln!(svg, "<circle class=\"dot\" cx=\"{at:.1}\" cy=\"{height:.1}\" r=\"4\"/>")?;
        writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", at + 8.0, height - 8.0, point.name)?;
    }
    let (middle, below) = ((LEFT + RIGHT) / 2.0, BOTTOM + 45.0);
    writeln!(svg, "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">time of one core</text>")?;
    writeln!(svg, "<text x=\"{LEFT}\" y=\"18\" text-anchor=\"middle\">bytes</text>\n</svg>")?;
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::{Point, picture};

    #[test]
    fn a_curve_lies_within_its_plot() {
        let lines = ["fast\t82\t44610", "default\t153\t44000.5", "best\t8241\t43368"];
        let points: Vec<_> = lines.iter().map(|line| Point::read(line).unwrap()).collect();
        let svg = picture(&points).unwrap();
        // From 10 ms to 10 s; the largest size is a twelfth of the height below the top, the smallest above the bottom.
        assert!(svg.contains("<path class=\"line\" d=\"M265.8 55.8L"), "{svg}");
        assert!(svg.contains("L672.9 314.2\"/>"), "{svg}");
        for ms in ["10 ms", "100 ms", "1000 ms", "10000 ms"] {
            assert!(svg.contains(&format!(">{ms}<")), "{ms}");
        }
        assert!(picture(&points[..1]).is_err());
        assert!(Point::read("fast\t82").is_err());
    }
}
