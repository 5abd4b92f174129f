//! Reading whole files, and writing them so that an error leaves nothing behind.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::diagnostics::print_error;

/// The longest file that is read: far beyond any real one, and short of what would fill a machine's memory.
pub(crate) const MAX_LEN: u64 = 1 << 30;

/// The whole of a file; `-` is standard input.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if is_dash(path) {
        io::stdin().lock().take(MAX_LEN + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(MAX_LEN + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > MAX_LEN {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {MAX_LEN} bytes")));
    }
    Ok(bytes)
}

/// The whole of a file; an error is reported.
pub(crate) fn read_or_report(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => {
            print_error(format_args!("{}: {error}", name(path)))?;
            Ok(None)
        }
    }
}

/// Writes a file whole or not at all: to a temporary file beside it, which is then renamed. `-` is standard output;
/// what is no regular file, such as a pipe, is written to directly. An existing file keeps its permissions, and its owner
/// where that is allowed.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_like(path, bytes, None)
}

/// As [`write`]; a file that is not there yet may be read, written and executed by whom `like` may.
pub(crate) fn write_like(path: &Path, bytes: &[u8], like: Option<&Path>) -> io::Result<()> {
    if is_dash(path) {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        return stdout.flush();
    }
    let existing = fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        return fs::write(path, bytes);
    }
    // Behind a symbolic link, the file that it points to is replaced and not the link.
    let target = if existing.is_some() { fs::canonicalize(path)? } else { path.to_path_buf() };
    let mut temporary = temporary_beside(&target)?;
    temporary.write_all(bytes)?;
    if let Some(metadata) = existing {
        keep_owner_and_permissions(temporary.as_file(), &metadata)?;
    } else if let Some(metadata) = like.and_then(|like| fs::metadata(like).ok()) {
        rights_without_identity(temporary.as_file(), &metadata)?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// Gives a new file the owner and the permissions of the one that it replaces. After its last write: writing and
/// changing the owner may take the set-user-id bit away.
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

/// Gives a file the permissions of another, but not its set-user-id bit: the owner may be someone else.
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

/// Writes several files into a folder, which is made if it is not there: all of them are complete before the first gets
/// its name, and what was there before stays until then.
///
/// # Errors
/// The path that cannot be written, and why. Nothing was changed, unless giving a name failed that was free before.
pub(crate) fn write_all(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), (PathBuf, io::Error)> {
    let made = match fs::create_dir(folder) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => false,
        Err(error) => return Err((folder.to_path_buf(), error)),
    };
    let outcome = write_into(folder, files);
    if outcome.is_err() && made {
        // Empty again, if all went as it should; whatever else is in it stays.
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
        temporary.persist(&target).map_err(|error| (target, error.error))?;
    }
    Ok(())
}

/// A complete temporary file that can take the place of a target.
fn temporary_for(target: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    if target.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut temporary = temporary_beside(target)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

fn temporary_beside(target: &Path) -> io::Result<NamedTempFile> {
    // Opened here, so that an error is the system's own, without the name of a temporary file. What is new gets the
    // permissions of any new file: the umask takes its part.
    let open = |path: &Path| File::options().read(true).write(true).create_new(true).open(path);
    Builder::new().prefix(".execfmt-").make_in(folder_of(target)?, open)
}

/// Makes a folder with these files in it, whole or not at all: under another name, which is then changed. What is there
/// already is left alone, and is an error.
pub(crate) fn write_folder<'a>(
    target: &Path,
    files: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> io::Result<()> {
    if fs::symlink_metadata(target).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut builder = Builder::new();
    builder.prefix(".execfmt-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let folder = builder.tempdir_in(folder_of(target)?)?;
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes)?;
    }
    fs::rename(folder.path(), target)?;
    // It has its name now, and nothing is left to be removed.
    let _ = folder.keep();
    Ok(())
}

fn folder_of(target: &Path) -> io::Result<PathBuf> {
    match target.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Ok(PathBuf::from(".")),
        Some(folder) => Ok(folder.to_path_buf()),
        None => Err(io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file")),
    }
}

/// The name of a file in messages.
pub(crate) fn name(path: &Path) -> String {
    if is_dash(path) { "standard input".into() } else { path.display().to_string() }
}

/// True for `-`, which is a standard stream.
pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}
