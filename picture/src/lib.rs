//! A file beside the memory that it becomes, to one scale: as an SVG picture, or as an HTML page with a table of the parts.
//!
//! Both stand alone: no script, no font, nothing that is loaded. They follow the reader's choice of light or dark, and every
//! part can be reached by the keyboard; what a part is stands in the table as well. Text from a file is text in them, never markup.
//!
//! Where a part is drawn larger than the scale its edge is dashed; where it is cut short a zigzag shows it. Thin bars below
//! have everything to the true scale.

mod layout;
mod page;
mod part;
mod style;
mod svg;

pub use page::page;
pub use part::Mark;
pub use style::{class, rules};
pub use svg::svg;
