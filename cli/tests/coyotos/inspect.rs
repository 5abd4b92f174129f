//! `info`, `check`, `map`, and the lists.

use serde_json::{Value, json};

use super::support::{execfmt, folder, path, text, words};
use super::{ARCHS, built, example, fails, fine, image, in_columns, model};

#[test]
fn info_says_what_is_in_an_image() {
    let out = words(&fine(&["info", &image("i386")], b""));
    // By hand from the recipe, and the sizes of the specification.
    for told in [
        "Coyotos image for i386, little-endian, 27184 bytes, gzip file of",
        "Page 5 4096 1 of the header, 2 of the user, 2 of tables",
        "CapPage 1 4096 GPT 7 264 Process 1 632 Endpoint 4 32",
        "banks 3 symbols none",
        "process 0 starts at 0x4000 space GPT 3: 4 mappings from 0x4000 to 0x7fff00001000",
    ] {
        assert!(out.contains(told), "{told:?} is missing from\n{out}");
    }
    let out = words(&fine(&["info", &image("coldfire")], b""));
    // The page at 0x4000 is read-only and executable; pages have 8192 bytes.
    assert!(out.contains("for coldfire, big-endian"), "{out}");
    assert!(out.contains("Page 5 8192"), "{out}");
    // An entry point where nothing may be executed is reported.
    for (recipe, told) in [
        ("procset p faultInfo 0x1000", "starts at 0x1000, which is not mapped executable"),
        ("procset p faultCode 3", "running, with fault 3 at 0x0"),
        ("procset p faultCode 0\nprocset p runState 1", "process 0 receiving"),
        ("procset p faultCode 0", "process 0 running"),
    ] {
        let recipe = format!("arch i386\nprocess p prime\nprocset p faultCode 25\n{recipe}\n");
        let out = words(&fine(&["info", "-"], &built(&recipe)));
        assert!(out.contains(told) && out.contains("no address space"), "{told:?} is missing from\n{out}");
    }
}

#[test]
fn json_has_every_field_of_the_header() {
    let line: Value = serde_json::from_slice(&fine(&["check", "--json", &image("coldfire")], b"")).unwrap();
    // By hand from the recipe: 5 pages and a CapPage of 8192 bytes, 7 GPTs, 4 endpoints, a process.
    let expected = json!({
        "file": image("coldfire"), "format": "coyotos-image", "gzip": true, "arch": "coldfire", "byte_order": "big",
        "header": {
            "endian": 4321, "version": 1, "target": 2, "pgSize": 8192, "nAlloc": 18, "nBank": 3, "nSymbol": 0,
            "nStringBytes": 0, "nPage": 5, "nCapPage": 1, "nGPT": 7, "nEndpoint": 4, "nProc": 1,
            "imgBytes": 6 * 8192 + 7 * 264 + 4 * 32 + 632, "bankVecOID": 3, "symVecOID": 4, "stringTableOID": 4,
            "allocVecOID": 4, "endVecOID": 5,
        },
        "kernels": [
            { "name": "coyotos-original", "runs": true, "reason": null, "finding": null, "spare_pages": null },
        ],
        "findings": [],
    });
    assert_eq!(line, expected);
    // A header that is refused is shown; one that cannot be read is not.
    let mut short = model("i386");
    short.truncate(20000);
    let output = execfmt(&["info", "--json", "-"], &short);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        (&line["gzip"], &line["arch"], &line["header"]["imgBytes"]),
        (&json!(false), &Value::Null, &json!(27184))
    );
    assert_eq!(
        (&line["findings"][0]["code"], &line["findings"][0]["found"]),
        (&json!("file_size"), &json!(20000))
    );
    let output = execfmt(&["info", "--json", "-"], b"coyimage");
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let facts = (&line["format"], &line["header"], &line["byte_order"], &line["findings"][0]["code"]);
    assert_eq!(facts, (&json!("coyotos-image"), &Value::Null, &Value::Null, &json!("truncated")));
}

#[test]
fn one_of_a_kind_is_counted_as_one() {
    // `map` draws 8 spaces, `info` shows 8 processes; each process here has a page as its space.
    let processes = |count: u32| -> Vec<u8> {
        let each =
            (0..count).map(|k| format!("page g{k} prime\nprocess p{k} prime\nput p{k} addrSpace 0 g{k}\n"));
        built(&format!("arch i386\n{}", each.collect::<String>()))
    };
    for (count, space, process) in [
        (8, None, None),
        (9, Some("and 1 more space\n"), Some("and 1 more process; see `execfmt coyotos ls")),
        (10, Some("and 2 more spaces\n"), Some("and 2 more processes; see `execfmt coyotos ls")),
    ] {
        let image = processes(count);
        let (map, info) = (fine(&["map", "-"], &image), fine(&["info", "-"], &image));
        for (out, expected) in [(text(&map), space), (text(&info), process)] {
            match expected {
                Some(words) => assert!(out.contains(words), "{count}: {words:?} is missing from\n{out}"),
                None => assert!(!out.contains("more"), "{count}:\n{out}"),
            }
        }
        assert!(text(&info).contains(": 1 mapping from 0x0 to 0x1000"), "{}", text(&info));
    }
}

#[test]
fn a_bank_after_an_endpoint_says_what_to_change() {
    let late = built("arch i386\npage q prime\nendpoint e prime\nbank b prime\n");
    let output = execfmt(&["check", "-"], &late);
    assert_eq!(output.status.code(), Some(0));
    let out = words(&output.stderr);
    // By hand: the prime bank has endpoint 0, e is endpoint 1, and so bank 1 gets endpoint 2.
    for part in [
        "warning: bank 1 oid",
        "the endpoint of bank 1 is 2;",
        "would charge what belongs to this bank to endpoint 1: make all banks before the first other endpoint",
    ] {
        assert!(out.contains(part), "{part:?} is missing from\n{out}");
    }
    let early = built("arch i386\npage q prime\nbank b prime\nendpoint e prime\n");
    assert_eq!(words(&fine(&["check", "--strict", "-"], &early)), "standard input: ok");
}

#[test]
fn check_tells_findings_and_heeds_the_rules_that_are_asked_for() {
    for arch in ARCHS {
        assert_eq!(words(&fine(&["check", "--strict", &image(arch)], b"")), format!("{}: ok", image(arch)));
    }
    // A run state that does not exist: the first byte of the process, after everything else.
    let mut state = model("i386");
    let at = 27184 - 632;
    state[at] = 3;
    fails(
        &["check", "-"],
        &state,
        1,
        &format!("error: Process 0 runState at byte {at}: 3 found, at most 2 expected"),
    );
    fine(&["check", "--rules", "original", "-"], &state);
    // A capability to the bank table's page is an error to the original, and a warning to us.
    let table = built("arch i386\npage p prime\ncappage k prime\nput k cap 0 p\n");
    let at = 5 * 4096 - 4096 + 8;
    let mut table = table;
    assert_eq!(table[at], 1, "the OID of the capability in the CapPage after 4 pages");
    table[at] = 2;
    fine(&["check", "-"], &table);
    fails(&["check", "--strict", "-"], &table, 1, "warning: CapPage 0 cap[0].oid");
    fails(&["check", "--rules", "original", "-"], &table, 1, "error: CapPage 0 cap[0].oid");
    // A page of garbage: the first thousand findings, and a number.
    let mut garbage = built("arch i386\ncappage k prime\n");
    garbage[3 * 4096..4 * 4096].fill(0xff);
    let output = execfmt(&["check", "--json", "-"], &garbage);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = line["findings"].as_array().unwrap();
    let last = findings.last().unwrap();
    assert_eq!(
        (findings.len(), &last["code"], &last["severity"]),
        (1001, &json!("unlisted"), &json!("error"))
    );
    assert!(last["found"].as_u64().unwrap() >= 24, "256 capabilities break 4 rules or more each: {last}");
}

#[test]
fn map_draws_regions_beside_the_tree() {
    let out = in_columns(120, &["map", &image("i386")], b"").stdout;
    let out = text(&out);
    // By hand from the recipe: pages at 0x4000, 0x100000 and far up, a CapPage between them.
    for row in [
        "space of process 0\n",
        "        0x4000          0x5000   4096  r-x             slot 4: Page 1, l2g 12, r-x\n",
        "      0x100000        0x101000   4096  rwx           slot 1: Page 2, l2g 12\n",
        "     0x4000000       0x4001000   4096  rwx         slot 4: CapPage 0, l2g 12\n",
        "0x7fff00000000  0x7fff00001000   4096  r-x         slot 15: Page 1, l2g 12, match 0xf00000, r-x\n",
        // 0x100000 - 0x5000 and 0x4000000 - 0x101000 bytes; 0x7fff00000000 - 0x4001000.
        "  :  nothing for 1004 KiB\n",
        "  :  nothing for some 62 MiB\n",
        "  :  nothing for some 127 TiB\n",
    ] {
        assert!(out.contains(row), "{row:?} is missing from\n{out}");
    }
    let narrow = fine(&["map", &image("i386")], b"");
    assert!(text(&narrow).contains("        0x4000  r-x             slot 4: Page 1, l2g 12, r-x\n"));
    assert_eq!(
        out.matches("\nspace that no process uses\n").count(),
        2,
        "the GPT g and the guarded t\n{out}"
    );

    // Pages that continue each other are one region; rights, guards, windows and the end of memory are shown.
    let recipe = "arch i386\npage a prime\npage b prime\npage c prime\nset c restr 6\ncap w 1\nset w l2g 63\ngpt g prime\n\
        gptset g l2v 63\nput g cap 1 w\nadd s prime null 0 a 0\nadd s prime s 0x1000 b 0\nadd s prime s 0x2000 c 0\n";
    let out = in_columns(120, &["map", "-"], &built(recipe)).stdout;
    let out = text(&out);
    for row in [
        "    0x0   0x2000   8192  rwx       slots 0-1: Pages 1-2, l2g 12\n",
        " 0x2000   0x3000   4096  r--       slot 2: Page 3, l2g 12, r--\n",
        " 0x8000000000000000  0x10000000000000000  9223372036854775808  rwx       slot 1: Window at 0x0, slot 0, l2g 63\n",
    ] {
        assert!(out.contains(row), "{row:?} is missing from\n{out}");
    }
    // So are mappings of one page again and again, apart from those of pages that follow each other.
    let same = "arch i386\npage a prime\npage b prime\nadd s prime null 0 a 0\nadd s prime s 0x1000 a 0\n\
        add s prime s 0x2000 a 0\nadd s prime s 0x3000 b 0\n";
    let out = in_columns(120, &["map", "-"], &built(same)).stdout;
    let out = text(&out);
    for row in ["slots 0-2: Page 1 each, l2g 12\n", "slot 3: Page 2, l2g 12\n"] {
        assert!(out.contains(row), "{row:?} is missing from\n{out}");
    }
    // The same as values; the last byte of the window is the last of 64 bits.
    let line: Value = serde_json::from_slice(&fine(&["map", "--json", "-"], &built(recipe))).unwrap();
    assert_eq!(line["memory"].as_array().unwrap().len(), 2, "{line}");
    let spaces =
        line["memory"].as_array().unwrap().iter().flat_map(|space| space["regions"].as_array().unwrap());
    let regions: Vec<_> =
        spaces.map(|region| (&region["start"], &region["end"], region["name"].as_str().unwrap())).collect();
    assert!(
        regions.contains(&(&json!(0), &json!(0x2000), "rwx slots 0-1: Pages 1-2, l2g 12")),
        "{regions:?}"
    );
    assert!(
        regions.contains(&(&json!(0x2000), &json!(0x3000), "r-- slot 2: Page 3, l2g 12, r--")),
        "{regions:?}"
    );
    assert!(
        regions.iter().any(|region| (region.0, region.1) == (&json!(1_u64 << 63), &json!(u64::MAX))),
        "{regions:?}"
    );
    let none = execfmt(&["map", "-"], &built("arch arm\n"));
    assert_eq!((none.status.code(), none.stdout.len()), (Some(0), 0));
    assert!(text(&none.stderr).contains("no process has an address space"), "{}", text(&none.stderr));
}

#[test]
fn space_lists_every_mapping() {
    let list: Value =
        serde_json::from_slice(&fine(&["coyotos", "space", "--json", &image("arm")], b"")).unwrap();
    let entry = |address: u64, oid: u64, kind: &str, restr: u64| json!({"address": address, "page_oid": oid, "type": kind, "restr": restr, "l2_size": 12});
    let expected = [
        entry(0x4000, 1, "Page", 2),
        entry(0x10_0000, 2, "Page", 0),
        entry(0x400_0000, 0, "CapPage", 0),
        entry(0x7fff_0000_0000, 1, "Page", 2),
    ];
    assert_eq!(list, json!(expected));
    // Of the root it is the same; of a part of the tree, that part.
    for object in ["process:0", "gpt:3", "GPT:3"] {
        let again = fine(&["coyotos", "space", "--json", &image("arm"), object], b"");
        assert_eq!(serde_json::from_slice::<Value>(&again).unwrap(), list, "{object}");
    }
    let part = fine(&["coyotos", "space", &image("arm"), "gpt:1"], b"");
    assert_eq!(
        words(&part),
        "address up to rights object 0x0000000000004000 0x0000000000005000 r-x Page 1",
        "slot 4 of the lowest GPT"
    );
    let page = fine(&["coyotos", "space", "--json", &image("arm"), "page:2"], b"");
    assert_eq!(serde_json::from_slice::<Value>(&page).unwrap(), json!([entry(0, 2, "Page", 0)]));
    let empty = fine(&["coyotos", "space", "--json", "-", "gpt:0"], &built("arch arm\ngpt g prime\n"));
    assert_eq!(text(&empty), "[]\n");
    for (object, complaint) in [
        ("gpt:7", "there is no GPT 7: the image has 7 of this kind"),
        ("process:1", "there is no Process 1"),
        ("endpoint:0", "an endpoint has no address space"),
    ] {
        fails(&["coyotos", "space", &image("arm"), object], b"", 1, complaint);
    }
    fails(&["coyotos", "space", &image("arm"), "disk:0"], b"", 2, "expected a kind and a number");
    // With no process the only root is meant.
    let one = built("arch arm\ngpt a prime\ngpt b prime\nput a cap 0 b\n");
    fine(&["coyotos", "space", "-"], &one);
    fails(&["coyotos", "space", "-"], &built("arch arm\ngpt a prime\ngpt b prime\n"), 1, "such as gpt:0");
    fails(&["coyotos", "space", "-"], &built("arch arm\n"), 1, "there is no address space");
}

#[test]
fn ls_and_caps_list_objects_and_what_they_hold() {
    let out = fine(&["coyotos", "ls", &image("i386")], b"");
    let out = words(&out);
    // By hand: the banks and offsets that recipe and layout give.
    for object in [
        "page:0 0 0x0 4096 header page:1 1 0x1000 4096 5 bytes, then zeros page:2 2 0x2000 4096 102 bytes, then zeros",
        "page:3 0 0x3000 4096 bank table page:4 0 0x4000 4096 alloc table cappage:0 0 0x5000 4096 2 capabilities",
        "gpt:0 1 0x6000 264 l2v 12, ha, 1 capability",
        "process:0 0 0x67b8 632 to start at 0x4000, space gpt:3, 2 capabilities",
        "endpoint:2 2 0x6778 32 id 3, recipient Null, bank 2 below bank 1",
        "endpoint:3 2 0x6798 32 id 0, payload 0xdeadbeef to match, recipient process:0",
    ] {
        assert!(out.contains(object), "{object:?} is missing from\n{out}");
    }
    let process = fine(&["coyotos", "caps", &image("i386"), "process:0"], b"");
    assert_eq!(words(&process), "addrSpace GPT 3 rwx l2g 48 capReg[31] Endpoint 3");
    let all = fine(&["coyotos", "caps", "--all", &image("i386"), "process:0"], b"");
    assert_eq!(text(&all).lines().count(), 38);
    let gpt = fine(&["coyotos", "caps", &image("coldfire"), "gpt:1"], b"");
    assert_eq!(words(&gpt), "cap[2] Page 1 r-x l2g 13");
    fails(&["coyotos", "caps", &image("i386"), "page:1"], b"", 1, "Page 1 holds bytes");
    fails(&["coyotos", "caps", &image("i386"), "gpt:99"], b"", 1, "there is no GPT 99");
    fails(&["coyotos", "ls", &example("hello.elf")], b"", 1, "not a Coyotos image: convert it with");
}

/// OIDs are decimal: Page 17 is never Page 0x11, and is named on the command line as it is shown.
#[test]
fn oids_are_written_in_one_base() {
    let pages = (1..=17).map(|k| format!("page p{k} prime\n")).collect::<String>();
    let image = built(&format!("arch i386\n{pages}gpt g prime\ngptset g l2v 12\nput g cap 0 p17\n"));
    for (command, shown) in [
        (&["map", "-"][..], "Page 17"),
        (&["coyotos", "ls", "-"], "page:17 "),
        (&["coyotos", "space", "-", "gpt:0"], "17"),
        (&["coyotos", "space", "--json", "-", "gpt:0"], "\"page_oid\":17"),
        (&["coyotos", "caps", "-", "gpt:0"], "Page 17 "),
        (&["coyotos", "caps", "--json", "-", "gpt:0"], "page:17"),
    ] {
        let out = fine(command, &image);
        let out = words(&out);
        assert!(out.contains(shown), "{command:?}: {shown:?} is missing from\n{out}");
        assert!(!out.split(' ').any(|word| word == "0x11"), "{command:?}:\n{out}");
    }
    let page = fine(&["coyotos", "extract", "--output", "-", "-", "page:17"], &image);
    assert_eq!(page.len(), 4096);
    // Beyond the last one.
    fails(&["coyotos", "caps", "-", "gpt:17"], &image, 1, "there is no GPT 17");
}

#[test]
fn extract_gives_the_bytes_of_objects_and_addresses() {
    let extract = |part: &str| fine(&["coyotos", "extract", &image("i386"), part, "-o", "-"], b"");
    assert_eq!(extract("0x4000..0x4005"), b"Hello");
    assert_eq!(extract("0x7fff00000001+4"), b"ello", "the same page, far up");
    assert_eq!(extract("0x4000+0"), b"");
    let page = extract("page:1");
    assert_eq!((&page[..5], page.len()), (&b"Hello"[..], 4096));
    assert_eq!(extract("process:0"), &model("i386")[27184 - 632..]);
    let refused = |part: &str, why| {
        fails(&["coyotos", "extract", &image("i386"), part, "-o", "-"], b"", 1, why);
    };
    refused("0x4000..0x5001", "nothing is mapped at 0x5000");
    refused("0x3fff+1", "nothing is mapped at 0x3fff");
    refused("0x4000000+4", "at 0x4000000 there is CapPage 0 rwx l2g 12, not bytes");
    refused("page:5", "there is no Page 5");
    refused("0+0x7fffffffffffffff", "too many at once");
    fails(&["coyotos", "extract", &image("i386"), "2..1", "-o", "-"], b"", 2, "in ascending order");
    // Bytes over the border of two pages, in the space of a GPT that no process uses.
    let recipe = "arch i386\npage a prime\ndata a 4094 0102\npage b prime\ndata b 0 0304\nadd s prime null 0xf000 a 0\nadd s prime s 0x10000 b 0\n";
    let bytes = fine(&["coyotos", "extract", "-", "0xfffe+4", "-o", "-"], &built(recipe));
    assert_eq!(bytes, [1, 2, 3, 4]);
    // A capability to a page that covers more than the page.
    let wide = "arch i386\npage a prime\nset a l2g 16\ngpt g prime\ngptset g l2v 16\nput g cap 0 a\n";
    fails(
        &["coyotos", "extract", "-", "0x1000+1", "-o", "-"],
        &built(wide),
        1,
        "0x1000 is past the end of Page 1",
    );
}

#[test]
fn symbols_of_an_elf_file_says_what_can_be_done_with_it() {
    fails(
        &["symbols", &example("hello.elf")],
        b"",
        1,
        "32-bit, little-endian: convert it with `execfmt convert",
    );
}

/// Many symbols that share a long name: refused, and listed in time linear in the file.
#[test]
fn symbols_that_share_a_name_are_refused_and_listed_at_once() {
    let started = std::time::Instant::now();
    let name = "n".repeat(250_000);
    let mut builder = coyotos_image::Builder::new(coyotos_image::Arch::I386);
    let symbol = |value| coyotos_image::SymbolDef {
        object: 2 << 56,
        value,
        size: 1,
        kind: coyotos_image::SymbolKind::Function,
        name: if value == 0 { name.clone() } else { "x".into() },
    };
    builder.set_symbols((0..5000).map(symbol).collect()).unwrap();
    let mut bytes = builder.to_vec().unwrap();
    // Every record names the first string.
    let header = *coyotos_image::Image::parse(&bytes, coyotos_image::Options::default()).unwrap().header();
    let table = header.sym_vec_oid as usize * 0x1000;
    (0..5000).for_each(|record| bytes[table + record * 24 + 16..][..4].fill(0));
    fails(&["check", "-"], &bytes, 1, "symbols share names");
    let listed = fine(&["symbols", "-"], &bytes);
    assert_eq!(text(&listed).lines().count(), 5000);
    assert!(listed.len() < 1_000_000, "{} bytes for a file of {}", listed.len(), bytes.len());
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

/// The endpoint of July 2007 has 16 bytes more; the image is cut and mended by hand.
#[test]
fn an_image_of_july_2007_is_shown_and_refused() {
    let recipe = "arch i386\npage p prime\ndata p 0 cafe\nadd s prime null 0x1000 p 0\nprocess q prime\n\
                  put q addrSpace 0 s\nprocset q faultCode 25\nprocset q faultInfo 0x1000\nfile x\n";
    let mut old = built(recipe);
    let header = *coyotos_image::Image::parse(&old, coyotos_image::Options::default()).unwrap().header();
    // The queue after the only endpoint; then the size, and endVecOID one less.
    let end_of_endpoint = old.len() - 632;
    old.splice(end_of_endpoint..end_of_endpoint, [0; 16]);
    old[60..64].copy_from_slice(&(header.img_bytes + 16).to_le_bytes());
    old[96..104].copy_from_slice(&(header.end_vec_oid - 1).to_le_bytes());
    fails(&["check", "-"], &old, 1, "the layout of July 2007");
    let info = execfmt(&["info", "-"], &old);
    assert!(text(&info.stdout).contains("layout of July 2007"), "{}", text(&info.stdout));
    assert!(words(&fine(&["coyotos", "ls", "-"], &old)).contains("to start at 0x1000, space page:1"));
    let space = words(&fine(&["coyotos", "space", "-"], &old));
    assert!(space.contains("0x0000000000001000 0x0000000000002000 rwx Page 1"), "{space}");
    let endpoint = words(&fine(&["coyotos", "caps", "--all", "-", "endpoint:0"], &old));
    assert_eq!(endpoint, "recipient Null rcvQueue Null");
    assert_eq!(fine(&["coyotos", "extract", "-", "0x1000+2", "-o", "-"], &old), [0xca, 0xfe]);
    assert!(text(&execfmt(&["map", "-"], &old).stdout).contains("Page 1"));
    let out = folder();
    fails(&["coyotos", "unpack", "-", "-o", &path(&out, "parts")], &old, 1, "the layout of July 2007");
}
