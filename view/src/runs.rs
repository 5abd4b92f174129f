//! Runs of numbers in a readable form.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Runs of consecutive numbers, given as first and last, with adjacent runs merged.
pub(crate) fn merged(runs: impl IntoIterator<Item = (u64, u64)>) -> Vec<(u64, u64)> {
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (first, last) in runs {
        match merged.last_mut() {
            Some(previous) if previous.1.checked_add(1) == Some(first) => previous.1 = last,
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// `0-3, 5, 7-9` for such runs.
pub(crate) fn list(runs: impl IntoIterator<Item = (u64, u64)>) -> String {
    let text = |(first, last)| if first == last { format!("{first}") } else { format!("{first}-{last}") };
    merged(runs).into_iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn neighbours_are_joined() {
        assert_eq!(list([]), "");
        assert_eq!(list([(0, 0), (1, 3), (5, 5), (7, 9)]), "0-3, 5, 7-9");
        assert_eq!(list([(u64::MAX, u64::MAX), (0, 0)]), "18446744073709551615, 0");
    }
}
