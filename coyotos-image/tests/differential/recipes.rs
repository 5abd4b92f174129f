//! Random recipes: all calls, all architectures, deep guards, sizes, splits, Nulls, and calls that fail.

use fastrand::Rng;

use crate::model::{Model, Reply};
use crate::ours;
use crate::portable::Portable as _;

/// What a recipe that is being written knows of itself.
struct Writer<'a> {
    rng: &'a mut Rng,
    lines: Vec<String>,
    page_log2: u32,
    /// Whether the fields of capabilities may hold anything.
    wild: bool,
    banks: u32,
    objects: Vec<(String, &'static str)>,
    caps: u32,
    addresses: Vec<u64>,
}

macro_rules! emit {
    ($writer:expr, $($text:tt)*) => {{
        let line = format!($($text)*);
        $writer.line(line);
    }};
}

const SPACES: [&str; 4] = ["s0", "s1", "s2", "s3"];

impl Writer<'_> {
    fn line(&mut self, line: String) {
        self.lines.push(line);
    }

    fn bank(&mut self) -> String {
        if self.wild && self.rng.u8(..) < 8 {
            return "null".into();
        }
        match self.rng.u32(..=self.banks) {
            0 => ["prime", "primeEP"][self.rng.index(..2)].into(),
            bank => format!("b{bank}"),
        }
    }

    fn object(&mut self, kinds: &[&str]) -> Option<(String, &'static str)> {
        let fitting: Vec<_> = self.objects.iter().filter(|(_, kind)| kinds.contains(kind)).collect();
        (!fitting.is_empty()).then(|| fitting[self.rng.index(..fitting.len())].clone())
    }

    fn alloc(&mut self, kind: &'static str) {
        let (name, bank) = (format!("o{}", self.lines.len()), self.bank());
        emit!(self, "{kind} {name} {bank}");
        // A call without a bank fails, and its name stays unknown.
        if !self.lines.last().unwrap().ends_with(" null") {
            self.objects.push((name, kind));
        }
    }

    /// A capability that may be mapped.
    fn sub(&mut self) -> String {
        match self.rng.u32(..16) {
            0 => "null".into(),
            1 => SPACES[self.rng.index(..4)].into(),
            2 | 6 | 7 if self.wild && self.caps > 0 => format!("c{}", self.rng.u32(..self.caps)),
            2 if self.caps > 0 => format!("c{}", self.rng.u32(..self.caps)),
            3..=5 => self.object(&["gpt", "cappage", "page"]).map_or("null".into(), |(name, _)| name),
            _ => {
                self.alloc("page");
                let page = self.objects.last().map_or("null".into(), |(name, _)| name.clone());
                let restr = [0, 2, 4, 6, 3, 7][self.rng.index(..6)];
                self.caps += 1;
                let name = format!("c{}", self.caps - 1);
                emit!(self, "copy {name} {page}");
                emit!(self, "set {name} restr {restr}");
                name
            }
        }
    }

    fn address(&mut self) -> u64 {
        if !self.addresses.is_empty() && self.rng.u8(..) < 60 {
            let near = self.addresses[self.rng.index(..self.addresses.len())];
            return near ^ (1 << self.rng.u32(self.page_log2..64.min(self.page_log2 + 14)));
        }
        let bits = match self.rng.u8(..) {
            0..200 => self.rng.u32(self.page_log2..34),
            _ => self.rng.u32(self.page_log2..64),
        };
        let address = (self.rng.u64(..) & (u64::MAX >> (63 - bits))) >> self.page_log2 << self.page_log2;
        if self.rng.u8(..) < 4 { address | 1 << self.rng.u32(..self.page_log2) } else { address }
    }

    fn l2(&mut self, address: &mut u64) -> u32 {
        match self.rng.u8(..) {
            0..190 => 0,
            190..196 => self.rng.u32(..self.page_log2),
            196..200 => self.rng.u32(64..70),
            _ => {
                let l2 = self.rng.u32(self.page_log2..(self.page_log2 + 20));
                *address = *address >> l2 << l2;
                l2
            }
        }
    }

    fn map(&mut self) {
        let (bank, space, sub) = (self.bank(), SPACES[self.rng.index(..4)], self.sub());
        let mut address = self.address();
        let l2 = self.l2(&mut address);
        self.addresses.push(address);
        if self.rng.u8(..) < 24 {
            emit!(self, "guarded {space} {bank} {sub} {address:#x} {l2}");
        } else {
            emit!(self, "add {space} {bank} {space} {address:#x} {sub} {l2}");
        }
    }

    fn set(&mut self) {
        let name =
            if self.rng.bool() { SPACES[self.rng.index(..4)].to_string() } else { format!("c{}", self.caps) };
        self.caps += u32::from(name.starts_with('c'));
        let (field, value) = match self.rng.u32(..8) {
            0 => ("type", [0, 1, 2, 0x20, 0x21, 0x22, 0x23, 0x24, 0x3f, 0xc, 0xf][self.rng.index(..11)]),
            1 => ("swizzled", u64::from(self.rng.u8(..) < 40)),
            2 => ("restr", self.rng.u64(..32)),
            3 => ("allocCount", self.rng.u64(..20)),
            4 => ("l2g", [self.rng.u64(..128), self.rng.u64(8..70), 24][self.rng.index(..3)]),
            5 => ("match", self.rng.u64(..1 << 24)),
            6 => ("oid", [self.rng.u64(..6), 77][self.rng.index(..2)]),
            _ => ("pp", self.rng.u64(..1 << 32)),
        };
        emit!(self, "set {name} {field} {value:#x}");
    }

    fn fields(&mut self) {
        match self.rng.u32(..4) {
            0 => {
                if let Some((name, _)) = self.object(&["gpt"]) {
                    let (field, value) = match self.rng.u32(..3) {
                        0 => ("ha", self.rng.u32(..2)),
                        1 => ("bg", self.rng.u32(..2)),
                        _ if self.wild => ("l2v", self.rng.u32(..64)),
                        _ => ("l2v", self.rng.u32(self.page_log2..64)),
                    };
                    emit!(self, "gptset {name} {field} {value}");
                }
            }
            1 => {
                if let Some((name, _)) = self.object(&["endpoint"]) {
                    let field = ["pm", "protPayload", "endpointID"][self.rng.index(..3)];
                    emit!(self, "epset {name} {field} {:#x}", self.rng.u64(..));
                }
            }
            2 => {
                if let Some((name, _)) = self.object(&["process"]) {
                    let field =
                        ["runState", "flags", "notices", "faultCode", "faultInfo"][self.rng.index(..5)];
                    emit!(self, "procset {name} {field} {:#x}", self.rng.u64(..));
                }
            }
            _ => {
                if let Some((name, _)) = self.object(&["page"]) {
                    let bytes: String =
                        (0..self.rng.index(1..40)).map(|_| format!("{:02x}", self.rng.u8(..))).collect();
                    emit!(self, "data {name} {} {bytes}", self.rng.u32(..(1 << self.page_log2) - 40));
                }
            }
        }
    }

    fn slots(&mut self) {
        let Some((name, kind)) = self.object(&["gpt", "cappage", "endpoint", "process"]) else { return };
        let index = match kind {
            "gpt" => self.rng.u32(..16),
            "cappage" => self.rng.u32(..256),
            _ => self.rng.u32(..32),
        };
        let process = ["schedule", "addrSpace", "brand", "cohort", "handler", "ioSpace", "capReg"];
        let field = match kind {
            "process" => process[self.rng.index(..if self.wild { 7 } else { 5 })],
            _ => "cap",
        };
        if self.rng.u8(..) < 60 {
            emit!(self, "get {} {name} {field} {index}", SPACES[self.rng.index(..4)]);
            return;
        }
        let cap = match kind {
            "endpoint" if !self.wild => self.object(&["process"]).map_or("null".into(), |(name, _)| name),
            "gpt" if self.wild && self.rng.bool() => name.clone(),
            _ if self.wild && self.caps > 0 => format!("c{}", self.rng.u32(..self.caps)),
            _ => self
                .object(&["page", "cappage", "gpt", "endpoint", "process"])
                .map_or("null".into(), |(name, _)| name),
        };
        emit!(self, "put {name} {field} {index} {cap}");
    }

    fn step(&mut self) {
        match self.rng.u32(..32) {
            0 => {
                let bank = self.bank();
                let name = format!("b{}", self.banks + 1);
                self.banks += u32::from(bank != "null");
                emit!(self, "bank {name} {bank}");
            }
            1..=4 => {
                let kind = ["page", "cappage", "gpt", "endpoint", "process", "gpt"][self.rng.index(..6)];
                self.alloc(kind);
            }
            5 | 24..=26 if self.wild => self.set(),
            6..=8 => self.fields(),
            9..=10 => self.slots(),
            11..=14 => {
                let (space, address) = (SPACES[self.rng.index(..4)], self.address());
                emit!(self, "leaf {space} {address:#x}");
            }
            27 if self.wild => {
                // A GPT of any fields as a space: the trees that contradict themselves.
                let Some((gpt, _)) = self.object(&["gpt"]) else { return };
                let (space, l2g, l2v) =
                    (SPACES[self.rng.index(..4)], self.rng.u32(13..70), self.rng.u32(..64));
                emit!(self, "copy {space} {gpt}");
                emit!(self, "set {space} l2g {l2g}");
                emit!(self, "gptset {gpt} l2v {l2v}");
                let address = self.address() & (u64::MAX >> 64_u32.saturating_sub(l2g).min(63));
                self.addresses.push(address);
                let (sub, l2) = (self.sub(), [0, l2g.min(64) - 1, 64][self.rng.index(..3)]);
                emit!(self, "add {space} prime {space} {address:#x} {sub} {l2}");
                emit!(self, "add {space} prime {space} 0 {sub} {l2}");
            }
            15 if self.wild => self.line("validate".into()),
            _ => self.map(),
        }
    }
}

/// A random recipe.
pub(crate) fn write(rng: &mut Rng) -> Vec<String> {
    let arch = ["i386", "coldfire", "arm"][rng.index(..3)];
    let wild = rng.u8(..) < 80;
    let page_log2 = if arch == "coldfire" { 13 } else { 12 };
    let steps = rng.index(4..60);
    let mut writer = Writer {
        rng,
        lines: vec![format!("arch {arch}")],
        page_log2,
        wild,
        banks: 0,
        objects: Vec::new(),
        caps: 0,
        addresses: Vec::new(),
    };
    (0..steps).for_each(|_| writer.step());
    writer.line("file out".into());
    writer.lines
}

#[test]
fn two_thousand_random_recipes_give_the_models_images_and_errors() {
    const SEED: u64 = 0x00c0_7070;
    let Some(mut model) = Model::start("random recipes") else { return };
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    let (mut images, mut failures, mut leaves) = (0, std::collections::BTreeMap::new(), 0);
    for number in 0..2000 {
        let lines = write(&mut rng);
        let (theirs, ours) = (model.recipe(&lines), ours::run(&lines));
        if theirs != ours {
            let at = theirs.iter().zip(&ours).position(|(a, b)| a != b);
            let show = |replies: &[Reply]| match at.and_then(|at| replies.get(at)) {
                Some(Reply::Text(text)) => text.clone(),
                Some(Reply::File(file)) => format!("file of {} bytes", file.len()),
                None => format!("{} replies", replies.len()),
            };
            panic!("recipe {number}: model {}, here {}\n{}", show(&theirs), show(&ours), lines.join("\n"));
        }
        for reply in &ours {
            match reply {
                Reply::File(_) => images += 1,
                Reply::Text(text) if text.starts_with("EXC") => {
                    *failures.entry(text.clone()).or_insert(0) += 1
                }
                Reply::Text(_) => leaves += 1,
            }
        }
    }
    println!("{images} images, {leaves} lookups and validations, failing calls {failures:?}: all equal");
    let failed = |kind: &str| failures.get(&format!("EXC {kind}")).copied().unwrap_or(0);
    assert!(images > 1000 && leaves > 1000, "the recipes exercise too little");
    assert!(
        failed("BadValue") > 500
            && failed("BoundsError") >= 10
            && failed("TooDeep") > 2
            && failed("Assert") > 5,
        "{failures:?}"
    );
}

/// A recipe that requests verdicts on `count` random capabilities.
pub(crate) fn capabilities(rng: &mut Rng, arch: &str, count: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![format!("arch {arch}")];
    for (index, kind) in ["page", "cappage", "gpt", "process", "gpt", "gpt"].into_iter().enumerate() {
        lines.push(format!("{kind} o{index} prime"));
    }
    for _ in 0..count {
        let common = [0, 1, 2, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x3f];
        let kind = if rng.bool() { common[rng.index(..10)] } else { rng.u8(..64) };
        lines.push(format!("cap c {kind}"));
        let rare = |rng: &mut Rng, odds: u8, value: u64| if rng.u8(..) < odds { value } else { 0 };
        let l2g = if rng.u8(..) < 160 { rng.u64(12..40) } else { rng.u64(..128) };
        let bits = rng.u32(..25);
        let shift = rng.u32(..64);
        let fields = [
            ("swizzled", rare(rng, 10, 1)),
            ("restr", [0, 0, 2, 3, 6][rng.index(..5)]),
            ("allocCount", {
                let n = rng.u64(..20);
                rare(rng, 60, n)
            }),
            (
                "oid",
                match rng.u8(..) {
                    0..120 => rng.u64(..4),
                    120..160 => 0,
                    160..170 => u64::MAX - rng.u64(..2),
                    170..180 => 0xff00_0000_0000_0000 + rng.u64(..9) - 4,
                    _ => rng.u64(..) << shift,
                },
            ),
        ];
        for (field, value) in fields {
            lines.push(format!("set c {field} {value:#x}"));
        }
        if rng.u8(..) < 40 {
            let restr = rng.u8(..32);
            lines.push(format!("set c restr {restr}"));
        }
        let memory = matches!(kind, 1 | 2 | 0x21 | 0x22 | 0x23);
        if memory || rng.u8(..) < 40 {
            lines.push(format!("set c l2g {l2g}"));
            let bits = rng.u64(..) & ((1 << bits) - 1);
            lines.push(format!("set c match {:#x}", rare(rng, 100, bits)));
        } else {
            lines.push("set c pp 0".into());
        }
        lines.push("put o2 cap 3 c".into());
        lines.push("validate".into());
    }
    lines
}

#[test]
fn five_thousand_random_capabilities_are_judged_as_by_the_model() {
    const SEED: u64 = 0x0005_eca9;
    let Some(mut model) = Model::start("random capabilities") else { return };
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    let mut verdicts = std::collections::BTreeMap::new();
    for arch in ["i386", "coldfire", "arm"] {
        let lines = capabilities(&mut rng, arch, 1700);
        let (theirs, ours) = (model.recipe(&lines), ours::run(&lines));
        assert_eq!(theirs.len(), 1700);
        for (number, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
            assert_eq!(theirs, ours, "{arch}, capability {number}");
            if let Reply::Text(text) = ours {
                *verdicts.entry(text.clone()).or_insert(0) += 1;
            }
        }
    }
    println!("verdicts: {verdicts:?}");
    assert!(verdicts.len() >= 14, "the 13 rules on capabilities and the valid ones");
}
