//! The C ABI of execfmt. The headers in `include/` are generated from the files of this crate; each of them stands on
//! its own as the documentation of a C header.
//!
//! Rules of the boundary: integers, sizes, pointers and plain structs only; no enum or bool that could hold a bad
//! value; NULL, bad lengths and damaged structs give a status, never a crash; no libc, no state, and no allocation but by
//! the functions that say so.
//! This is the only crate with `unsafe`. What a caller promises is one value, `memory::Caller`, made once per exported
//! function; raw pointers become slices and back in `memory` alone. The rest is in `allocator`, in builders' handles, and in the
//! calls of a caller's function.
//!
//! # Safety
//! What every function asks of its caller, for the time of the call:
//!
//! - A pointer is NULL, or points to what the declaration says: as many values of its type as the length beside it says,
//!   else one; of a string, bytes up to a NUL. NULL where it is not allowed, misaligned pointers and lengths that no object
//!   can have are refused.
//! - The values can be read, and written where the pointer is not to const. Memory that is read is initialised. Types
//!   here are numbers, pointers and functions, or structs of these: any bits are a value of them, but for a function, which
//!   is NULL or a function of its type that returns.
//! - Nothing else writes to them during the call, nor reads what the call writes. Buffers that the call writes to overlap
//!   none that it reads; where an overlap would do harm, it is refused as well.
//! - The same holds of pointers within the structs.

#![cfg_attr(not(feature = "std"), no_std)]
#![allow(unsafe_code, non_camel_case_types)]
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks, clippy::missing_safety_doc)]

#[cfg(all(feature = "builder", not(feature = "std")))]
extern crate alloc;

#[cfg(feature = "builder")]
#[cfg_attr(not(feature = "archive"), allow(dead_code))]
mod allocator;
/// ELKS and Minix a.out: `include/execfmt/aout_minix.h` and `include/execfmt/aout_compress.h`.
pub mod aout_minix;
/// What all formats share: `include/execfmt/base.h`, with `status` and `finding`.
pub mod base;
/// Coyotos images: `include/execfmt/coyotos_image.h`.
pub mod coyotos_image;
/// What is found in a file, for every format.
pub mod finding;
mod memory;
/// What is found in MIPS code, in NOFF files and COFF files: part of `include/execfmt/base.h`.
pub mod mips_code;
/// MIPS COFF: `include/execfmt/mips_coff.h`.
pub mod mips_coff;
/// NOFF: `include/execfmt/noff.h`.
pub mod noff;
/// OS/2 NE: `include/execfmt/os2_ne.h`.
pub mod os2_ne;
/// For proofs.
#[cfg(feature = "proof")]
pub mod proof;
/// What functions return.
pub mod status;

pub use aout_minix::*;
pub use base::*;
pub use coyotos_image::*;
pub use finding::*;
pub use mips_code::*;
pub use mips_coff::*;
pub use noff::*;
pub use os2_ne::*;
pub use status::*;

/// A panic would be a defect, and a kernel has no way to unwind. The function that is called here exists nowhere: a
/// library in which a panic can be reached does not link. `cargo xtask test` builds it so.
#[cfg(all(not(feature = "std"), feature = "archive"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn execfmt_a_panic_can_be_reached() -> !;
    }
    // SAFETY: never run: the program does not link.
    unsafe { execfmt_a_panic_can_be_reached() }
}
