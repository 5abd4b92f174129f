//! Where everything goes: the script, carried out.

use std::collections::BTreeMap;

use super::object_file::{Definition, Kind, Section};
use super::resolve::{Global, Resolved};
use super::script::{Assignment, Content, Expression, Query, Script, Statement, matches};
use super::{LinkError, LinkOptions, MAX_PROGRAM};

/// Times that a script is carried out until its values no longer change.
const MAX_PASSES: usize = 8;

/// A part of an output section.
#[derive(Clone, Debug)]
pub(super) enum Piece<'s> {
    /// A section of an object.
    Section { object: usize, section: usize },
    /// A common symbol, and the alignment of its place.
    Common(String, u64),
    /// An assignment.
    Assign(&'s Assignment),
    /// A number of this many bytes.
    Data(u32, &'s Expression),
}

/// An output section.
#[derive(Clone, Debug)]
pub(super) struct Out<'s> {
    pub(super) name: &'s str,
    pub(super) address: u64,
    pub(super) size: u64,
    pub(super) kind: Kind,
    /// Pieces, and where each begins in memory.
    pub(super) pieces: Vec<(Piece<'s>, u64)>,
    fixed: Option<&'s Expression>,
    align: u64,
}

enum Step<'s> {
    Assign(&'s Assignment),
    Out(usize),
}

pub(super) struct Layout<'r, 'a, 's> {
    resolved: &'r Resolved<'a>,
    options: &'s LinkOptions,
    steps: Vec<Step<'s>>,
    pub(super) outs: Vec<Out<'s>>,
    /// Of each object's sections: the output section and the address.
    pub(super) places: Vec<Vec<Option<(usize, u64)>>>,
    commons: BTreeMap<String, (usize, u64)>,
    /// What the script assigns.
    pub(super) assigned: BTreeMap<&'s str, u64>,
}

impl<'r, 'a, 's> Layout<'r, 'a, 's> {
    pub(super) fn new(
        resolved: &'r Resolved<'a>,
        script: &'s Script,
        extra: &'s [Assignment],
        options: &'s LinkOptions,
    ) -> Self {
        let places = resolved.objects.iter().map(|object| vec![None; object.sections.len()]).collect();
        let mut layout = Self {
            resolved,
            options,
            steps: Vec::new(),
            outs: Vec::new(),
            places,
            commons: BTreeMap::new(),
            assigned: BTreeMap::new(),
        };
        layout.collect(script);
        layout.steps.extend(extra.iter().map(Step::Assign));
        layout
    }

    /// Gives each input section to the first pattern that matches it.
    fn collect(&mut self, script: &'s Script) {
        let resolved = self.resolved;
        let mut taken: Vec<Vec<bool>> =
            resolved.objects.iter().map(|object| vec![false; object.sections.len()]).collect();
        let mut commons = resolved.commons();
        for statement in &script.statements {
            let section = match statement {
                Statement::Assign(assignment) => {
                    self.steps.push(Step::Assign(assignment));
                    continue;
                }
                Statement::Section(section) => section,
            };
            let mut pieces = Vec::new();
            for content in &section.body {
                let (file, patterns) = match content {
                    Content::Assign(assignment) => {
                        pieces.push((Piece::Assign(assignment), 0));
                        continue;
                    }
                    Content::Data(bytes, value) => {
                        pieces.push((Piece::Data(*bytes, value), 0));
                        continue;
                    }
                    Content::Input { file, sections } => (file, sections),
                };
                for (object, (read, taken)) in resolved.objects.iter().zip(&mut taken).enumerate() {
                    if !file_matches(file, &read.name) {
                        continue;
                    }
                    for (index, (input, taken)) in read.sections.iter().zip(taken).enumerate() {
                        if !*taken && patterns.iter().any(|pattern| section_matches(pattern, input)) {
                            *taken = true;
                            pieces.push((Piece::Section { object, section: index }, 0));
                        }
                    }
                    if patterns.iter().any(|pattern| matches(pattern, "COMMON")) {
                        let all = commons.remove(&object).unwrap_or_default();
                        pieces.extend(
                            all.into_iter().map(|(name, align)| (Piece::Common(name.to_owned(), align), 0)),
                        );
                    }
                }
            }
            if section.name != "/DISCARD/" {
                self.steps.push(Step::Out(self.outs.len()));
                let fixed = section.address.as_ref();
                let kind = Kind::Zero;
                self.outs.push(Out {
                    name: &section.name,
                    address: 0,
                    size: 0,
                    kind,
                    pieces,
                    fixed,
                    align: 1,
                });
            }
        }
        self.adopt(&taken, &commons);
        for out in &mut self.outs {
            out.kind = kind_of(out.name, &out.pieces, resolved);
            let align = |(piece, _): &(Piece<'_>, u64)| alignment(piece, resolved);
            out.align = out.pieces.iter().map(align).max().unwrap_or(1);
        }
    }

    /// Sections that no pattern takes go after those of their kind.
    fn adopt(&mut self, taken: &[Vec<bool>], commons: &BTreeMap<usize, Vec<(&str, u64)>>) {
        let names: Vec<&str> = self.outs.iter().map(|out| out.name).collect();
        let home = |wanted: &[&str]| {
            let found = wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted));
            found.unwrap_or(names.len().saturating_sub(1))
        };
        let mut orphans = Vec::new();
        for (object, (read, taken)) in self.resolved.objects.iter().zip(taken).enumerate() {
            for (section, (input, taken)) in read.sections.iter().zip(taken).enumerate() {
                if *taken {
                    continue;
                }
                let out = match input.kind {
                    Kind::Text => home(&[".text", ".init"]),
                    Kind::ReadOnly => home(&[".rdata", ".rodata", ".data", ".text"]),
                    Kind::Data => home(&[".data", ".sdata", ".rdata"]),
                    Kind::Zero => home(&[".bss", ".sbss"]),
                };
                orphans.push((out, Piece::Section { object, section }));
            }
        }
        orphans.extend(
            commons
                .values()
                .flatten()
                .map(|&(name, align)| (home(&[".bss", ".sbss"]), Piece::Common(name.to_owned(), align))),
        );
        for (out, piece) in orphans {
            if let Some(out) = self.outs.get_mut(out) {
                out.pieces.push((piece, 0));
            }
        }
    }

    /// Carries the script out until nothing changes. `longer` names the sections that get one granule more.
    pub(super) fn run(&mut self, longer: &[usize]) -> Result<(), LinkError> {
        for pass in 0..MAX_PASSES {
            let before = (self.places.clone(), self.assigned.clone(), self.bounds());
            self.pass(pass, longer)?;
            if pass > 0 && before == (self.places.clone(), self.assigned.clone(), self.bounds()) {
                return Ok(());
            }
        }
        Err(LinkError::Value {
            line: 0,
            reason: "the script's values depend on each other in a circle".into(),
        })
    }

    fn bounds(&self) -> Vec<(u64, u64)> {
        self.outs.iter().map(|out| (out.address, out.size)).collect()
    }

    fn pass(&mut self, pass: usize, longer: &[usize]) -> Result<(), LinkError> {
        let mut dot = 0;
        let mut total = 0;
        for index in 0..self.steps.len() {
            match self.steps.get(index) {
                Some(&Step::Assign(assignment)) => self.assign(assignment, &mut dot, None, pass)?,
                Some(&Step::Out(out)) => {
                    self.section(out, &mut dot, pass, longer.contains(&out))?;
                    let Some(out) = self.outs.get(out) else { continue };
                    total += out.size;
                    if total > MAX_PROGRAM {
                        return Err(LinkError::TooLarge { section: out.name.into(), end: dot });
                    }
                }
                None => {}
            }
        }
        Ok(())
    }

    fn section(&mut self, index: usize, dot: &mut u64, pass: usize, longer: bool) -> Result<(), LinkError> {
        let Some(out) = self.outs.get_mut(index) else { return Ok(()) };
        let (name, align, fixed) = (out.name, out.align, out.fixed);
        let mut pieces = std::mem::take(&mut out.pieces);
        let option =
            self.options.addresses.iter().find(|(section, _)| section == name).map(|&(_, address)| address);
        let start = match (option, fixed) {
            (Some(address), _) => address,
            (None, Some(expression)) => self.value(expression, *dot, 0, pass)?,
            (None, None) => *dot,
        };
        let start = start.next_multiple_of(align);
        *dot = start;
        for (piece, at) in &mut pieces {
            *dot = dot.next_multiple_of(alignment(piece, self.resolved));
            *at = *dot;
            match piece {
                Piece::Assign(assignment) => self.assign(assignment, dot, Some(start), pass)?,
                Piece::Section { object, section } => {
                    let place = self.places.get_mut(*object).and_then(|places| places.get_mut(*section));
                    if let Some(place) = place {
                        *place = Some((index, *dot));
                    }
                    let input =
                        self.resolved.objects.get(*object).and_then(|object| object.sections.get(*section));
                    *dot += input.map_or(0, |input| input.size);
                }
                Piece::Common(name, _) => {
                    self.commons.insert(name.clone(), (index, *dot));
                    if let Some(Global::Common { size, .. }) = self.resolved.globals.get(name.as_str()) {
                        *dot += size;
                    }
                }
                Piece::Data(bytes, _) => *dot += u64::from(*bytes),
            }
            if *dot < start || *dot - start > MAX_PROGRAM || *dot > u32::MAX.into() {
                return Err(LinkError::TooLarge { section: name.into(), end: *dot });
            }
        }
        *dot = start + (*dot - start).next_multiple_of(self.options.granularity.max(1));
        if longer {
            *dot += self.options.granularity;
        }
        if let Some(out) = self.outs.get_mut(index) {
            (out.address, out.size, out.pieces) = (start, *dot - start, pieces);
        }
        Ok(())
    }

    /// An assignment; in a section, a bare number for `.` counts from the section's start.
    fn assign(
        &mut self,
        assignment: &'s Assignment,
        dot: &mut u64,
        start: Option<u64>,
        pass: usize,
    ) -> Result<(), LinkError> {
        let value = self.value(&assignment.value, *dot, assignment.line, pass)?;
        if assignment.symbol != "." {
            let by_object = matches!(
                self.resolved.globals.get(assignment.symbol.as_str()),
                Some(Global::Defined { .. } | Global::Common { .. })
            );
            if !(assignment.provide && by_object) {
                self.assigned.insert(&assignment.symbol, value);
            }
            return Ok(());
        }
        let value = match (start, &assignment.value) {
            (Some(start), Expression::Number(offset)) => start + offset,
            _ => value,
        };
        if start.is_some() && value < *dot {
            let reason = format!("`.` cannot go back from {dot:#x} to {value:#x} within a section");
            return Err(LinkError::Value { line: assignment.line, reason });
        }
        *dot = value;
        Ok(())
    }

    /// The value of a global symbol.
    pub(super) fn global(&self, name: &str) -> Option<u64> {
        if let Some(&value) = self.assigned.get(name) {
            return Some(value);
        }
        match *self.resolved.globals.get(name)? {
            Global::Undefined => None,
            Global::Common { .. } => self.commons.get(name).map(|&(_, address)| address),
            Global::Defined { object, symbol, .. } => {
                self.defined(object, self.resolved.objects.get(object)?.symbols.get(symbol)?.definition)
            }
        }
    }

    /// The output section of a common symbol.
    pub(super) fn common_section(&self, name: &str) -> Option<usize> {
        self.commons.get(name).map(|&(out, _)| out)
    }

    /// The value of a definition of an object.
    pub(super) fn defined(&self, object: usize, definition: Definition) -> Option<u64> {
        match definition {
            Definition::Absolute(value) => Some(value),
            Definition::In(section, offset) => {
                let (_, address) = (*self.places.get(object)?.get(section)?)?;
                Some((address + offset) & u64::from(u32::MAX))
            }
            Definition::Undefined | Definition::Common(..) | Definition::Dropped => None,
        }
    }

    /// The value of an expression. In the first pass what is not known yet is 0.
    pub(super) fn value(
        &self,
        expression: &Expression,
        dot: u64,
        line: u32,
        pass: usize,
    ) -> Result<u64, LinkError> {
        let value = |expression: &Expression| self.value(expression, dot, line, pass);
        let fail = |reason: String| Err(LinkError::Value { line, reason });
        let result = match expression {
            Expression::Number(number) => *number,
            Expression::Symbol(name) if name == "." => dot,
            Expression::Symbol(name) => match self.global(name) {
                Some(value) => value,
                None if pass == 0 => 0,
                None => return fail(format!("symbol `{name}` is not defined")),
            },
            Expression::Of(Query::Defined, name) => self.global(name).is_some().into(),
            Expression::Of(query, name) => match self.outs.iter().find(|out| out.name == name) {
                Some(out) if *query == Query::Addr => out.address,
                Some(out) => out.size,
                None => return fail(format!("there is no section `{name}`")),
            },
            Expression::Align(what, to) => {
                let (what, to) = (what.as_ref().map_or(Ok(dot), |what| value(what))?, value(to)?);
                what.checked_next_multiple_of(to.max(1)).unwrap_or(u64::MAX)
            }
            Expression::Unary(operator, operand) => match (operator, value(operand)?) {
                (b'-', value) => value.wrapping_neg(),
                (b'~', value) => !value,
                (_, value) => u64::from(value == 0),
            },
            Expression::Choice(parts) => {
                let [condition, one, other] = &**parts;
                if value(condition)? != 0 { value(one)? } else { value(other)? }
            }
            Expression::Binary(operator, left, right) => {
                let (left, right) = (value(left)?, value(right)?);
                let shift = u32::try_from(right).unwrap_or(u32::MAX);
                match *operator {
                    "+" => left.wrapping_add(right),
                    "-" => left.wrapping_sub(right),
                    "*" => left.wrapping_mul(right),
                    "/" | "%" if right == 0 && pass == 0 => 0,
                    "/" | "%" if right == 0 => return fail("division by zero".into()),
                    "/" => left / right,
                    "%" => left % right,
                    "<<" => left.checked_shl(shift).unwrap_or(0),
                    ">>" => left.checked_shr(shift).unwrap_or(0),
                    "&" => left & right,
                    "|" => left | right,
                    "^" => left ^ right,
                    "<" => (left < right).into(),
                    ">" => (left > right).into(),
                    "<=" => (left <= right).into(),
                    ">=" => (left >= right).into(),
                    "==" => (left == right).into(),
                    "!=" => (left != right).into(),
                    "&&" => (left != 0 && right != 0).into(),
                    _ => (left != 0 || right != 0).into(),
                }
            }
        };
        // Addresses have 32 bits.
        Ok(result & u64::from(u32::MAX))
    }
}

fn alignment(piece: &Piece<'_>, resolved: &Resolved<'_>) -> u64 {
    match piece {
        Piece::Section { object, section } => {
            let section = resolved.objects.get(*object).and_then(|object| object.sections.get(*section));
            section.map_or(1, |section| section.align)
        }
        Piece::Common(_, align) => *align,
        Piece::Assign(_) | Piece::Data(..) => 1,
    }
}

/// What an output section is: by its name where that is an old one, and by what it holds.
fn kind_of(name: &str, pieces: &[(Piece<'_>, u64)], resolved: &Resolved<'_>) -> Kind {
    let mut kinds: Vec<Kind> = Vec::new();
    for (piece, _) in pieces {
        match piece {
            Piece::Section { object, section } => {
                let section = resolved.objects.get(*object).and_then(|object| object.sections.get(*section));
                kinds.extend(section.filter(|section| section.size != 0).map(|section| section.kind));
            }
            Piece::Data(..) => kinds.push(Kind::Data),
            Piece::Common(..) => kinds.push(Kind::Zero),
            Piece::Assign(_) => {}
        }
    }
    let by_name = match name {
        ".text" | ".init" | ".fini" => Kind::Text,
        ".rdata" | ".rodata" => Kind::ReadOnly,
        ".data" | ".sdata" => Kind::Data,
        ".bss" | ".sbss" => Kind::Zero,
        _ if kinds.contains(&Kind::Text) => Kind::Text,
        _ if kinds.contains(&Kind::Data) => Kind::Data,
        _ if kinds.contains(&Kind::ReadOnly) => Kind::ReadOnly,
        _ => Kind::Zero,
    };
    let has_bytes = kinds.iter().any(|kind| *kind != Kind::Zero);
    match by_name {
        Kind::Zero if has_bytes => Kind::Data,
        Kind::ReadOnly if kinds.contains(&Kind::Data) => Kind::Data,
        kind => kind,
    }
}

fn section_matches(pattern: &str, section: &Section<'_>) -> bool {
    // A script of today has today's names.
    matches(super::object_file::old_name(pattern), section.name) || matches(pattern, section.name)
}

/// Whether a pattern means a file: by its whole name, by that without folders, or by that of an archive's member.
fn file_matches(pattern: &str, name: &str) -> bool {
    let member = name.rsplit_once('(').and_then(|(_, member)| member.strip_suffix(')'));
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    matches(pattern, name) || matches(pattern, base) || member.is_some_and(|member| matches(pattern, member))
}
