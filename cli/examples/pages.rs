//! Writes the manual pages of the command and of the tools that it replaces, and the command's completions, below a
//! folder `share`: `cargo run -p execfmt --example pages -- /usr/local/share`. Made here, they cost the command nothing.

use std::error::Error;
use std::fs;
use std::path::Path;

use clap::Command;
use clap_complete::{Shell, generate_to};
use clap_mangen::Man;

/// Where each shell looks for completions, below `share`. PowerShell looks nowhere: its profile names the file.
const COMPLETIONS: [(Shell, &str); 4] = [
    (Shell::Bash, "bash-completion/completions"),
    (Shell::Zsh, "zsh/site-functions"),
    (Shell::Fish, "fish/vendor_completions.d"),
    (Shell::PowerShell, "powershell"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let share = std::env::args_os().nth(1).ok_or("usage: pages SHARE")?;
    Ok(write(Path::new(&share))?)
}

pub(crate) fn write(share: &Path) -> std::io::Result<()> {
    let pages = share.join("man/man1");
    fs::create_dir_all(&pages)?;
    for command in execfmt_cli::definitions() {
        // `help` is a subcommand of each that has any; its page would say nothing.
        let mut command = command.disable_help_subcommand(true);
        command.build();
        page(command, &pages)?;
    }
    let mut definitions = execfmt_cli::definitions();
    let Some(command) = definitions.first_mut() else { return Ok(()) };
    for (shell, folder) in COMPLETIONS {
        let folder = share.join(folder);
        fs::create_dir_all(&folder)?;
        let written = generate_to(shell, command, "execfmt", &folder)?;
        if shell == Shell::Bash {
            // Loaded by the name of the command.
            fs::rename(written, folder.join("execfmt"))?;
        }
    }
    Ok(())
}

/// The page of a command and of each of its subcommands.
fn page(command: Command, folder: &Path) -> std::io::Result<()> {
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        page(subcommand.clone(), folder)?;
    }
    Man::new(command)
        .date("")
        .source(concat!("execfmt ", env!("CARGO_PKG_VERSION")))
        .manual("execfmt")
        .generate_to(folder)
        .map(drop)
}
