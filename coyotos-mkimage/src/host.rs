use alloc::string::String;
use alloc::vec::Vec;

/// A file that a host found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, for messages and for recipes.
    pub name: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// What a run needs from its environment: scripts, files, and somewhere to print. The crate opens nothing
/// itself.
///
/// The errors are reasons as text.
pub trait Host {
    /// The script at a path such as `a/b/c.mki`, from the first module folder that contains it. `None` when
    /// none does.
    ///
    /// # Errors
    /// Why the script cannot be read.
    fn module(&mut self, path: &str) -> Result<Option<File>, String>;

    /// The file with the name given to `readfile` or `loadimage`, from the first library folder that contains
    /// it; an absolute name is used unchanged. `None` when there is none.
    ///
    /// # Errors
    /// Why the file cannot be read.
    fn file(&mut self, name: &str) -> Result<Option<File>, String>;

    /// Receives text that the script prints. It may contain anything that the script does, including control
    /// characters.
    ///
    /// # Errors
    /// Why the text cannot be delivered; the run ends.
    fn print(&mut self, text: &str) -> Result<(), String>;

    /// Receives lines of a recipe that makes the same library calls, if a [`Machine`](crate::Machine) was
    /// asked to produce them.
    ///
    /// # Errors
    /// Why the lines cannot be delivered; the run ends.
    fn trace(&mut self, lines: &str) -> Result<(), String> {
        let _ = lines;
        Ok(())
    }
}
