//! Writing files so that neither an error nor an interruption leaves a partial file.

use std::fs::{self, File, Metadata};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use execfmt_common::is_harmful;
use tempfile::Builder;

use super::interrupted::{Temporary, TemporaryFolder};
use super::{is_dash, resolved};

/// The prefix of the names of temporary files.
const PREFIX: &str = ".execfmt-";

const READ_ONLY: &str = "the file is read-only";

/// Writes a file completely or not at all: to a temporary file beside it, which is then renamed. `-` is
/// standard output; anything that is not a regular file, such as a pipe, is written to directly. An existing
/// file keeps its permissions, and its owner if that is permitted.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_like(path, bytes, None)
}

/// Like [`write`]; a new file may be read, written and executed by those who may do so with `like`.
pub(crate) fn write_like(path: &Path, bytes: &[u8], like: Option<&Path>) -> io::Result<()> {
    if is_dash(path) {
        return to_stdout(bytes);
    }
    if is_device(path) {
        // Neither created nor truncated: a device exists already, and has no length.
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    let existing = fs::metadata(path).ok();
    if existing.as_ref().is_some_and(Metadata::is_dir) && cfg!(windows) {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        return fs::write(path, bytes);
    }
    // Some versions of Windows and of compatible systems replace it, others do not.
    if cfg!(windows) && existing.as_ref().is_some_and(|metadata| metadata.permissions().readonly()) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, READ_ONLY));
    }
    let target = target_of(path, existing.is_some())?;
    let mut temporary = temporary_beside(&target)?;
    temporary.write_all(bytes)?;
    if let Some(metadata) = existing {
        keep_owner_and_permissions(temporary.as_file(), &metadata)?;
    } else if let Some(metadata) = like.and_then(|like| fs::metadata(like).ok()) {
        rights_without_identity(temporary.as_file(), &metadata)?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(&target)
}

/// A device of Windows, such as `NUL`: it has no metadata, and the system spells its whole path `\\.\NUL`.
fn is_device(path: &Path) -> bool {
    cfg!(windows)
        && std::path::absolute(path)
            .is_ok_and(|path| path.as_os_str().as_encoded_bytes().starts_with(br"\\.\"))
}

/// An error of writing to an existing file, with the reason if it is one of the file's own.
fn read_only(error: io::Error, metadata: io::Result<Metadata>) -> io::Error {
    let refused = error.kind() == io::ErrorKind::PermissionDenied;
    if refused && metadata.is_ok_and(|metadata| metadata.permissions().readonly()) {
        return io::Error::new(io::ErrorKind::PermissionDenied, READ_ONLY);
    }
    error
}

/// Standard output, unless it is a terminal, where a person would see the bytes.
fn to_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let text = std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(|c| c != '\n' && is_harmful(c)));
    if !text && stdout.is_terminal() {
        return Err(io::Error::other(
            "the output is binary, and standard output is a terminal: give a file name, or redirect it",
        ));
    }
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// The file to be replaced: for a symbolic link the file that it points to, not the link.
///
/// # Errors
/// A link that points to no file, and a file without write permission: it is not replaced either, although
/// the permissions of its folder would allow that.
fn target_of(path: &Path, exists: bool) -> io::Result<PathBuf> {
    if exists {
        return match File::options().write(true).open(path) {
            Err(error) if error.kind() != io::ErrorKind::ExecutableFileBusy => {
                Err(read_only(error, fs::metadata(path)))
            }
            // A running program is replaced; it continues with the old file.
            _ => resolved(path),
        };
    }
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Err(io::Error::new(io::ErrorKind::NotFound, "a symbolic link to a file that does not exist"));
    }
    Ok(path.to_path_buf())
}

/// Makes a regular file executable for those who may execute another; no rights are removed.
pub(crate) fn allow_execution_like(path: &Path, like: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(path)?;
        let (mode, like) = (metadata.permissions().mode(), fs::metadata(like)?.permissions().mode());
        if metadata.is_file() && like & 0o111 & !mode != 0 {
            fs::set_permissions(path, Permissions::from_mode(mode | like & 0o111))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (path, like);
    Ok(())
}

/// Gives a new file the owner and the permissions of the one that it replaces. Called after the last write:
/// writing and changing the owner may clear the set-user-ID bit.
fn keep_owner_and_permissions(new: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let made = new.metadata()?;
        let same = (made.uid(), made.gid()) == (old.uid(), old.gid());
        if !same && fchown(new, Some(old.uid()), Some(old.gid())).is_err() {
            return rights_without_identity(new, old);
        }
    }
    new.set_permissions(old.permissions())
}

/// Gives a file the permissions of another, except its set-user-ID bit: the owner may be someone else.
fn rights_without_identity(new: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt as _;
        new.set_permissions(Permissions::from_mode(old.permissions().mode() & 0o777))
    }
    #[cfg(not(unix))]
    new.set_permissions(old.permissions())
}

/// Writes several files into a folder, which is created if necessary: all of them are complete before the
/// first gets its final name, and existing files are not touched until then.
///
/// # Errors
/// The path that cannot be written, and why. Nothing was changed, unless a rename failed to a name that had
/// been free before.
pub(crate) fn write_all(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), (PathBuf, io::Error)> {
    let made = match fs::create_dir(folder) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => false,
        Err(error) => return Err((folder.to_path_buf(), error)),
    };
    let outcome = write_into(folder, files);
    if outcome.is_err() && made {
        // It is empty again if everything succeeded; other contents are kept.
        let _ = fs::remove_dir(folder);
    }
    outcome
}

fn write_into(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), (PathBuf, io::Error)> {
    let mut complete = Vec::new();
    for (name, bytes) in files {
        let target = folder.join(name);
        let temporary = temporary_for(&target, bytes).map_err(|error| (target.clone(), error))?;
        complete.push((target, temporary));
    }
    for (target, temporary) in complete {
        let metadata = fs::metadata(&target);
        temporary.persist(&target).map_err(|error| (target, read_only(error, metadata)))?;
    }
    Ok(())
}

/// A complete temporary file that can replace a target.
fn temporary_for(target: &Path, bytes: &[u8]) -> io::Result<Temporary> {
    if target.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut temporary = temporary_beside(target)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

fn temporary_beside(target: &Path) -> io::Result<Temporary> {
    // Opened here, so that an error is the system's own, without the name of a temporary file. A new file
    // gets the permissions of any new file, subject to the umask.
    let open = |path: &Path| File::options().read(true).write(true).create_new(true).open(path);
    let folder = folder_of(target)?;
    Temporary::make(|| Builder::new().prefix(PREFIX).make_in(folder, open))
}

/// Creates a folder with these files in it, completely or not at all: under a temporary name, which is then
/// changed. If the folder already exists, it is not touched, and this is an error.
pub(crate) fn write_folder<'a>(
    target: &Path,
    files: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> io::Result<()> {
    if fs::symlink_metadata(target).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut builder = Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let above = folder_of(target)?;
    let folder = TemporaryFolder::make(|| builder.tempdir_in(above))?;
    for (name, bytes) in files {
        folder.write(name, bytes)?;
    }
    folder.rename(target)
}

fn folder_of(target: &Path) -> io::Result<PathBuf> {
    match target.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Ok(PathBuf::from(".")),
        Some(folder) => Ok(folder.to_path_buf()),
        None => Err(io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file")),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::read_only;

    #[test]
    fn a_read_only_file_is_called_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"").unwrap();
        let said = || {
            let refused = io::Error::from(io::ErrorKind::PermissionDenied);
            read_only(refused, std::fs::metadata(&path)).to_string()
        };
        assert!(!said().contains("read-only"), "{}", said());
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&path, permissions).unwrap();
        assert!(said().contains("read-only"), "{}", said());
    }
}
