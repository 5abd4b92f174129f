//! The argument block that `execve` puts onto the stack.

use std::error::Error;
use std::ffi::OsString;

/// What the programs find in their environment.
const ENVIRONMENT: [&str; 2] = ["HOME=/root", "PATH=/bin"];

/// argc, argv, 0, envp, 0, strings: pointers relative to the start of the block.
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
