//! The end-to-end test for compressed programs: programs built by bcc are compressed by the command, loaded by the library, run on
//! an emulated 8086 until they exit, and decompressed to the original files.

use std::fs;

use anyhow::{Result, ensure};
use execfmt_system_tests::elks::{EXAMPLES, Machine, RUNNABLE, TOOLS, compile, medium};
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{cargo, program, run, stdout, target};
use execfmt_system_tests::tools::have;

/// Levels: the default, and for the programs compiled without options the others too.
const LEVELS: [&[&str]; 3] = [&[], &["--fast"], &["--best"]];

#[test]
fn compressed_programs_of_bcc_run() -> Result<()> {
    if !have(&TOOLS)? {
        return Ok(());
    }
    // With optimisation: the best level is slow.
    run(cargo().args(["build", "--quiet", "--release", "-p", "execfmt"]))?;
    let execfmt = target().join("release/execfmt");
    let folder = Scratch::new("compress")?;
    let machine = Machine::build(&folder)?;
    let (mut before, mut after) = (0, 0);
    for example in &EXAMPLES {
        for options in RUNNABLE {
            let file = compile(&folder, example.name, options)?;
            let plain = fs::read(&file)?;
            let levels = if options.is_empty() { LEVELS.len() } else { 1 };
            for level in LEVELS.into_iter().take(levels) {
                stdout(program(&execfmt, 60).arg("compress").args(level).arg(&file))?;
                let compressed = fs::read(&file)?.len();
                ensure!(compressed < plain.len(), "{} {options:?} {level:?}: not shorter", example.name);
                if level.is_empty() {
                    before += plain.len();
                    after += compressed;
                }
                machine.runs(&file, example.arguments, example.prints, example.exits)?;
                stdout(program(&execfmt, 60).arg("decompress").arg(&file))?;
                ensure!(fs::read(&file)? == plain, "{} {options:?} {level:?}: another file", example.name);
            }
        }
    }
    // Far text, which follows the text in memory, and relocations, which are applied to decompressed sections.
    let file = medium(&folder, 600)?;
    let plain = fs::read(&file)?;
    stdout(program(&execfmt, 60).arg("compress").arg(&file))?;
    let compressed = fs::read(&file)?;
    let both = compressed.len() + 1000 < plain.len();
    ensure!(both, "{} of {} bytes: a text is not compressed", compressed.len(), plain.len());
    machine.runs_medium(&file)?;
    println!(
        "{} programs of bcc, {before} bytes, compressed to {after}: run until they exit, and decompressed to the original files; the medium model too",
        EXAMPLES.len() * RUNNABLE.len()
    );
    Ok(())
}
