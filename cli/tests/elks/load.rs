//! Memory as the kernel sets it up.

use std::fs;
use std::path::Path;

use execfmt_testkit::{Model, hex, testdata, unhex};

use crate::samples::{example, greet, version_1, wild};
use crate::support::{execfmt, folder, names, path, text};

/// The three files in a folder.
fn loaded(folder: &Path) -> [Vec<u8>; 3] {
    ["text.bin", "ftext.bin", "data.bin"].map(|name| fs::read(folder.join(name)).unwrap())
}

#[test]
fn load_writes_relocated_memory() {
    let folder = folder();
    let mut results = Vec::new();
    for (cs, ds) in [("0x1000", "0x5000"), ("4096", "20480"), ("010000", "050000")] {
        let out = path(&folder, cs);
        let output =
            execfmt(&["load", &example("far.aout"), "--elks", "--cs", cs, "--ds", ds, "-o", &out], b"");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(names(Path::new(&out)), ["data.bin", "ftext.bin", "text.bin"]);
        assert!(text(&output.stdout).contains("CS:IP 1000:0000, DS = ES = SS = 5000, SP 2076, DX 1000"));
        results.push(loaded(Path::new(&out)));
    }
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "numbers mean the same in every base");
    // The far text lies a paragraph after the text: 1001. The data segment is 5000.
    let [text_bin, far_text, data] = &results[0];
    assert_eq!((text_bin[3..5].to_vec(), text_bin.len()), (vec![0x01, 0x10], 16));
    assert_eq!((far_text[1..3].to_vec(), far_text.len()), (vec![0x00, 0x50], 20));
    assert_eq!(data, b"from far text!\n");
    // Far text that is not there is an empty file.
    let out = path(&folder, "greet");
    let load = ["load", "-", "--elks", "--cs", "1", "--ds", "0x100", "-o", &out];
    assert_eq!(execfmt(&load, &greet(&[])).status.code(), Some(0));
    let file = greet(&[]);
    assert_eq!(loaded(Path::new(&out)), [file[32..256].to_vec(), vec![], file[256..280].to_vec()]);

    let script = "
m = elks_load.load(bytes.fromhex(line), 0, 0x1000, 0x5000)
print(m['text'].hex(), m['ftext'].hex(), m['data'].hex())";
    let Some(model) = Model::new("import elks_load", script, "memory that load writes") else { return };
    let answers = model.ask(vec![hex(&testdata("elks/far.aout"))]);
    let parts: Vec<_> = answers[0].split(' ').map(unhex).collect();
    assert_eq!(parts, results[0]);
}

#[test]
fn load_leaves_nothing_half() {
    let folder = folder();
    let out = path(&folder, "out");
    let load = |arguments: &[&str], file: &[u8]| {
        let output = execfmt(&[&["load", "-", "--elks"], arguments].concat(), file);
        (output.status.code().unwrap(), text(&output.stderr).to_string())
    };
    let to_out = ["--cs", "1", "--ds", "0x100", "-o", &out];
    for (file, words) in [
        (wild(), "the word at 0x8000 is not within the section"),
        (version_1(60_000, 8192), "EFBIG"),
        (greet(&[])[..100].to_vec(), "the text section is 224 bytes long, but the file has only 68"),
        (b"hello".to_vec(), "this is text, not an ELKS or Minix executable"),
    ] {
        let (code, said) = load(&to_out, &file);
        assert!(code == 1 && said.contains(words), "{code}: {said}");
        assert!(!Path::new(&out).exists(), "nothing was made");
    }
    let (code, said) =
        load(&["--args", "0xffff", "--cs", "1", "--ds", "0x100", "-o", &out], &version_1(0, 0));
    assert!(code == 1 && said.contains("E2BIG"), "{said}");
    // A folder in a folder that is not there; a file where the folder should be; a folder where a file should be.
    let nowhere = path(&folder, "none/out");
    assert_eq!(load(&["--cs", "1", "--ds", "0x100", "-o", &nowhere], &greet(&[])).0, 2);
    fs::write(&out, "a file").unwrap();
    assert_eq!(load(&to_out, &greet(&[])).0, 2);
    fs::remove_file(&out).unwrap();
    fs::create_dir_all(format!("{out}/data.bin")).unwrap();
    fs::write(format!("{out}/text.bin"), "precious").unwrap();
    let (code, said) = load(&to_out, &greet(&[]));
    assert!(code == 2 && said.contains("data.bin"), "{said}");
    assert_eq!(fs::read(format!("{out}/text.bin")).unwrap(), b"precious");
    assert_eq!(names(Path::new(&out)), ["data.bin", "text.bin"]);
    // Usage.
    for arguments in [
        &["--cs", "1", "-o", "x"][..],
        &["--cs", "65536", "--ds", "1", "-o", "x"],
        &["--cs", "09", "--ds", "1", "-o", "x"],
    ] {
        assert_eq!(load(arguments, b"").0, 2, "{arguments:?}");
    }
    assert_eq!(execfmt(&["load", "-", "--cs", "1", "--ds", "0x100", "-o", &out], b"").status.code(), Some(2));
}
