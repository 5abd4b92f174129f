//! `toolchain`, and the tools of the folder that it creates.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use nachos_cross::compiler::{Compiler, install_line};
use nachos_cross::family::{FAMILIES, Family};
use nachos_cross::names::Tool;
use nachos_cross::profile::Profile;
use nachos_cross::{toolchain, tools};

use crate::args::Toolchain;
use crate::diagnostics::{self, print_error, shown};
use crate::outcome::Outcome;

/// Runs as a tool of the old cross compiler, if the program was called as one.
pub(crate) fn tool() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let program = arguments.next()?;
    let tool = Tool::called(program.as_ref())?;
    Some(ExitCode::from(tools::main(tool, program.as_ref(), arguments)))
}

/// The arguments of a converter, with the kernels that its folder is for if none are given.
pub(crate) fn converter_arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let given = arguments.iter().any(|word| word.to_string_lossy().starts_with("--for"));
    let profile = arguments.first().and_then(|program| Profile::of_tool(Path::new(program)));
    // Those of 5.0j load no NOFF; the converter for another kernel may still be called there.
    let known =
        |family: &&Family| noff::Profile::named(family.name).is_some_and(|_| family.name != "nachos5j");
    let kernel = profile.and_then(|profile| profile.family).filter(known);
    if let Some(kernel) = kernel.filter(|_| !given && std::env::var_os(crate::kernel::ENVIRONMENT).is_none())
    {
        arguments.splice(1..1, ["--for".into(), kernel.name.into()]);
    }
    arguments
}

pub(crate) fn run(options: &Toolchain) -> io::Result<Outcome> {
    if options.check {
        return check();
    }
    let Some(folder) = &options.folder else {
        print_error("name the folder to make, or give --check")?;
        return Ok(Outcome::Failed);
    };
    let family = options.family.as_deref().and_then(Family::named);
    let program = std::env::current_exe()?;
    let made = match toolchain::create(folder, &program, family, options.compiler.as_deref()) {
        Ok(made) => made,
        Err(message) => {
            print_error(message)?;
            return Ok(Outcome::Failed);
        }
    };
    let shown = shown(&made.folder.display().to_string());
    let Compiler { path, version, .. } = &made.compiler;
    let compiler = diagnostics::shown(&path.display().to_string());
    anstream::println!("{shown}: the old compiler's names, for {compiler} (version {version})");
    match made.family {
        Some(family) => {
            anstream::println!("In the folder of the programs, with the tree's own Makefile:");
            anstream::println!("  {}", family.line.replace("{dir}", &shown));
        }
        None => {
            anstream::println!("In the folder of the programs, with the tree's own Makefile; and see --for:");
            for family in &FAMILIES {
                anstream::println!("  {:<14} {}", family.name, family.courses);
                anstream::println!("  {:<14} {}", "", family.line.replace("{dir}", &shown));
            }
        }
    }
    Ok(Outcome::Success)
}

/// Reports which compilers are installed, and what to install if there is none.
fn check() -> io::Result<Outcome> {
    let mut found = false;
    for brand in ["gcc", "clang"] {
        match Compiler::find(Some(brand)) {
            Ok(compiler) => {
                found = true;
                anstream::println!("{brand}: {} (version {})", compiler.path.display(), compiler.version);
                for tool in ["ar", "ranlib", "objdump", "nm"] {
                    match compiler.beside(tool) {
                        Some(path) => anstream::println!("  {tool}: {}", path.display()),
                        None => {
                            anstream::println!("  {tool}: missing; install {}", compiler.package_of_tools());
                        }
                    }
                }
            }
            Err(_) => anstream::println!("{brand}: none for MIPS"),
        }
    }
    if found {
        return Ok(Outcome::Success);
    }
    anstream::println!("{}", install_line());
    Ok(Outcome::Refused)
}
