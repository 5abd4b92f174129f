//! Requests and answers.

use execfmt_common::Target;
use execfmt_formats::kernel::Kernel;
use execfmt_formats::{Options, json};
use serde::Deserialize;
use serde_json::{Value, json as value};

/// A request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) action: Action,
    /// The name of the file, for the member `file` of the answer.
    #[serde(default)]
    pub(crate) name: String,
    /// The name for `--for`.
    #[serde(default)]
    kernel: Option<String>,
    /// The format to convert to, by its name for `--to`.
    #[serde(default)]
    to: Option<String>,
    /// The options of the conversion to a Coyotos image, or of `chmem`.
    #[serde(default)]
    options: Value,
}

/// The options of `--to coyotos`, by their names in JavaScript. Those that name files are the command's own.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct ImageFields {
    pub(crate) arch: Option<String>,
    pub(crate) compat: bool,
    /// In JavaScript every object has a member `constructor`.
    pub(crate) for_constructor: bool,
    pub(crate) no_gzip: bool,
    pub(crate) max_image: Option<u64>,
}

/// The options of `chmem`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MemoryFields {
    pub(crate) heap: Option<u32>,
    pub(crate) stack: Option<u32>,
}

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// The line of `info --json`.
    Info,
    /// The line of `check --json`.
    Check,
    /// The contents of the page.
    Show,
    /// The picture of `map --svg`.
    Svg,
    /// `convert`.
    Convert,
    /// `compress`.
    Compress,
    /// `decompress`.
    Decompress,
    /// `chmem`.
    Chmem,
    /// The kernels that `--for` accepts.
    Kernels,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// An object; for a refused request `{"error": "..."}`.
    pub json: Vec<u8>,
    /// The bytes of the new file, or the contents of a compressed file.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(object: &Value, bytes: Vec<u8>) -> Self {
        let mut json = Vec::new();
        // Writing to memory cannot fail.
        let _ = json::write(&mut json, object);
        Self { json, bytes }
    }

    pub(crate) fn refused(why: &str) -> Self {
        Self::new(&value!({ "error": why }), Vec::new())
    }
}

impl Request {
    /// Reads a request.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, String> {
        let request: Self =
            serde_json::from_slice(json).map_err(|error| format!("the request cannot be read: {error}"))?;
        let image = request.action == Action::Convert && request.to.as_deref() == Some("coyotos");
        if !request.options.is_null() && !image && request.action != Action::Chmem {
            return Err("options go with a conversion to coyotos, and with chmem".into());
        }
        Ok(request)
    }

    /// The options of the action.
    pub(crate) fn fields<'a, T: Deserialize<'a> + Default>(&'a self) -> Result<T, String> {
        if self.options.is_null() {
            return Ok(T::default());
        }
        T::deserialize(&self.options).map_err(|error| format!("the options cannot be read: {error}"))
    }

    /// The kernel that the file is for.
    pub(crate) fn kernel(&self) -> Result<Option<Kernel>, String> {
        let Some(name) = self.kernel.as_deref().filter(|name| !name.is_empty()) else { return Ok(None) };
        Kernel::named(name).map(Some).ok_or_else(|| {
            let names: Vec<_> = Kernel::names().map(|(name, _)| name).collect();
            format!("there is no kernel {name}; known are {}", names.join(", "))
        })
    }

    pub(crate) fn options(&self) -> Result<Options, String> {
        Ok(Options { kernel: self.kernel()?, ..Options::default() })
    }

    /// The format to convert to.
    pub(crate) fn target(&self) -> Result<Target, String> {
        let wanted = self.to.as_deref().unwrap_or_default();
        TARGETS.into_iter().find(|(name, _)| *name == wanted).map(|(_, target)| target).ok_or_else(|| {
            let names: Vec<_> = TARGETS.map(|(name, _)| name).into();
            format!("the format to convert to must be one of {}", names.join(", "))
        })
    }
}

/// The output formats, by their names for `--to`.
pub(crate) const TARGETS: [(&str, Target); 7] = [
    ("noff", Target::Noff),
    ("coff", Target::Coff),
    ("elf", Target::Elf),
    ("flat", Target::Flat),
    ("elks", Target::Elks),
    ("os2-ne", Target::Os2Ne),
    ("coyotos", Target::Coyotos),
];
