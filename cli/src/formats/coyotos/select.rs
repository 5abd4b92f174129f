//! How a user refers to a part of an image.

use std::str::FromStr;

use coyotos_image::{ObjectId, ObjectType};

pub(crate) use execfmt_formats::coyotos::written;

use crate::number::parse;

/// An object: `page:3`, `GPT:0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Object(pub(crate) ObjectId);

impl From<Object> for ObjectId {
    fn from(Object(object): Object) -> Self {
        object
    }
}

impl FromStr for Object {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            String::from(
                "expected a kind and a number, such as page:3, cappage:0, gpt:5, endpoint:1 or process:0",
            )
        };
        let (kind, oid) = text.split_once(':').ok_or_else(expected)?;
        let object_type = ObjectType::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(kind));
        let object_type = object_type.ok_or_else(expected)?;
        Ok(Self(ObjectId { object_type, oid: parse(oid).ok_or_else(expected)? }))
    }
}

/// What can be extracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// An object's bytes.
    Object(Object),
    /// A range of addresses: the first address, and the number of bytes.
    Range(u64, u64),
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let range = if let Some((start, end)) = text.split_once("..") {
            parse(start).zip(parse(end)).and_then(|(start, end)| Some((start, end.checked_sub(start)?)))
        } else if let Some((start, length)) = text.split_once('+') {
            parse(start).zip(parse(length))
        } else {
            return text.parse().map(Self::Object).map_err(|_| {
                "expected an object such as page:3, or addresses: START..END or START+LENGTH".into()
            });
        };
        match range.filter(|(start, length)| start.checked_add(length.saturating_sub(1)).is_some()) {
            Some((start, length)) => Ok(Self::Range(start, length)),
            None => Err(
                "expected two numbers in ascending order: decimal, hexadecimal after 0x, or octal after 0"
                    .into(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_as_a_user_writes_them() {
        let object = |object_type, oid| Part::Object(Object(ObjectId { object_type, oid }));
        for (text, part) in [
            ("page:3", object(ObjectType::Page, 3)),
            ("GPT:0x10", object(ObjectType::Gpt, 16)),
            ("CapPage:0", object(ObjectType::CapPage, 0)),
            ("0x1000..0x3000", Part::Range(0x1000, 0x2000)),
            ("4096+1", Part::Range(0x1000, 1)),
            ("0..0", Part::Range(0, 0)),
            ("0xffffffffffffffff+1", Part::Range(u64::MAX, 1)),
        ] {
            assert_eq!(text.parse(), Ok(part), "{text}");
        }
        for text in [
            "",
            "page",
            "page:",
            "page:-1",
            "disk:1",
            "2..1",
            "1..",
            "+1",
            "1++1",
            "0x..0x1",
            "0xffffffffffffffff+2",
        ] {
            assert!(text.parse::<Part>().is_err(), "{text}");
        }
        let id = ObjectId { object_type: ObjectType::CapPage, oid: 7 };
        assert_eq!(written(id).to_string(), "cappage:7");
    }
}
