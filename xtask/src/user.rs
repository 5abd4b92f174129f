//! `cargo xtask try`: what a user does who has no Rust. The package of Debian and the wheel are installed on a Debian that was
//! just installed, the sessions of the start pages are typed, manual pages opened, completions asked for, and formats named.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::machine::{MINUTE, Machine, PATH, Place};
use crate::shell::{output, root, run, stdout};
use crate::{deb, dist, pages, readme, wheel};

/// A release of Debian.
struct Debian {
    number: &'static str,
    suite: &'static str,
}

const DEBIANS: [Debian; 2] =
    [Debian { number: "12", suite: "bookworm" }, Debian { number: "13", suite: "trixie" }];

/// What the start pages tell to install, as they tell it.
const TOLD: &str = "gcc-mipsel-linux-gnu bcc";

/// What users have besides: a compiler, and what shows pages, completions and formats.
const PACKAGES: &str = "gcc libc6-dev file man-db bash-completion zsh fish python3-venv";

/// Prints where a Rust is, or `none`.
const NO_RUST: &str = "command -v cargo rustc rustup || echo none";

/// A user as the start pages show one.
const YOU: Place<'static> =
    Place { user: "you", home: "/home/you", folder: "/home/you", path: PATH, rust: false };

/// On each Debian, or on the one named.
pub(crate) fn machines(wanted: Option<&str>) -> Result<()> {
    let chosen = |debian: &&Debian| wanted.is_none_or(|wanted| wanted == debian.number);
    ensure!(
        DEBIANS.iter().any(|debian| chosen(&debian)),
        "there is no Debian {}; there are 12 and 13",
        wanted.unwrap_or_default()
    );
    let (package, wheel) = (dist::debian_package()?, wheel::wheel()?);
    for file in [&package, &wheel] {
        println!("{}: {} bytes", file.display(), fs::metadata(file)?.len());
    }
    for debian in DEBIANS.iter().filter(chosen) {
        debian.test(&package, &wheel).with_context(|| format!("Debian {}", debian.number))?;
    }
    Ok(())
}

impl Debian {
    fn test(&self, package: &Path, wheel: &Path) -> Result<()> {
        let started = Instant::now();
        let machine = Machine::install(&format!("try-{}", self.suite), self.suite)?;
        let user = User { machine };
        user.installs(package)?;
        println!("== Debian {} ({}), {:.0} s", self.number, self.suite, started.elapsed().as_secs_f64());
        user.opens_pages()?;
        user.completes()?;
        user.names_formats()?;
        for page in readme::WITHOUT_CLONE {
            user.follows(page)?;
            if page == "docs/start/nachos.md" {
                user.converts_elf(page)?;
                user.grades(wheel)?;
            }
        }
        user.removes()?;
        println!("== Debian {}: fine, {:.0} s", self.number, started.elapsed().as_secs_f64());
        user.machine.remove()
    }
}

struct User {
    machine: Machine,
}

impl User {
    /// What a command prints that has to go well.
    fn prints(&self, command: &str) -> Result<String> {
        stdout(&mut self.machine.inside(command, &YOU, 5 * MINUTE)?)
    }

    fn as_root(&self, command: &str) -> Result<String> {
        stdout(&mut self.machine.inside(command, &Place::ROOT, 5 * MINUTE)?)
    }

    /// The package first, which needs nothing of another one.
    fn installs(&self, package: &Path) -> Result<()> {
        let name = package.file_name().context("a name")?.to_string_lossy();
        let place = format!("{}/{name}", Place::ROOT.home);
        fs::copy(package, self.machine.file(&place))?;
        let before = self.as_root("dpkg-query -W | wc -l")?;
        self.machine.apt(&place)?;
        let after = self.as_root("dpkg-query -W | wc -l")?;
        let count = |text: &str| text.trim().parse::<u32>();
        ensure!(count(&before)? + 1 == count(&after)?, "{name} brings other packages with it");
        self.as_root("useradd --create-home --shell /bin/bash you")?;
        ensure!(self.prints(NO_RUST)? == "none\n", "there is a Rust in the machine");
        print!("{}", self.prints("execfmt --version")?);
        self.machine.apt(PACKAGES)?;
        self.machine.apt_as_users(TOLD)?;
        ensure!(self.prints(NO_RUST)? == "none\n", "there is a Rust in the machine");
        Ok(())
    }

    /// `man` finds every page of the package by its name, has something to show and nothing to complain of.
    fn opens_pages(&self) -> Result<()> {
        let listed = self.prints("dpkg -L execfmt | grep '/man1/.'")?;
        let mut count = 0;
        for path in listed.lines() {
            let name = path.rsplit('/').next().and_then(|file| file.strip_suffix(".1.gz"));
            let name = name.with_context(|| format!("{path} is not a page"))?;
            let shown = output(&mut self.machine.inside(
                &format!("man --warnings {name} | col -b"),
                &YOU,
                MINUTE,
            )?)?;
            let (text, said) =
                (String::from_utf8_lossy(&shown.stdout), String::from_utf8_lossy(&shown.stderr));
            ensure!(
                shown.status.success()
                    && said.is_empty()
                    && text.contains("SYNOPSIS")
                    && text.contains("execfmt"),
                "man {name}: {}: {said}{text}",
                shown.status
            );
            count += 1;
        }
        ensure!(count > 1, "the package has no pages");
        println!("{count} manual pages open");
        Ok(())
    }

    /// Each shell, with what Debian gives it, completes `execfmt ch`.
    fn completes(&self) -> Result<()> {
        let bash = "bash -c '. /usr/share/bash-completion/bash_completion
            _completion_loader execfmt 2> /dev/null || _comp_load execfmt
            COMP_WORDS=(execfmt ch) COMP_CWORD=1
            $(complete -p execfmt | sed \"s/.*-F \\([^ ]*\\) .*/\\1/\") execfmt ch execfmt
            printf \"%s\\n\" \"${COMPREPLY[@]}\"'";
        let zsh = "zsh -c 'autoload -U compinit && compinit -u && print $_comps[execfmt] && autoload +X $_comps[execfmt]'";
        let fish = "fish -c 'complete -C \"execfmt ch\"'";
        for (name, command, wanted) in [
            ("bash", bash, ["check", "chmem"]),
            ("zsh", zsh, ["_execfmt", ""]),
            ("fish", fish, ["check", "chmem"]),
        ] {
            let said = self.prints(command)?;
            let has = |word: &str| said.lines().any(|line| line.split('\t').next() == Some(word));
            ensure!(
                wanted.iter().all(|word| word.is_empty() || has(word)),
                "{name} completes nothing: {said}"
            );
        }
        println!("bash, zsh and fish load the completions");
        Ok(())
    }

    /// `file`, in each of the ways that docs/packages.md has.
    fn names_formats(&self) -> Result<()> {
        let list = format!("/usr/share/{}", pages::MAGIC);
        let samples = [
            ("testdata/noff/demo.noff", "Nachos NOFF executable, little-endian"),
            ("testdata/elks/greet.aout", "ELKS or Minix a.out executable, 8086"),
            ("testdata/elks/far.elf", "ELF 32-bit LSB executable"),
        ];
        for (sample, _) in samples {
            let to = self.machine.file("/home/you").join(Path::new(sample).file_name().context("a name")?);
            fs::copy(root().join(sample), to)?;
        }
        let both = format!("{list}:/usr/share/misc/magic");
        let ways = [
            ("file -m", format!("file -m {both}"), String::new(), String::new()),
            ("MAGIC", format!("MAGIC={both} file"), String::new(), String::new()),
            ("~/.magic", "file".into(), format!("cp {list} ~/.magic"), "rm ~/.magic".into()),
        ];
        for (name, file, before, after) in ways {
            self.named(name, &file, &samples, &before, &after)?;
        }
        // For every user, by the file that Debian leaves to the administrator.
        self.as_root(&format!("cp /etc/magic /etc/magic.old && cat {list} >> /etc/magic"))?;
        self.named("/etc/magic", "file", &samples, "", "")?;
        self.as_root("mv /etc/magic.old /etc/magic")?;
        ensure!(
            self.prints("file -b demo.noff")? == "data\n",
            "file knows NOFF by itself: docs/packages.md says that it does not"
        );
        println!("file -m, MAGIC, ~/.magic and /etc/magic name the formats");
        Ok(())
    }

    fn named(
        &self,
        way: &str,
        file: &str,
        samples: &[(&str, &str)],
        before: &str,
        after: &str,
    ) -> Result<()> {
        let nothing = |command: &str| if command.is_empty() { ":".to_string() } else { command.to_string() };
        for (sample, wanted) in samples {
            let sample = Path::new(sample).file_name().context("a name")?.to_string_lossy();
            let said =
                self.prints(&format!("{}; {file} -b {sample}; {}", nothing(before), nothing(after)))?;
            ensure!(said.starts_with(wanted), "{way}: {sample} is {said}");
        }
        Ok(())
    }

    /// The sessions of a page, in a home that is empty.
    fn follows(&self, page: &str) -> Result<()> {
        self.as_root("find /home/you -mindepth 1 -delete")?;
        let commands = readme::elsewhere(page, |command| {
            let ran =
                output(&mut self.machine.inside(&format!("exec 2>&1; {command}"), &YOU, 5 * MINUTE)?)?;
            Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
        })?;
        println!("{page}: {commands} commands print what is shown");
        Ok(())
    }

    /// The page's lines for a program that a compiler linked by itself.
    fn converts_elf(&self, page: &str) -> Result<()> {
        let text = fs::read_to_string(root().join(page))?;
        let block = text.split("```sh\n").filter_map(|rest| rest.split("\n```").next());
        let lines = block.filter(|lines| lines.contains("-o halt.elf")).last();
        let lines = lines.with_context(|| format!("{page} makes no halt.elf"))?;
        let said =
            self.prints(&format!("{{ {lines}\n}} 2> /dev/null && execfmt check --for nachos3 halt"))?;
        ensure!(said == "halt: ok\n", "{page}: {said}");
        println!("{page}: halt.elf is converted");
        Ok(())
    }

    /// The wheel in an environment of its own, the autograder with programs of the page, and the lines of the package's README.
    fn grades(&self, wheel: &Path) -> Result<()> {
        let name = wheel.file_name().context("a name")?.to_string_lossy();
        let you = self.machine.file("/home/you");
        fs::copy(wheel, you.join(&*name))?;
        fs::copy(root().join("examples/autograder/grade.py"), you.join("grade.py"))?;
        let install = format!("python3 -m venv env && env/bin/pip install --quiet --no-index ./{name}");
        run(&mut self.machine.inside(&install, &YOU, 5 * MINUTE)?)?;
        // Ten points for what the kernel loads; what was cut short gets none, and does not end the grader.
        for (program, points) in [("halt", 10.0), ("halt.elf", 10.0), ("short", 0.0)] {
            let graded = self.prints(&format!("env/bin/python grade.py {program}"))?;
            let graded: Value = serde_json::from_str(&graded).with_context(|| graded.clone())?;
            let tests = graded["tests"].as_array().context("tests")?;
            let given: f64 = tests.iter().filter_map(|test| test["score"].as_f64()).sum();
            ensure!((given - points).abs() < 0.001, "{program} gets {given} points: {graded}");
        }
        let text = fs::read_to_string(root().join("python/README.md"))?;
        let block = text.split_once("```python\n").and_then(|(_, rest)| rest.split_once("```"));
        let (lines, _) = block.context("python/README.md shows no Python")?;
        fs::write(you.join("readme.py"), lines)?;
        let said = self.prints("cp halt halt.noff && env/bin/python readme.py")?;
        ensure!(said == "ok\n", "the lines of python/README.md print {said}");
        let version = self.prints("env/bin/python --version")?;
        let size = self.prints("du -sb env/lib/python3.*/site-packages/execfmt | cut -f1")?;
        println!("the wheel: installed in {}, {} bytes, grades", version.trim(), size.trim());
        Ok(())
    }

    /// Nothing of the package is left.
    fn removes(&self) -> Result<()> {
        self.as_root("apt-get -qq purge execfmt")?;
        let left = self.as_root(&format!(
            "ls -d /usr/bin/execfmt /{} /usr/share/execfmt /usr/share/doc/execfmt 2> /dev/null || :",
            deb::TOOLS
        ))?;
        ensure!(left.is_empty(), "the package leaves {left}");
        println!("the package is removed");
        Ok(())
    }
}
