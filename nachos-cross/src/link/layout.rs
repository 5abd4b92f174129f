//! The layout: executes the script.

use std::collections::BTreeMap;

use super::object_file::{Definition, Kind};
use super::resolve::{Global, Resolved};
use super::script::{Assignment, Expression, Script};
use super::{LinkError, LinkOptions, MAX_PROGRAM};

/// Maximum number of times that a script is executed until its values no longer change.
const MAX_PASSES: usize = 8;

/// A part of an output section.
#[derive(Clone, Debug)]
pub(super) enum Piece<'s> {
    /// A section of an object.
    Section { object: usize, section: usize },
    /// A common symbol, and its alignment.
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
    /// Pieces, each with its address in memory.
    pub(super) pieces: Vec<(Piece<'s>, u64)>,
    pub(super) fixed: Option<&'s Expression>,
    pub(super) align: u64,
}

pub(super) enum Step<'s> {
    Assign(&'s Assignment),
    Out(usize),
}

pub(super) struct Layout<'r, 'a, 's> {
    pub(super) resolved: &'r Resolved<'a>,
    options: &'s LinkOptions,
    pub(super) steps: Vec<Step<'s>>,
    pub(super) outs: Vec<Out<'s>>,
    /// For each object's sections: the output section and the address.
    pub(super) places: Vec<Vec<Option<(usize, u64)>>>,
    commons: BTreeMap<String, (usize, u64)>,
    /// The assignments of the script.
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

    /// Executes the script until nothing changes. `longer` names the sections that get one granule more.
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

    /// An assignment; within a section, a bare number for `.` is relative to the section's start.
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
}

pub(super) fn alignment(piece: &Piece<'_>, resolved: &Resolved<'_>) -> u64 {
    match piece {
        Piece::Section { object, section } => {
            let section = resolved.objects.get(*object).and_then(|object| object.sections.get(*section));
            section.map_or(1, |section| section.align)
        }
        Piece::Common(_, align) => *align,
        Piece::Assign(_) | Piece::Data(..) => 1,
    }
}
