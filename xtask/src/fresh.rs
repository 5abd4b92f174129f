//! `cargo xtask fresh`: the README's two commands, in a clone on a freshly installed Debian.
//!
//! The machine is a folder below `target/fresh`. Everything mounted for it is in a mount namespace of the
//! process that needs it, with a process namespace around it: when that process ends, in whatever way, the
//! kernel ends everything that it started and removes the mounts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::shell::{cargo, exists, program, root, run, stdout, target};
use crate::{packages, skips};

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
        path: "/usr/sbin:/usr/bin:/sbin:/bin",
    },
];

const MINUTE: u32 = 60;

/// Runs both commands on each Debian, or on the named one.
pub(crate) fn machines(wanted: Option<&str>) -> Result<()> {
    let known = |number: &str| DEBIANS.iter().any(|debian| debian.number == number);
    ensure!(
        wanted.is_none_or(known),
        "there is no Debian {}; there are 12 and 13",
        wanted.unwrap_or_default()
    );
    packages::install(packages::FRESH)?;
    ensure!(exists("setpriv") && exists("unshare"), "this needs setpriv and unshare of util-linux");
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
        let machine = Machine::install(self)?;
        let [first, second] = commands(&fs::read_to_string(root().join("README.md"))?)?;
        machine.times(&first, self.path)?;
        machine.times(&second, OURS)?;
        let skipped = machine.clone().join("target/xtask/skips/list");
        println!("{}", skips::summary(&fs::read_to_string(&skipped)?));
        remove(&machine.0)
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

/// The folder that is the root of an installed Debian, with a clone in it.
struct Machine(PathBuf);

impl Machine {
    fn install(debian: &Debian) -> Result<Self> {
        let folder = target().join("fresh");
        let (machine, downloads) =
            (Self(folder.join(debian.suite)), folder.join("downloads").join(debian.suite));
        remove(&machine.0)?;
        fs::create_dir_all(&downloads)?;
        let started = Instant::now();
        let log = fs::File::create(folder.join(format!("{}.log", debian.suite)))?;
        let mut install = isolated(
            "timeout 1200 debootstrap --variant=minbase --cache-dir=\"$1\" \"$2\" \"$3\"",
            &[&absolute(&downloads)?, debian.suite, &absolute(&machine.0)?],
        );
        run(install.stdout(log.try_clone()?).stderr(log.try_clone()?))
            .context("debootstrap; its log is in target/fresh")?;
        fs::create_dir_all(machine.0.join("opt/rust"))?;
        let home = std::env::var_os("CARGO_HOME").map_or_else(
            || std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default().join(".cargo"),
            PathBuf::from,
        );
        fs::create_dir_all(machine.0.join("root/.cargo"))?;
        run(program("cp", 10 * MINUTE)
            .arg("-a")
            .arg(home.join("registry"))
            .arg(machine.0.join("root/.cargo")))?;
        let install = format!(
            "apt-get -qq update && apt-get -qq install -y --no-install-recommends {}",
            debian.packages
        );
        let mut install = machine.inside(&install, OURS, "/root", 20 * MINUTE)?;
        run(install.env("DEBIAN_FRONTEND", "noninteractive").stdout(log.try_clone()?).stderr(log))
            .context("apt-get install; its log is in target/fresh")?;
        let ours = format!("file://{}", absolute(&root())?);
        run(program("git", 5 * MINUTE)
            .args(["clone", "--quiet", "--depth", "1", &ours])
            .arg(machine.clone()))?;
        println!("installed with {}, {:.0} s", debian.packages, started.elapsed().as_secs_f64());
        Ok(machine)
    }

    fn clone(&self) -> PathBuf {
        self.0.join(CLONE.trim_start_matches('/'))
    }

    /// Runs a command in the clone and prints how long it took, with which cargo.
    fn times(&self, command: &str, path: &str) -> Result<()> {
        let version = stdout(&mut self.inside("cargo --version", path, "/root", MINUTE)?)?;
        println!("== {command}");
        let started = Instant::now();
        run(&mut self.inside(command, path, CLONE, 180 * MINUTE)?)?;
        println!("== {command}: ok, {:.0} s, {}", started.elapsed().as_secs_f64(), version.trim());
        Ok(())
    }

    /// A shell's command in a folder of the machine, with the Rust that runs this in /opt/rust, read-only.
    fn inside(&self, command: &str, path: &str, folder: &str, seconds: u32) -> Result<Command> {
        let rust = stdout(program("rustc", MINUTE).args(["--print", "sysroot"]))?;
        let script = "mount --bind \"$1\" \"$2/opt/rust\"; mount -o remount,bind,ro \"$2/opt/rust\"
            mount -t proc proc \"$2/proc\"
            mount -t devpts -o newinstance,ptmxmode=0666 devpts \"$2/dev/pts\"
            timeout --kill-after=5 \"$3\" chroot \"$2\" env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
                DEBIAN_FRONTEND=noninteractive PATH=\"$4\" sh -c 'cd \"$1\" && eval \"$2\"' sh \"$5\" \"$6\"";
        let (machine, seconds) = (absolute(&self.0)?, seconds.to_string());
        Ok(isolated(script, &[rust.trim(), &machine, &seconds, path, folder, command]))
    }
}

fn absolute(path: &Path) -> Result<String> {
    Ok(std::path::absolute(path)?.display().to_string())
}

/// A shell script in its own namespaces, which ends with this process together with everything that it
/// started.
fn isolated(script: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("setpriv");
    command.args([
        "--pdeathsig",
        "KILL",
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ]);
    command.args(["sh", "-euc", script, "sh"]).args(arguments).stdin(Stdio::null());
    command
}

/// Removes a machine, if it exists. Not one in which something is mounted: that would remove files outside
/// the machine.
fn remove(machine: &Path) -> Result<()> {
    if !machine.exists() {
        return Ok(());
    }
    let place = machine.canonicalize()?;
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    ensure!(
        !has_mounts(&mounts, &place),
        "{}: something is mounted in it; unmount it first",
        place.display()
    );
    run(program("rm", 20 * MINUTE).args(["-rf", "--one-file-system"]).arg(&place))
}

/// Whether a mount table has an entry in a folder. The fifth field is its path, with a blank written as
/// `\040`.
fn has_mounts(mounts: &str, folder: &Path) -> bool {
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(4));
    places.map(|place| place.replace("\\040", " ")).any(|place| Path::new(&place).starts_with(folder))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{commands, has_mounts};
    use crate::shell::root;

    #[test]
    fn the_readme_begins_with_two_commands() {
        let [first, second] = commands(&fs::read_to_string(root().join("README.md")).unwrap()).unwrap();
        assert!(first.starts_with("cargo run -p execfmt -- "), "{first}");
        assert_eq!(second, "cargo xtask test");
        assert!(commands("```text\none\n```").is_err());
    }

    #[test]
    fn a_mount_in_the_machine_is_seen() {
        let mounts = "22 1 0:20 / / rw - ext4 a rw\n30 22 0:25 / /t/a\\040b/trixie/proc rw - proc proc rw\n";
        for (folder, expected) in [
            ("/t/a b/trixie", true),
            ("/t/a b/trixie/proc", true),
            ("/t/a b/trix", false),
            ("/t/bookworm", false),
        ] {
            assert_eq!(has_mounts(mounts, Path::new(folder)), expected, "{folder}");
        }
    }
}
