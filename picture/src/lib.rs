//! A file beside the memory that it becomes, to one scale: as an SVG picture, or as an HTML page with a table of the parts.
//!
//! Both stand alone: no script, no font, nothing that is loaded. They follow the reader's choice of light or dark, and every
//! part and every field of the header can be reached by the keyboard; what it is stands in the tables as well. A page has the
//! picture in three widths, down to that of a telephone. Text from a file is text in them, never markup.
//!
//! Where a part is drawn larger than the scale its edge is dashed; where it is cut short a zigzag shows it. Thin bars below
//! have everything to the true scale. An address space that is a tree is drawn as that, with the rights in effect.

mod bars;
mod column;
mod fields;
mod foot;
mod group;
mod layout;
mod page;
mod part;
mod shape;
mod style;
mod svg;
mod text;
mod tree;

pub use page::page;
pub use part::Mark;
pub use style::{class, rules};
pub use svg::svg;
