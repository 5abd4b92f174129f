//! The output section of each input section.

use std::collections::BTreeMap;

use super::layout::{Layout, Out, Piece, Step, alignment};
use super::object_file::{Kind, Section, old_name};
use super::resolve::Resolved;
use super::script::{Content, Script, Statement, matches};

impl<'s> Layout<'_, '_, 's> {
    /// Assigns each input section to the first pattern that matches it.
    pub(super) fn collect(&mut self, script: &'s Script) {
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

    /// Orphan sections, which no pattern matches, follow those of their kind.
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
}

/// The kind of an output section: from its name if that is an old one, otherwise from its contents.
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
    // A current script has current names.
    matches(old_name(pattern), section.name) || matches(pattern, section.name)
}

/// Whether a pattern matches a file: its whole name, its name without folders, or that of an archive's
/// member.
fn file_matches(pattern: &str, name: &str) -> bool {
    let member = name.rsplit_once('(').and_then(|(_, member)| member.strip_suffix(')'));
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    matches(pattern, name) || matches(pattern, base) || member.is_some_and(|member| matches(pattern, member))
}
