//! What the emulator `examples/elks/run_elks.c` takes: where the segments are, the argument block, the files.

use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// Where the emulator puts the segments, in paragraphs: wide apart, and neither at 0.
pub(crate) const TEXT: u16 = 0x1000;
/// That of data.
pub(crate) const DATA: u16 = 0x5000;

/// What the memory holds before the program is loaded.
pub(crate) const FILL: u8 = 0xcc;

/// Reports an error by the name of the example.
pub(crate) fn exit(name: &str, outcome: Result<(), Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the files and, a name and a number a line, the file `layout`.
pub(crate) fn write(
    folder: &Path,
    files: &[(&str, &[u8])],
    layout: &[(&str, u16)],
) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes)?;
    }
    let mut lines = String::new();
    layout.iter().try_for_each(|(name, value)| writeln!(lines, "{name} {value}"))?;
    Ok(fs::write(folder.join("layout"), lines)?)
}

/// What the programs find in their environment.
const ENVIRONMENT: [&str; 2] = ["HOME=/root", "PATH=/bin"];

/// The argument block that `execve` puts onto the stack: argc, argv, 0, envp, 0, strings: pointers relative to the start of the block.
pub(crate) fn block(arguments: impl Iterator<Item = OsString>) -> Result<Vec<u8>, Box<dyn Error>> {
    const WORD: usize = 2;
    let argv: Vec<_> = [OsString::from("program")].into_iter().chain(arguments).collect();
    let envp = ENVIRONMENT.map(OsString::from);
    let words = argv.len().checked_add(envp.len()).and_then(|count| count.checked_add(3));
    let words = words.ok_or("too many arguments")?;
    let mut at = u16::try_from(words.checked_mul(WORD).ok_or("too many arguments")?)?;
    let mut block = u16::try_from(argv.len())?.to_le_bytes().to_vec();
    for strings in [&argv[..], &envp] {
        for string in strings {
            block.extend(at.to_le_bytes());
            let length = u16::try_from(string.len())?.checked_add(1);
            at = length.and_then(|length| at.checked_add(length)).ok_or("the arguments are too long")?;
        }
        block.extend([0; WORD]);
    }
    for string in argv.iter().chain(&envp) {
        block.extend(string.as_encoded_bytes());
        block.push(0);
    }
    // The stack that begins below the block is one of words.
    block.resize(block.len().next_multiple_of(WORD), 0);
    Ok(block)
}
