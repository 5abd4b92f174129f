//! What to do next, in the words of this command.

use execfmt_common::{Advice, AnyFinding, Target};
use std::fmt;

/// An advice as it stands after a message.
pub(crate) fn words(advice: Advice) -> String {
    let text = match advice {
        Advice::Convert(Target::Elks) => "convert it with `execfmt convert IN -o OUT --to elks`",
        Advice::Decompress => "decompress the file with `execfmt decompress FILE`",
        Advice::LessStack => "ask for less stack with `execfmt chmem -s BYTES FILE`",
        Advice::LessHeap => "ask for less heap with `execfmt chmem -h BYTES FILE`",
        Advice::MoreHeap | Advice::SetTotal => "ask for more heap with `execfmt chmem -h BYTES FILE`",
        Advice::FewerArguments => {
            "pass fewer arguments, or ask for less stack with `execfmt chmem -s BYTES FILE`"
        }
        Advice::SeparateInstructions => {
            "link the program again with separate I/D for the 8086: bcc without -i and -3, ld86 with -i"
        }
        Advice::TinyModel => "compile with -mcmodel=tiny, or leave out --tiny",
        Advice::LowerTextSegment => "choose a lower --aout-seg",
        other => return other.to_string(),
    };
    text.into()
}

/// A finding as a sentence, with what to do next in the words of this command.
pub(crate) struct Sentence<'a>(pub(crate) &'a dyn AnyFinding);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: ", self.0.field(), self.0.offset())?;
        self.0.explain(f)?;
        self.0.advice().map_or(Ok(()), |advice| write!(f, "; {}", words(advice)))
    }
}
