//! The C headers: cbindgen reads the files of the ffi crate, one header each; afterwards, what C89 and C++98
//! do not accept is fixed.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use aout_minix::compress::StreamRule;
use aout_minix::elks::ElksRule as AoutElksRule;
use aout_minix::minix2::Minix2Rule;
use aout_minix::{AoutRule, ExecHeader, FarSupplement, Reloc, RelocSupplement};
use cbindgen::{Builder, Config, DocumentationStyle, ExportConfig, Language, Style};
use coyotos_image::CoyotosRule;
use coyotos_image::elf::ElfRule;
use execfmt_common::{Row, Rule as _, Severity, WireField};
use mips_coff::CoffRule;
use mips_coff::wire as coff;
use mips_scan::CodeRule;
use noff::NoffRule;
use os2_ne::elks::ElksRule as NeElksRule;
use os2_ne::{MzHeader, NeHeader, NeRule, RelocationRecord, SegmentEntry};
use zerocopy::LittleEndian;

use crate::header_text::{for_c89, in_hex, lower, one_line_comments, upper_snake, words_after};
use crate::shell::root;

/// The sources of a header.
struct Header {
    /// Its name below include/execfmt, without `.h`; its overview and example have the same name.
    name: &'static str,
    /// The files below ffi/src.
    sources: &'static [&'static str],
    /// The header that it includes.
    needs: &'static str,
    /// The tables of the format's rules, which cbindgen cannot see.
    rules: &'static [&'static [Row]],
    /// The records of the format, with the middle part of their fields' names, and the offset of the first
    /// field.
    records: &'static [Record],
}

/// A record of a format, whose fields findings refer to.
struct Record {
    /// As in `EXECFMT_NE_RECORD_SEGMENT`, whose number is in the header.
    record: &'static str,
    /// The prefix of a field's name.
    prefix: &'static str,
    /// Offset of the first field in the record, in bytes.
    start: usize,
    fields: &'static [WireField],
}

const fn record(record: &'static str, prefix: &'static str, fields: &'static [WireField]) -> Record {
    Record { record, prefix, start: 0, fields }
}

const HEADERS: &[Header] = &[
    Header {
        name: "base",
        sources: &["status.rs", "finding.rs", "mips_code.rs", "base.rs"],
        needs: "",
        rules: &[CodeRule::TABLE],
        records: &[],
    },
    Header {
        name: "noff",
        sources: &[
            "noff/rules.rs",
            "noff/types.rs",
            "noff/read.rs",
            "noff/profile.rs",
            "noff/check.rs",
            "noff/load.rs",
            "noff/arguments.rs",
            "noff/write.rs",
        ],
        needs: "base.h",
        rules: &[NoffRule::TABLE],
        records: &[record(
            "EXECFMT_NOFF_RECORD_SEGMENT",
            "EXECFMT_NOFF_FIELD_",
            noff::Segment::<LittleEndian>::FIELDS,
        )],
    },
    Header {
        name: "mips_coff",
        sources: &["mips_coff/rules.rs", "mips_coff/types.rs", "mips_coff/read.rs", "mips_coff/check.rs"],
        needs: "base.h",
        rules: &[CoffRule::TABLE],
        records: &[
            record(
                "EXECFMT_COFF_RECORD_FILE",
                "EXECFMT_COFF_FIELD_",
                coff::FileHeader::<LittleEndian>::FIELDS,
            ),
            record(
                "EXECFMT_COFF_RECORD_OPTIONAL",
                "EXECFMT_COFF_FIELD_OPTIONAL_",
                coff::OptionalHeader::<LittleEndian>::FIELDS,
            ),
            record(
                "EXECFMT_COFF_RECORD_SECTION",
                "EXECFMT_COFF_FIELD_",
                coff::SectionHeader::<LittleEndian>::FIELDS,
            ),
            record(
                "EXECFMT_COFF_RECORD_SYMBOLIC",
                "EXECFMT_COFF_FIELD_SYMBOLIC_",
                coff::SymbolicHeader::<LittleEndian>::FIELDS,
            ),
        ],
    },
    Header {
        name: "aout_minix",
        sources: &[
            "aout_minix/rules.rs",
            "aout_minix/types.rs",
            "aout_minix/read.rs",
            "aout_minix/check.rs",
            "aout_minix/load.rs",
            "aout_minix/write.rs",
        ],
        needs: "base.h",
        rules: &[AoutRule::TABLE, AoutElksRule::TABLE, Minix2Rule::TABLE, StreamRule::TABLE],
        records: &[
            record("EXECFMT_AOUT_RECORD_HEADER", "EXECFMT_AOUT_FIELD_", ExecHeader::<LittleEndian>::FIELDS),
            Record {
                start: size_of::<ExecHeader<LittleEndian>>(),
                ..record(
                    "EXECFMT_AOUT_RECORD_HEADER",
                    "EXECFMT_AOUT_FIELD_",
                    RelocSupplement::<LittleEndian>::FIELDS,
                )
            },
            Record {
                start: size_of::<ExecHeader<LittleEndian>>() + size_of::<RelocSupplement<LittleEndian>>(),
                ..record(
                    "EXECFMT_AOUT_RECORD_HEADER",
                    "EXECFMT_AOUT_FIELD_",
                    FarSupplement::<LittleEndian>::FIELDS,
                )
            },
            record(
                "EXECFMT_AOUT_RECORD_RELOCATION",
                "EXECFMT_AOUT_FIELD_RELOCATION_",
                Reloc::<LittleEndian>::FIELDS,
            ),
        ],
    },
    Header {
        name: "aout_compress",
        sources: &["aout_minix/compress.rs"],
        needs: "aout_minix.h",
        rules: &[],
        records: &[],
    },
    Header {
        name: "os2_ne",
        sources: &[
            "os2_ne/rules.rs",
            "os2_ne/types.rs",
            "os2_ne/read.rs",
            "os2_ne/check.rs",
            "os2_ne/load.rs",
            "os2_ne/write.rs",
        ],
        needs: "base.h",
        rules: &[NeRule::TABLE, NeElksRule::TABLE],
        records: &[
            record("EXECFMT_NE_RECORD_MZ", "EXECFMT_NE_FIELD_MZ_", MzHeader::FIELDS),
            record("EXECFMT_NE_RECORD_HEADER", "EXECFMT_NE_FIELD_", NeHeader::FIELDS),
            record("EXECFMT_NE_RECORD_SEGMENT", "EXECFMT_NE_FIELD_SEGMENT_", SegmentEntry::FIELDS),
            record("EXECFMT_NE_RECORD_RELOCATION", "EXECFMT_NE_FIELD_RELOCATION_", RelocationRecord::FIELDS),
        ],
    },
    Header {
        name: "coyotos_image",
        sources: &[
            "coyotos_image/rules.rs",
            "coyotos_image/types.rs",
            "coyotos_image/check.rs",
            "coyotos_image/read.rs",
            "coyotos_image/builder.rs",
            "coyotos_image/objects.rs",
            "coyotos_image/space.rs",
            "coyotos_image/side_file.rs",
            "coyotos_image/write.rs",
        ],
        needs: "base.h",
        rules: &[CoyotosRule::TABLE, ElfRule::TABLE],
        records: &[],
    },
];

/// Features of the ffi crate, and the guards in the headers that correspond to them: the library for kernels
/// has none of these features, which EXECFMT_FREESTANDING means; EXECFMT_WITH_BUILDER means that it was built
/// with the builder.
const FEATURES: [(&str, &str); 4] = [
    ("compress", "EXECFMT_FEATURE_COMPRESS"),
    ("convert", "EXECFMT_FEATURE_CONVERT"),
    ("std", "EXECFMT_FEATURE_STD"),
    ("builder", "EXECFMT_FEATURE_BUILDER"),
];

pub(crate) fn write(check: bool) -> Result<()> {
    let mut stale = Vec::new();
    for (name, text) in generate()? {
        let path = root().join("include").join(&name);
        if fs::read_to_string(&path).is_ok_and(|committed| committed == text) {
            continue;
        }
        stale.push(name);
        if !check {
            fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
        }
    }
    if check && !stale.is_empty() {
        bail!("stale headers: {}; run `cargo xtask headers`", stale.join(", "));
    }
    for name in stale {
        println!("wrote include/{name}");
    }
    Ok(())
}

fn generate() -> Result<Vec<(String, String)>> {
    let mut umbrella = String::from(
        "/* The C library of execfmt: every format. Generated by `cargo xtask headers`; do not edit. */\n\n\
         #ifndef EXECFMT_H\n#define EXECFMT_H\n\n",
    );
    let mut all = Vec::new();
    for header in HEADERS {
        let name = format!("execfmt/{}.h", header.name);
        umbrella += &format!("#include \"{name}\"\n");
        let text = text_of(header, &name)?;
        all.push((name, text));
    }
    umbrella += "\n#endif /* EXECFMT_H */\n";
    all.push(("execfmt.h".into(), umbrella));
    Ok(all)
}

fn text_of(header: &Header, name: &str) -> Result<String> {
    let guard = name.to_uppercase().replace(['/', '.'], "_");
    let (mut text, mut builder) = (String::new(), Builder::new());
    for source in header.sources {
        let path = root().join("ffi/src").join(source);
        let one = fs::read_to_string(&path).with_context(|| source.to_string())?;
        let first = one.lines().find(|line| !line.is_empty()).unwrap_or_default();
        ensure!(!first.starts_with("//!"), "{source}: the module's documentation belongs to the file above");
        text += &one;
        builder = builder.with_src(path);
    }
    // A header from several files names their folder.
    let source = match header.sources {
        [one] => format!("ffi/src/{one}"),
        several => {
            let folder = several.first().and_then(|first| first.rsplit_once('/'));
            folder.map_or("ffi/src".into(), |(folder, _)| format!("ffi/src/{folder}"))
        }
    };
    // cbindgen silently omits types that no function of the same file uses.
    let types = words_after(&text, &["pub struct ", "pub type "]);
    let config = Config {
        export: ExportConfig { include: types.clone(), ..ExportConfig::default() },
        language: Language::C,
        style: Style::Both,
        documentation_style: DocumentationStyle::C,
        no_includes: true,
        usize_is_size_t: true,
        defines: FEATURES.map(|(feature, define)| (format!("feature = {feature}"), define.into())).into(),
        line_length: 110,
        ..Config::default()
    };
    let bindings =
        builder.with_config(config).generate().with_context(|| format!("cbindgen cannot read {source}"))?;
    let mut raw = Vec::new();
    bindings.write(&mut raw);
    let raw = String::from_utf8(raw)?;
    let rules: String = header.rules.iter().copied().flatten().map(constant).collect();
    let fields = header.records.iter().map(|record| fields_of(record, &raw));
    let raw = rules + &fields.collect::<Result<String>>()? + &raw;

    // Functions made by a macro, or in a form that cbindgen does not recognise, would be missing just as
    // silently.
    let functions = words_after(&text, &["pub extern \"C\" fn ", "pub unsafe extern \"C\" fn "]);
    for function in &functions {
        ensure!(raw.contains(&format!("{function}(")), "{source}: {function} is missing from {name}");
    }
    for name_of_type in &types {
        let declared =
            raw.contains(&format!("}} {name_of_type};")) || raw.contains(&format!(" {name_of_type};"));
        let declared = declared || raw.contains(&format!("(*{name_of_type})("));
        ensure!(declared, "{source}: {name_of_type} is missing from {name}");
    }

    let includes =
        if header.needs.is_empty() { String::new() } else { format!("#include \"{}\"\n", header.needs) };
    Ok(format!(
        "/* {name}: generated from {source} by `cargo xtask headers`; do not edit. */\n\n{}\
         #ifndef {guard}\n#define {guard}\n\n#include <stddef.h>\n#include <stdint.h>\n{includes}\n\
         #ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n{}{}\n\n\
         #ifdef __cplusplus\n}}\n#endif\n\n#endif /* {guard} */\n",
        overview(header.name)?,
        not_packed(header.name),
        in_hex(for_c89(&one_line_comments(&raw)).trim(), &text)
    ))
}

/// An array of -1 elements if structs are packed, which would make their layouts differ from the library's.
/// On every supported machine except m68k, a 64-bit integer is aligned at least as a pointer is.
fn not_packed(name: &str) -> String {
    format!(
        "/* Does not compile within `#pragma pack`, or with `-fpack-struct`: the library was not built that way. */\n\
         struct execfmt_{name}_alignment {{\n  char first;\n  uint64_t second;\n}};\n#ifndef __m68k__\n\
         typedef char execfmt_{name}_is_packed\n    \
         [offsetof(struct execfmt_{name}_alignment, second) >= sizeof(void *) ? 1 : -1];\n#endif\n\n"
    )
}

/// The text before a header's declarations, and a program that shows its use.
fn overview_and_example(name: &str) -> (std::path::PathBuf, std::path::PathBuf) {
    let folder = root().join("ffi/headers");
    (folder.join(format!("{name}.txt")), folder.join(format!("{name}.c")))
}

/// The overview and the example of a header, as its first comment.
fn overview(name: &str) -> Result<String> {
    let (text, example) = overview_and_example(name);
    let read =
        |path: &std::path::Path| fs::read_to_string(path).with_context(|| format!("{}", path.display()));
    let (text, example) = (read(&text)?, read(&example)?);
    ensure!(
        !example.contains("/*") && !example.contains("*/"),
        "{name}.c: no comments, since it goes into one"
    );
    let line = |line: &str| if line.is_empty() { " *\n".into() } else { format!(" * {line}\n") };
    let text: String = text.trim_end().lines().map(line).collect();
    let code = |code: &str| if code.is_empty() { " *\n".into() } else { format!(" *     {code}\n") };
    let example: String = example.trim_end().lines().map(code).collect();
    Ok(format!("/*\n{text} *\n * Example:\n *\n{example} */\n\n"))
}

/// The numbers of a record's fields, from the only description of the record.
fn fields_of(record: &Record, raw: &str) -> Result<String> {
    let line = raw.lines().find_map(|line| line.strip_prefix(&format!("#define {} ", record.record)));
    let line = line.with_context(|| format!("{} has no number", record.record))?;
    let number: usize = line.split_whitespace().next().unwrap_or_default().parse()?;
    let fields = record.fields.iter().map(|field| {
        let offset = record.start + field.offset;
        ensure!(offset < 0x100, "{}: a record has at most 256 bytes", field.name);
        let name = upper_snake(field.name);
        Ok(format!(
            "/*\n * Field of a finding: {}, {}\n */\n#define {}{name} {:#06x}\n\n",
            field.name,
            lower(field.meaning.trim()),
            record.prefix,
            number + offset
        ))
    });
    fields.collect()
}

/// The number of a rule, in the form in which cbindgen writes a constant.
fn constant(row: &Row) -> String {
    let severity = match row.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
    };
    let comment = format!("{severity}: {}", lower(row.meaning.trim()));
    let (mut text, mut length) = (String::from(" *"), 0);
    for word in comment.split_whitespace() {
        if length + word.len() > 106 {
            text.push_str("\n *");
            length = 0;
        }
        text = text + " " + word;
        length += word.len() + 1;
    }
    format!("/*\n{text}\n */\n#define {} {}\n\n", row.constant, row.number)
}
