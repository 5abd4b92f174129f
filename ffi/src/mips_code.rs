use ::mips_scan::CodeField;

use crate::finding::NumberedField;

/// Field of a finding: the instruction at address `index`.
pub const EXECFMT_MIPS_FIELD_CODE: u32 = 2;

impl NumberedField for CodeField {
    fn number(self) -> (u32, u32) {
        (EXECFMT_MIPS_FIELD_CODE, self.address)
    }

    fn from_number(number: u32, index: u32) -> Option<Self> {
        (number == EXECFMT_MIPS_FIELD_CODE).then_some(Self { address: index })
    }
}
