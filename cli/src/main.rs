//! The program, all of which is in the library of this package.

use std::process::ExitCode;

fn main() -> ExitCode {
    execfmt_cli::main()
}
