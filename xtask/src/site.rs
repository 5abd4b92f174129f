//! `cargo xtask site`: the documentation as a site, built by mdBook from docs/, and a check of it.
//!
//! The pages are read on the forge and in a clone as well, so their links to files outside docs/ are relative
//! there, and are rewritten to the repository's address for the site.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::shell::{cargo, program, root, run, scratch, target};

/// The version of mdBook with which the pages were reviewed.
const VERSION: &str = "0.5.4";

/// The address for links to files outside docs/.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// The page that lists the others, and to which no other page links.
const SUMMARY: &str = "SUMMARY.md";

/// Builds the site in target/site and checks it.
pub(crate) fn build() -> Result<()> {
    let mdbook = mdbook()?;
    let source = scratch("site")?;
    fs::copy(root().join("book.toml"), source.join("book.toml")).context("book.toml")?;
    let docs = root().join("docs");
    for file in files_below(&docs)? {
        let copy = source.join("docs").join(&file);
        fs::create_dir_all(copy.parent().unwrap_or(&source))?;
        if is_page(&file) {
            let text = fs::read_to_string(docs.join(&file)).with_context(|| file.display().to_string())?;
            fs::write(copy, with_links_of_the_site(&text, &file)?)?;
        } else {
            fs::copy(docs.join(&file), copy)?;
        }
    }
    every_page_is_listed(&docs)?;
    let site = target().join("site");
    run(program(mdbook, 120).arg("build").arg(&source).arg("--dest-dir").arg(std::path::absolute(&site)?))?;
    let (pages, links) = check_links(&site)?;
    println!(
        "{}: {pages} pages, {links} links, of which all that lead to a page or an anchor of it resolve",
        site.display()
    );
    Ok(())
}

/// mdBook, which is installed below the target folder if it is missing; that takes about three minutes.
fn mdbook() -> Result<PathBuf> {
    let folder = target().join("tools");
    let program = folder.join(format!("bin/mdbook{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        run(cargo()
            .args(["install", "mdbook", "--version", VERSION, "--locked", "--no-default-features"])
            .args(["--features", "search", "--root"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(folder.join("build")))?;
    }
    Ok(program)
}

/// The files below a folder, relative to it and sorted.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder)?.to_path_buf());
            }
        }
    }
    files.sort();
    Ok(files)
}

pub(crate) fn is_page(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "md")
}

/// Checks that every page is in the list, so that readers find it; mdBook reports entries without a page.
fn every_page_is_listed(docs: &Path) -> Result<()> {
    let summary = fs::read_to_string(docs.join(SUMMARY)).context(SUMMARY)?;
    let listed: BTreeSet<_> = links(&summary).map(|(_, link)| link.to_string()).collect();
    let pages = files_below(docs)?.into_iter().filter(|file| is_page(file)).map(|file| slashes(&file));
    let missing: Vec<_> = pages.filter(|page| page != SUMMARY && !listed.contains(page)).collect();
    ensure!(missing.is_empty(), "docs/{SUMMARY} does not list {}", missing.join(", "));
    Ok(())
}

/// A path in the form used in links.
pub(crate) fn slashes(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The links of a text in Markdown outside of its blocks of code, each with its offset.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut offset, mut in_code) = (0, false);
    text.split_inclusive('\n').flat_map(move |line| {
        let start = offset;
        offset += line.len();
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        let line = if in_code || fence { "" } else { line };
        line.match_indices("](").filter_map(move |(found, mark)| {
            let begin = found + mark.len();
            let link = line[begin..].split_once(')')?.0;
            Some((start + begin, link))
        })
    })
}

/// The text of a page with its links to files outside docs/ rewritten.
fn with_links_of_the_site(text: &str, page: &Path) -> Result<String> {
    let (mut result, mut done) = (String::new(), 0);
    for (offset, link) in links(text) {
        let Some(address) = outside(link, page)? else { continue };
        result += &text[done..offset];
        result += &address;
        done = offset + link.len();
    }
    Ok(result + &text[done..])
}

/// The address of a link's target in the repository; `None` for what is on the site or elsewhere.
fn outside(link: &str, page: &Path) -> Result<Option<String>> {
    if link.starts_with('#') || link.contains("://") {
        return Ok(None);
    }
    let (path, anchor) =
        link.split_once('#').map_or((link, String::new()), |(path, anchor)| (path, format!("#{anchor}")));
    let folder = Path::new("docs").join(page.parent().unwrap_or(Path::new("")));
    let target = normal(&folder.join(path));
    if target.starts_with("docs") {
        return Ok(None);
    }
    ensure!(root().join(&target).exists(), "docs/{}: there is no {link}", page.display());
    Ok(Some(format!("{REPOSITORY}{}{anchor}", slashes(&target))))
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(result.pop()),
            Component::CurDir => {}
            part => result.push(part),
        }
    }
    result
}

/// Checks that every link of every page leads somewhere, including anchors. Returns the number of pages and
/// of links.
fn check_links(site: &Path) -> Result<(usize, usize)> {
    let files: BTreeSet<_> = files_below(site)?.into_iter().collect();
    let mut pages = BTreeMap::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "html")) {
        let text = fs::read_to_string(site.join(file)).with_context(|| file.display().to_string())?;
        pages.insert(file.clone(), text);
    }
    let anchors: BTreeMap<_, BTreeSet<_>> =
        pages.iter().map(|(file, text)| (file.clone(), attributes(text, "id").collect())).collect();
    let (mut count, mut broken) = (0, Vec::new());
    for (file, text) in &pages {
        // The page for missing addresses has links from the site's root.
        if file.as_path() == Path::new("404.html") {
            continue;
        }
        for link in attributes(text, "href").chain(attributes(text, "src")) {
            if link.contains("://") || link.starts_with("data:") || link.starts_with("javascript:") {
                continue;
            }
            count += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = file.parent().unwrap_or(Path::new(""));
            let target = if path.is_empty() { file.clone() } else { normal(&folder.join(path)) };
            let found = if anchor.is_empty() {
                files.contains(&target)
            } else {
                anchors.get(&target).is_some_and(|anchors| anchors.contains(anchor))
            };
            if !found {
                broken.push(format!("{}: {link}", file.display()));
            }
        }
    }
    if !broken.is_empty() {
        bail!("links that lead nowhere:\n{}", broken.join("\n"));
    }
    Ok((pages.len(), count))
}

/// The values of an attribute in a page, as mdBook writes it.
fn attributes<'a>(text: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let mark = format!(" {name}=\"");
    text.match_indices(&mark)
        .filter_map(|(found, mark)| Some(text[found + mark.len()..].split_once('"')?.0))
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_outside_of_docs_become_addresses() {
        let text = "[a](../README.md#licence) `x` [b](fields.md) [c](https://x.org)\n```\n[d](../no)\n```\n[e](#here)\n";
        let page = with_links_of_the_site(text, Path::new("json.md")).unwrap();
        let readme = format!("[a]({REPOSITORY}README.md#licence) `x` [b](fields.md)");
        assert!(page.starts_with(&readme), "{page}");
        assert!(page.contains("[d](../no)") && page.ends_with("[e](#here)\n"), "{page}");
        assert!(with_links_of_the_site("[a](../no)", Path::new("json.md")).is_err());
        assert!(with_links_of_the_site("[a](../../README.md)", Path::new("start/elks.md")).is_ok());
    }

    /// What can be checked without mdBook.
    #[test]
    fn pages_are_listed_and_link_to_files() {
        let docs = root().join("docs");
        every_page_is_listed(&docs).unwrap();
        for page in files_below(&docs).unwrap().into_iter().filter(|file| is_page(file)) {
            let text = fs::read_to_string(docs.join(&page)).unwrap();
            with_links_of_the_site(&text, &page).unwrap();
            for (_, link) in links(&text) {
                let path = link.split_once('#').map_or(link, |(path, _)| path);
                let target = docs.join(page.parent().unwrap()).join(path);
                assert!(link.contains("://") || target.exists(), "docs/{}: {link}", page.display());
            }
        }
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let site = scratch("site-links").unwrap();
        let write = |text: &str| fs::write(site.join("a.html"), text).unwrap();
        write("<h1 id=\"top\"><a href=\"#top\"><a href=\"a.html#top\"><a href=\"https://x.org/y\">");
        assert_eq!(check_links(&site).unwrap(), (1, 2));
        for broken in ["#bottom", "b.html", "a.html#bottom", "../c.html"] {
            write(&format!("<h1 id=\"top\"><a href=\"{broken}\">"));
            assert!(check_links(&site).unwrap_err().to_string().contains(broken));
        }
    }
}
