//! The command on Coyotos images, as a user types it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod convert;
mod folder;
#[cfg(unix)]
mod hostile;
mod inspect;
mod mkimage;
mod recipes;
#[path = "../support/mod.rs"]
mod support;

use std::process::Output;

use coyotos_image::{MAX_IMAGE_SIZE, inflate};
use execfmt_testkit::{root, testdata};
use support::{execfmt, in_columns, text};

const ARCHS: [&str; 3] = ["i386", "coldfire", "arm"];

fn example(name: &str) -> String {
    root().join("testdata/coyotos").join(name).display().to_string()
}

/// An image of the reference model.
fn image(arch: &str) -> String {
    example(&format!("{arch}.img.gz"))
}

/// The plain bytes of a stored image.
fn plain(bytes: &[u8]) -> Vec<u8> {
    inflate(bytes, MAX_IMAGE_SIZE).unwrap().into_owned()
}

/// What the model wrote, plain.
fn model(arch: &str) -> Vec<u8> {
    plain(&testdata(&format!("coyotos/{arch}.img.gz")))
}

/// Runs a command that is to succeed; standard output.
#[track_caller]
fn fine(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let output = execfmt(arguments, input);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    output.stdout
}

/// Runs a command that is to fail; standard error.
#[track_caller]
fn fails(arguments: &[&str], input: &[u8], code: i32, words: &str) {
    let Output { status, stderr, .. } = execfmt(arguments, input);
    let said = text(&stderr);
    assert_eq!(status.code(), Some(code), "{arguments:?}: {said}");
    assert!(said.contains(words), "{arguments:?}: {words:?} is missing from {said}");
}

/// A plain image of a recipe.
#[track_caller]
fn built(recipe: &str) -> Vec<u8> {
    fine(&["coyotos", "build", "-", "-o", "-", "--no-gzip"], recipe.as_bytes())
}
