//! The output of `print *`, `print_tree` and `print_space` for objects. Source: specification section 8.

use alloc::string::String;
use core::fmt::Write as _;

use coyotos_image::{CapType, Capability, ObjectType, Restr, Slot};

use crate::error::Cause;
use crate::library::Library;
use crate::limits::{Limit, Meter};
use crate::show::{PRINT_DEPTH, capability, type_name};

/// Appends the contents of objects to a text.
pub(crate) struct Dump<'a> {
    pub(crate) library: &'a Library,
    pub(crate) meter: &'a mut Meter,
    pub(crate) out: String,
}

type Done<T> = Result<T, Cause>;

/// Number of bytes in one line of a page dump.
const ROW: usize = 16;

impl Dump<'_> {
    fn line(&mut self, line: core::fmt::Arguments<'_>) -> Done<()> {
        let before = self.out.len();
        // Writing to a string does not fail.
        let _ = self.out.write_fmt(line);
        self.out.push('\n');
        let added = self.out.len().saturating_sub(before) as u64;
        self.meter.take(added / 64).map_err(Cause::Limit)
    }

    fn slots(&mut self, object: Capability, indent: &str) -> Done<()> {
        for index in 0..16 {
            let cap = self.library.capability(object, Slot::Index(index))?;
            self.line(format_args!("{indent}cap[{index:02}]={}", capability(cap)))?;
        }
        Ok(())
    }

    /// Shows an object; `false` when the capability refers to none that can be shown.
    pub(crate) fn object(&mut self, cap: Capability) -> Done<bool> {
        let oid = cap.oid();
        match cap.cap_type() {
            CapType::ENDPOINT => {
                let (state, recipient) =
                    (self.library.endpoint(cap)?, self.library.capability(cap, Slot::Recipient)?);
                self.line(format_args!("{{ ENDP [bank=0]\n       oid={oid}"))?;
                self.line(format_args!("       pm={} pp={}", u8::from(state.pm), state.prot_payload))?;
                self.line(format_args!("       epid={}", state.endpoint_id))?;
                self.line(format_args!("       recip={}\n}}", capability(recipient)))?;
            }
            CapType::GPT => {
                // Fails for a missing object before anything is printed.
                self.library.gpt(cap)?;
                self.line(format_args!("{{ GPT [bank=0]\n      oid={oid}"))?;
                self.slots(cap, "      ")?;
                self.line(format_args!("}}"))?;
            }
            CapType::CAP_PAGE => self.cap_page(cap)?,
            CapType::PROCESS => self.process(cap)?,
            CapType::PAGE => self.page(cap)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn cap_page(&mut self, cap: Capability) -> Done<()> {
        let slots = ObjectType::CapPage.slot_count(self.library.arch().page_size());
        self.meter.take(slots.into()).map_err(Cause::Limit)?;
        self.library.capability(cap, Slot::Index(0))?;
        self.line(format_args!("{{ CapPage [bank=0]\n          oid={}", cap.oid()))?;
        let mut empty = true;
        for index in 0..slots {
            let held = self.library.capability(cap, Slot::Index(index))?;
            if held.cap_type() != CapType::NULL {
                empty = false;
                self.line(format_args!("          [{index:03}]={}", capability(held)))?;
            }
        }
        if empty {
            self.line(format_args!("        (all capabilities null)"))?;
        }
        self.line(format_args!("}}"))
    }

    fn process(&mut self, cap: Capability) -> Done<()> {
        let state = self.library.process(cap)?;
        self.line(format_args!("{{ PROC [bank=0]\n       oid={}", cap.oid()))?;
        self.line(format_args!("       runState={}\n       flags={:x}", state.run_state, state.flags))?;
        self.line(format_args!("       notices={:x}", state.notices))?;
        self.line(format_args!("       fltCode={}       fltInfo={:x}", state.fault_code, state.fault_info))?;
        // The order is that of the original, not that of the file.
        for (name, slot) in [
            ("sched", Slot::Schedule),
            ("addrSpace", Slot::AddrSpace),
            ("ioSpace", Slot::IoSpace),
            ("brand", Slot::Brand),
            ("cohort", Slot::Cohort),
            ("handler", Slot::Handler),
        ] {
            let held = self.library.capability(cap, slot)?;
            self.line(format_args!("       {name}={}", capability(held)))?;
        }
        for index in 0..32 {
            let held = self.library.capability(cap, Slot::CapReg(index))?;
            self.line(format_args!("       capReg[{index:02}]={}", capability(held)))?;
        }
        self.line(format_args!("}}"))
    }

    fn page(&mut self, cap: Capability) -> Done<()> {
        let size = usize::try_from(self.library.arch().page_size()).unwrap_or(usize::MAX);
        self.meter.take(size as u64 / 64).map_err(Cause::Limit)?;
        let library = self.library;
        let contents = library.page(cap)?;
        let width = alloc::format!("{:x}", size.saturating_sub(1)).len();
        self.line(format_args!("{{ Page [bank=0]\n       oid={:x}", cap.oid()))?;
        let blanks = "";
        self.line(format_args!(
            "        {blanks:width$}  0 1 2 3 4 5 6 7  8 9 a b c d e f 0123456789abcdef"
        ))?;
        let zeros = [0; ROW];
        let row = |at: usize| -> &[u8] {
            contents.and_then(|bytes| bytes.get(at..at.saturating_add(ROW))).unwrap_or(&zeros)
        };
        let mut repeats = false;
        for at in (0..size).step_by(ROW) {
            let bytes = row(at);
            let inner = at > 0 && at.saturating_add(ROW) < size;
            if inner && bytes == row(at.saturating_sub(ROW)) {
                if !repeats {
                    self.line(format_args!("       {:*<width$}: (repeats)", ""))?;
                }
                repeats = true;
                continue;
            }
            repeats = false;
            let mut text = String::new();
            for (index, byte) in bytes.iter().enumerate() {
                let _ = write!(text, "{}{byte:02x}", if index == ROW / 2 { " " } else { "" });
            }
            text.push(' ');
            text.extend(bytes.iter().map(|&byte| match byte {
                b' '..=b'~' => char::from(byte),
                _ => '.',
            }));
            self.line(format_args!("       {at:width$x}: {text}"))?;
        }
        self.line(format_args!("}}"))
    }

    /// Shows a tree of GPTs, whatever it maps.
    pub(crate) fn tree(&mut self, cap: Capability) -> Done<()> {
        self.tree_within(cap, 0)
    }

    fn tree_within(&mut self, cap: Capability, depth: usize) -> Done<()> {
        self.meter.take(1).map_err(Cause::Limit)?;
        self.line(format_args!("{}", capability(cap)))?;
        if cap.cap_type() != CapType::GPT {
            return Ok(());
        }
        if depth >= PRINT_DEPTH {
            return Err(Cause::Limit(Limit::PrintDepth(PRINT_DEPTH)));
        }
        let gpt = self.library.gpt(cap)?;
        let (blanks, indent) = ("", depth.saturating_mul(2));
        let (bg, ha) = (u8::from(gpt.bg), u8::from(gpt.ha));
        self.line(format_args!("{blanks:indent$}{{ GPT state: l2v={} bg={bg} ha={ha} slots=", gpt.l2v))?;
        for index in 0..16 {
            let held = self.library.capability(cap, Slot::Index(index))?;
            if held.cap_type() != CapType::NULL {
                let _ = write!(self.out, "{blanks:indent$}  {index:02}: ");
                self.tree_within(held, depth.saturating_add(1))?;
            }
        }
        self.line(format_args!("{blanks:indent$}}}"))
    }

    /// Shows what a space maps.
    pub(crate) fn space(&mut self, cap: Capability) -> Done<()> {
        self.line(format_args!("{{"))?;
        let all = Reached { offset: 0, most: u64::MAX, restr: Restr::NONE, depth: 1 };
        self.space_within(cap, "space", all)?;
        self.line(format_args!("}}"))
    }

    fn space_within(&mut self, cap: Capability, path: &str, reached: Reached) -> Done<()> {
        self.meter.take(1).map_err(Cause::Limit)?;
        let kind = cap.cap_type();
        if kind == CapType::NULL {
            return Ok(());
        }
        if !kind.is_memory() || kind.is_window() {
            self.line(format_args!("{path} unexpected non-memory capability"))?;
            return self.line(format_args!("{}", capability(cap)));
        }
        if cap.guard() > reached.most {
            return Ok(());
        }
        let depth = reached.depth;
        if depth >= PRINT_DEPTH {
            return Err(Cause::Limit(Limit::PrintDepth(PRINT_DEPTH)));
        }
        let (offset, most) = (reached.offset | cap.guard(), low(reached.most, cap.l2g().into()));
        let blanks = "";
        let mut line = alloc::format!("{blanks:depth$}{offset:#018x}-{:#018x} ", offset.wrapping_add(most));
        columns(cap, reached.restr, &mut line);
        let _ = write!(line, " {} {:#x}", type_name(cap), cap.oid());
        if kind != CapType::GPT {
            return self.line(format_args!("{line}"));
        }
        let gpt = self.library.gpt(cap)?;
        let (l2g, l2v) = (u32::from(cap.l2g()), u32::from(gpt.l2v));
        // A GPT whose slots are larger than the GPT itself has all of them, as the original computes it.
        let slots = 1_u64.wrapping_shl(l2g.checked_sub(l2v).unwrap_or(4).min(4));
        let reachable = slots.min(shift_right(most, l2v).saturating_add(1));
        let _ = write!(line, ", l2g={l2g} l2v={l2v} slots={slots}");
        if reachable < slots {
            let _ = write!(line, ", {reachable} reachable");
        }
        self.line(format_args!("{line}\n{blanks:depth$}{{"))?;
        for index in 0..16 {
            let held = self.library.capability(cap, Slot::Index(index))?;
            let start = u64::from(index).checked_shl(l2v).unwrap_or(0);
            let path = alloc::format!("{path}[{index}]");
            if start > most || shift_right(start, l2v) != u64::from(index) {
                if held.cap_type() != CapType::NULL {
                    let (start, most) = (hexadecimal(start), hexadecimal(most));
                    self.line(format_args!("{path}: slot is unreachable (slotaddr={start}, maxoff={most})"))?;
                    self.line(format_args!("{path}: {}", capability(held)))?;
                }
                continue;
            }
            let below = Reached {
                offset: offset | start,
                most: low(most, l2v),
                restr: reached.restr.with(cap.restr()),
                depth: depth.saturating_add(1),
            };
            self.space_within(held, &path, below)?;
        }
        self.line(format_args!("{blanks:depth$}}}"))
    }
}

/// The position of a capability in a space.
#[derive(Clone, Copy)]
struct Reached {
    offset: u64,
    /// The highest offset from there.
    most: u64,
    /// The restrictions accumulated on the path.
    restr: Restr,
    depth: usize,
}

/// The restriction columns: upper case for its own restrictions, lower case for those from the path.
fn columns(cap: Capability, inherited: Restr, line: &mut String) {
    let page = cap.cap_type() == CapType::PAGE;
    let own = if page { cap.restr().without(Restr::CD).without(Restr::WT) } else { cap.restr() };
    for (bit, name, below) in [
        (Restr::RO, "RO ", "ro "),
        (Restr::NX, "NX ", "nx "),
        (Restr::WK, "WK ", "wk "),
        (Restr::OP, "OP ", "op "),
    ] {
        line.push_str(if own.contains(bit) {
            name
        } else if inherited.contains(bit) {
            below
        } else {
            "   "
        });
    }
    for (bit, name) in [(Restr::CD, "CD "), (Restr::WT, "WT ")] {
        if page && cap.restr().contains(bit) {
            line.push_str(name);
        }
    }
}

fn hexadecimal(number: u64) -> String {
    if number == 0 { "0".into() } else { alloc::format!("{number:#x}") }
}

/// The bits of `x` below a bit; all of them from bit 64 on.
fn low(x: u64, bit: u32) -> u64 {
    x & 1_u64.checked_shl(bit).map_or(u64::MAX, |above| above.wrapping_sub(1))
}

/// Shifts by 64 or more give 0.
fn shift_right(x: u64, by: u32) -> u64 {
    x.checked_shr(by).unwrap_or(0)
}
