//! A file next to the memory it is loaded into, at a common scale: as an SVG picture, or as an HTML page with a
//! table of the parts.
//!
//! Both are self-contained: no scripts, no fonts, nothing loaded. They follow the reader's choice of light or
//! dark, and every part and every field of the header can be reached by keyboard; their descriptions are in
//! the tables too. A page contains the picture in three widths, down to that of a phone. Text from a file
//! appears as text, never as markup.
//!
//! A part that is drawn enlarged has a dashed edge; one that is shortened has a zigzag. Thin bars below show
//! everything to true scale. An address space that is a tree is drawn as a tree, with the effective rights.

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
