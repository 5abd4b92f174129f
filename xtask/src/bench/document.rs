//! The measured parts of docs/benchmarks.md. Each is between two comments with its name, below a line with
//! place and time.

use std::fs;

use anyhow::{Context as _, Result};

use crate::shell::{program, root, stdout};

const DOCUMENT: &str = "docs/benchmarks.md";

/// The result of a part, below the command, the date, the machine, and its load before and after.
pub(super) fn headed(name: &str, measure: fn() -> Result<String>) -> Result<String> {
    let before = load();
    let made = measure()?;
    let date = stdout(program("date", 10).arg("+%F"))?;
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    Ok(format!(
        "`cargo xtask bench --markdown {name}`, {}; {}, {cores} cores, load {before} before and {} after.\n\n{}\n",
        date.trim(),
        processor(),
        load(),
        made.trim_end()
    ))
}

fn processor() -> String {
    let known = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = known.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

fn load() -> String {
    fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').take(1).collect()
}

/// Writes a part into the document.
pub(super) fn put(name: &str, made: &str) -> Result<()> {
    let path = root().join(DOCUMENT);
    let text = fs::read_to_string(&path)?;
    let new = replaced(&text, name, made).with_context(|| format!("{DOCUMENT} has no part {name}"))?;
    let beside = path.with_extension("new");
    fs::write(&beside, new)?;
    Ok(fs::rename(&beside, &path)?)
}

fn replaced(text: &str, name: &str, made: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- bench {name} -->\n"), format!("<!-- end of {name} -->"));
    let start = text.find(&begin)? + begin.len();
    let length = text.get(start..)?.find(&end)?;
    Some(format!("{}{made}{}", text.get(..start)?, text.get(start + length..)?))
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_the_part_that_is_named_is_replaced() {
        let text = "a\n<!-- bench x -->\nold\n<!-- end of x -->\n<!-- bench y -->\n<!-- end of y -->\nb\n";
        let x = "a\n<!-- bench x -->\nnew\n<!-- end of x -->\n<!-- bench y -->\n<!-- end of y -->\nb\n";
        assert_eq!(replaced(text, "x", "new\n").as_deref(), Some(x));
        assert_eq!(replaced(text, "z", ""), None);
        assert_eq!(replaced("<!-- bench x -->\n", "x", ""), None);
    }
}
