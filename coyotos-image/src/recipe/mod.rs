//! The language of recipes: a text file that builds an image, one call per line. docs/coyotos-image.md describes it.

mod calls;
mod error;
mod words;

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::arch::Arch;
use crate::build::Builder;
use crate::capability::{CapType, Capability};
use crate::space::Leaf;

use calls::Calls;
pub use error::{Cause, RecipeError};
use words::usage;

/// The result of a line, besides changing the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to report.
    Done,
    /// `elf`: the start address of the program.
    Entry(u64),
    /// `leaf`: what is mapped at the address.
    Leaf(Leaf),
    /// `validate`: the image satisfies the original's rules.
    Valid,
    /// `file`: the image was written.
    File {
        /// The name given in the line.
        name: String,
        /// The uncompressed image.
        image: Vec<u8>,
    },
}

/// Runs the lines of a recipe. `R` reads the file that an `elf` line names, or returns why it cannot.
///
/// A line that fails changes nothing.
///
/// ```
/// use coyotos_image::recipe::{Interpreter, Outcome};
///
/// let mut recipe = Interpreter::new(|_: &str| Err("no files here".into()));
/// for line in ["arch i386", "page p prime", "add s prime null 0x5000 p 0"] {
///     recipe.line(line)?;
/// }
/// let Outcome::Leaf(leaf) = recipe.line("leaf s 0x5004")? else { unreachable!() };
/// assert_eq!((leaf.capability.oid(), leaf.offset), (1, 4));
/// # Ok::<(), coyotos_image::recipe::RecipeError>(())
/// ```
#[derive(Debug)]
pub struct Interpreter<R> {
    read: R,
    builder: Option<Builder>,
    names: BTreeMap<String, Capability>,
    lines: usize,
}

impl<R: FnMut(&str) -> Result<Vec<u8>, String>> Interpreter<R> {
    /// An interpreter before the first line.
    pub const fn new(read: R) -> Self {
        Self { read, builder: None, names: BTreeMap::new(), lines: 0 }
    }

    /// Runs a whole recipe, up to the first line that fails, and passes on the result of each line.
    ///
    /// # Errors
    /// The first line that failed.
    pub fn run(&mut self, recipe: &str, mut report: impl FnMut(Outcome)) -> Result<(), RecipeError> {
        recipe.lines().try_for_each(|line| self.line(line).map(&mut report))
    }

    /// The image so far.
    pub const fn builder(&self) -> Option<&Builder> {
        self.builder.as_ref()
    }

    /// The image so far, to be written or changed.
    pub fn into_builder(self) -> Option<Builder> {
        self.builder
    }

    /// The meaning of a name.
    pub fn name(&self, name: &str) -> Option<Capability> {
        self.names.get(name).copied()
    }

    /// Runs a line.
    ///
    /// # Errors
    /// [`RecipeError`]; nothing has changed except the line count.
    pub fn line(&mut self, line: &str) -> Result<Outcome, RecipeError> {
        self.lines = self.lines.saturating_add(1);
        // Editors on some systems begin a text file with a byte order mark.
        let line = if self.lines == 1 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        self.call(&words).map_err(|cause| RecipeError { line: self.lines, cause })
    }

    fn call(&mut self, words: &[&str]) -> Result<Outcome, Cause> {
        match words {
            [] => Ok(Outcome::Done),
            [first, ..] if first.starts_with('#') => Ok(Outcome::Done),
            ["arch", name] => self.arch(name),
            ["arch", ..] => Err(Cause::Usage(usage("arch").unwrap_or_default())),
            [call, rest @ ..] => {
                let usage = usage(call).ok_or_else(|| Cause::UnknownCall((*call).to_string()))?;
                let builder = self.builder.as_mut().ok_or(Cause::NoArch)?;
                let mut calls = Calls { builder, names: &mut self.names, read: &mut self.read };
                calls.call(call, rest).unwrap_or(Err(Cause::Usage(usage)))
            }
        }
    }

    fn arch(&mut self, name: &str) -> Result<Outcome, Cause> {
        let arch = Arch::from_name(name).ok_or_else(|| Cause::UnknownArch(name.to_string()))?;
        let builder = Builder::new(arch);
        let endpoint = builder.capability_to(CapType::ENDPOINT, 0);
        self.names = [("null", Capability::NULL), ("prime", builder.prime_bank()), ("primeEP", endpoint)]
            .map(|(name, cap)| (name.to_string(), cap))
            .into();
        self.builder = Some(builder);
        Ok(Outcome::Done)
    }
}
