//! What a run of the tests skipped, collected from all of its processes.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::shell::scratch;

/// The file into which this process and its children write reports of skipped checks.
pub(crate) struct Skips(PathBuf);

impl Skips {
    pub(crate) fn collect() -> Result<Self> {
        let file = scratch("skips")?.join("list");
        execfmt_testkit::collect_skips(&file).with_context(|| file.display().to_string())?;
        Ok(Self(file))
    }

    /// A report of what was skipped, or that nothing was.
    pub(crate) fn summary(&self) -> Result<String> {
        let reports = fs::read_to_string(&self.0).with_context(|| self.0.display().to_string())?;
        Ok(summary(&reports))
    }
}

/// Each report once, in the order in which they arrived: a test that runs with several feature sets reports
/// each time.
pub(crate) fn summary(reports: &str) -> String {
    let mut different: Vec<&str> = Vec::new();
    for line in reports.lines() {
        if !different.contains(&line) {
            different.push(line);
        }
    }
    match different.len() {
        0 => "nothing was skipped".into(),
        1 => format!("1 check was skipped:\n{}", different[0]),
        count => format!("{count} checks were skipped:\n{}", different.join("\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn each_report_is_there_once() {
        for (reports, expected) in [
            ("", "nothing was skipped"),
            ("SKIPPED: a: b\nSKIPPED: a: b\n", "1 check was skipped:\nSKIPPED: a: b"),
            (
                "SKIPPED: c: d\nSKIPPED: a: b\nSKIPPED: c: d\n",
                "2 checks were skipped:\nSKIPPED: c: d\nSKIPPED: a: b",
            ),
        ] {
            assert_eq!(summary(reports), expected);
        }
    }
}
