//! A run as a recipe: a text file with one library call per line, in the language of `coyotos_image::recipe`.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use core::fmt::Write as _;

use coyotos_image::{Arch, CapType, Capability, Restr};

/// Lines of a recipe, and the names that they give to capabilities.
#[derive(Debug)]
pub(crate) struct Trace {
    arch: Arch,
    lines: String,
    names: BTreeMap<(u32, u32, u64), String>,
    made: usize,
    /// The script position that was recorded last.
    place: String,
}

impl Trace {
    pub(crate) fn new(arch: Arch) -> Self {
        let prime = Capability::new(CapType::ENTRY, arch.page_size_log2(), 0);
        let endpoint = Capability::new(CapType::ENDPOINT, arch.page_size_log2(), 0);
        let known = [(Capability::NULL, "null"), (prime, "prime"), (endpoint, "primeEP")];
        let names = known.map(|(cap, name)| (cap.words(), name.to_string())).into();
        Self { arch, lines: alloc::format!("arch {}\n", arch.name()), names, made: 0, place: String::new() }
    }

    pub(crate) fn take(&mut self) -> String {
        core::mem::take(&mut self.lines)
    }

    /// Whether lines were added since the last were taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn line(&mut self, line: core::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.lines.write_fmt(line);
        self.lines.push('\n');
    }

    /// Adds text as comments.
    pub(crate) fn comment(&mut self, text: &str) {
        for line in text.split_inclusive('\n') {
            // Other characters that may be read as a line end must not begin a call.
            self.lines.push_str("# ");
            self.lines.extend(
                line.trim_end_matches('\n').chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }),
            );
            self.lines.push('\n');
        }
    }

    /// Records the script position of the calls that follow, if it has changed.
    pub(crate) fn place(&mut self, place: String) {
        if place != self.place {
            let lines = core::mem::take(&mut self.lines);
            self.comment(&place);
            self.lines.push_str(&lines);
            self.place = place;
        }
    }

    fn new_name(&mut self, stem: &str) -> String {
        self.made = self.made.saturating_add(1);
        alloc::format!("{stem}{}", self.made)
    }

    /// The name of a capability; if it has none yet, adds lines that make it.
    fn name(&mut self, cap: Capability) -> String {
        if let Some(name) = self.names.get(&cap.words()) {
            return name.clone();
        }
        let name = self.new_name("cap");
        let kind = cap.cap_type();
        if kind.is_object() {
            self.line(format_args!("cap {name} {:#04x} {:#x}", kind.number(), cap.oid()));
        } else {
            self.line(format_args!("cap {name} {:#04x}", kind.number()));
            if cap.oid() != 0 {
                self.line(format_args!("set {name} oid {:#x}", cap.oid()));
            }
        }
        if cap.swizzled() {
            self.line(format_args!("set {name} swizzled 1"));
        }
        if cap.restr() != Restr::NONE {
            self.line(format_args!("set {name} restr {:#x}", cap.restr().bits()));
        }
        if cap.alloc_count() != 0 {
            self.line(format_args!("set {name} allocCount {:#x}", cap.alloc_count()));
        }
        let made = Capability::new(kind, self.arch.page_size_log2(), 0);
        if cap.prot_payload() != made.prot_payload() {
            if kind.is_memory() && !cap.guard_padding() {
                self.line(format_args!("set {name} l2g {}", cap.l2g()));
                self.line(format_args!("set {name} match {:#x}", cap.guard_match()));
            } else {
                self.line(format_args!("set {name} pp {:#x}", cap.prot_payload()));
            }
        }
        self.names.insert(cap.words(), name.clone());
        name
    }

    /// A call that makes a capability: `CALL NAME ARGUMENTS END`.
    pub(crate) fn made(
        &mut self,
        call: &str,
        stem: &str,
        made: Capability,
        arguments: &[Capability],
        end: &str,
    ) {
        let mut words = String::new();
        for &argument in arguments {
            words.push(' ');
            words.push_str(&self.name(argument));
        }
        let name = self.new_name(stem);
        self.line(format_args!("{call} {name}{words}{end}"));
        self.names.insert(made.words(), name);
    }

    pub(crate) fn put(&mut self, object: Capability, field: &str, index: u32, cap: Capability) {
        let (object, cap) = (self.name(object), self.name(cap));
        self.line(format_args!("put {object} {field} {index} {cap}"));
    }

    pub(crate) fn set(&mut self, call: &str, object: Capability, field: &str, before: u64, value: u64) {
        if before != value {
            let object = self.name(object);
            self.line(format_args!("{call} {object} {field} {value:#x}"));
        }
    }

    pub(crate) fn data(&mut self, page: Capability, offset: u64, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let page = self.name(page);
        let _ = write!(self.lines, "data {page} {offset:#x} ");
        for byte in bytes {
            let _ = write!(self.lines, "{byte:02x}");
        }
        self.lines.push('\n');
    }

    pub(crate) fn add(
        &mut self,
        bank: Capability,
        space: Capability,
        offset: u64,
        cap: Capability,
        l2: u32,
        root: Capability,
    ) {
        let (bank, space, cap) = (self.name(bank), self.name(space), self.name(cap));
        let name = self.new_name("space");
        self.line(format_args!("add {name} {bank} {space} {offset:#x} {cap} {l2}"));
        self.names.insert(root.words(), name);
    }

    pub(crate) fn leaf(&mut self, space: Capability, offset: u64) {
        let space = self.name(space);
        self.line(format_args!("leaf {space} {offset:#x}"));
    }

    /// The end of a recipe whose image can be written.
    pub(crate) fn validate(&mut self) {
        self.line(format_args!("validate"));
    }
}
