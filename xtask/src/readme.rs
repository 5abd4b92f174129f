//! What the README and the guides promise: their sessions print what they show, and the README's C++ compiles.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::shell::{cargo, output, program, root, run, scratch, target};

/// Checks the README, as a step of the tests.
pub(crate) fn check() -> Result<()> {
    sessions(false)?;
    snippets()
}

/// Files with sessions.
const FILES: [&str; 2] = ["README.md", "docs/elks.md"];

/// Runs every line after `$ ` of the files' sessions in the root of the repository, `execfmt` being the one just built,
/// and compares what it prints with the lines that follow, or with `bless` puts it there.
pub(crate) fn sessions(bless: bool) -> Result<()> {
    run(cargo().args(["build", "--quiet", "-p", "execfmt"]))?;
    FILES.iter().try_for_each(|name| sessions_of(name, bless))
}

fn sessions_of(name: &str, bless: bool) -> Result<()> {
    // `~` in the sessions: one folder in all sessions of a file.
    scratch("readme-home")?;
    let path = root().join(name);
    let shown = fs::read_to_string(&path).with_context(|| name.to_string())?;
    let (printed, commands) = rerun(&shown)?;
    ensure!(commands > 0, "{name} shows no session");
    if bless {
        return fs::write(&path, printed).with_context(|| name.to_string());
    }
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
    ensure!(
        lines(&shown) == lines(&printed),
        "{name}: a session's end differs; `cargo xtask readme` mends it"
    );
    println!("{name}: {commands} commands print what is shown");
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

/// The text with what its commands print now, and the number of commands.
fn rerun(text: &str) -> Result<(String, usize)> {
    let (mut result, mut commands, mut in_session) = (String::new(), 0, false);
    for line in text.lines() {
        match line {
            "```console" => in_session = true,
            "```" => in_session = false,
            _ => {}
        }
        let command = line.strip_prefix("$ ").filter(|_| in_session);
        if in_session && command.is_none() && line != "```console" {
            continue; // What a command printed when the session was written.
        }
        result += line;
        result.push('\n');
        if let Some(command) = command {
            result += &printed(command)?;
            commands += 1;
        }
    }
    Ok((result, commands))
}

fn printed(command: &str) -> Result<String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let home = target().join("xtask/readme-home");
    let mut shell = program("sh", 60);
    shell
        .args(["-c", &format!("{command} 2>&1")])
        .env("HOME", &home)
        .env("COLUMNS", "80")
        .env_remove("MAKEFLAGS")
        .env("PATH", format!("{}:{path}", target().join("debug").display()));
    let printed = output(&mut shell)?;
    let printed = String::from_utf8_lossy(&printed.stdout);
    Ok(printed.replace(&home.display().to_string(), "/home/you"))
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
