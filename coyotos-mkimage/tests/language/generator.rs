//! Random programs that mostly make sense.

use std::fmt::Write as _;

use fastrand::Rng;

/// What a name is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
    Bank,
    Page,
    CapPage,
    Gpt,
    Endpoint,
    Process,
    Misc,
}

const KINDS: [Kind; 9] = [
    Kind::Integer,
    Kind::Text,
    Kind::Bank,
    Kind::Page,
    Kind::CapPage,
    Kind::Gpt,
    Kind::Endpoint,
    Kind::Process,
    Kind::Misc,
];

pub(crate) struct Program<'r> {
    rng: &'r mut Rng,
    page_log2: u32,
    out: String,
    indent: usize,
    /// The names of each scope.
    scopes: Vec<Vec<(String, Kind)>>,
    functions: Vec<(String, Vec<Kind>, Kind)>,
    names: usize,
    /// How deep statements and expressions are within each other.
    depth: usize,
    /// Whether loops may be made.
    loops: bool,
}

/// A program for the module `t`.
pub(crate) fn program(rng: &mut Rng, arch: &str) -> String {
    let damaged = rng.u8(..12) == 0;
    let mut program = Program {
        rng,
        page_log2: if arch == "coldfire" { 13 } else { 12 },
        out: String::new(),
        indent: 1,
        scopes: vec![vec![("PrimeBank".into(), Kind::Bank), ("PrimeBankEndpoint".into(), Kind::Endpoint)]],
        functions: Vec::new(),
        names: 0,
        depth: 0,
        loops: !damaged,
    };
    program.scopes.push(Vec::new());
    if program.one_in(4) {
        program.line("import s = support.shapes;");
    }
    for _ in 0..program.rng.usize(1..14) {
        program.statement(true);
    }
    let text = format!("module t {{\n{}}}\n", program.out);
    if damaged { damage(rng, &text) } else { text }
}

/// A program with a token more, less or changed. It has no loop, which could lose its end.
fn damage(rng: &mut Rng, text: &str) -> String {
    const TOKENS: [&str; 24] = [
        ";", "{", "}", "(", ")", "[", "]", ",", ".", "=", "==", "!", "-", "%", "return", "new", "def",
        "export", "0", "08", "1a", "true", "\"", "&",
    ];
    let mut tokens: Vec<&str> = text.split_inclusive(' ').collect();
    let at = rng.usize(..tokens.len());
    let token = TOKENS[rng.usize(..TOKENS.len())];
    match rng.u8(..3) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, token),
        _ => tokens[at] = token,
    }
    tokens.concat()
}

impl Program<'_> {
    fn one_in(&mut self, times: u32) -> bool {
        self.rng.u32(..times) == 0
    }

    fn pick<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.rng.u32(..of.len() as u32) as usize]
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{:indent$}{text}", "", indent = self.indent * 2);
    }

    fn fresh(&mut self) -> String {
        self.names += 1;
        let stem = self.pick(&["a", "b", "_c", "D", "é"]);
        format!("{stem}{}", self.names)
    }

    fn bind(&mut self, name: &str, kind: Kind) {
        self.scopes.last_mut().unwrap().push((name.into(), kind));
    }

    fn kind(&mut self) -> Kind {
        KINDS[self.rng.u32(..KINDS.len() as u32) as usize]
    }

    /// A name of a kind that is bound, or, rarely, of another.
    fn name(&mut self, kind: Kind) -> Option<String> {
        let any = self.one_in(40);
        let all = self.scopes.iter().flatten().filter(|(_, found)| any || *found == kind);
        let names: Vec<_> = all.map(|(name, _)| name.clone()).collect();
        (!names.is_empty()).then(|| names[self.rng.u32(..names.len() as u32) as usize].clone())
    }

    fn number(&mut self) -> String {
        let page = 1_u64 << self.page_log2;
        match self.rng.u8(..12) {
            0..=3 => self.rng.u8(..20).to_string(),
            4 => format!("0x{:x}", self.rng.u64(..) >> self.rng.u32(..64)),
            5 => format!("0{:o}", self.rng.u16(..)),
            6 | 7 => format!("0x{:x}", page * self.rng.u64(..40)),
            8 => format!("0x{:X}", 1_u64 << self.rng.u32(..64)),
            9 => self.pick(&["255", "256", "0x7fffffff", "0x80000000", "0xffffffff", "0x100000000"]).into(),
            10 => "123456789012345678901234567890".into(),
            _ => format!("{:#x}", page << self.rng.u32(..40)),
        }
    }

    /// An offset that a space can take, mostly.
    fn offset(&mut self) -> String {
        let page = 1_u64 << self.page_log2;
        match self.rng.u8(..10) {
            0..=4 => format!("{:#x}", page * self.rng.u64(..20)),
            5 | 6 => format!("{:#x}", page * self.rng.u64(..1 << 20)),
            7 => format!("{:#x}", page << self.rng.u32(..(64 - self.page_log2))),
            8 => format!("{:#x}", (self.rng.u64(..) >> self.rng.u32(..40)) & !(page - 1)),
            _ => self.number(),
        }
    }

    fn text(&mut self) -> String {
        let inner = self.pick(&["", "a", "b c", "x\\ny", "\\t\\\"\\\\", "é\\{U+e9}", "zz", "\\s\\b", "10"]);
        format!("\"{inner}\"")
    }

    fn misc(&mut self) -> String {
        let name = self.pick(&[
            "NullCap",
            "KeyBits",
            "Discrim",
            "Range",
            "Sleep",
            "IrqCtl",
            "SchedCtl",
            "Checkpoint",
            "ObStore",
            "PinCtl",
            "SysCtl",
            "KernLog",
            "IoPerm",
        ]);
        if self.one_in(40) { format!("{name}(1)") } else { format!("{name}()") }
    }

    fn integer(&mut self) -> String {
        if self.depth > 4 {
            return self.number();
        }
        match self.rng.u8(..22) {
            0..=4 => self.number(),
            5..=9 => self.name(Kind::Integer).unwrap_or_else(|| "7".into()),
            10..=13 => {
                let operator =
                    self.pick(&["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "+", "*", "-"]);
                let (left, right) = (self.expression(Kind::Integer), self.expression(Kind::Integer));
                format!("{left} {operator} {right}")
            }
            14 => format!("-{}", self.expression(Kind::Integer)),
            15 => {
                let kind = if self.one_in(2) { Kind::Text } else { Kind::Integer };
                format!("!{}", self.expression(kind))
            }
            16 => {
                let kind = self.kind();
                let (left, right) = (self.expression(kind), self.expression(kind));
                let operator = self.pick(&["==", "!=", "==", "<"]);
                format!("{left} {operator} {right}")
            }
            17 => {
                let kind = self.memory();
                let function = self.pick(&["get_l2g", "get_match"]);
                format!("{function}({})", self.expression(kind))
            }
            18 => {
                let (object, field) = self.number_field();
                format!("{object}.{field}")
            }
            19 => {
                let (page, index) = (self.expression(Kind::Page), self.index(40));
                format!("{page}[{index}]")
            }
            20 => {
                let (space, offset) = (self.space(), self.offset());
                let field = self.pick(&["offset", "ro", "nx", "wk", "op"]);
                format!("lookup_addr({space}, {offset}).{field}")
            }
            _ => {
                let (left, right) = (self.expression(Kind::Integer), self.expression(Kind::Integer));
                format!("{{ {left}; }} * {{ {left} + {right}; }}")
            }
        }
    }

    fn index(&mut self, most: u32) -> String {
        if self.one_in(12) {
            return self.number();
        }
        self.rng.u32(..most).to_string()
    }

    fn number_field(&mut self) -> (String, &'static str) {
        let (kind, fields): (_, &[&'static str]) = match self.rng.u8(..3) {
            0 => (Kind::Gpt, &["l2v", "bg", "ha"]),
            1 => (Kind::Endpoint, &["pm", "protPayload", "endpointID"]),
            _ => (Kind::Process, &["runState", "flags", "faultCode", "faultInfo"]),
        };
        let field = if self.one_in(30) { "nothing" } else { self.pick(fields) };
        (self.expression(kind), field)
    }

    fn memory(&mut self) -> Kind {
        [Kind::Page, Kind::Page, Kind::CapPage, Kind::Gpt][self.rng.u32(..4) as usize]
    }

    /// An expression that is a space: memory, Null, or made of several.
    fn space(&mut self) -> String {
        if self.one_in(6) {
            return "NullCap()".into();
        }
        let kind = self.memory();
        self.expression(kind)
    }

    /// A capability that makes an object or refines one.
    fn object(&mut self, kind: Kind) -> String {
        let bank = self.expression(Kind::Bank);
        let new = match kind {
            Kind::Page => "Page",
            Kind::CapPage => "CapPage",
            Kind::Gpt => "GPT",
            Kind::Endpoint => "Endpoint",
            Kind::Process => "Process",
            _ => "Bank",
        };
        format!("new {new}({bank})")
    }

    fn capability(&mut self, kind: Kind) -> String {
        if self.depth > 4 {
            return self.name(kind).unwrap_or_else(|| format!("new {}(PrimeBank)", new_name(kind)));
        }
        let memory = matches!(kind, Kind::Page | Kind::CapPage | Kind::Gpt);
        match self.rng.u8(..16) {
            0..=6 => self.name(kind).unwrap_or_else(|| format!("new {}(PrimeBank)", new_name(kind))),
            7..=9 => self.object(kind),
            10 if memory => {
                let of = self.expression(kind);
                let function =
                    self.pick(&["readonly", "weaken", "noexec", "readonly", "opaque", "nocall", "nocache"]);
                format!("{function}({of})")
            }
            11 if memory => {
                let (of, offset) = (self.expression(kind), self.offset());
                if self.one_in(2) {
                    format!("guard({of}, {offset})")
                } else {
                    let size = self.page_log2 + self.rng.u32(..12);
                    format!("guard({of}, {offset}, {size})")
                }
            }
            12 if kind != Kind::Bank => {
                let (bank, of) = (self.expression(Kind::Bank), self.expression(kind));
                format!("dup({bank}, {of})")
            }
            13 if memory => self.made_space(),
            14 if kind == Kind::Page => {
                let number = self.number();
                let function = self.pick(&["PageCap", "PhysPageCap"]);
                if self.one_in(3) { format!("{function}({number})") } else { "PageCap(1)".into() }
            }
            14 if kind == Kind::Bank && self.one_in(4) => {
                let (endpoint, payload) = (self.expression(Kind::Endpoint), self.number());
                let function = self.pick(&["enter", "AppInt"]);
                format!("{function}({endpoint}, {payload})")
            }
            15 => {
                let (object, slot) = self.slot();
                if self.one_in(4) { format!("{object}{slot}") } else { self.object(kind) }
            }
            _ => self.object(kind),
        }
    }

    fn made_space(&mut self) -> String {
        let (bank, space, offset) = (self.expression(Kind::Bank), self.space(), self.offset());
        let size = if self.one_in(4) {
            let number = if self.one_in(4) { self.number() } else { self.rng.u32(10..40).to_string() };
            format!(", {number}")
        } else {
            String::new()
        };
        match self.rng.u8(..8) {
            0 | 1 => format!("guarded_space({bank}, {space}, {offset}{size})"),
            2 => format!("Window({offset})"),
            3 => format!("LocalWindow({offset}, {})", self.rng.u8(..3)),
            4 => {
                let file = self.pick(&["bytes.bin", "empty.bin", "small.elf", "missing", ""]);
                format!("readfile({bank}, \"{file}\")")
            }
            5 => {
                let file = self.pick(&["small.elf", "prog.elf", "cf.elf", "proto.elf", "bytes.bin"]);
                format!("loadimage({bank}, \"{file}\").space")
            }
            _ => {
                let sub = self.space();
                format!("insert_subspace({bank}, {space}, {sub}, {offset}{size})")
            }
        }
    }

    /// An object with a slot of it.
    fn slot(&mut self) -> (String, String) {
        match self.rng.u8(..5) {
            0 => (self.expression(Kind::Gpt), format!(".cap[{}]", self.index(16))),
            1 => (self.expression(Kind::CapPage), format!("[{}]", self.index(256))),
            2 => (self.expression(Kind::Process), format!(".capReg[{}]", self.index(32))),
            3 => (self.expression(Kind::Endpoint), ".recipient".into()),
            _ => {
                let field =
                    self.pick(&["schedule", "addrSpace", "brand", "cohort", "ioSpace", "handler", "cap"]);
                (self.expression(Kind::Process), format!(".{field}"))
            }
        }
    }

    /// An expression that is mostly of a kind.
    fn expression(&mut self, kind: Kind) -> String {
        self.depth += 1;
        let kind = if self.one_in(60) { self.kind() } else { kind };
        let functions: Vec<_> =
            self.functions.iter().filter(|(_, _, result)| *result == kind).cloned().collect();
        let text = if !functions.is_empty() && self.depth < 4 && self.one_in(6) {
            let (name, parameters, _) = functions[self.rng.u32(..functions.len() as u32) as usize].clone();
            let mut arguments: Vec<_> = parameters.into_iter().map(|kind| self.expression(kind)).collect();
            if self.one_in(30) {
                arguments.push("1".into());
            }
            format!("{name}({})", arguments.join(", "))
        } else {
            match kind {
                Kind::Integer => self.integer(),
                Kind::Text => self.name(kind).filter(|_| self.rng.bool()).unwrap_or_else(|| self.text()),
                Kind::Misc => self.name(kind).filter(|_| self.rng.bool()).unwrap_or_else(|| self.misc()),
                _ => self.capability(kind),
            }
        };
        self.depth -= 1;
        text
    }

    /// Statements in braces.
    fn block(&mut self, last: Option<Kind>) {
        self.indent += 1;
        self.scopes.push(Vec::new());
        self.depth += 1;
        for _ in 0..self.rng.usize(usize::from(last.is_none())..3) {
            self.statement(false);
        }
        if let Some(kind) = last {
            let value = self.expression(kind);
            let text = if self.one_in(3) { format!("{value};") } else { format!("return {value};") };
            self.line(&text);
        }
        self.depth -= 1;
        self.scopes.pop();
        self.indent -= 1;
    }

    fn statement(&mut self, outermost: bool) {
        match self.rng.u8(..24) {
            0..=6 => self.define(outermost),
            7 | 8 => {
                let kind = self.kind();
                if let Some(name) =
                    self.name(kind).filter(|name| !name.starts_with("PrimeBank") || self.rng.u8(..9) == 0)
                {
                    let value = self.expression(kind);
                    self.line(&format!("{name} = {value};"));
                }
            }
            9 | 10 => self.assign_slot(),
            11 => {
                let (object, field) = self.number_field();
                let value = self.expression(Kind::Integer);
                self.line(&format!("{object}.{field} = {value};"));
            }
            12..=14 => {
                let kind = self.kind();
                let value = self.expression(kind);
                let star = if self.one_in(3) { "*" } else { "" };
                self.line(&format!("print {star}{value};"));
            }
            15 => self.page(),
            16 => self.print(),
            17 if self.depth < 3 => self.condition(),
            18 if self.depth < 2 && self.loops => self.repeat(),
            19 if outermost && self.depth < 2 => self.function(),
            20 => self.enumeration(outermost),
            21 if self.depth < 3 => {
                self.line("{");
                self.block(None);
                self.line("};");
            }
            22 => {
                let text = self.pick(&[
                    "print s.side;",
                    "print s;",
                    "s.side = 3;",
                    "print s.area(2);",
                    "print s.Kind;",
                ]);
                let text = if self.one_in(3) { "print get_l2g;" } else { text };
                if self.one_in(2) {
                    self.line(text);
                }
            }
            _ => {
                let kind = self.kind();
                let value = self.expression(kind);
                self.line(&format!("{value};"));
            }
        }
    }

    fn define(&mut self, outermost: bool) {
        let kind = self.kind();
        let name = if self.one_in(25) { self.name(kind) } else { None };
        let name = name.unwrap_or_else(|| self.fresh());
        let value = self.expression(kind);
        let export = if outermost && self.one_in(5) { "export " } else { "" };
        self.line(&format!("{export}def {name} = {value};"));
        self.bind(&name, kind);
    }

    fn assign_slot(&mut self) {
        let (object, slot) = self.slot();
        // What is newly made cannot hold itself.
        let kind = match slot.as_str() {
            ".recipient" => Kind::Process,
            ".ioSpace" => Kind::Misc,
            _ => self.kind(),
        };
        let value = if matches!(kind, Kind::Gpt | Kind::CapPage | Kind::Process) && self.rng.u8(..8) != 0 {
            self.object(kind)
        } else {
            self.expression(kind)
        };
        self.line(&format!("{object}{slot} = {value};"));
    }

    fn page(&mut self) {
        let page = self.expression(Kind::Page);
        let text = match self.rng.u8(..3) {
            0 => {
                let (index, byte) = (self.index(5000), self.index(256));
                format!("{page}[{index}] = {byte};")
            }
            1 => format!("fillpage({page}, {});", self.index(256)),
            _ => {
                let offset =
                    if self.one_in(6) { self.number() } else { (self.rng.u32(..512) * 8).to_string() };
                format!("set_page_uint64({page}, {offset}, {});", self.number())
            }
        };
        self.line(&text);
    }

    fn print(&mut self) {
        let kind = self.kind();
        let value = self.expression(kind);
        let text = match self.rng.u8(..6) {
            0 => format!("doprint({value}, \"|\", {value});"),
            1 => "dump_usage();".into(),
            2 | 3 => format!("print_space({});", self.space()),
            _ => format!("print_tree({});", self.space()),
        };
        self.line(&text);
    }

    fn condition(&mut self) {
        let kind = if self.one_in(5) { Kind::Text } else { Kind::Integer };
        let value = self.expression(kind);
        self.line(&format!("if ({value}) {{"));
        self.block(None);
        if self.one_in(2) {
            let value = self.expression(Kind::Integer);
            self.line(&format!("}} else if ({value}) {{"));
            self.block(None);
        }
        if self.one_in(2) {
            self.line("} else {");
            self.block(None);
        }
        self.line("}");
    }

    /// A loop that ends: nothing else assigns to its counter.
    fn repeat(&mut self) {
        self.names += 1;
        let (name, times) = (format!("loop{}", self.names), self.rng.u32(1..4));
        self.line(&format!("def {name} = 0;"));
        if self.one_in(2) {
            self.line(&format!("while ({name} < {times}) {{"));
        } else {
            self.line("do {");
        }
        let is_while = self.out.trim_end().rsplit('\n').next().is_some_and(|line| line.contains("while"));
        self.indent += 1;
        self.line(&format!("{name} = {name} + 1;"));
        self.indent -= 1;
        self.block(None);
        self.line(&if is_while { "}".to_string() } else { format!("}} while ({name} < {times});") });
    }

    fn function(&mut self) {
        let (name, result) = (self.fresh(), self.kind());
        let parameters: Vec<_> = (0..self.rng.u8(..3)).map(|_| (self.fresh(), self.kind())).collect();
        let names: Vec<_> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        self.line(&format!("def {name}({}) {{", names.join(", ")));
        let kinds = parameters.iter().map(|(_, kind)| *kind).collect();
        self.scopes.push(parameters);
        self.block(Some(result));
        self.scopes.pop();
        self.line("}");
        self.functions.push((name, kinds, result));
    }

    fn enumeration(&mut self, outermost: bool) {
        let export = if outermost && self.one_in(2) { "export " } else { "" };
        let word = self.pick(&["enum", "capreg"]);
        let (name, first, second) = (self.fresh(), self.fresh(), self.fresh());
        let value = match self.rng.u8(..6) {
            0 => self.number(),
            1 => format!("{first} * 2 - 1"),
            2 => format!("{{ {first}; }} + 1"),
            3 => self.expression(Kind::Integer),
            _ => "-3".into(),
        };
        if self.one_in(2) {
            self.line(&format!("{export}{word} {{ {first}, {second} = {value} }};"));
            self.bind(&first, Kind::Integer);
            self.bind(&second, Kind::Integer);
        } else {
            let value = if value.contains(&first) { format!("{name}.{first} + 2") } else { value };
            self.line(&format!("{export}{word} {name} {{ {first}, {second} = {value} }};"));
            self.line(&format!("print {name};"));
        }
    }
}

/// What `new` calls objects of a kind.
const fn new_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Page => "Page",
        Kind::CapPage => "CapPage",
        Kind::Gpt => "GPT",
        Kind::Endpoint => "Endpoint",
        Kind::Process => "Process",
        _ => "Bank",
    }
}
