//! The manual pages and completions of the command, which its own package generates.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::shell::{cargo, program, root, run, stdout};

/// The magic file for `file -m`, below `share`.
pub(crate) const MAGIC: &str = "execfmt/execfmt.magic";

/// Writes them below a folder `share`, and returns the names of the tools that the command replaces, which
/// have pages too.
pub(crate) fn write(share: &Path) -> Result<Vec<String>> {
    fs::create_dir_all(share)?;
    run(cargo()
        .args(["run", "--quiet", "-p", "execfmt", "--example", "pages", "--"])
        .arg(std::path::absolute(share)?))?;
    fs::create_dir_all(share.join("execfmt"))?;
    fs::copy(root().join("contrib/execfmt.magic"), share.join(MAGIC))?;
    let mut tools = Vec::new();
    for entry in fs::read_dir(share.join("man/man1"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if name != "execfmt" && !name.starts_with("execfmt-") {
            tools.push(name.into_owned());
        }
    }
    tools.sort();
    ensure!(!tools.is_empty(), "{} has no pages of tools", share.display());
    Ok(tools)
}

/// Checks that man reads every page of a folder such as `share/man/man1` without a warning, and returns their
/// number.
pub(crate) fn check(folder: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let page = entry?.path();
        let checked = program("man", 20)
            .args(["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"])
            .arg(&page)
            .output()?;
        let said = String::from_utf8_lossy(&checked.stderr);
        ensure!(checked.status.success() && said.is_empty(), "{}: {said}", page.display());
        count += 1;
    }
    Ok(count)
}

/// Checks that bash accepts the completions below `share`.
pub(crate) fn complete(share: &Path) -> Result<()> {
    let file = share.join("bash-completion/completions/execfmt");
    let said = stdout(program("bash", 20).args(["-c", "source \"$0\" && complete -p execfmt"]).arg(&file))?;
    ensure!(said.contains("_execfmt execfmt"), "{} completes nothing: {said}", file.display());
    Ok(())
}

/// Checks that `file` recognises the formats with the magic file below `share`.
pub(crate) fn magic(share: &Path) -> Result<()> {
    let file = share.join(MAGIC);
    for (sample, words) in
        [("noff/demo.noff", "Nachos NOFF executable"), ("elks/greet.aout", "ELKS or Minix a.out")]
    {
        let sample = root().join("testdata").join(sample);
        let said = stdout(program("file", 20).args(["-b", "-m"]).arg(&file).arg(&sample))?;
        ensure!(said.starts_with(words), "{}: {said}", sample.display());
    }
    Ok(())
}
