//! `cargo xtask dist --prefix DIR`: the C library installed for other projects, to be found by path, by
//! pkg-config and by CMake.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::archive::HOST;
use crate::c_headers::{self, Function};
use crate::library;
use crate::shell::{program, root, run, scratch, stdout};
use crate::{packages, pages};

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Programs linked with a library run with any other that has the same number; the ABI record enforces it.
const ABI: &str = env!("CARGO_PKG_VERSION_MAJOR");
/// The libraries that std needs on a system with glibc; since 2.34 all of it is in libc.
const SYSTEM: [&str; 3] = ["-lpthread", "-ldl", "-lm"];

/// Installs the library under a prefix: lib, include, share/man; and the parts of the command that `cargo
/// install` omits.
pub(crate) fn prefix(prefix: &Path) -> Result<()> {
    let prefix = std::path::absolute(prefix)?;
    let lib = prefix.join("lib");
    for folder in ["lib/pkgconfig", "lib/cmake/execfmt", "include/execfmt", "share/man/man3"] {
        fs::create_dir_all(prefix.join(folder)).with_context(|| prefix.display().to_string())?;
    }
    let archive = library::small()?;
    fs::copy(&archive, lib.join("libexecfmt.a"))?;
    shared(&archive, &lib)?;
    let written = ["execfmt.h", "execfmt.hpp", "execfmt/aout_wire.h"];
    for header in c_headers::names()?.iter().map(String::as_str).chain(written) {
        fs::copy(root().join("include").join(header), prefix.join("include").join(header))?;
    }
    fs::write(lib.join("pkgconfig/execfmt.pc"), pkg_config())?;
    fs::write(lib.join("cmake/execfmt/execfmt-config.cmake"), cmake())?;
    fs::write(lib.join("cmake/execfmt/execfmt-config-version.cmake"), cmake_version())?;
    let functions = c_headers::read()?.functions;
    for function in &functions {
        fs::write(prefix.join(format!("share/man/man3/{}.3", function.name)), manual(function))?;
    }
    pages::write(&prefix.join("share"))?;
    println!(
        "installed libexecfmt {VERSION}, {} manual pages of it, and those and the completions of execfmt under {}",
        functions.len(),
        prefix.display()
    );
    Ok(())
}

/// The shared library: its functions under a symbol version, and no other exports. Returns its name for
/// linking.
pub(crate) fn shared(archive: &Path, lib: &Path) -> Result<PathBuf> {
    let folder = scratch("shared")?;
    let names = HOST.exported(archive)?;
    let script = folder.join("execfmt.map");
    let list: String = names.iter().map(|name| format!("        {name};\n")).collect();
    fs::write(&script, format!("EXECFMT_{ABI} {{\n    global:\n{list}    local:\n        *;\n}};\n"))?;
    let file = lib.join(format!("libexecfmt.so.{VERSION}"));
    run(program("gcc", 120)
        .args(["-shared", "-Wl,--gc-sections", "-Wl,-z,defs", "-Wl,-z,relro", "-Wl,-z,now", "-s"])
        .arg(format!("-Wl,-soname,libexecfmt.so.{ABI}"))
        .arg(format!("-Wl,--version-script={}", script.display()))
        .args(names.iter().map(|name| format!("-Wl,-u,{name}")))
        .arg(archive)
        .args(SYSTEM)
        .arg("-lgcc_s")
        .arg("-o")
        .arg(&file))?;
    let links = [format!("libexecfmt.so.{ABI}"), "libexecfmt.so".into()];
    for (link, to) in links.iter().zip([&format!("libexecfmt.so.{VERSION}"), &links[0]]) {
        let link = lib.join(link);
        if link.symlink_metadata().is_ok() {
            fs::remove_file(&link)?;
        }
        symlink(to, &link)?;
    }
    Ok(lib.join("libexecfmt.so"))
}

fn pkg_config() -> String {
    format!(
        "prefix=${{pcfiledir}}/../..\nlibdir=${{prefix}}/lib\nincludedir=${{prefix}}/include\n\n\
         Name: execfmt\nDescription: Executable formats of small systems: NOFF, ELKS and Minix a.out, Coyotos images\n\
         Version: {VERSION}\nCflags: -I${{includedir}}\nLibs: -L${{libdir}} -lexecfmt\nLibs.private: {}\n",
        SYSTEM.join(" ")
    )
}

fn cmake() -> String {
    String::from(
        "# Targets: execfmt::execfmt (shared) and execfmt::static.\n\
         get_filename_component(_execfmt_prefix \"${CMAKE_CURRENT_LIST_DIR}/../../..\" ABSOLUTE)\n\
         if(NOT TARGET execfmt::execfmt)\n\
         \x20 add_library(execfmt::execfmt SHARED IMPORTED)\n\
         \x20 set_target_properties(execfmt::execfmt PROPERTIES\n\
         \x20   IMPORTED_LOCATION \"${_execfmt_prefix}/lib/libexecfmt.so\"\n\
         \x20   INTERFACE_INCLUDE_DIRECTORIES \"${_execfmt_prefix}/include\")\n\
         \x20 add_library(execfmt::static STATIC IMPORTED)\n\
         \x20 set_target_properties(execfmt::static PROPERTIES\n\
         \x20   IMPORTED_LOCATION \"${_execfmt_prefix}/lib/libexecfmt.a\"\n\
         \x20   INTERFACE_INCLUDE_DIRECTORIES \"${_execfmt_prefix}/include\"\n\
         \x20   INTERFACE_LINK_LIBRARIES \"pthread;dl;m\")\n\
         endif()\n\
         unset(_execfmt_prefix)\n",
    )
}

/// Before 1.0 a minor version may change anything; from then on only a major one.
fn cmake_version() -> String {
    let (major, minor) = (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"));
    let compatible = if major == "0" { format!("{major}.{minor}") } else { major.into() };
    format!(
        "set(PACKAGE_VERSION \"{VERSION}\")\n\
         if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)\n  set(PACKAGE_VERSION_COMPATIBLE FALSE)\n\
         elseif(\"${{PACKAGE_FIND_VERSION}}.\" MATCHES \"^{}[.]\")\n  set(PACKAGE_VERSION_COMPATIBLE TRUE)\n\
         else()\n  set(PACKAGE_VERSION_COMPATIBLE FALSE)\nendif()\n\
         if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)\n  set(PACKAGE_VERSION_EXACT TRUE)\nendif()\n",
        compatible.replace('.', "[.]")
    )
}

/// A manual page from the declaration of a function and the comment before it.
fn manual(function: &Function) -> String {
    let roff = |text: &str| {
        let text = text.replace('\\', "\\e").replace('-', "\\-");
        // A line that begins with a full stop or an apostrophe is a request.
        if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
    };
    let sentence = function.comment.join(" ");
    let first = sentence.split_once(". ").map_or(sentence.as_str(), |(first, _)| first);
    let mut page = format!(
        ".TH {} 3 \"\" \"execfmt {VERSION}\" \"execfmt\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.nf\n#include <{}>\n\n",
        function.name.to_uppercase(),
        function.name,
        roff(first.trim_end_matches('.')),
        function.header
    );
    for line in function.declaration.lines() {
        page += &roff(line);
        page += "\n";
    }
    page += ".fi\n.SH DESCRIPTION\n";
    for line in &function.comment {
        page += &if line.is_empty() { ".PP".into() } else { roff(line) };
        page += "\n";
    }
    page
}

/// Installs into a new prefix and builds programs with it in the three ways.
pub(crate) fn test() -> Result<()> {
    packages::install(packages::INSTALL)?;
    let folder = scratch("install")?;
    let installed = folder.join("prefix");
    prefix(&installed)?;
    let (lib, include) = (installed.join("lib"), installed.join("include"));
    let source = root().join("ffi/tests/c/link.c");
    let linked = |binary: &Path, how: &str| -> Result<()> {
        let printed = stdout(program(binary, 20).env("LD_LIBRARY_PATH", &lib))?;
        ensure!(printed == "linked\n", "{how} prints {printed:?}");
        println!("{how}: linked");
        Ok(())
    };

    let binary = folder.join("by-path");
    run(program("cc", 60)
        .arg("-I")
        .arg(&include)
        .arg(&source)
        .arg("-L")
        .arg(&lib)
        .args(["-lexecfmt", "-o"])
        .arg(&binary))?;
    linked(&binary, "cc -lexecfmt")?;
    let needed = stdout(program("readelf", 20).arg("-d").arg(&binary))?;
    ensure!(needed.contains(&format!("[libexecfmt.so.{ABI}]")), "not needed by its SONAME:\n{needed}");
    let versions = stdout(program("nm", 20).args(["-D", "--with-symbol-versions"]).arg(&binary))?;
    ensure!(
        versions.contains(&format!("execfmt_noff_parse@EXECFMT_{ABI}")),
        "no symbol version:\n{versions}"
    );
    let shared = lib.join("libexecfmt.so");
    let exported = stdout(program("nm", 20).args(["-D", "--defined-only"]).arg(&shared))?;
    let names = exported.lines().filter_map(|line| line.split_whitespace().nth(2));
    let strangers: Vec<_> =
        names.filter(|name| !name.starts_with("execfmt_") && !name.starts_with("EXECFMT_")).collect();
    ensure!(strangers.is_empty(), "libexecfmt.so exports {strangers:?}");

    for (name, arguments) in [
        ("pkg-config", &["--cflags", "--libs"][..]),
        ("pkg-config --static", &["--static", "--cflags", "--libs"]),
    ] {
        let binary = folder.join("by-pkg-config");
        let flags = stdout(
            program("pkg-config", 20)
                .args(arguments)
                .arg("execfmt")
                .env("PKG_CONFIG_PATH", lib.join("pkgconfig")),
        )?;
        let kind: &[&str] = if name.contains("static") { &["-static"] } else { &[] };
        stdout(
            program("cc", 60).args(kind).arg(&source).args(flags.split_whitespace()).arg("-o").arg(&binary),
        )?;
        linked(&binary, name)?;
    }
    let version = stdout(
        program("pkg-config", 20)
            .args(["--modversion", "execfmt"])
            .env("PKG_CONFIG_PATH", lib.join("pkgconfig")),
    )?;
    ensure!(version.trim() == VERSION, "pkg-config says version {version}");

    let project = folder.join("cmake");
    fs::create_dir_all(&project)?;
    fs::write(
        project.join("CMakeLists.txt"),
        format!(
            "cmake_minimum_required(VERSION 3.10)\nproject(use C)\nfind_package(execfmt {VERSION} CONFIG REQUIRED)\n\
             add_executable(shared {0})\ntarget_link_libraries(shared execfmt::execfmt)\n\
             add_executable(static {0})\ntarget_link_libraries(static execfmt::static)\n",
            source.display()
        ),
    )?;
    let build = project.join("build");
    let definition = format!("-DCMAKE_PREFIX_PATH={}", installed.display());
    stdout(program("cmake", 120).arg("-S").arg(&project).arg("-B").arg(&build).arg(&definition))?;
    stdout(program("cmake", 120).arg("--build").arg(&build))?;
    linked(&build.join("shared"), "CMake, shared")?;
    linked(&build.join("static"), "CMake, static")?;

    let share = installed.join("share");
    let counts = (pages::check(&share.join("man/man3"))?, pages::check(&share.join("man/man1"))?);
    pages::complete(&share)?;
    pages::magic(&share)?;
    println!("manual pages: {} of functions, {} of commands, no warning", counts.0, counts.1);
    Ok(())
}
