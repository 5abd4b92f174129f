//! The headers as compilers lay them out: structs that are not packed, records laid out as in the Rust crates, the C++ layer
//! in every C++ standard, and how much stack the functions use.

use std::fs;

use anyhow::{Result, ensure};
use aout_minix::{ExecHeader, FarSupplement, Nlist, Reloc, RelocSupplement};
use execfmt_common::WireField;
use execfmt_system_tests::c::{Build, compile, coyotos_images, library};
use execfmt_system_tests::c_headers;
use execfmt_system_tests::scratch::Scratch;
use execfmt_system_tests::shell::{output, program, root, run, stdout};
use execfmt_system_tests::tools::{BCC, C_LIBRARY, M32, MULTILIB, Tool, have};
use zerocopy::byteorder::LittleEndian;

/// No header compiles within `#pragma pack`, with any compiler that supports it; without it, every header does.
#[test]
fn no_header_compiles_within_pragma_pack() -> Result<()> {
    let mut compilers = Vec::new();
    for compiler in ["gcc", "clang", "g++", "tcc"] {
        compilers.extend(have(&[Tool::Program(compiler)])?.then_some(compiler));
    }
    let folder = Scratch::new("c-packed")?;
    let source = folder.join("packed.c");
    for name in c_headers::names()? {
        for (pack, fine) in [("", true), ("#pragma pack(push, 1)\n", false), ("#pragma pack(2)\n", false)] {
            fs::write(&source, format!("{pack}#include <{name}>\nint main(void) {{ return 0; }}\n"))?;
            for &compiler in &compilers {
                let mut compile = program(compiler, 60);
                let language: &[&str] = if compiler == "g++" { &["-x", "c++"] } else { &[] };
                compile.args(language).arg("-I").arg(root().join("include")).arg("-c").arg(&source);
                let compiled = output(compile.arg("-o").arg(folder.join("packed.o")))?;
                let said = String::from_utf8_lossy(&compiled.stderr);
                let right = compiled.status.success() == fine
                    && (fine || said.contains("_is_packed") || compiler == "tcc");
                ensure!(right, "{compiler}, {name} after {pack:?}: {}\n{said}", compiled.status);
            }
        }
    }
    println!("no header compiles within #pragma pack");
    Ok(())
}

/// `execfmt/aout_wire.h` has each field at the crate's offset, for 64-, 32- and 16-bit compilers.
#[test]
fn plain_structs_of_aout() -> Result<()> {
    let folder = Scratch::new("c-wire")?;
    let records: [(&str, &[WireField]); 5] = [
        ("header", ExecHeader::<LittleEndian>::FIELDS),
        ("reloc_supplement", RelocSupplement::<LittleEndian>::FIELDS),
        ("far_supplement", FarSupplement::<LittleEndian>::FIELDS),
        ("relocation", Reloc::<LittleEndian>::FIELDS),
        ("nlist", Nlist::<LittleEndian>::FIELDS),
    ];
    // bcc's <stddef.h> has no offsetof for constant expressions.
    let mut text = String::from(
        "#include <execfmt/aout_wire.h>\n#define AT(s, f, o, n) (((char *)&s.f - (char *)&s) != (o) || sizeof s.f != (n))\n",
    );
    let (mut body, mut count) = (String::new(), 0_u32);
    for (name, fields) in records {
        text += &format!("struct execfmt_aout_wire_{name} {name};\n");
        let size: usize = fields.iter().map(|field| field.size).sum();
        body += &format!("    bad += sizeof {name} != {size};\n");
        for field in fields {
            body += &format!("    bad += AT({name}, {}, {}, {});\n", field.name, field.offset, field.size);
            count += 1;
        }
    }
    text += &format!("int main()\n{{\n    int bad = 0;\n{body}    return bad;\n}}\n");
    let source = folder.join("wire.c");
    fs::write(&source, text)?;
    let (include, binary) = (root().join("include"), folder.join("wire"));
    let multilib = &[M32, &["-std=c89"]].concat()[..];
    for (compiler, flags, tool) in [
        ("gcc", &["-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror"][..], Tool::Program("gcc")),
        ("gcc", multilib, MULTILIB),
        ("g++", &["-x", "c++", "-std=c++98"], Tool::Program("g++")),
        ("bcc", &["-ansi", "-0"], BCC),
    ] {
        if !have(&[tool])? {
            continue;
        }
        // bcc wants the folder in the same word.
        let include = format!("-I{}", include.display());
        run(program(compiler, 60)
            .current_dir(&*folder)
            .args(flags)
            .arg(include)
            .arg(&source)
            .arg("-o")
            .arg(&binary))?;
        if compiler == "bcc" {
            println!("bcc -ansi: execfmt/aout_wire.h compiles, sizes as asserted");
        } else {
            run(&mut program(&binary, 10))?;
        }
    }
    println!("execfmt/aout_wire.h: {count} fields as in the crate");
    Ok(())
}

/// The C++ layer over every format, in every C++ standard.
#[test]
fn the_cxx_layer() -> Result<()> {
    if !have(&[&C_LIBRARY[..], &["gzip", "g++", "clang++"].map(Tool::Program)].concat())? {
        return Ok(());
    }
    let (folder, library) = (Scratch::new("c-layer")?, library()?);
    let images = coyotos_images(&folder)?;
    let binary = folder.join("layer");
    let mut said = String::new();
    for compiler in ["g++", "clang++"] {
        for standard in ["-std=c++98", "-std=c++11", "-std=c++14", "-std=c++17", "-std=c++20", "-std=c++2b"] {
            let flags = [
                standard,
                "-pedantic",
                "-Wall",
                "-Wextra",
                "-Wshadow",
                "-Werror",
                "-fno-exceptions",
                "-fno-rtti",
                "-DEXECFMT_FREESTANDING",
            ];
            let build = Build { compiler, flags: &flags, source: "layer.cpp" };
            compile(&build, &binary, &library, &[])?;
            said = stdout(program(&binary, 60).args(images.first()))?;
        }
        println!("{compiler} execfmt.hpp, C++98 to C++23: {}", said.trim());
    }
    Ok(())
}

/// How much stack each function that a kernel may call uses: NOFF, a.out, compression, NE and COFF.
#[test]
fn stack_of_the_functions_for_kernels() -> Result<()> {
    if !have(&C_LIBRARY)? {
        return Ok(());
    }
    let (folder, library) = (Scratch::new("c-stack")?, library()?);
    let binary = folder.join("stack");
    let flags = ["-std=gnu99", "-O1", "-Wall", "-Wextra", "-Werror", "-DEXECFMT_FREESTANDING"];
    compile(&Build { compiler: "gcc", flags: &flags, source: "stack.c" }, &binary, &library, &[])?;
    let ran = output(&mut program(&binary, 60))?;
    let said = String::from_utf8_lossy(&ran.stdout);
    ensure!(ran.status.success(), "stack.c: {}\n{said}", ran.status);
    // Every function of these headers must be listed: the program must not miss one.
    let measured = fs::read_to_string(root().join("ffi/tests/c/stack.c"))?;
    let formats = ["noff", "aout", "elks", "ne", "coff"];
    for function in c_headers::read()?.functions {
        let format = function.name.split('_').nth(1).unwrap_or_default();
        let hosted = ["execfmt_aout_encode", "execfmt_aout_encode_bound", "execfmt_aout_convert"];
        let wanted = formats.contains(&format) && !hosted.contains(&function.name.as_str());
        ensure!(
            !wanted || measured.contains(&format!("{}(", function.name)),
            "stack.c lacks {}",
            function.name
        );
    }
    println!("gcc stack.c: {}", said.lines().find(|line| line.starts_with("deepest")).unwrap_or_default());
    Ok(())
}
