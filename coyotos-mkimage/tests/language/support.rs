//! Runs of scripts from folders, for tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use coyotos_image::Arch;
use coyotos_image::recipe::{Interpreter, Outcome};
use coyotos_mkimage::{Error, File, Header, Host, Limits, Machine, Options};
use sha2::{Digest as _, Sha256};

/// Scripts and files in folders and in memory.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    pub(crate) modules: Vec<PathBuf>,
    pub(crate) files: Vec<PathBuf>,
    /// Modules by their paths, before those of the folders.
    pub(crate) scripts: BTreeMap<String, String>,
    pub(crate) printed: String,
    pub(crate) recipe: String,
}

fn find(folders: &[PathBuf], name: &str) -> Result<Option<File>, String> {
    let Some(path) = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()) else {
        return Ok(None);
    };
    let bytes = fs::read(&path).map_err(|error| error.to_string())?;
    Ok(Some(File { name: path.display().to_string(), bytes }))
}

impl Host for Folders {
    fn module(&mut self, path: &str) -> Result<Option<File>, String> {
        match self.scripts.get(path) {
            Some(text) => Ok(Some(File { name: path.into(), bytes: text.clone().into_bytes() })),
            None => find(&self.modules, path),
        }
    }

    fn file(&mut self, name: &str) -> Result<Option<File>, String> {
        find(&self.files, name)
    }

    fn print(&mut self, text: &str) -> Result<(), String> {
        self.printed += text;
        Ok(())
    }

    fn trace(&mut self, lines: &str) -> Result<(), String> {
        self.recipe += lines;
        Ok(())
    }
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) printed: String,
    pub(crate) recipe: String,
    pub(crate) result: Result<Vec<u8>, Error>,
}

pub(crate) fn limits(change: impl FnOnce(&mut Limits)) -> Options {
    let mut options = Options::default();
    change(&mut options.limits);
    options
}

pub(crate) fn run(arch: Arch, module: &str, mut folders: Folders, mut options: Options) -> Ran {
    options.trace = true;
    let result = {
        let mut machine = Machine::new(arch, &mut folders, options);
        machine.run(module).and_then(|()| machine.image())
    };
    Ran { printed: folders.printed, recipe: folders.recipe, result }
}

/// Runs a module of one script.
pub(crate) fn run_text(text: &str, options: Options) -> Ran {
    let scripts = BTreeMap::from([("t.mki".to_string(), text.to_string())]);
    run(Arch::I386, "t", Folders { scripts, ..Folders::default() }, options)
}

pub(crate) fn headers(arch: Arch, module: &str, mut folders: Folders) -> Result<Vec<Header>, Error> {
    Machine::new(arch, &mut folders, Options::default()).headers(&[module])
}

/// The image that the recipe of a run builds.
pub(crate) fn rebuilt(recipe: &str) -> Vec<u8> {
    let read = |name: &str| fs::read(name).map_err(|error| error.to_string());
    let mut interpreter = Interpreter::new(read);
    let mut valid = false;
    let run = interpreter.run(recipe, |outcome| valid |= outcome == Outcome::Valid);
    run.unwrap_or_else(|error| panic!("{error}\n{recipe}"));
    assert!(valid, "the recipe does not end in `validate`:\n{recipe}");
    interpreter.into_builder().expect("an image").to_vec().expect("a valid image")
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
