use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use execfmt_common::{Advice, Expected, Finding, Rule as _};
use execfmt_elf::WriteError;

use super::rules::{InputField, InputFinding, InputRule};
use super::span::Span;
use crate::build::BuildError;
use crate::segment::SegmentKind;

/// Why a file could not be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConvertError {
    /// The input is malformed or of the wrong kind.
    Input {
        /// The name of the section concerned.
        section: Option<String>,
        /// What is wrong.
        finding: InputFinding,
    },
    /// Two sections of one segment claim the same addresses.
    SectionsOverlap(Box<[(String, Span); 2]>),
    /// Sections cannot be arranged in segments that do not overlap.
    Unplaceable {
        /// The segment whose range contains a foreign section.
        segment: SegmentKind,
        /// The first and the last of its sections.
        sections: Box<[(String, Span); 2]>,
        /// A section within that range.
        within: Box<(String, Span)>,
        /// The segment that this section belongs to.
        other: SegmentKind,
    },
    /// A segment, or a flat file, would consist mostly of fill bytes.
    Fill {
        /// The sections on both sides of the widest gap.
        sections: Box<[(String, Span); 2]>,
        /// The number of fill bytes needed.
        bytes: u64,
        /// Maximum number of fill bytes.
        limit: u64,
    },
    /// The resulting NOFF file would be refused.
    Build(BuildError),
    /// The resulting COFF file would be refused.
    CoffBuild(mips_coff::BuildError),
    /// The ELF file cannot be written.
    Elf(WriteError),
}

impl ConvertError {
    /// What to do next, for callers who want it as a value.
    pub fn advice(&self) -> Option<Advice> {
        match self {
            Self::Input { finding, .. } => InputRule::advice(finding),
            Self::Unplaceable { .. } => Some(Advice::FourSegments),
            Self::SectionsOverlap(_)
            | Self::Fill { .. }
            | Self::Build(_)
            | Self::CoffBuild(_)
            | Self::Elf(_) => None,
        }
    }

    pub(super) fn in_section(self, name: &str) -> Self {
        match self {
            Self::Input { finding, .. } => Self::Input { section: Some(name.into()), finding },
            other => other,
        }
    }
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { section: Some(name), finding } => write!(f, "section {name}: {finding}"),
            Self::Input { section: None, finding } => finding.fmt(f),
            Self::SectionsOverlap(sections) => {
                let [(first, first_span), (second, second_span)] = &**sections;
                write!(
                    f,
                    "sections {first} ({first_span}) and {second} ({second_span}) overlap; link the program again"
                )
            }
            Self::Unplaceable { segment, sections, within, other } => {
                let [(first, first_span), (last, last_span)] = &**sections;
                let (name, span) = &**within;
                write!(
                    f,
                    "a NOFF segment is one range of addresses, but {segment}, from section {first} ({first_span}) to {last} ({last_span}), would overlap section {name} ({span}) of {other}; "
                )?;
                f.write_str("reorder the sections in the linker script, or write a header of four segments")
            }
            Self::Fill { sections, bytes, limit } => {
                let [(first, first_span), (second, second_span)] = &**sections;
                write!(
                    f,
                    "{bytes} fill bytes would be needed between sections such as {first} ({first_span}) and {second} ({second_span}), but the maximum is {limit}; link them closer together"
                )
            }
            Self::Build(error) => error.fmt(f),
            Self::CoffBuild(error) => error.fmt(f),
            Self::Elf(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConvertError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Input { finding, .. } => Some(finding),
            Self::Build(error) => Some(error),
            Self::CoffBuild(error) => Some(error),
            Self::Elf(error) => Some(error),
            Self::SectionsOverlap(_) | Self::Unplaceable { .. } | Self::Fill { .. } => None,
        }
    }
}

impl From<BuildError> for ConvertError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<WriteError> for ConvertError {
    fn from(error: WriteError) -> Self {
        Self::Elf(error)
    }
}

impl InputRule {
    pub(super) fn error(
        self,
        field: &'static str,
        offset: u64,
        found: u64,
        expected: Expected,
    ) -> ConvertError {
        let finding = Finding { rule: self, field: InputField(field), offset, found, expected };
        ConvertError::Input { section: None, finding }
    }
}
