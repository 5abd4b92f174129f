//! The text of the headers: names, comments and numbers as they must be in C.

/// `inFileAddr` and `in_file_addr` as IN_FILE_ADDR.
pub(crate) fn upper_snake(name: &str) -> String {
    let mut upper = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !upper.is_empty() {
            upper.push('_');
        }
        upper.extend(letter.to_uppercase());
    }
    upper
}

/// The same with a lower-case first letter, unless it begins with an abbreviation.
pub(crate) fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => sentence.into(),
    }
}

/// Single-line comments before constants and members, on one line.
pub(crate) fn one_line_comments(raw: &str) -> String {
    let lines: Vec<&str> = raw.lines().collect();
    let mut text = String::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let comment = lines.get(at + 1).and_then(|line| line.trim_start().strip_prefix("* "));
        match (line.trim(), comment, lines.get(at + 2).map(|line| line.trim())) {
            ("/*" | "/**", Some(comment), Some("*/")) if line.len() + comment.len() < 112 => {
                let indent = &line[..line.len() - line.trim_start().len()];
                text += &format!("{indent}/* {comment} */\n");
                at += 3;
            }
            _ => {
                text += line;
                text.push('\n');
                at += 1;
            }
        }
    }
    text
}

/// Constants that the source writes in hexadecimal, such as magics, in hexadecimal.
pub(crate) fn in_hex(header: &str, source: &str) -> String {
    let constants = source.lines().filter_map(|line| {
        let (name, value) = line.strip_prefix("pub const ")?.strip_suffix(';')?.split_once(" = 0x")?;
        let value = u64::from_str_radix(&value.replace('_', ""), 16).ok()?;
        Some((name.split(':').next()?, value))
    });
    constants.fold(header.to_string(), |text, (name, value)| {
        text.replace(&format!("#define {name} {value}\n"), &format!("#define {name} 0x{value:08x}\n"))
    })
}

/// The identifiers that follow one of the phrases.
pub(crate) fn words_after(text: &str, phrases: &[&str]) -> Vec<String> {
    let identifier =
        |rest: &str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(String::from);
    let of_line =
        |line: &str| phrases.iter().find_map(|phrase| line.strip_prefix(phrase)).and_then(identifier);
    text.lines().filter_map(of_line).collect()
}

/// Fixes what `-std=c89 -pedantic` and `-std=c++98 -pedantic` refuse: `//` comments; cbindgen itself handles
/// `(void)`. Rust's safety sections are for Rust callers.
pub(crate) fn for_c89(raw: &str) -> String {
    let mut lines = Vec::new();
    let mut in_safety = false;
    for line in raw.lines() {
        let bare = line.trim_start_matches([' ', '*']).trim_end();
        if bare == "# Safety" {
            in_safety = true;
            // The empty comment line before the heading is removed too.
            if lines.last().is_some_and(|last: &String| last.trim().is_empty()) {
                lines.pop();
            }
            continue;
        }
        in_safety &= !line.trim_end().ends_with("*/");
        if in_safety {
            continue;
        }
        let guard = line.trim().strip_prefix("#if defined(").and_then(|rest| rest.strip_suffix(')'));
        if let Some(define) = guard.filter(|define| define.starts_with("EXECFMT_FEATURE_")) {
            lines.push(condition(define).into());
            continue;
        }
        let line = match line.split_once("  // ").or_else(|| line.split_once(" // ")) {
            Some((code, comment)) => format!("{code} /* {comment} */"),
            None => line.trim_end().to_string(),
        };
        lines.push(line);
    }
    lines.join("\n")
}

/// The condition of a guard, for the preprocessor.
fn condition(define: &str) -> &'static str {
    match define {
        "EXECFMT_FEATURE_BUILDER" => "#if !defined(EXECFMT_FREESTANDING) || defined(EXECFMT_WITH_BUILDER)",
        _ => "#ifndef EXECFMT_FREESTANDING",
    }
}
