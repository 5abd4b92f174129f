//! The declarations in the C headers: for the ABI record and the manual pages.

use std::fs;

use anyhow::{Context as _, Result};

use crate::shell::root;

/// The declarations of the headers.
#[derive(Default)]
pub struct Declarations {
    /// Structs, with their fields.
    pub structs: Vec<Struct>,
    /// Names of constants.
    pub constants: Vec<String>,
    /// Functions, in the order of the headers.
    pub functions: Vec<Function>,
}

/// A struct.
pub struct Struct {
    /// Its name.
    pub name: String,
    /// The names of its fields.
    pub fields: Vec<String>,
}

/// A function.
pub struct Function {
    /// Its name.
    pub name: String,
    /// The header that declares it, such as `execfmt/noff.h`.
    pub header: String,
    /// The comment before it, line by line.
    pub comment: Vec<String>,
    /// The declaration, as written in the header.
    pub declaration: String,
}

/// The headers, in the order in which `execfmt.h` includes them.
pub fn names() -> Result<Vec<String>> {
    let umbrella = fs::read_to_string(root().join("include/execfmt.h"))?;
    let included = umbrella.lines().filter_map(|line| line.strip_prefix("#include \""));
    Ok(included.filter_map(|line| line.strip_suffix('"')).map(String::from).collect())
}

/// The name of `execfmt/NAME.h`.
pub fn stem(header: &str) -> &str {
    header.trim_start_matches("execfmt/").trim_end_matches(".h")
}

/// Reads all headers.
pub fn read() -> Result<Declarations> {
    let mut all = Declarations::default();
    for header in names()? {
        let path = root().join("include").join(&header);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        read_one(&header, &text, &mut all);
    }
    Ok(all)
}

fn read_one(header: &str, text: &str, all: &mut Declarations) {
    let mut comment = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(first) = line.strip_prefix("/*") {
            comment = comment_from(first, &mut lines);
        } else if let Some(rest) = line.strip_prefix("typedef struct ") {
            let name = rest.trim_end_matches('{').trim();
            if rest.ends_with('{') {
                all.structs.push(Struct { name: name.into(), fields: fields(&mut lines) });
            }
            comment.clear();
        } else if let Some(constant) = line.strip_prefix("#define ") {
            if let Some((name, _)) = constant.split_once(' ') {
                all.constants.push(name.into());
            }
            comment.clear();
        } else if let Some(name) = declared(line) {
            let mut declaration = line.to_string();
            while !declaration.ends_with(';') {
                let Some(more) = lines.next() else { break };
                declaration += "\n";
                declaration += more;
            }
            let (name, comment) = (name.to_string(), std::mem::take(&mut comment));
            all.functions.push(Function { name, header: header.into(), comment, declaration });
        }
    }
}

fn comment_from<'a>(first: &str, lines: &mut impl Iterator<Item = &'a str>) -> Vec<String> {
    let bare = |line: &str| line.trim_end_matches("*/").trim_start_matches([' ', '*']).trim_end().to_string();
    let mut comment = vec![bare(first)];
    let mut last = first;
    while !last.trim_end().ends_with("*/") {
        let Some(line) = lines.next() else { break };
        comment.push(bare(line));
        last = line;
    }
    while comment.last().is_some_and(String::is_empty) {
        comment.pop();
    }
    comment.into_iter().skip_while(String::is_empty).collect()
}

fn fields<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut fields = Vec::new();
    let mut in_comment = false;
    for line in lines {
        if line.starts_with('}') {
            break;
        }
        in_comment |= line.trim_start().starts_with("/*");
        let code = !in_comment && line.trim_end().ends_with(';');
        in_comment &= !line.trim_end().ends_with("*/");
        if code {
            let declarator = line.trim_end().trim_end_matches(';');
            let declarator = declarator.split('[').next().unwrap_or(declarator);
            if let Some(name) = declarator.rsplit([' ', '*']).next() {
                fields.push(name.into());
            }
        }
    }
    fields
}

/// The name of the function whose declaration begins in a line.
fn declared(line: &str) -> Option<&str> {
    let (before, _) = line.split_once('(').filter(|_| !line.starts_with([' ', '#']))?;
    before.rsplit([' ', '*']).next().filter(|name| name.starts_with("execfmt_"))
}
