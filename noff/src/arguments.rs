//! `argc` and `argv` for a program, laid out as course kernels and Nachos 5.0j do.

use core::fmt;

use crate::page::STACK_RESERVE;

/// Where a program finds its arguments: the values that the kernel puts into registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Arguments {
    /// Number of arguments: for register 4.
    pub argc: u32,
    /// Address of the array of argument addresses: for register 5.
    pub argv: u32,
    /// The initial stack pointer: for register 29. A multiple of 8, as compiled code expects.
    pub stack_pointer: u32,
}

/// The arguments do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArgumentsTooLong {
    /// The size of the memory given, in bytes.
    pub given: u64,
}

impl fmt::Display for ArgumentsTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the arguments do not fit into {} bytes", self.given)
    }
}

impl core::error::Error for ArgumentsTooLong {}

/// Writes arguments at the end of a stack: the strings at the top, below them an array of their addresses
/// that ends with 0, and below that [`STACK_RESERVE`] bytes for the first function called. This is what
/// course kernels derived from Nachos 3.4 and 4.0 do, whose programs begin with `main(argc, argv)`.
///
/// `memory` is the stack, or its upper part; `top` is the address one past its last byte. Strings are given
/// without their NUL. Words are little-endian, as the simulated machine reads them.
///
/// # Errors
/// [`ArgumentsTooLong`]; `memory` is then partly written.
///
/// ```
/// let mut stack = [0xff; 64];
/// let arguments = noff::push_arguments([&b"cat"[..], b"f"].into_iter(), 0x440, &mut stack)?;
/// assert_eq!(arguments.argc, 2);
/// let word = |address: u32| {
///     let at = address as usize - 0x400;
///     u32::from_le_bytes(stack[at..at + 4].try_into().unwrap())
/// };
/// let first = word(arguments.argv);
/// assert_eq!(&stack[first as usize - 0x400..][..4], b"cat\0");
/// assert_eq!(word(arguments.argv + 8), 0);
/// assert!(arguments.stack_pointer + 16 <= arguments.argv);
/// # Ok::<(), noff::ArgumentsTooLong>(())
/// ```
pub fn push_arguments<'a>(
    strings: impl Iterator<Item = &'a [u8]> + Clone,
    top: u32,
    memory: &mut [u8],
) -> Result<Arguments, ArgumentsTooLong> {
    let too_long = ArgumentsTooLong { given: memory.len() as u64 };
    let bottom = u64::from(top).checked_sub(memory.len() as u64).ok_or(too_long)?;
    let with_nul = |string: &[u8]| (string.len() as u64).saturating_add(1);
    let (count, bytes) = strings.clone().fold((0_u64, 0_u64), |(count, bytes), string| {
        (count.saturating_add(1), bytes.saturating_add(with_nul(string)))
    });
    let text = u64::from(top).checked_sub(bytes).ok_or(too_long)?;
    let array_length = count.saturating_add(1).saturating_mul(4);
    let argv = text.checked_sub(array_length).ok_or(too_long)? & !3;
    let stack_pointer = argv.checked_sub(STACK_RESERVE.into()).ok_or(too_long)? & !7;
    if stack_pointer < bottom {
        return Err(too_long);
    }
    let mut writer = Writer { memory, bottom, too_long };
    let (mut address, mut entry) = (text, argv);
    for string in strings {
        writer.word(entry, address)?;
        writer.bytes(address, string)?;
        address = address.saturating_add(with_nul(string));
        entry = entry.saturating_add(4);
    }
    writer.word(entry, 0)?;
    let narrow = |number: u64| u32::try_from(number).map_err(|_| too_long);
    Ok(Arguments { argc: narrow(count)?, argv: narrow(argv)?, stack_pointer: narrow(stack_pointer)? })
}

/// Writes the argument page of Nachos 5.0j, which is the page after the stack: an array of addresses, then
/// the strings. `address` is the address of the page; the initial stack pointer has the same value, since the
/// stack ends there.
///
/// # Errors
/// [`ArgumentsTooLong`]; `page` is then partly written.
pub fn argument_page<'a>(
    strings: impl Iterator<Item = &'a [u8]> + Clone,
    address: u32,
    page: &mut [u8],
) -> Result<Arguments, ArgumentsTooLong> {
    let too_long = ArgumentsTooLong { given: page.len() as u64 };
    let count = strings.clone().fold(0_u32, |count, _| count.saturating_add(1));
    page.fill(0);
    let mut writer = Writer { memory: page, bottom: address.into(), too_long };
    let mut entry = u64::from(address);
    let mut text = entry.saturating_add(u64::from(count).saturating_mul(4));
    for string in strings {
        writer.word(entry, text)?;
        writer.bytes(text, string)?;
        text = text.saturating_add(string.len() as u64).saturating_add(1);
        entry = entry.saturating_add(4);
    }
    Ok(Arguments { argc: count, argv: address, stack_pointer: address })
}

/// Converts offsets in the memory to addresses and writes them.
struct Writer<'m> {
    memory: &'m mut [u8],
    bottom: u64,
    too_long: ArgumentsTooLong,
}

impl Writer<'_> {
    fn at(&mut self, address: u64, length: usize) -> Result<&mut [u8], ArgumentsTooLong> {
        let offset = address.checked_sub(self.bottom).and_then(|offset| usize::try_from(offset).ok());
        let place = offset.and_then(|offset| self.memory.get_mut(offset..)?.get_mut(..length));
        place.ok_or(self.too_long)
    }

    fn word(&mut self, address: u64, value: u64) -> Result<(), ArgumentsTooLong> {
        let value = u32::try_from(value).map_err(|_| self.too_long)?;
        self.at(address, size_of::<u32>())?.copy_from_slice(&value.to_le_bytes());
        Ok(())
    }

    /// A string and its NUL.
    fn bytes(&mut self, address: u64, string: &[u8]) -> Result<(), ArgumentsTooLong> {
        let place = self.at(address, string.len().saturating_add(1))?;
        // Split at the string's own length, so that the optimiser need not prove that the two lengths are
        // equal.
        if let Some((text, [nul, ..])) = place.split_at_mut_checked(string.len()) {
            text.copy_from_slice(string);
            *nul = 0;
        }
        Ok(())
    }
}
