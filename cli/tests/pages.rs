//! The manual pages and the completions: nothing is missing, and the programs that read them accept them.

#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::unwrap_used)]

#[path = "../examples/pages.rs"]
#[allow(dead_code)]
mod pages;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The words of a help that its lines begin with, below a heading.
fn first_words(help: &str, heading: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != heading).skip(1);
    let block = lines.take_while(|line| !line.is_empty());
    let entries = block.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    entries.filter_map(|line| line.split_whitespace().next()).map(String::from).collect()
}

fn help(arguments: &[String]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_execfmt"));
    let ran = command.args(arguments).arg("--help").output().unwrap();
    String::from_utf8(ran.stdout).unwrap()
}

/// The long options that a text names.
fn options(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| word.len() > 3 && word.starts_with("--")).collect()
}

/// Every subcommand that the command itself lists has a page, which has every option that its help has.
fn has_pages(share: &Path, command: &[String]) -> u32 {
    let help = help(command);
    let name = [&["execfmt".to_string()], command].concat().join("-");
    let page = fs::read_to_string(share.join(format!("man/man1/{name}.1"))).expect(&name);
    let page = page.replace("\\-", "-").replace("\\fB", " ");
    let missing: Vec<_> = options(&help).difference(&options(&page)).copied().collect();
    assert!(missing.is_empty(), "{name}.1 lacks {missing:?}");
    let mut count = 1;
    for subcommand in first_words(&help, "Commands:").into_iter().filter(|name| name != "help") {
        count += has_pages(share, &[command, &[subcommand]].concat());
    }
    count
}

#[test]
fn every_subcommand_and_every_tool_has_a_page() {
    let share = tempfile::tempdir().unwrap();
    pages::write(share.path()).unwrap();
    assert!(has_pages(share.path(), &[]) > 12);
    let help = help(&[]).split_whitespace().collect::<Vec<_>>().join(" ");
    let tools = help.rsplit_once("arguments: ").unwrap().1.trim_end_matches('.');
    for tool in tools.split(", ") {
        let page = fs::read_to_string(share.path().join(format!("man/man1/{tool}.1"))).expect(tool);
        assert!(page.contains(&format!("\n.TH {tool} 1 ")), "{tool}");
    }
}

/// What a shell prints that runs a script with the completions' file as its last argument, after a name that fish takes for
/// one too; nothing where there is no such shell.
#[cfg(unix)]
fn shell(name: &str, script: &str, file: &Path) -> Option<String> {
    let ran = Command::new(name).arg("-c").arg(script).arg(name).arg(file).output();
    let Ok(ran) = ran else {
        execfmt_testkit::skipped(&format!("completions in {name}"), "it is not installed");
        return None;
    };
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.is_empty(), "{name}: {}: {said}", ran.status);
    Some(String::from_utf8(ran.stdout).unwrap())
}

#[test]
#[cfg(unix)]
fn shells_complete_subcommands_and_options() {
    let share = tempfile::tempdir().unwrap();
    pages::write(share.path()).unwrap();
    let bash = share.path().join("bash-completion/completions/execfmt");
    for (words, completions) in [
        ("execfmt co", "compress convert coyotos"),
        ("execfmt coyotos unp", "unpack"),
        ("execfmt check --str", "--strict"),
        ("execfmt convert --to no", "noff"),
    ] {
        let script = format!(
            "source \"$1\" && complete -p execfmt > /dev/null; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _execfmt execfmt \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\" | sort | xargs"
        );
        if let Some(printed) = shell("bash", &script, &bash) {
            assert_eq!(printed.trim_end(), completions, "{words}");
        }
    }
    let fish = share.path().join("fish/vendor_completions.d/execfmt.fish");
    if let Some(printed) = shell("fish", "source $argv[-1]; complete -C 'execfmt coyotos unp'", &fish) {
        assert!(printed.starts_with("unpack"), "{printed}");
    }
    let zsh = share.path().join("zsh/site-functions/_execfmt");
    shell("zsh", "zsh -n \"$1\"", &zsh);
}

#[test]
#[cfg(unix)]
fn man_reads_the_pages_without_a_warning() {
    let share = tempfile::tempdir().unwrap();
    pages::write(share.path()).unwrap();
    for entry in fs::read_dir(share.path().join("man/man1")).unwrap() {
        let page = entry.unwrap().path();
        let ran = Command::new("groff").args(["-man", "-ww", "-Tutf8", "-z"]).arg(&page).output();
        let Ok(ran) = ran else {
            execfmt_testkit::skipped("the manual pages in groff", "it is not installed");
            return;
        };
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && said.is_empty(), "{}: {said}", page.display());
    }
}
