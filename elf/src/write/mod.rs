mod program;
mod sections;

pub use program::{Contents, NewElf, NewSection, NewSegment, NewSymbol, WriteError};
pub use sections::{KeptSection, KeptSections, MOST_ALIGN};
