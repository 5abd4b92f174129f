//! The README's promises: its sessions print what they show, and its C++ compiles.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::shell::{cargo, output, program, root, run, scratch, target};

/// The contents of the fenced blocks with a given word behind the fence.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}");
    let mut blocks: Vec<String> = Vec::new();
    let mut inside = None;
    for line in text.lines() {
        match &mut inside {
            None if line == fence => inside = Some(String::new()),
            None => {}
            Some(_) if line == "```" => blocks.extend(inside.take()),
            Some(block) => {
                *block += line;
                block.push('\n');
            }
        }
    }
    blocks
}

fn file(name: &str) -> Result<()> {
    let text = fs::read_to_string(root().join(name)).with_context(|| name.to_string())?;
    let mut commands = 0;
    for block in blocks(&text, "console") {
        commands += session(&block).with_context(|| format!("{name}: a session"))?;
    }
    ensure!(commands > 0, "{name} shows no session");
    println!("{name}: {commands} commands print what is shown");
    let folder = scratch("readme")?;
    for (index, block) in blocks(&text, "cpp").iter().enumerate() {
        let (source, object) = (folder.join(format!("{index}.cpp")), folder.join(format!("{index}.o")));
        fs::write(&source, block)?;
        run_compiler(&source, &object)?;
        println!("{name}: C++ snippet {index} compiles");
    }
    Ok(())
}

pub(crate) fn check() -> Result<()> {
    run(cargo().args(["build", "--quiet", "-p", "execfmt"]))?;
    file("README.md")
}

fn run_compiler(source: &std::path::Path, object: &std::path::Path) -> Result<()> {
    let flags = ["-std=c++98", "-pedantic", "-Wall", "-Wextra", "-Werror", "-c", "-I"];
    run(program("g++", 60).args(flags).arg(root().join("include")).arg(source).arg("-o").arg(object))
}

/// Runs every line behind `$ ` in the root of the repository, `execfmt` being the one just built, and compares what it
/// prints with the lines that follow.
fn session(block: &str) -> Result<usize> {
    let mut commands: Vec<(&str, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, String::new())),
            (None, Some((_, shown))) => *shown += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    let path = std::env::var("PATH").unwrap_or_default();
    for (command, shown) in &commands {
        let mut shell = program("sh", 60);
        shell
            .args(["-c", &format!("{command} 2>&1")])
            .env("PATH", format!("{}:{path}", target().join("debug").display()));
        let printed = output(&mut shell)?;
        let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
        ensure!(printed == *shown, "`{command}` prints\n{printed}and not\n{shown}");
    }
    Ok(commands.len())
}
