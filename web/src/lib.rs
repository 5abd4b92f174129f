//! The formats for JavaScript: a request in JSON and the bytes of a file become an answer in JSON and, for a
//! conversion, the bytes of another file. Compiled to WebAssembly, this is what `web/engine.js` calls, for
//! the web page and for the npm package.
//!
//! [`answer`] is the whole interface; `abi` passes memory.

mod abi;
mod action;
mod convert;
mod request;
mod show;

pub use action::answer;
pub use request::Answer;
