//! A Debian that was just installed, in a folder below `target/fresh`.
//!
//! All that is mounted for it is so in a mount namespace of the process that needs it, with a process namespace around it: when
//! that process ends, in whatever way, the kernel ends all that it started and takes the mounts away.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::packages;
use crate::shell::{exists, program, run, stdout, target};

pub(crate) const MINUTE: u32 = 60;

/// Where Debian has its programs.
pub(crate) const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// The folder that is the root of an installed Debian.
pub(crate) struct Machine {
    root: PathBuf,
    log: fs::File,
    log_name: String,
}

/// Who runs a command in a machine, and where.
pub(crate) struct Place<'a> {
    pub(crate) user: &'a str,
    pub(crate) home: &'a str,
    pub(crate) folder: &'a str,
    pub(crate) path: &'a str,
    /// Whether the Rust that runs this is there, in /opt/rust, read-only.
    pub(crate) rust: bool,
}

impl Place<'_> {
    /// The administrator, with Debian's own programs.
    pub(crate) const ROOT: Place<'static> =
        Place { user: "root", home: "/root", folder: "/root", path: PATH, rust: false };
}

impl Machine {
    /// Installs the smallest Debian of a suite under a name.
    pub(crate) fn install(name: &str, suite: &str) -> Result<Self> {
        packages::install(packages::FRESH)?;
        ensure!(exists("setpriv") && exists("unshare"), "this needs setpriv and unshare of util-linux");
        let folder = target().join("fresh");
        let (root, downloads) = (folder.join(name), folder.join("downloads").join(suite));
        remove(&root)?;
        fs::create_dir_all(&downloads)?;
        let log_name = format!("{name}.log");
        let log = fs::File::create(folder.join(&log_name))?;
        let mut install = isolated(
            "timeout 1200 debootstrap --variant=minbase --cache-dir=\"$1\" \"$2\" \"$3\"",
            &[&absolute(&downloads)?, suite, &absolute(&root)?],
        );
        run(install.stdout(log.try_clone()?).stderr(log.try_clone()?))
            .with_context(|| format!("debootstrap; its log is target/fresh/{log_name}"))?;
        Ok(Self { root, log, log_name })
    }

    /// The path outside of a file inside.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Installs packages of Debian, or files that are packages, with nothing that they only recommend.
    pub(crate) fn apt(&self, packages: &str) -> Result<()> {
        self.apt_as_users(&format!("--no-install-recommends {packages}"))
    }

    /// The same as a user does it, with what they recommend.
    pub(crate) fn apt_as_users(&self, packages: &str) -> Result<()> {
        let install = format!("apt-get -qq update && apt-get -qq install -y {packages}");
        let mut install = self.inside(&install, &Place::ROOT, 20 * MINUTE)?;
        run(install.stdout(self.log.try_clone()?).stderr(self.log.try_clone()?))
            .with_context(|| format!("apt-get install; its log is target/fresh/{}", self.log_name))
    }

    /// Makes the machine trust the authorities that were added to this system, such as a proxy's: what is fetched here is
    /// fetched there in the same way.
    pub(crate) fn trust_as_here(&self) -> Result<()> {
        const ADDED: &str = "/usr/local/share/ca-certificates";
        if !Path::new(ADDED).exists() {
            return Ok(());
        }
        let to = self.file(ADDED);
        fs::create_dir_all(&to)?;
        run(program("cp", MINUTE).arg("-a").arg(Path::new(ADDED).join(".")).arg(&to))?;
        run(&mut self.inside("update-ca-certificates >/dev/null", &Place::ROOT, 5 * MINUTE)?)
    }

    /// A shell's command in a place of the machine.
    pub(crate) fn inside(&self, command: &str, place: &Place<'_>, seconds: u32) -> Result<Command> {
        let rust = if place.rust {
            fs::create_dir_all(self.file("/opt/rust"))?;
            stdout(program("rustc", MINUTE).args(["--print", "sysroot"]))?
        } else {
            String::new()
        };
        let script = "test -z \"$1\" || { mount --bind \"$1\" \"$2/opt/rust\"; mount -o remount,bind,ro \"$2/opt/rust\"; }
            mount -t proc proc \"$2/proc\"
            mount -t devpts -o newinstance,ptmxmode=0666 devpts \"$2/dev/pts\"
            timeout --kill-after=5 \"$3\" chroot --userspec=\"$7\" \"$2\" env -i HOME=\"$8\" USER=\"$7\" LANG=C.UTF-8 \
                TERM=dumb DEBIAN_FRONTEND=noninteractive PATH=\"$4\" sh -c 'cd \"$1\" && eval \"$2\"' sh \"$5\" \"$6\"";
        let (machine, seconds) = (absolute(&self.root)?, seconds.to_string());
        let Place { user, home, folder, path, .. } = place;
        Ok(isolated(script, &[rust.trim(), &machine, &seconds, path, folder, command, user, home]))
    }

    pub(crate) fn remove(self) -> Result<()> {
        remove(&self.root)
    }
}

pub(crate) fn absolute(path: &Path) -> Result<String> {
    Ok(std::path::absolute(path)?.display().to_string())
}

/// A shell's script in namespaces of its own, which ends with this process and takes all that it started along.
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

/// Removes a machine, if it is there. Not one in which something is mounted: that would remove what is not the machine's.
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

/// Whether a table of mounts has one in a folder. The fifth field is where it is, with a blank written as `\040`.
fn has_mounts(mounts: &str, folder: &Path) -> bool {
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(4));
    places.map(|place| place.replace("\\040", " ")).any(|place| Path::new(&place).starts_with(folder))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::has_mounts;

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
