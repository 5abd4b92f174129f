//! JSON for a terminal or a pipe.

use std::io;

use execfmt_common::is_harmful;
use execfmt_view::{Data, Memory, Node, Region, Value as FieldValue};
use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Serializer, Value, json};

/// A value on one line. Characters that control a terminal are written as `\u` and four digits, so the text
/// is the same for a program.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Harmless))?;
    Ok(())
}

/// Bytes as text: UTF-8 is unchanged, other bytes are written as `\xff`.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text += chunk.valid();
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// A tree of fields.
pub fn tree(node: &Node) -> Value {
    let mut value = json!({ "name": node.name, "offset": node.offset, "size": node.size });
    let (key, held) = match &node.value {
        FieldValue::Unsigned(number) => ("value", json!(number)),
        FieldValue::Signed(number) => ("value", json!(number)),
        FieldValue::Bytes(bytes) => ("bytes", json!(bytes)),
        FieldValue::Fields(fields) => ("fields", fields.iter().map(tree).collect()),
        _ => return value,
    };
    if let Some(members) = value.as_object_mut() {
        members.insert(key.into(), held);
    }
    value
}

/// Regions of a file.
pub fn regions(regions: &[Region]) -> Value {
    let one = |region: &Region| json!({ "name": region.name, "start": region.start, "end": region.end });
    regions.iter().map(one).collect()
}

/// Runs of memory. Empty regions are omitted.
pub fn memory(memory: &[Memory]) -> Value {
    let one = |memory: &Memory| {
        let regions: Vec<_> = memory.regions.iter().filter(|region| !region.is_empty()).cloned().collect();
        json!({ "title": memory.title, "length": memory.length, "regions": self::regions(&regions) })
    };
    memory.iter().map(one).collect()
}

/// Facts.
pub fn facts(facts: &Data) -> Value {
    match facts {
        Data::Flag(flag) => json!(flag),
        Data::Number(number) => json!(number),
        Data::Signed(number) => json!(number),
        Data::Text(text) => json!(text),
        Data::List(list) => list.iter().map(self::facts).collect(),
        Data::Record(members) => {
            Value::Object(members.iter().map(|(name, fact)| (name.to_string(), self::facts(fact))).collect())
        }
        _ => Value::Null,
    }
}

struct Harmless;

impl Formatter for Harmless {
    /// A part of a string without the characters that JSON itself escapes: quotes, backslashes and the first
    /// 32 characters.
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_harmful(*c)) {
            let (before, from) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))?;
            rest = from.get(c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn a_program_reads_the_same_text() {
        for text in ["plain", "\u{1b}[31m\n\0\"\\", "a\u{7f}b\u{9b}c\u{202e}d\u{e0041}", "grün \u{1f600}"] {
            let mut line = Vec::new();
            write(&mut line, &text).unwrap();
            assert_eq!(serde_json::from_slice::<String>(&line).unwrap(), text);
            let line = String::from_utf8(line).unwrap();
            assert!(!line.chars().any(execfmt_common::is_harmful), "{line}");
        }
    }
}
