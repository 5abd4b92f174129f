//! OS/2 NE on the command line.

pub(crate) mod load;

pub(crate) use execfmt_formats::os2_ne::repair;
