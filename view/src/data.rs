//! Facts as values.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// A fact as a value, structured like JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Data {
    /// Unknown, or not present.
    #[default]
    None,
    /// True or false.
    Flag(bool),
    /// A non-negative number.
    Number(u64),
    /// A number that may be negative.
    Signed(i64),
    /// Text, which may come from a file and contain any character.
    Text(Cow<'static, str>),
    /// A list of facts of one kind.
    List(Vec<Self>),
    /// Facts by name, in a fixed order.
    Record(Vec<(Cow<'static, str>, Self)>),
}

impl Data {
    /// The fact with a name, in a record.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Record(members) => members.iter().find(|(known, _)| known == name).map(|(_, fact)| fact),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($from:ty => $variant:ident),+) => {
        $(impl From<$from> for Data {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

from!(bool => Flag, u8 => Number, u16 => Number, u32 => Number, u64 => Number, i32 => Signed, i64 => Signed);
from!(&'static str => Text, String => Text);

impl From<usize> for Data {
    fn from(value: usize) -> Self {
        Self::Number(value as u64)
    }
}

impl<T: Into<Self>> From<Option<T>> for Data {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Data {
    fn from(value: Vec<T>) -> Self {
        value.into_iter().collect()
    }
}

/// The first and the last number of a run.
impl From<(u64, u64)> for Data {
    fn from((first, last): (u64, u64)) -> Self {
        [first, last].into_iter().collect()
    }
}

impl<T: Into<Self>> FromIterator<T> for Data {
    fn from_iter<I: IntoIterator<Item = T>>(facts: I) -> Self {
        Self::List(facts.into_iter().map(Into::into).collect())
    }
}

/// A record of facts: `record! { layout: 3, name: text }`.
macro_rules! record {
    ($($name:ident: $fact:expr),* $(,)?) => {
        $crate::Data::Record(alloc::vec![$((stringify!($name).into(), $crate::Data::from($fact))),*])
    };
}

pub(crate) use record;
