//! Files as the command reads and writes them: names, identity, limits.

mod interrupted;
mod text;
mod write;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub(crate) use text::unmarked;
pub(crate) use write::{allow_execution_like, write, write_all, write_folder, write_like};

use execfmt_detect::{FileKind, OwnFormat, detect};

use crate::case::{CASELESS, caseless};
use crate::diagnostics::{self, print_error};
use crate::json;

/// Maximum length of a file that is read: far beyond any real one, and too little to fill a machine's memory.
pub(crate) const MAX_LEN: u64 = 1 << 30;

/// Maximum length of a stream that is read: its length cannot be known in advance.
const MAX_STREAM: u64 = 1 << 28;

/// Number of bytes that show a file's kind.
const START: u64 = 4096;

/// The whole contents of a file; `-` is standard input. The size of a regular file is checked first: a longer
/// one is refused before any of it is read.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    if is_dash(path) {
        return read_stream(io::stdin().lock(), MAX_STREAM);
    }
    let file = File::open(path).map_err(|error| named(error, path.is_dir()))?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return read_stream(file, MAX_STREAM);
    }
    // One buffer of the right size: a short file takes one read, and a second one that finds its end.
    let mut bytes = buffer(metadata.len().min(START))?;
    (&file).take(START).read_to_end(&mut bytes)?;
    let limit = limit(&bytes, metadata.len());
    if metadata.len() > limit {
        return Err(too_long(limit));
    }
    if bytes.len() as u64 == START {
        bytes.try_reserve_exact(room(metadata.len().saturating_sub(START)))?;
        (&file).take(limit - START + 1).read_to_end(&mut bytes)?;
    }
    within(bytes, limit)
}

/// Room for `len` bytes and a little more, so that reading to the end does not need a larger buffer.
fn room(len: u64) -> usize {
    usize::try_from(len + 32).unwrap_or(usize::MAX)
}

fn buffer(len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(room(len))?;
    Ok(bytes)
}

/// Maximum length of a file that begins like this: many times the memory of any system that runs it.
fn limit(start: &[u8], len: u64) -> u64 {
    match detect(start, len) {
        // No target machine of NOFF, COFF or Minix has a tenth of this; ELKS and real mode have a thousandth.
        FileKind::Own(OwnFormat::Noff(_) | OwnFormat::AoutMinix)
        | FileKind::MipsCoff(_)
        | FileKind::Ne(_) => MAX_LEN / 4,
        _ => MAX_LEN,
    }
}

/// Windows refuses access to a folder that is opened as a file: saying that it is a folder is more helpful.
fn named(error: io::Error, folder: bool) -> io::Error {
    if folder { io::ErrorKind::IsADirectory.into() } else { error }
}

fn read_stream(stream: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(limit + 1).read_to_end(&mut bytes)?;
    within(bytes, limit)
}

/// The bytes, if there are at most `limit`.
fn within(bytes: Vec<u8>, limit: u64) -> io::Result<Vec<u8>> {
    if bytes.len() as u64 > limit { Err(too_long(limit)) } else { Ok(bytes) }
}

fn too_long(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {limit} bytes"))
}

/// The whole contents of a file; an error is reported.
pub(crate) fn read_or_report(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => {
            print_error(format_args!("{}: {error}", name(path)))?;
            Ok(None)
        }
    }
}

/// The name of a file in messages.
pub(crate) fn name(path: &Path) -> String {
    if is_dash(path) { "standard input".into() } else { shown(path) }
}

/// A path in JSON: text is unchanged, and invalid UTF-8 is written as `\xff`.
pub(crate) fn text(path: &Path) -> String {
    json::text(path.as_os_str().as_encoded_bytes())
}

/// A path as text, harmless for a terminal.
pub(crate) fn shown(path: &Path) -> String {
    diagnostics::shown(path.as_os_str().as_encoded_bytes())
}

/// True for `-`, which means a standard stream.
pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The path with links resolved. Some drives of Windows, such as RAM disks, cannot resolve any: there, the
/// path itself.
pub(crate) fn resolved(path: &Path) -> io::Result<PathBuf> {
    let link = || fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    fs::canonicalize(path).or_else(|error| unresolved(path, error, cfg!(windows) && !link()))
}

fn unresolved(path: &Path, error: io::Error, itself: bool) -> io::Result<PathBuf> {
    // Paths with links resolved are compared, and a relative one begins with no folder.
    if itself { std::path::absolute(path) } else { Err(error) }
}

/// The identity of a file, whatever it is called: two paths of one file have the same. For a file that does
/// not exist yet, its folder and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Identity {
    /// Device and number.
    #[cfg(unix)]
    Node(u64, u64),
    /// The path with links resolved.
    Path(PathBuf),
    /// A standard stream.
    Stream,
}

impl Identity {
    pub(crate) fn of(path: &Path) -> Self {
        if is_dash(path) {
            return Self::Stream;
        }
        #[cfg(unix)]
        if let Ok(metadata) = fs::metadata(path) {
            use std::os::unix::fs::MetadataExt as _;
            return Self::Node(metadata.dev(), metadata.ino());
        }
        if let Ok(path) = fs::canonicalize(path) {
            return Self::Path(path);
        }
        // The path as spelled, on a drive where links cannot be resolved.
        let spelled = || std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match (fs::canonicalize(folder), path.file_name()) {
            (Ok(folder), Some(name)) => Self::Path(folder.join(caseless(name, CASELESS))),
            _ => Self::Path(caseless(spelled().as_os_str(), CASELESS)),
        }
    }
}

/// True when both paths refer to one file, which need not exist yet. A stream is not a file.
pub(crate) fn same(one: &Path, other: &Path) -> bool {
    let one = Identity::of(one);
    one != Identity::Stream && one == Identity::of(other)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::{Identity, named, same, unresolved};

    #[test]
    fn a_file_is_the_same_however_it_is_spelled() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("there"), b"").unwrap();
        for name in ["there", "absent"] {
            assert!(same(&path(name), &path(&format!("./{name}"))), "{name}");
            assert!(!same(&path(name), &path("other")), "{name}");
        }
        assert_ne!(Identity::of(&path("there")), Identity::of(&path("absent")));
        assert!(!same(Path::new("-"), Path::new("-")), "a stream is not a file");
    }

    #[test]
    fn a_drive_without_links_keeps_its_paths() {
        let failure = || io::Error::from_raw_os_error(1);
        let path = std::env::temp_dir().join("a");
        assert_eq!(unresolved(&path, failure(), true).unwrap(), path);
        assert!(unresolved(&path, failure(), false).is_err());
    }

    #[test]
    fn a_folder_is_called_one() {
        let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(named(refused(), true).kind(), io::ErrorKind::IsADirectory);
        assert_eq!(named(refused(), false).kind(), io::ErrorKind::PermissionDenied);
    }
}
