//! The pages of the command and of the tools that it replaces, from the definitions that it runs by.

use std::fmt::Write as _;

use clap::builder::StyledStr;
use clap::{Arg, Command};

use crate::same;

/// Text of a help in Markdown.
fn text(help: Option<&StyledStr>) -> String {
    help.map(|help| escaped(&help.to_string())).unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('<', "\\<")
}

/// An option or an argument as typed, and its description.
fn item(arg: &Arg) -> String {
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let value = arg.get_value_names().filter(|_| arg.get_action().takes_values()).unwrap_or_default();
    let value = value.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ");
    let mut names: Vec<_> = short.into_iter().chain(long).collect();
    match names.last_mut() {
        Some(last) if !value.is_empty() => *last = format!("{last} {value}"),
        Some(_) => {}
        None => names.push(value),
    }
    let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let help = text(arg.get_long_help().or(arg.get_help())).replace('\n', "\n  ");
    let end = if help.ends_with(['.', ']']) { "" } else { "." };
    let mut item = format!("- {names}: {help}{end}");
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if arg.get_action().takes_values() && !defaults.is_empty() {
        let _ = write!(item, " Default: `{}`.", defaults.join(" "));
    }
    if let Some(variable) = arg.get_env() {
        let _ = write!(item, " Environment variable: `{}`.", variable.to_string_lossy());
    }
    let values = arg.get_possible_values();
    for value in values.iter().filter(|value| arg.get_action().takes_values() && !value.is_hide_set()) {
        let _ = write!(item, "\n  - `{}`", value.get_name());
        if let Some(help) = value.get_help() {
            let _ = write!(item, ": {}", text(Some(help)));
        }
    }
    item
}

/// What a command is and takes, below a heading.
fn describe(command: &mut Command, heading: &str) -> String {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let about = text(command.get_long_about().or(command.get_about()));
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    let mut page = format!("{heading} {name}\n\n{about}\n\n```text\n{usage}\n```\n");
    let mut groups = vec![("Arguments".to_owned(), Vec::new()), ("Options".to_owned(), Vec::new())];
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        // The same for all.
        if ["help", "version", "color"].contains(&arg.get_id().as_str()) {
            continue;
        }
        let title = arg.get_help_heading().filter(|_| !arg.is_positional());
        let title = title.unwrap_or(if arg.is_positional() { "Arguments" } else { "Options" });
        if groups.iter().all(|group| group.0 != title) {
            groups.push((title.to_owned(), Vec::new()));
        }
        let group = groups.iter_mut().find(|group| group.0 == title).expect("just made");
        group.1.push(item(arg));
    }
    for (title, items) in groups.iter().filter(|group| !group.1.is_empty()) {
        let _ = write!(page, "\n{heading}# {title}\n\n{}\n", items.join("\n"));
    }
    if let Some(examples) = command.get_after_help().map(ToString::to_string) {
        if let Some(examples) = examples.strip_prefix("Examples:\n") {
            let lines: Vec<_> =
                examples.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
            let _ = write!(page, "\n{heading}# Examples\n\n```text\n{}\n```\n", lines.join("\n"));
        }
    }
    page
}

/// The commands that do something, below one that may only lead to them.
fn leaves(command: &Command) -> Vec<Command> {
    let inner: Vec<_> = command
        .get_subcommands()
        .filter(|inner| inner.get_name() != "help" && !inner.is_hide_set())
        .collect();
    if inner.is_empty() {
        return vec![command.clone()];
    }
    inner.into_iter().flat_map(leaves).collect()
}

#[test]
fn pages_are_those_of_the_definitions() {
    let mut definitions = execfmt_cli::definitions().into_iter();
    let mut execfmt = definitions.next().unwrap();
    execfmt.build();
    let about = text(execfmt.get_about());
    let mut index = format!(
        "# The command\n\n{about}.\n\nThese pages are made from the definitions of `execfmt help`.\n\n| command | what it does |\n|---|---|\n"
    );
    for mut command in leaves(&execfmt) {
        let name = command.get_bin_name().unwrap().to_owned();
        let file = name.strip_prefix("execfmt ").unwrap().replace(' ', "-");
        let about = text(command.get_about());
        let _ = writeln!(index, "| [`{name}`]({file}.md) | {about} |");
        same(&format!("docs/command/{file}.md"), &describe(&mut command, "#"));
    }
    let notes = execfmt.get_after_help().unwrap().to_string();
    for note in notes.lines() {
        let _ = write!(index, "\n{}\n", escaped(note));
    }
    index += "\n`--color WHEN` (auto, always or never; auto respects `NO_COLOR`) and `--help` are options of every command.\n\n\
              [The tools that it replaces](tools.md) have a page of their own.\n";
    same("docs/command/execfmt.md", &index);
    let mut tools = String::from(
        "# The tools that it replaces\n\nLinked or copied to one of these names, `execfmt` takes the arguments of that tool. What \
         differs from the originals is in [Moving from other tools](../differences.md).\n",
    );
    for mut tool in definitions {
        tool.build();
        let _ = write!(tools, "\n{}", describe(&mut tool, "##"));
    }
    same("docs/command/tools.md", &tools);
}
