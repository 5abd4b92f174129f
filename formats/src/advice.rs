//! What to do next, in terms of the command: the advice of the libraries mentions neither options nor
//! commands.

use std::fmt;

use execfmt_common::{Advice, AnyFinding, Target};

/// The advice, with the command or the option to use.
pub fn render(advice: Advice) -> String {
    match advice {
        Advice::Convert(target) => convert(&[target]),
        Advice::ConvertToOneOf(targets) => convert(targets),
        Advice::Inspect => "inspect it with `execfmt info FILE`".into(),
        Advice::ListObjects => "see `execfmt coyotos ls IMAGE`".into(),
        Advice::Decompress => "decompress it with `execfmt decompress FILE`".into(),
        Advice::Inflate => "inflate it with `gzip -d` to see its contents".into(),
        Advice::ChooseLayout => "choose the layout with --layout 3 or --layout 4".into(),
        Advice::OtherLayout => {
            "write the other layout with `execfmt convert IN -o OUT --to noff --layout`, 3 or 4".into()
        }
        Advice::OtherByteOrder => {
            "write the other byte order with `execfmt convert IN -o OUT --to noff --byte-order`".into()
        }
        Advice::FourSegments => "write a header of four segments with --layout 4".into(),
        Advice::TinyModel => "compile it with -mcmodel=tiny, or omit --tiny".into(),
        Advice::LessChmem => "request less with --chmem".into(),
        Advice::MoreTotal => "request more with --total-data".into(),
        Advice::LowerTextSegment => "choose a lower paragraph with --aout-seg".into(),
        Advice::LessStack => "set less stack with `execfmt chmem -s BYTES FILE`".into(),
        Advice::LessHeap => "set less heap with `execfmt chmem -h BYTES FILE`".into(),
        Advice::MoreHeap | Advice::SetTotal => "set more with `execfmt chmem -h BYTES FILE`".into(),
        Advice::FewerArguments => {
            "pass fewer arguments (--args), or set less stack with `execfmt chmem -s BYTES FILE`".into()
        }
        Advice::SeparateInstructions => {
            "link it again with separate I/D for the 8086: bcc without -i and -3, ld86 with -i".into()
        }
        Advice::AllowMore => "raise the limit with --max-inflated BYTES if you trust it".into(),
        Advice::LoadExactly => "load it without --compat".into(),
        Advice::WriteZeros => "write them with `execfmt convert IN -o OUT --to os2-ne`".into(),
        other => other.to_string(),
    }
}

/// A finding as a sentence, with what to do next in terms of the command.
pub struct Sentence<'a>(pub &'a dyn AnyFinding);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: ", self.0.field(), self.0.offset())?;
        self.0.explain(f)?;
        self.0.advice().map_or(Ok(()), |advice| write!(f, "; {}", render(advice)))
    }
}

fn convert(targets: &[Target]) -> String {
    let name = |target: &Target| match target {
        Target::Noff => "noff",
        Target::Coff => "coff",
        Target::Os2Ne => "os2-ne",
        Target::Elks => "elks",
        Target::Coyotos => "coyotos",
        Target::Flat => "flat",
        Target::Elf => "elf",
        // Formats that are not known here.
        _ => "FORMAT",
    };
    match targets {
        [one] => format!("convert it with `execfmt convert IN -o OUT --to {}`", name(one)),
        several => {
            let names: Vec<_> = several.iter().map(name).collect();
            let names = match names.split_last() {
                Some((last, [])) => (*last).into(),
                Some((last, others)) => format!("{} or {last}", others.join(", ")),
                None => String::new(),
            };
            format!("convert it with `execfmt convert IN -o OUT --to FORMAT`, where FORMAT is {names}")
        }
    }
}
