//! What the README and the guides promise: their sessions print what they show, and the README's C++ compiles.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::shell::{cargo, output, program, root, run, scratch, target};
use crate::site::{files_below, is_page, slashes};

/// Checks the README, as a step of the tests.
pub(crate) fn check() -> Result<()> {
    sessions(false)?;
    snippets()
}

/// Pages whose sessions a reader types who has the packaged command and no clone of the repository.
pub(crate) const WITHOUT_CLONE: [&str; 3] =
    ["docs/start/nachos.md", "docs/start/elks.md", "docs/start/coyotos.md"];

/// How a session begins, in a page.
const SESSION: &str = "```console";

/// Runs every line after `$ ` of the sessions in README.md and in the pages below docs/, `execfmt` being the one just built,
/// and compares what it prints with the lines that follow, or with `bless` puts it there. Lines after `> ` go on with the
/// command before them.
pub(crate) fn sessions(bless: bool) -> Result<()> {
    run(cargo().args(["build", "--quiet", "-p", "execfmt"]))?;
    let pages = files_below(&root().join("docs"))?;
    let pages = pages.iter().filter(|page| is_page(page)).map(|page| format!("docs/{}", slashes(page)));
    for name in std::iter::once("README.md".to_owned()).chain(pages) {
        let text = fs::read_to_string(root().join(&name)).with_context(|| name.clone())?;
        if text.lines().any(|line| line == SESSION) {
            sessions_of(&name, &text, bless)?;
        }
    }
    Ok(())
}

fn sessions_of(name: &str, shown: &str, bless: bool) -> Result<()> {
    // `~` in the sessions: one folder in all sessions of a file.
    let home = scratch("readme-home")?;
    write_programs(shown, &home)?;
    let folder = if WITHOUT_CLONE.contains(&name) { home } else { root() };
    let path = root().join(name);
    let (printed, commands) = rerun(shown, |command| printed(command, &folder))?;
    ensure!(commands > 0, "{name} shows no session");
    if bless {
        return fs::write(&path, printed).with_context(|| name.to_string());
    }
    compare(name, shown, &printed)?;
    println!("{name}: {commands} commands print what is shown");
    Ok(())
}

/// Runs the sessions of a page elsewhere: each command by this function, which returns what it prints. The number of commands.
pub(crate) fn elsewhere(name: &str, run: impl FnMut(&str) -> Result<String>) -> Result<usize> {
    let shown = fs::read_to_string(root().join(name)).with_context(|| name.to_string())?;
    let (printed, commands) = rerun(&shown, run)?;
    ensure!(commands > 0, "{name} shows no session");
    compare(name, &shown, &printed)?;
    Ok(commands)
}

/// That the sessions of a page print what is shown, but for what compilers change.
fn compare(name: &str, shown: &str, printed: &str) -> Result<()> {
    let mut compiled = false;
    for (number, (old, new)) in shown.lines().zip(printed.lines()).enumerate() {
        compiled = compiles(old, compiled);
        ensure!(
            old == new || compiled && alike(old, new),
            "{name}, line {}: shows\n{old}\nbut it is\n{new}\n(`cargo xtask readme` mends it)",
            number + 1
        );
    }
    let lines = |text: &str| text.lines().count();
    ensure!(lines(shown) == lines(printed), "{name}: a session's end differs; `cargo xtask readme` mends it");
    Ok(())
}

/// Whether a line is of a session in which Debian's compilers compile, given whether the line before was.
fn compiles(line: &str, before: bool) -> bool {
    let command = line.strip_prefix("$ ").unwrap_or_default();
    let calls = |name: &str| command.split([' ', ';']).any(|word| word == name);
    line != "```" && (before || calls("bcc") || calls("toolchain"))
}

/// Whether a line differs from the one shown in nothing but a compiler's version, and by a tenth at most in numbers: those of
/// another Debian compile to other sizes.
fn alike(shown: &str, printed: &str) -> bool {
    let words = |line: &str| line.split_whitespace().map(String::from).collect::<Vec<_>>();
    let (shown, printed) = (words(shown), words(printed));
    shown.len() == printed.len()
        && shown.iter().zip(&printed).enumerate().all(|(at, (old, new))| {
            let version = at > 0 && shown[at - 1] == "(version";
            let near = match (old.parse::<f64>(), new.parse::<f64>()) {
                (Ok(old), Ok(new)) => (old - new).abs() <= old / 10.0,
                _ => false,
            };
            old == new || version || near
        })
}

/// Writes the programs of a page into a folder: blocks of C that begin with their name, as `/* load.c */`.
fn write_programs(text: &str, folder: &Path) -> Result<()> {
    for block in text.split("```c\n/* ").skip(1) {
        let (name, program) = block.split_once(" */\n").context("a program's name")?;
        let (program, _) = program.split_once("\n```").context("a program's end")?;
        fs::write(folder.join(name), format!("{program}\n"))?;
    }
    Ok(())
}

/// The text with what its commands print now when they are run by this function, and the number of commands.
fn rerun(text: &str, mut run: impl FnMut(&str) -> Result<String>) -> Result<(String, usize)> {
    let (mut result, mut commands, mut in_session) = (String::new(), 0, false);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        match line {
            SESSION => in_session = true,
            "```" => in_session = false,
            _ => {}
        }
        let command = line.strip_prefix("$ ").filter(|_| in_session);
        if in_session && command.is_none() && line != SESSION {
            continue; // What a command printed when the session was written.
        }
        result += line;
        result.push('\n');
        if let Some(command) = command {
            let mut command = command.to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with("> ") || *line == ">") {
                result += more;
                result.push('\n');
                command.push('\n');
                command += more.strip_prefix("> ").unwrap_or_default();
            }
            result += &run(&command)?;
            commands += 1;
        }
    }
    Ok((result, commands))
}

fn printed(command: &str, folder: &Path) -> Result<String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let home = target().join("xtask/readme-home");
    let mut shell = program("sh", 300);
    shell
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder)
        .env("HOME", &home)
        // Rust's own folders are in the home of who runs this.
        .envs(rust_homes())
        .env("COLUMNS", "80")
        .env_remove("MAKEFLAGS")
        .env("PATH", format!("{}:{path}", target().join("debug").display()));
    let printed = output(&mut shell)?;
    let printed = String::from_utf8_lossy(&printed.stdout);
    Ok(printed.replace(&home.display().to_string(), "/home/you"))
}

/// Where rustup and cargo keep what they have, unless the environment says it already.
fn rust_homes() -> Vec<(&'static str, PathBuf)> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let homes = [("RUSTUP_HOME", ".rustup"), ("CARGO_HOME", ".cargo")];
    let missing = homes.into_iter().filter(|(name, _)| std::env::var_os(name).is_none());
    missing.filter_map(|(name, folder)| Some((name, home.as_ref()?.join(folder)))).collect()
}

/// Compiles the README's C++ with a strict compiler.
fn snippets() -> Result<()> {
    let text = fs::read_to_string(root().join("README.md")).context("README.md")?;
    let folder = scratch("readme")?;
    let blocks = text.split("```cpp\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    for (index, block) in blocks.enumerate() {
        let (source, object) = (folder.join(format!("{index}.cpp")), folder.join(format!("{index}.o")));
        fs::write(&source, format!("{block}\n"))?;
        let flags = ["-std=c++98", "-pedantic", "-Wall", "-Wextra", "-Werror", "-c", "-I"];
        run(program("g++", 60).args(flags).arg(root().join("include")).arg(source).arg("-o").arg(object))?;
        println!("README.md: C++ snippet {index} compiles");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{alike, compiles};

    #[test]
    fn only_what_compilers_change_may_differ() {
        for (shown, printed, expected) in [
            (
                "target/queens      6168      4927   79.9 %",
                "target/queens      6203      4950   79.8 %",
                true,
            ),
            (
                "target/queens      6168      4927   79.9 %",
                "target/queens      9168      4927   79.9 %",
                false,
            ),
            ("for /usr/bin/gcc (version 12)", "for /usr/bin/gcc (version 14)", true),
            ("for /usr/bin/gcc (version 12)", "for /usr/local/gcc (version 12)", false),
            ("the same", "the same thing", false),
        ] {
            assert_eq!(alike(shown, printed), expected, "{printed}");
        }
    }

    #[test]
    fn a_session_that_compiles_ends_with_its_block() {
        let session =
            ["```console", "$ execfmt info a", "$ for p in q; do bcc -o $p $p.c; done", "408", "```", "408"];
        let mut compiled = false;
        let lines = session.map(|line| {
            compiled = compiles(line, compiled);
            compiled
        });
        assert_eq!(lines, [false, false, true, true, false, false]);
    }
}
