//! The C ABI of execfmt. The headers in `include/` are generated from the files of this crate, so each of
//! their comments must make sense in a C header.
//!
//! Rules of the boundary: only integers, sizes, pointers and plain structs; no enum or bool that could hold
//! an invalid value; NULL, invalid lengths and damaged structs give a status, never a crash; no libc, no
//! state, and no allocation except by the functions documented to allocate.
//! This is the only crate with `unsafe`. The caller's promise is represented by a value, `memory::Caller`,
//! made once per exported function; raw pointers are converted to slices and back only in `memory`. The rest
//! is in `allocator`, in builders' handles, and in the calls of a caller's function.
//!
//! # Safety
//! What every function requires of its caller, for the duration of the call:
//!
//! - A pointer is NULL, or points to what the declaration says: as many values of its type as the length
//!   beside it says, otherwise one; for a string, bytes up to a NUL. NULL where it is not allowed, misaligned
//!   pointers and lengths that no object can have are refused.
//! - The values are readable, and writable where the pointer is not to const. Memory that is read is
//!   initialised. Types here are numbers, pointers and functions, or structs of these: any bits are a valid
//!   value, except for a function, which is NULL or a function of its type that returns.
//! - Nothing else writes to them during the call, nor reads what the call writes. Buffers that the call
//!   writes to do not overlap any that it reads; where an overlap would do harm, it is refused as well.
//! - The same holds for pointers within the structs.

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
/// What all formats have in common: `include/execfmt/base.h`, with `status` and `finding`.
pub mod base;
/// Coyotos images: `include/execfmt/coyotos_image.h`.
pub mod coyotos_image;
/// Findings, for every format.
pub mod finding;
mod memory;
/// Findings in MIPS code, in NOFF files and COFF files: part of `include/execfmt/base.h`.
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
/// Status codes.
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

/// A panic would be a defect, and a kernel cannot unwind. The function called here does not exist: a library
/// in which a panic is reachable does not link. `cargo xtask test` builds it this way.
#[cfg(all(not(feature = "std"), feature = "archive"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn execfmt_a_panic_can_be_reached() -> !;
    }
    // SAFETY: never run: the program does not link.
    unsafe { execfmt_a_panic_can_be_reached() }
}
