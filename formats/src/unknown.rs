//! A file of a format that the command does not read.

use std::io;

use execfmt_common::Severity;
use execfmt_view::View;

use super::Format;
use crate::findings::Findings;
use crate::foreign::Foreign;
use crate::report::Report;
use crate::rows::Rows;

/// The magics of the formats that [`open`](super::open) reads.
const MAGICS: &str = "0xbadfad, 0x162, coyimage or 0x301";

pub(crate) struct Unknown {
    foreign: Foreign,
    file_length: u64,
}

impl Unknown {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self { foreign: Foreign::new(bytes), file_length: bytes.len() as u64 }
    }
}

impl Format for Unknown {
    fn findings(&self) -> Findings {
        let report = Report {
            severity: Severity::Error,
            code: "unknown_format",
            field: "magic".into(),
            offset: 0,
            found: self.foreign.first.number().into(),
            expected: MAGICS.into(),
            message: self.foreign.message(),
        };
        report.into()
    }

    fn is_known(&self) -> bool {
        false
    }

    fn view(&self) -> View {
        View::unknown(self.foreign.name(), self.file_length)
    }

    fn symbols(&self, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some(self.foreign.message()))
    }

    fn symbols_at(&self, _: u32, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some(self.foreign.message()))
    }

    fn relocations(&self, _: &mut Rows<'_>) -> io::Result<Option<String>> {
        Ok(Some(self.foreign.message()))
    }
}
