//! See `execfmt_fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| execfmt_fuzz::coyotos_recipe(data));
