//! The loader that is compatible with the original, on random ELF files; and images that were damaged.

use std::fs;

use coyotos_image::{Arch, CoyotosRule, Image, Options, Rules, check};
use fastrand::Rng;

use crate::model::{Model, Reply};
use crate::ours;
use crate::portable::Portable as _;
use crate::support::{Elf, Segment};

/// A file of a few segments, some of them in shared pages; most of them such that the original is right.
pub(crate) fn random(rng: &mut Rng, arch: Arch) -> Elf {
    let page = u64::from(arch.page_size());
    let big = arch == Arch::COLDFIRE;
    let body: Vec<u8> = (0..rng.index(200..5 * page as usize)).map(|_| rng.u8(..)).collect();
    let len = body.len() as u64;
    let machine = if rng.u8(..) < 6 { 2 } else { arch.elf_machines()[0] };
    let mut segments = Vec::new();
    let (mut offset, mut address) = (rng.u64(..300), 0x1000_0000 / page * page);
    for _ in 0..rng.index(1..5) {
        let file_size =
            if rng.u8(..) < 30 { 0 } else { rng.u64(..len.max(2) / 2) }.min(len.saturating_sub(offset));
        let memory_size = file_size + if rng.bool() { rng.u64(..3 * page) } else { 0 };
        address = address / page * page + offset % page;
        if rng.u8(..) < 5 {
            address ^= 4;
        }
        let flags = rng.u32(..8);
        let kind = if rng.u8(..) < 16 { 4 } else { 1 };
        segments.push(Segment { kind, offset, address, file_size, memory_size, flags });
        offset = (offset + file_size + rng.u64(..64)).min(len);
        // Behind this segment, in the next page, or rarely where it would be in its way.
        address += match rng.u8(..) {
            0..10 => memory_size,
            _ => memory_size + page,
        };
    }
    if rng.bool() {
        rng.mix(&mut segments);
    }
    Elf { wide: false, big, kind: 2, machine, entry: rng.u64(..1 << 32), segments, body }
}

#[test]
fn five_hundred_random_elf_files_load_as_in_the_original() {
    const SEED: u64 = 0xe1f5;
    let Some(mut model) = Model::start("random ELF files") else { return };
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    let path = std::env::temp_dir().join(format!("coyotos-elf-{}", std::process::id()));
    let (mut equal, mut refused, mut lost) = (0, 0, 0);
    while equal + refused < 500 {
        let arch = Arch::ALL[rng.index(..3)];
        let elf = random(&mut rng, arch);
        let file = elf.write();
        fs::write(&path, &file).unwrap();
        let lines =
            ["arch ".to_string() + arch.name(), format!("elf s prime {}", path.display()), "file out".into()];
        let (theirs, ours) = (model.recipe(&lines), ours::run(&lines));
        match &ours[0] {
            Reply::Text(text) if text == "EXC DataLost" => {
                lost += 1;
                let Some(Reply::File(image)) = theirs.get(1) else { panic!("the model refuses {elf:?}") };
                assert!(loses_data(image, &elf, &file), "the original loses nothing of {elf:?}");
            }
            // The model takes a file without a segment for an empty space.
            Reply::Text(text) if text == "EXC NoSegments" => {}
            Reply::Text(text) => {
                assert_eq!(theirs, ours, "{elf:?}");
                if text.starts_with("EXC") { refused += 1 } else { equal += 1 }
            }
            Reply::File(_) => unreachable!(),
        }
    }
    fs::remove_file(&path).unwrap();
    println!("{equal} images equal, {refused} files refused alike, {lost} of which the original loses bytes");
    assert!(equal > 400 && refused > 5 && lost > 5);
}

/// Whether the original loses a byte of a segment of its image, determined from the file alone.
fn loses_data(image: &[u8], elf: &Elf, file: &[u8]) -> bool {
    let page = u64::from(Image::parse(image, Options::default()).unwrap().arch().page_size());
    let mut sorted = elf.segments.clone();
    sorted.retain(|segment| segment.kind == 1);
    sorted.sort_by_key(|segment| segment.offset);
    // What stays mapped is what was added last: file pages in their order, then zeros from the rounded end on.
    let mut last = std::collections::BTreeMap::new();
    for start in (0..file.len() as u64).step_by(page as usize) {
        for s in &sorted {
            if start + page > s.offset && start < s.offset + s.file_size {
                last.insert(s.address + start - s.offset, Some(start));
            }
        }
    }
    sorted.sort_by_key(|segment| segment.address);
    for s in &sorted {
        let mut at = (s.address + s.file_size).next_multiple_of(page);
        while at < (s.address + s.memory_size).next_multiple_of(page) {
            last.insert(at, None);
            at += page;
        }
    }
    sorted.iter().any(|s| {
        (0..s.file_size).any(|i| {
            let (at, from) = (s.address + i, s.offset + i);
            match last.get(&(at / page * page)) {
                Some(Some(start)) => {
                    start + at % page != from
                        && file.get((start + at % page) as usize) != file.get(from as usize)
                }
                _ => file[from as usize] != 0,
            }
        })
    })
}

/// A small image with every kind of object in it.
fn sample(arch: &str) -> Vec<u8> {
    let recipe = "bank b prime\npage p b\ngpt g b\ncappage k prime\nprocess r b\nendpoint e prime\n\
                  add s b null 0x4000 p 0\nadd s b s 0x123456000 p 0\nput r addrSpace 0 s\nput e recipient 0 r\nput k cap 7 g\n\
                  cap w 1\nput g cap 2 w\ncap n 0x25 0\nput k cap 9 n\nfile out";
    let lines: Vec<String> = std::iter::once(format!("arch {arch}"))
        .chain(recipe.lines().map(|line| line.trim().to_string()))
        .collect();
    match ours::run(&lines).pop() {
        Some(Reply::File(image)) => image,
        other => panic!("{other:?}"),
    }
}

/// The model's strict reader stops at the first flaw of a file, a table or reserved bits; then its validator judges
/// by the original's rules.
#[test]
fn damaged_images_are_refused_where_the_model_refuses_them() {
    const SEED: u64 = 0xda_3a9e;
    let Some(mut model) = Model::start("damaged images") else { return };
    println!("seed {SEED:#x}");
    let mut rng = Rng::with_seed(SEED);
    let mut verdicts = std::collections::BTreeMap::new();
    for arch in ["i386", "coldfire", "arm"] {
        let whole = sample(arch);
        for number in 0..1000 {
            let mut image = whole.clone();
            let tables = image.len() * 2 / 3;
            for _ in 0..rng.index(1..3) {
                let at = match rng.u8(..) {
                    0..100 => rng.index(..104),
                    _ => rng.index(tables..image.len()),
                };
                image[at] = if rng.bool() { image[at] ^ 1 << rng.u32(..8) } else { rng.u8(..) };
            }
            if rng.u8(..) < 8 {
                image.truncate(rng.index(104..image.len()));
            }
            let theirs = model.read(&image);
            let Some(Reply::Text(verdict)) = theirs.last() else { panic!("{theirs:?}") };
            let parsed = Image::parse(&image, Options::default());
            if matches!(parsed, Err(finding) if finding.rule == CoyotosRule::TablePages) {
                // The model does not look at the counts of symbols, which no original tool writes.
                *verdicts.entry("tables refused here".to_string()).or_insert(0) += 1;
                continue;
            }
            let errors = |rules| {
                let image = parsed.as_ref().unwrap();
                check(image, rules)
                    .filter(|finding| finding.rule.severity() == coyotos_image::Severity::Error)
            };
            let context = format!("{arch} {number}: {verdict}");
            match verdict.as_str() {
                "valid" => assert_eq!(errors(Rules::Reference).next(), None, "{context}"),
                text if text.starts_with("EXC IntegrityFail") => {
                    let first = errors(Rules::Reference).next().expect(&context);
                    let names: Vec<_> =
                        errors(Rules::Reference).map(|finding| ours::rule_name(finding.rule)).collect();
                    let name = text.trim_start_matches("EXC IntegrityFail: ");
                    assert!(names.contains(&name), "{context}: {first} {names:?}");
                }
                text if ["alloc", "bank", "gpt", "ep ", "proc"]
                    .iter()
                    .any(|word| text[4..].starts_with(word)) =>
                {
                    assert!(errors(Rules::Full).next().is_some(), "{context}");
                }
                // Everything else is of the header, or a file cut short, where the model's reader runs out of bytes.
                _ => assert!(parsed.is_err(), "{context}"),
            }
            *verdicts.entry(verdict.split(&[':', '\''][..]).next().unwrap().to_string()).or_insert(0) += 1;
        }
    }
    println!("{verdicts:?}");
}
