//! The program; all of it is in the library of this package.

use std::process::ExitCode;

fn main() -> ExitCode {
    execfmt_cli::main()
}
