//! A linker for Nachos courses: MIPS objects and archives of current compilers, linker scripts of the 1990s.
//!
//! ```text
//! objects, archives ──object_file──▶ ObjectFile ──resolve──▶ Resolved ─┐
//! script ──script──▶ Script ───────────────────────────────────layout──┴▶ Layout ──relocate──▶ Linked ──output──▶ COFF, ELF
//! ```
//!
//! Input sections are renamed to the names of the time before the script is applied (`.rodata.str1.4` becomes
//! `.rdata`), and sections added by current compilers are omitted, so that a script of the time covers
//! everything.

mod collect;
mod error;
mod evaluate;
mod layout;
mod object_file;
mod output;
mod relocate;
mod resolve;
pub mod script;

use std::collections::BTreeSet;

use execfmt_common::ByteOrder;

use layout::Layout;
use relocate::{Undefineds, bytes_of};
use resolve::{Global, Resolved};
use script::{Assignment, Expression, Script, Statement};

pub use error::{LinkError, Undefined};
pub use object_file::{Definition, Kind, ObjectFile};
pub use script::ScriptError;

/// Maximum size of all sections of a program together, in bytes: far more than the memory of any Nachos
/// machine.
pub const MAX_PROGRAM: u64 = 16 << 20;

/// The default script of the old linker.
pub const DEFAULT_SCRIPT: &str = "ENTRY(__start)
SECTIONS {
  .text 0 : { _ftext = .; *(.init) eprol = .; *(.text) *(.fini) etext = .; _etext = .; }
  .rdata . : { *(.rdata) }
  _fdata = .;
  .data . : { *(.data) *(.sdata) CONSTRUCTORS }
  edata = .; _edata = .; _fbss = .;
  .sbss . : { *(.sbss) *(.scommon) }
  .bss . : { *(.bss) *(COMMON) }
  end = .; _end = .;
}";

/// A file to link.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// Its name, for messages and for the script's patterns.
    pub name: String,
    /// Its bytes: an object or an archive.
    pub bytes: &'a [u8],
    /// True for an object that is linked only if nothing else defines its symbols.
    pub runtime: bool,
}

/// How to link.
#[derive(Clone, Debug, Default)]
pub struct LinkOptions {
    /// The symbol or number of the entry point (`-e`); takes precedence over the script's.
    pub entry: Option<String>,
    /// Addresses of output sections by name (`-Ttext`, `-Tdata`, `-Tbss`); they take precedence over the
    /// script's.
    pub addresses: Vec<(String, u64)>,
    /// Symbols to define (`--defsym`).
    pub symbols: Vec<(String, u64)>,
    /// Symbols to treat as undefined (`-u`), so that archives are searched for them.
    pub undefined: Vec<String>,
    /// Sizes of output sections are rounded up to a multiple of this number of bytes; 0 and 1 keep them.
    pub granularity: u64,
    /// Avoid sections of whole pages of 1024 bytes, the last page of which some copies of Nachos 5.0j lose.
    pub avoid_whole_pages: bool,
    /// Warn about each common symbol that is merged with another of its name (`-warn-common`).
    pub warn_common: bool,
}

/// A section of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedSection {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: u64,
    /// Its size in bytes.
    pub size: u64,
    /// The kind of its contents.
    pub kind: Kind,
    /// Its bytes; none for zeroed data.
    pub bytes: Vec<u8>,
}

/// A symbol of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedSymbol {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: u64,
    /// Its size in bytes.
    pub size: u64,
    /// `STT_…`.
    pub kind: u8,
    /// Whether it is global.
    pub global: bool,
    /// The index of its section among [`Linked::sections`].
    pub section: Option<usize>,
}

/// A program, linked.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The order of its bytes.
    pub byte_order: ByteOrder,
    /// The entry point.
    pub entry: u64,
    /// All output sections of the script in order, empty ones too.
    pub sections: Vec<LinkedSection>,
    /// Its symbols: those of the objects in order, then those of the script.
    pub symbols: Vec<LinkedSymbol>,
    /// The sections that were extended, since some kernels lose a whole last page.
    pub longer: Vec<String>,
    /// Notes for the user: an undefined entry point, common symbols that were merged.
    pub notes: Vec<String>,
}

/// Links.
///
/// # Errors
/// [`LinkError`].
pub fn link(inputs: &[Input<'_>], script: &Script, options: &LinkOptions) -> Result<Linked, LinkError> {
    let default;
    let script = if script.statements.iter().any(|statement| matches!(statement, Statement::Section(_))) {
        script
    } else {
        let mut usual = Script::parse(DEFAULT_SCRIPT)?;
        usual.entry = script.entry.clone().or(usual.entry);
        usual.statements.extend(script.statements.iter().cloned());
        default = usual;
        &default
    };
    let entry = options.entry.as_deref().or(script.entry.as_deref());
    let wanted = options
        .undefined
        .iter()
        .map(String::as_str)
        .chain(entry.filter(|name| script::number(name).is_none()));
    let resolved = Resolved::new(inputs, wanted)?;
    let extra: Vec<Assignment> = options
        .symbols
        .iter()
        .map(|(symbol, value)| Assignment {
            symbol: symbol.clone(),
            value: Expression::Number(*value),
            provide: false,
            line: 0,
        })
        .collect();
    let mut layout = Layout::new(&resolved, script, &extra, options);
    layout.run(&[])?;
    let mut longer = Vec::new();
    if options.avoid_whole_pages {
        let whole = |out: &layout::Out<'_>| out.kind != Kind::Zero && out.size != 0 && out.size % 1024 == 0;
        // The addresses of the others change, but not their sizes.
        longer = (0..layout.outs.len()).filter(|&index| layout.outs.get(index).is_some_and(whole)).collect();
        if !longer.is_empty() {
            layout.run(&longer)?;
        }
    }
    let mut linked = finish(&resolved, &layout, &longer, entry)?;
    if options.warn_common {
        let file = |object: usize| resolved.objects.get(object).map_or("", |object| &object.name);
        linked.notes.extend(resolved.met.iter().map(|&(symbol, first, other)| {
            format!("warning: common symbol `{symbol}` is in {} and in {}", file(first), file(other))
        }));
    }
    Ok(linked)
}

fn finish(
    resolved: &Resolved<'_>,
    layout: &Layout<'_, '_, '_>,
    longer: &[usize],
    entry: Option<&str>,
) -> Result<Linked, LinkError> {
    let mut undefined = Undefineds::default();
    let mut sections = Vec::new();
    for out in &layout.outs {
        let bytes = bytes_of(out, layout, resolved, &mut undefined)?;
        sections.push(LinkedSection {
            name: out.name.into(),
            address: out.address,
            size: out.size,
            kind: out.kind,
            bytes,
        });
    }
    if !undefined.list.is_empty() {
        return Err(LinkError::Undefined(undefined.list));
    }
    overlaps(&sections)?;
    let mut notes = Vec::new();
    let first =
        || sections.iter().find(|section| section.kind == Kind::Text).map_or(0, |section| section.address);
    let entry = match entry {
        Some(name) => match script::number(name).or_else(|| layout.global(name)) {
            Some(address) => address,
            None => {
                let start = first();
                notes.push(format!("entry symbol `{name}` is not defined: the program starts at {start:#x}"));
                start
            }
        },
        None => first(),
    };
    Ok(Linked {
        byte_order: resolved.objects.first().map_or(ByteOrder::Little, |object| object.byte_order),
        entry,
        symbols: symbols(resolved, layout),
        longer: longer
            .iter()
            .filter_map(|&index| layout.outs.get(index))
            .map(|out| out.name.to_owned())
            .collect(),
        sections,
        notes,
    })
}

fn overlaps(sections: &[LinkedSection]) -> Result<(), LinkError> {
    let mut filled: Vec<&LinkedSection> = sections.iter().filter(|section| section.size != 0).collect();
    filled.sort_by_key(|section| section.address);
    for pair in filled.windows(2) {
        if let [low, high] = pair {
            if low.address + low.size > high.address {
                let span = |section: &LinkedSection| {
                    (section.name.clone(), section.address, section.address + section.size - 1)
                };
                return Err(LinkError::Overlap { sections: [span(low), span(high)] });
            }
        }
    }
    Ok(())
}

fn symbols(resolved: &Resolved<'_>, layout: &Layout<'_, '_, '_>) -> Vec<LinkedSymbol> {
    let mut symbols = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, object) in resolved.objects.iter().enumerate() {
        for symbol in object.symbols.iter().filter(|symbol| !symbol.name.is_empty()) {
            // Symbols of files and sections come from the assembler.
            if symbol.kind == object::elf::STT_SECTION || symbol.kind == object::elf::STT_FILE {
                continue;
            }
            if symbol.global && !seen.insert(symbol.name) {
                continue;
            }
            let (value, section, owner) = if symbol.global {
                if layout.assigned.contains_key(symbol.name) {
                    seen.remove(symbol.name);
                    continue;
                }
                let Some(value) = layout.global(symbol.name) else { continue };
                match resolved.globals.get(symbol.name) {
                    Some(Global::Common { .. }) => (value, layout.common_section(symbol.name), symbol),
                    Some(&Global::Defined { object, symbol: number, .. }) => {
                        let Some(owner) =
                            resolved.objects.get(object).and_then(|object| object.symbols.get(number))
                        else {
                            continue;
                        };
                        (value, section_of(layout, object, owner.definition), owner)
                    }
                    _ => (value, None, symbol),
                }
            } else {
                let Some(value) = layout.defined(index, symbol.definition) else { continue };
                (value, section_of(layout, index, symbol.definition), symbol)
            };
            symbols.push(LinkedSymbol {
                name: symbol.name.into(),
                value,
                size: owner.size,
                kind: owner.kind,
                global: symbol.global,
                section,
            });
        }
    }
    symbols.extend(layout.assigned.iter().map(|(name, &value)| LinkedSymbol {
        name: (*name).into(),
        value,
        size: 0,
        kind: object::elf::STT_NOTYPE,
        global: true,
        section: None,
    }));
    symbols
}

fn section_of(layout: &Layout<'_, '_, '_>, object: usize, definition: Definition) -> Option<usize> {
    match definition {
        Definition::In(section, _) => (*layout.places.get(object)?.get(section)?).map(|(out, _)| out),
        _ => None,
    }
}
