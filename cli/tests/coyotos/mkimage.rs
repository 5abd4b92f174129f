//! Scripts of mkimage, by the command and under the original's name.

use std::fs;
use std::path::{MAIN_SEPARATOR, Path};
use std::process::{Command, Output};

use execfmt_testkit::root;

use crate::support::{execfmt, folder, linked, names, path, run, text};
use crate::{fails, fine, plain};

fn cases() -> String {
    root().join("testdata/mki").display().to_string()
}

/// Runs a case with folders for modules and files.
fn case(name: &str, more: &[&str]) -> Output {
    let cases = cases();
    let files = format!("{cases}/files");
    let common = ["coyotos", "mkimage", "-t", "i386", "-I", &cases, "-L", &files, name];
    execfmt(&[&common, more].concat(), b"")
}

/// Writes scripts into a folder.
fn scripts(folder: &Path, scripts: &[(&str, &str)]) {
    for (name, text) in scripts {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn a_script_prints_and_writes_an_image() {
    let folder = folder();
    let image = path(&folder, "image");
    let output = case("gpt_fields", &["-o", &image]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("12\n1\n0\n16\n{ Page(ty=33)"), "{}", text(&output.stdout));
    let stored = fs::read(&image).unwrap();
    assert!(stored.starts_with(b"\x1f\x8b") && plain(&stored).starts_with(b"coyimage"));
    fine(&["check", &image], b"");
    let output = case("gpt_fields", &["-o", &image, "--no-gzip"]);
    assert!(output.status.success() && fs::read(&image).unwrap() == plain(&stored));
}

#[test]
fn the_recipe_of_a_run_builds_the_same_image() {
    let folder = folder();
    let (image, again) = (path(&folder, "image"), path(&folder, "again"));
    for name in ["file_load", "cap_dup", "process_fields", "space_insert", "page_fill_words", "print_doprint"]
    {
        let output = case(name, &["-o", &image, "--trace"]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
        fine(&["coyotos", "build", "-", "-o", &again, "-q"], &output.stdout);
        let [image, again] = [&image, &again].map(|path| plain(&fs::read(path).unwrap()));
        assert!(image == again, "{name}:\n{}", text(&output.stdout));
    }
    let recipe = case("print_doprint", &["-o", &image, "--trace"]).stdout;
    assert_eq!(text(&recipe), "arch i386\n# a1{ Range(ty=5) }\n# xUNIT\nvalidate\n");
    let words = "standard output";
    fails(&["coyotos", "mkimage", "-t", "arm", "m", "--trace", "-o", "-"], b"", 2, words);
}

#[test]
fn an_error_shows_the_line_and_the_calls() {
    let folder = folder();
    scripts(
        folder.path(),
        &[
            ("t.mki", "module t {\n  import m = a.m;\n  print \"before\";\n  print m.half(0);\n}\n"),
            ("a/m.mki", "module a.m {\n  export def half(n) {\n\treturn 2 / n;\n  }\n}\n"),
        ],
    );
    let image = path(&folder, "image");
    let at = folder.path().display().to_string();
    let output = execfmt(&["coyotos", "mkimage", "-t", "arm", "-I", &at, "-o", &image, "t"], b"");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), "before\n"));
    let expected = format!(
        "execfmt: error: division by zero\n \
         --> {at}{MAIN_SEPARATOR}a/m.mki:3:11\n  \
          |\n\
         3 |  return 2 / n;\n  \
          |           ^\n  \
          |\n  \
          = note: half was called at {at}{MAIN_SEPARATOR}t.mki:4:10\n"
    );
    assert_eq!(text(&output.stderr), expected);
    assert!(!Path::new(&image).exists(), "an image in spite of the error");
}

#[test]
fn what_a_script_says_cannot_act_on_a_terminal() {
    let folder = folder();
    let script = "module t {\n  fatal(\"\u{1b}[2J\u{202e}\"); }\n";
    scripts(folder.path(), &[("t.mki", script), ("f.mki", "module f { import x = \u{9b}; }")]);
    let at = folder.path().display().to_string();
    for name in ["t", "f"] {
        let output = execfmt(&["coyotos", "mkimage", "-t", "arm", "-I", &at, name], b"");
        assert_eq!(output.status.code(), Some(1));
        let said = text(&output.stderr);
        assert!(!said.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{said:?}");
    }
    let printed = "module p { print \"\\{U+1B}[2J\"; }";
    scripts(folder.path(), &[("p.mki", printed)]);
    let image = path(&folder, "image");
    let output = execfmt(&["coyotos", "mkimage", "-t", "arm", "-I", &at, "-o", &image, "p"], b"");
    // This is not a terminal: a program gets what the script prints.
    assert_eq!(text(&output.stdout), "\u{1b}[2J\n");
    let output = execfmt(&["coyotos", "mkimage", "-t", "arm", "-I", &at, "-o", &image, "p", "--trace"], b"");
    assert_eq!(text(&output.stdout), "arch arm\n# \\u{1b}[2J\nvalidate\n");
}

#[test]
fn limits_can_be_set() {
    let folder = folder();
    let script = "module t { def f(n) { return f(n); } while (1) { new Page(PrimeBank); } }";
    scripts(folder.path(), &[("t.mki", script), ("u.mki", "module u { def f() { return f(); } f(); }")]);
    let at = folder.path().display().to_string();
    let common = ["coyotos", "mkimage", "-t", "arm", "-I", &at];
    for (more, words) in [
        (&["t", "--max-steps", "1000"][..], "the run took 1000 steps"),
        (&["t", "--max-image", "100000"], "--max-image raises the limit"),
        (&["u", "--max-depth", "50"], "50 calls are nested"),
    ] {
        fails(&[&common, more].concat(), b"", 1, words);
    }
}

#[test]
fn modules_and_files_are_looked_for_in_order() {
    let folder = folder();
    scripts(
        folder.path(),
        &[
            ("one/t.mki", "module t { import a = n.a; print readfile(PrimeBank, \"f\") == NullCap(); }"),
            ("root/usr/include/mki/n/a.mki", "module n.a { print \"root\"; }"),
            ("xenv/usr/include/mki/n/a.mki", "module n.a { print \"xenv\"; }"),
            ("two/n/a.mki", "module n.a { print \"two\"; }"),
            ("root/usr/domain/f", ""),
            ("lib/f", "contents"),
        ],
    );
    let tool = linked(folder.path(), "mkimage");
    let mkimage = |arguments: &[&str]| {
        let command = &mut Command::new(&tool);
        command.current_dir(folder.path()).env("COYOTOS_ROOT", "root").env("COYOTOS_XENV", "xenv");
        command.args(["-t", "coldfire", "-I", "one"]).args(arguments).output().unwrap()
    };
    let printed = |arguments: &[&str]| {
        let output = mkimage(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).to_string()
    };
    assert_eq!(printed(&["t"]), "root\n1\n");
    assert!(names(folder.path()).contains(&"mkimage.out".to_string()));
    // Options and modules mix.
    assert_eq!(printed(&["t", "-I", "two", "-L", "lib"]), "two\n0\n");
    let alone = mkimage(&["t", "--nostdinc", "-o", "x"]);
    let said = text(&alone.stderr);
    assert_eq!(alone.status.code(), Some(1));
    assert!(
        said.contains("n.a is in none of the module folders") && said.contains("searched: one;"),
        "{said}"
    );
    let alone = mkimage(&["t", "--nostdlib", "-o", "x"]);
    assert_eq!((alone.status.code(), text(&alone.stdout)), (Some(1), "root\n"));
    assert!(text(&alone.stderr).contains("searched: no folder"), "{}", text(&alone.stderr));
    assert!(!names(folder.path()).contains(&"x".to_string()));
}

#[test]
fn a_script_may_begin_with_a_mark_but_is_not_utf_16() {
    let folder = folder();
    scripts(folder.path(), &[("t.mki", "\u{feff}module t { print 1; }")]);
    fs::write(folder.path().join("wide.mki"), b"\xff\xfem\0").unwrap();
    let (at, image) = (folder.path().display().to_string(), path(&folder, "image"));
    let arguments =
        |name| ["coyotos", "mkimage", "-t", "arm", "-I", &at, "-o", &image, name].map(String::from);
    let said = |name| {
        let arguments = arguments(name);
        execfmt(&arguments.each_ref().map(String::as_str), b"")
    };
    assert_eq!(text(&said("t").stdout), "1\n");
    let refused = said("wide");
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("this text is UTF-16"), "{}", text(&refused.stderr));
}

/// Symbolic links, which a user of Windows may not make.
#[cfg(unix)]
#[test]
fn a_symbolic_link_is_a_file() {
    let folder = folder();
    scripts(folder.path(), &[("real", "module t { print readfile(PrimeBank, \"link\"); }")]);
    for name in ["t.mki", "link"] {
        std::os::unix::fs::symlink("real", folder.path().join(name)).unwrap();
    }
    let (at, image) = (folder.path().display().to_string(), path(&folder, "image"));
    let arguments = ["coyotos", "mkimage", "-t", "arm", "-I", &at, "-L", &at, "-o", &image, "t"];
    assert_eq!(text(&fine(&arguments, b"")), "{ Page(ty=33) ac=0 oid=0x1 match=0 l2g=12 }\n");
}

#[test]
fn headers_are_written_into_a_folder() {
    let (folder, cases) = (folder(), cases());
    let into = path(&folder, "headers");
    let arguments = ["coyotos", "mkimage", "-t", "i386", "-I", &cases, "-H", &into, "hdr"];
    assert_eq!(text(&fine(&arguments, b"")), "");
    assert_eq!(names(Path::new(&into)), ["hdr.h", "support.shapes.h"]);
    for name in names(Path::new(&into)) {
        let expected = fs::read(root().join("testdata/mki/hdr.headers").join(&name)).unwrap();
        assert_eq!(fs::read(Path::new(&into).join(&name)).unwrap(), expected, "{name}");
    }
    assert_eq!(names(folder.path()), ["headers"]);
}

#[test]
fn the_original_name_has_its_habits() {
    let folder = folder();
    let tool = linked(folder.path(), "mkimage");
    for (arguments, code, words) in [
        (&["-V"][..], 0, "mkimage 0."),
        (&["-h"], 0, "Usage: mkimage"),
        (&["--help"], 0, "COYOTOS_ROOT"),
        (&["m"], 1, "--target"),
        (&["-t", "vax", "m"], 1, "i386, coldfire or arm"),
        (&["-t", "arm"], 1, "MODULE"),
        (&["-t", "arm", "--nostdinc", "m"], 1, "the module m is in none of the module folders"),
        (&["-t", "arm", "--nostdinc", "--showlex", "--dumpafter", "x", "m"], 1, "--showlex: note:"),
    ] {
        let output = run(&tool, arguments, b"");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(text(&output.stderr).contains(words), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }
    // The last of an option given twice counts.
    let cases = cases();
    let image = path(&folder, "image");
    let output = run(&tool, &["-t", "i386", "-t", "arm", "-I", &cases, "image_arm", "-o", &image], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}
