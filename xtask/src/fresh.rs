//! `cargo xtask fresh`: the README's two commands, in a clone on a freshly installed Debian.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::machine::{MINUTE, Machine, PATH, Place, absolute};
use crate::shell::{cargo, program, root, run, stdout};
use crate::skips;

/// A release of Debian.
struct Debian {
    number: &'static str,
    suite: &'static str,
    /// The packages that a new user has besides.
    packages: &'static str,
    /// Where the first command finds cargo: Debian's, or the one that runs this.
    path: &'static str,
}

const OURS: &str = "/opt/rust/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const DEBIANS: [Debian; 2] = [
    Debian {
        number: "12",
        suite: "bookworm",
        packages: "git gcc libc6-dev curl ca-certificates",
        path: OURS,
    },
    Debian {
        number: "13",
        suite: "trixie",
        packages: "git gcc libc6-dev curl ca-certificates cargo rustc",
        path: PATH,
    },
];

/// Runs both commands on each Debian, or on the named one.
pub(crate) fn machines(wanted: Option<&str>) -> Result<()> {
    let known = |number: &str| DEBIANS.iter().any(|debian| debian.number == number);
    ensure!(
        wanted.is_none_or(known),
        "there is no Debian {}; there are 12 and 13",
        wanted.unwrap_or_default()
    );
    // So that what is copied into the machine is complete.
    run(cargo().args(["fetch", "--quiet", "--locked"]))?;
    for debian in DEBIANS.iter().filter(|debian| wanted.is_none_or(|wanted| wanted == debian.number)) {
        debian.test().with_context(|| format!("Debian {}", debian.number))?;
    }
    Ok(())
}

impl Debian {
    fn test(&self) -> Result<()> {
        let commit = stdout(program("git", 60).args(["rev-parse", "--short", "HEAD"]))?;
        println!("== Debian {} ({}), commit {}", self.number, self.suite, commit.trim());
        let machine = Clone::install(self)?;
        let [first, second] = commands(&fs::read_to_string(root().join("README.md"))?)?;
        machine.times(&first, self.path)?;
        machine.times(&second, OURS)?;
        let skipped = machine.0.file(CLONE).join("target/xtask/skips/list");
        println!("{}", skips::summary(&fs::read_to_string(&skipped)?));
        machine.0.remove()
    }
}

/// The README's two commands: the lines of its first block of text, without their comments.
fn commands(readme: &str) -> Result<[String; 2]> {
    let block = readme.split_once("```text\n").and_then(|(_, rest)| rest.split_once("```"));
    let (block, _) = block.context("README.md has no block of commands")?;
    let commands: Vec<_> =
        block.lines().map(|line| line.split('#').next().unwrap_or_default().trim().to_string()).collect();
    commands.try_into().map_err(|_| anyhow::anyhow!("README.md does not begin with two commands:\n{block}"))
}

/// The folder of the clone, in a machine.
const CLONE: &str = "/opt/execfmt";

/// A machine with a clone in it.
struct Clone(Machine);

impl Clone {
    fn install(debian: &Debian) -> Result<Self> {
        let started = Instant::now();
        let machine = Machine::install(debian.suite, debian.suite)?;
        let home = std::env::var_os("CARGO_HOME").map_or_else(
            || std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default().join(".cargo"),
            PathBuf::from,
        );
        let cargo_home = machine.file(Place::ROOT.home).join(".cargo");
        fs::create_dir_all(&cargo_home)?;
        run(program("cp", 10 * MINUTE).arg("-a").arg(home.join("registry")).arg(&cargo_home))?;
        machine.apt(debian.packages)?;
        machine.trust_as_here()?;
        let ours = format!("file://{}", absolute(&root())?);
        run(program("git", 5 * MINUTE)
            .args(["clone", "--quiet", "--depth", "1", &ours])
            .arg(machine.file(CLONE)))?;
        println!("installed with {}, {:.0} s", debian.packages, started.elapsed().as_secs_f64());
        Ok(Self(machine))
    }

    /// Runs a command in the clone and prints how long it took, with which cargo.
    fn times(&self, command: &str, path: &str) -> Result<()> {
        let place = Place { folder: CLONE, path, rust: true, ..Place::ROOT };
        let version = stdout(&mut self.0.inside("cargo --version", &place, MINUTE)?)?;
        println!("== {command}");
        let started = Instant::now();
        run(&mut self.0.inside(command, &place, 180 * MINUTE)?)?;
        println!("== {command}: ok, {:.0} s, {}", started.elapsed().as_secs_f64(), version.trim());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::commands;
    use crate::shell::root;

    #[test]
    fn the_readme_begins_with_two_commands() {
        let [first, second] = commands(&fs::read_to_string(root().join("README.md")).unwrap()).unwrap();
        assert!(first.starts_with("cargo run -p execfmt -- "), "{first}");
        assert_eq!(second, "cargo xtask test");
        assert!(commands("```text\none\n```").is_err());
    }
}
