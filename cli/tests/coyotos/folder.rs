//! `coyotos unpack` and `coyotos pack`.

use std::fs;
use std::path::Path;

use execfmt_testkit::{Mutator, testdata};
use serde_json::{Value, json};

use super::support::{execfmt, folder, names, path, text};
use super::{ARCHS, built, example, fails, fine, image, model, plain};

/// Takes an image apart and puts it together.
pub(super) fn round_trip(stored: &[u8]) -> Option<Vec<u8>> {
    let folder = folder();
    let parts = path(&folder, "parts");
    let output = execfmt(&["coyotos", "unpack", "-", "-o", &parts], stored);
    if output.status.code() != Some(0) {
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(!output.stderr.is_empty());
        assert_eq!(names(folder.path()), [""; 0], "nothing is left over");
        return None;
    }
    Some(fine(&["coyotos", "pack", &parts, "-o", "-"], b""))
}

#[test]
fn an_image_that_was_unpacked_is_packed_to_the_same_bytes() {
    let folder = folder();
    let program = path(&folder, "program");
    let hello = example("hello.elf");
    fine(&["convert", &hello, "-o", &program, "--to", "coyotos", "--debug", &path(&folder, "debug")], b"");
    let program = fs::read(&program).unwrap();
    assert_eq!(round_trip(&program).unwrap(), program, "with symbols, as a gzip file");
    for arch in ARCHS {
        assert_eq!(round_trip(&model(arch)).unwrap(), model(arch), "{arch}, plain");
        let stored = testdata(&format!("coyotos/{arch}.img.gz"));
        assert_eq!(plain(&round_trip(&stored).unwrap()), model(arch), "{arch}");
    }
    // Banks that contradict their endpoints are none of the original's business, and come back too.
    let strange = "arch arm\nbank b prime\nbank c b\nendpoint e c\nepset b endpointID 77\npage p b\npage q c\nset q swizzled 0\n\
        epset primeEP endpointID 2\npage r prime\ncap w 2\nset w l2g 12\ngpt g c\nput g cap 0 w\nput g cap 15 q\n";
    let strange = built(strange);
    assert_eq!(round_trip(&strange).unwrap(), strange);
}

#[test]
fn a_damaged_image_is_refused_or_comes_back() {
    let mut mutator = Mutator::new("damaged images, unpacked and packed", 0xc0_0701);
    let whole = model("i386");
    let (mut back, mut refused) = (0, 0);
    for _ in 0..150 {
        let mut bytes = whole.clone();
        // A byte of an object or a table, rarely one of the header, which would refuse the whole file.
        let rng = mutator.rng();
        for _ in 0..rng.u32(1..4) {
            let at = if rng.u32(..) % 8 == 0 { rng.usize(..104) } else { rng.usize(4096..bytes.len()) };
            bytes[at] ^= 1 << rng.u32(..8);
        }
        match round_trip(&bytes) {
            Some(again) => {
                assert!(again == bytes, "the same bytes");
                back += 1;
            }
            None => refused += 1,
        }
    }
    assert!(back > 20 && refused > 20, "{back} came back, {refused} were refused: both must be seen");
}

#[test]
fn a_folder_can_be_changed() {
    let folder = folder();
    let (parts, out) = (path(&folder, "parts"), path(&folder, "out"));
    let in_parts = |name: &str| Path::new(&parts).join(name);
    fine(&["coyotos", "unpack", &image("i386"), "-o", &parts], b"");
    assert_eq!(names(Path::new(&parts)), ["manifest.json", "page-1.bin", "page-2.bin"]);
    assert_eq!(fs::read(in_parts("page-1.bin")).unwrap().len(), 4096);
    let made = path(&folder, "made");
    fs::create_dir(&made).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &str| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&parts), mode(&made), "the permissions of any new folder");
    }
    let manifest = fs::read_to_string(in_parts("manifest.json")).unwrap();
    let mut changed: Value = serde_json::from_str(&manifest).unwrap();
    // A page more, in a slot of a GPT, and other contents of page 1.
    changed["pages"].as_array_mut().unwrap().push(json!({"bank": 2, "file": "more"}));
    changed["gpts"][1]["caps"]["cap[5]"] = json!({"type": "Page", "l2g": 12, "oid": 3, "restr": 4});
    changed["gzip"] = json!(false);
    fs::write(in_parts("more"), "more bytes").unwrap();
    fs::write(in_parts("page-1.bin"), "Howdy").unwrap();
    fs::write(in_parts("manifest.json"), changed.to_string()).unwrap();
    fine(&["coyotos", "pack", &parts, "-o", &out], b"");
    fine(&["check", "--strict", &out], b"");
    assert!(fs::read(&out).unwrap().starts_with(b"coyimage"));
    let bytes = |range: &str| fine(&["coyotos", "extract", &out, range, "-o", "-"], b"");
    assert_eq!((bytes("0x4000+5"), bytes("0x5000+11")), (b"Howdy".to_vec(), b"more bytes\0".to_vec()));

    // What was changed to break a rule is packed, and said.
    changed["gpts"][1]["bank"] = json!(3);
    fs::write(in_parts("manifest.json"), changed.to_string()).unwrap();
    let output = execfmt(&["coyotos", "pack", &parts, "-o", &out], b"");
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(0) && said.contains("warning: `check` refuses the image"), "{said}");
    assert!(said.contains("3 found, at most 2 expected; the image has no such bank"), "{said}");

    // A manifest as Notepad saves it, and as PowerShell's `>` does.
    fs::write(in_parts("manifest.json"), format!("\u{feff}{}", manifest.replace('\n', "\r\n"))).unwrap();
    fine(&["coyotos", "pack", &parts, "-o", &out], b"");
    fs::write(in_parts("manifest.json"), b"\xff\xfe{\0}\0").unwrap();
    fails(&["coyotos", "pack", &parts, "-o", &out], b"", 1, "this text is UTF-16; save it as UTF-8");

    // What cannot be packed says why, and leaves the old image as it was.
    fs::write(&out, "precious").unwrap();
    let cases: [(&str, &str, i32, &str); 11] = [
        ("\"page-1.bin\"", "\"../out\"", 1, "`../out` is not a file in the folder"),
        ("\"page-1.bin\"", "\"/etc/passwd\"", 1, "`/etc/passwd` is not a file in the folder"),
        ("\"page-1.bin\"", "\"gone.bin\"", 2, "gone.bin: "),
        ("\"page-1.bin\"", "\"manifest.json\",\"color\":1", 1, "unknown field `color`"),
        ("\"cap[7]\"", "\"cap[256]\"", 1, "CapPage 0 cap[256]: a CapPage has no slot cap[256]"),
        ("\"cap[7]\"", "\"cap\"", 1, "no object has a slot `cap`"),
        ("\"Window\"", "\"Door\"", 1, "no capability has the type `Door`"),
        ("\"match\":15", "\"match\":16777216", 1, "cap[7]: a field of the capability does not fit"),
        ("\"match\":15", "\"oid\":99,\"match\":15", 1, "duplicate field `oid`"),
        ("\"i386\"", "\"vax\"", 1, "there is no architecture `vax`"),
        ("\"manifest\": 1", "\"manifest\": 2", 1, "expected `coyotos-image`, manifest 1"),
    ];
    for (from, to, code, why) in cases {
        assert!(manifest.contains(from), "{from}");
        fs::write(in_parts("manifest.json"), manifest.replacen(from, to, 1)).unwrap();
        fails(&["coyotos", "pack", &parts, "-o", &out], b"", code, why);
    }
    // The line of a mistake in the text is reported.
    fs::write(in_parts("manifest.json"), manifest.replacen("\"banks\": [", "\"banks\": [,", 1)).unwrap();
    fails(&["coyotos", "pack", &parts, "-o", &out], b"", 1, "at line 7 column");
    // Far more than a manifest's own size.
    let huge =
        manifest.replacen("\"cap_pages\": [", &format!("\"cap_pages\": [{}", "{},".repeat(300_000)), 1);
    fs::write(in_parts("manifest.json"), huge).unwrap();
    fails(&["coyotos", "pack", &parts, "-o", &out], b"", 1, "300003 pages are more than");
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    fails(&["coyotos", "pack", &path(&folder, "none"), "-o", &out], b"", 2, "manifest.json: ");
    // A folder that is there is left alone, and so is everything else.
    fails(&["coyotos", "unpack", &image("i386"), "-o", &parts], b"", 2, "already exists");
    fails(&["coyotos", "unpack", &image("i386"), "-o", "/nonexistent/parts"], b"", 2, "/nonexistent/parts: ");
    // The bits after a GPT's fields are not part of a manifest.
    let mut reserved = model("i386");
    reserved[0x6004] = 1;
    let refused = path(&folder, "refused");
    let why = "would not give the same image again: GPT 0 reserved";
    fails(&["coyotos", "unpack", "-", "-o", &refused], &reserved, 1, why);
    assert_eq!(names(folder.path()), ["made", "out", "parts"]);
}

/// A manifest comes from anywhere: what it names is opened only if it is a regular file of the folder, and read no further
/// than one byte beyond a page.
#[cfg(unix)]
#[test]
fn only_regular_files_of_the_folder_are_opened() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let (parts, out) = (path(&folder, "parts"), path(&folder, "out"));
    fine(&["coyotos", "unpack", &image("i386"), "-o", &parts], b"");
    let page = Path::new(&parts).join("page-1.bin");
    let whole = fs::read(&page).unwrap();
    let fifo = || assert!(std::process::Command::new("mkfifo").arg(&page).status().unwrap().success());
    let outside = Path::new(&folder.path()).join("outside");
    fs::write(&outside, &whole).unwrap();
    let cases: [(&str, &dyn Fn(), &str); 5] = [
        ("a pipe", &fifo, "it is not a regular file"),
        ("a folder", &|| fs::create_dir(&page).unwrap(), "it is not a regular file"),
        ("a device", &|| symlink("/dev/zero", &page).unwrap(), "leads outside the folder"),
        ("a file elsewhere", &|| symlink(&outside, &page).unwrap(), "leads outside the folder"),
        (
            "64 GiB",
            &|| fs::File::create(&page).unwrap().set_len(1 << 36).unwrap(),
            "bytes up to 4097 do not fit",
        ),
    ];
    for (what, make, why) in cases {
        let _ = fs::remove_file(&page).or_else(|_| fs::remove_dir(&page));
        make();
        println!("{what}");
        fails(&["coyotos", "pack", &parts, "-o", &out], b"", 1, why);
    }
    // A link within the folder is followed.
    fs::remove_file(&page).unwrap();
    fs::write(Path::new(&parts).join("contents"), &whole).unwrap();
    symlink("contents", &page).unwrap();
    fine(&["coyotos", "pack", &parts, "-o", &out], b"");
    fs::remove_file(Path::new(&parts).join("manifest.json")).unwrap();
    symlink("/dev/zero", Path::new(&parts).join("manifest.json")).unwrap();
    fails(&["coyotos", "pack", &parts, "-o", &out], b"", 1, "leads outside the folder");
}

#[test]
fn both_packings_can_be_written_and_read() {
    let folder = folder();
    let (parts, out, again) = (path(&folder, "parts"), path(&folder, "out"), path(&folder, "again"));
    fine(&["coyotos", "unpack", &image("coldfire"), "-o", &parts], b"");
    let manifest = Path::new(&parts).join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("as-written", "native-big-endian", 1)).unwrap();
    fine(&["coyotos", "pack", &parts, "-o", &out], b"");
    // The capability in slot 2 of GPT 1 is a page's, read-only: type in the highest bits, then restr, then l2g.
    let bytes = fine(&["coyotos", "extract", &out, "gpt:1", "-o", "-"], b"");
    assert_eq!(bytes[8 + 2 * 16..][..8], [0x21 << 2, 2 << 4, 0, 0, 13 << 1, 0, 0, 0]);
    let native = ["--packing", "native-big-endian"];
    fine(&[&["check", "--strict", &out], &native[..]].concat(), b"");
    assert_eq!(execfmt(&["check", &out], b"").status.code(), Some(1));
    assert_eq!(
        fine(&[&["coyotos", "space", "--json", &out], &native[..]].concat(), b""),
        fine(&["coyotos", "space", "--json", &image("coldfire")], b"")
    );
    fine(&[&["coyotos", "unpack", &out, "-o", &again], &native[..]].concat(), b"");
    assert_eq!(fs::read(Path::new(&again).join("manifest.json")).unwrap(), fs::read(&manifest).unwrap());
}
