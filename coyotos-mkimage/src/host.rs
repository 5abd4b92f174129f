use alloc::string::String;
use alloc::vec::Vec;

/// A file that a host found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, for messages and for recipes.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What a run needs from the world: scripts, files, and somewhere to print. The crate opens nothing itself.
///
/// The errors are reasons in words.
pub trait Host {
    /// The script at a path such as `a/b/c.mki`, from the first of the module folders that has it. `None` when none has.
    ///
    /// # Errors
    /// Why the script cannot be read.
    fn module(&mut self, path: &str) -> Result<Option<File>, String>;

    /// The file of a name that `readfile` or `loadimage` was given, from the first of the library folders that has it;
    /// an absolute name is looked up as it is. `None` when there is none.
    ///
    /// # Errors
    /// Why the file cannot be read.
    fn file(&mut self, name: &str) -> Result<Option<File>, String>;

    /// Takes text that the script prints. It has whatever the script has, control characters included.
    ///
    /// # Errors
    /// Why it cannot be taken; the run ends.
    fn print(&mut self, text: &str) -> Result<(), String>;

    /// Takes lines of a recipe that makes the same calls of the library, where a [`Machine`](crate::Machine) was asked
    /// to give them.
    ///
    /// # Errors
    /// Why they cannot be taken; the run ends.
    fn trace(&mut self, lines: &str) -> Result<(), String> {
        let _ = lines;
        Ok(())
    }
}
