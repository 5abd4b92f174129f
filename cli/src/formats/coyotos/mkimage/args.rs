//! The command-line options of mkimage.

use std::path::PathBuf;

use clap::{Args, Parser};
use coyotos_image::Arch;
use coyotos_mkimage::Limits;
use execfmt_formats::coyotos::MAX_INFLATED;

use super::super::args::{RulesName, arch};
use crate::number::number;

/// The folder of modules, below the folders that the environment gives.
pub(super) const MODULES: &str = "usr/include/mki";
/// The folder of the files for `readfile` and `loadimage`.
pub(super) const LIBRARIES: &str = "usr/domain";
/// The environment's folders, in order of precedence.
const ROOTS: [&str; 2] = ["COYOTOS_ROOT", "COYOTOS_XENV"];

// Run scripts that build an image (docs/mkimage.md).
#[derive(Args)]
pub(crate) struct Mkimage {
    /// The modules to run, in order: a.b is the file a/b.mki of a module folder.
    #[arg(required = true, value_name = "MODULE")]
    pub(crate) modules: Vec<String>,
    /// The architecture of the image: i386, coldfire or arm.
    #[arg(short, long, value_name = "ARCH", value_parser = arch)]
    pub(crate) target: Arch,
    /// A folder of modules; may be given more than once. After these come usr/include/mki of COYOTOS_ROOT and
    /// COYOTOS_XENV.
    #[arg(short = 'I', value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,
    /// A folder of the files that scripts read; may be given more than once. After these come usr/domain of
    /// COYOTOS_ROOT and COYOTOS_XENV.
    #[arg(short = 'L', value_name = "DIR")]
    pub(crate) library: Vec<PathBuf>,
    /// The image to write; - is standard output.
    #[arg(short, long, value_name = "IMAGE", default_value = "mkimage.out")]
    pub(crate) output: PathBuf,
    /// Write no image, but into a folder a C header for each module that exports an enum.
    #[arg(short = 'H', long, value_name = "DIR")]
    pub(crate) headers: Option<PathBuf>,
    /// Look for modules only in the folders of -I.
    #[arg(long)]
    pub(crate) nostdinc: bool,
    /// Look for files only in the folders of -L.
    #[arg(long)]
    pub(crate) nostdlib: bool,
    /// Print a recipe of the same calls, with what the scripts print as comments.
    #[arg(long, conflicts_with = "headers")]
    pub(crate) trace: bool,
    /// Write the image uncompressed.
    #[arg(long)]
    pub(crate) no_gzip: bool,
    /// The rules that the image is checked by.
    #[arg(long, value_name = "RULES", default_value = "reference")]
    pub(crate) rules: RulesName,
    /// Maximum number of steps that the scripts may take.
    #[arg(long, value_parser = number::<u64>, value_name = "STEPS", default_value_t = Limits::default().steps)]
    pub(crate) max_steps: u64,
    /// Maximum depth of nested calls.
    #[arg(long, value_parser = number::<u32>, value_name = "CALLS", default_value_t = default_depth())]
    pub(crate) max_depth: u32,
    /// Maximum size of the image in bytes.
    #[arg(long, value_parser = number::<u64>, value_name = "BYTES", default_value_t = MAX_INFLATED)]
    pub(crate) max_image: u64,
    #[arg(long, hide = true)]
    showlex: bool,
    #[arg(long, hide = true)]
    showparse: bool,
    #[arg(long, hide = true)]
    showpasses: bool,
    #[arg(long, hide = true, value_name = "PASS")]
    dumpafter: Option<String>,
    #[arg(long, hide = true)]
    ppfqns: bool,
}

impl Mkimage {
    /// The first given option that shows the internals of the original.
    pub(super) fn debugging(&self) -> Option<&'static str> {
        let options = [
            ("--showlex", self.showlex),
            ("--showparse", self.showparse),
            ("--showpasses", self.showpasses),
            ("--dumpafter", self.dumpafter.is_some()),
            ("--ppfqns", self.ppfqns),
        ];
        options.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }

    /// The folders of modules, in order of precedence.
    pub(super) fn module_folders(&self) -> Vec<PathBuf> {
        with_standard(&self.include, MODULES, self.nostdinc)
    }

    /// The folders of files.
    pub(super) fn library_folders(&self) -> Vec<PathBuf> {
        with_standard(&self.library, LIBRARIES, self.nostdlib)
    }
}

/// The library's limit of nested calls.
fn default_depth() -> u32 {
    u32::try_from(Limits::default().depth).unwrap_or(u32::MAX)
}

fn with_standard(given: &[PathBuf], below: &str, alone: bool) -> Vec<PathBuf> {
    let roots = ROOTS.into_iter().filter_map(std::env::var_os).filter(|root| !root.is_empty() && !alone);
    given.iter().cloned().chain(roots.map(|root| PathBuf::from(root).join(below))).collect()
}

/// Build a Coyotos image from scripts, as the mkimage of Coyotos does.
#[derive(Parser)]
#[command(name = "mkimage", version, max_term_width = 100, args_override_self = true)]
pub(crate) struct MkimageTool {
    #[command(flatten)]
    pub(crate) mkimage: Mkimage,
}
