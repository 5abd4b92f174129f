//! Headers of real COFF files, and an independent model.

use execfmt_testkit::{Model, Mutator, corpus, corpus_file, hex, unhex};
use noff::convert::{Executable, NoffOptions};
use noff::{ByteOrder, Layout};

use super::files::converted;

#[test]
fn real_coff_headers_convert_or_are_refused_with_a_reason() {
    let mut converted_count = 0;
    for row in corpus("coff-headers.tsv") {
        let file = corpus_file(&row, 0);
        for layout in Layout::ALL {
            match converted(&file, layout) {
                Ok(_) => converted_count += 1,
                Err(error) => panic!("{row:?}: {error}"),
            }
        }
    }
    assert!(converted_count >= 130, "{converted_count} conversions");
}

#[test]
fn coff_of_the_model_converts_to_the_models_noff() {
    // The model writes a COFF file and, from the same segments, the NOFF file that coff2noff would.
    let script = "
text, data, bss, gap = line.split(' ')
text, data, bss, gap = bytes.fromhex(text), bytes.fromhex(data), int(bss), int(gap)
at = len(text) + gap
coff = noff.mkcoff([('.text', 0, text), ('.data', at, data), ('.bss', at + len(data), bss)])
segs = {'code': (0, text), 'initData': (at, data), 'uninitData': (at + len(data), bss)}
print(coff.hex(), noff.build(3, segs).hex())";
    let Some(model) = Model::new("import noff", script, "COFF conversion against the model") else { return };
    let mut mutator = Mutator::new("COFF conversion", 0xc0ff);
    let questions = (0..1000).map(|_| {
        let rng = mutator.rng();
        let mut bytes = |least: usize| -> Vec<u8> { (0..rng.usize(least..99)).map(|_| rng.u8(..)).collect() };
        let (text, data) = (hex(&bytes(1)), hex(&bytes(1)));
        format!("{text} {data} {} {}", rng.u32(1..500), rng.u32(..64))
    });
    for answer in model.ask(questions.collect()) {
        let (coff, noff) = answer.split_once(' ').unwrap();
        let conversion = Executable::read(&unhex(coff))
            .unwrap()
            .to_noff(NoffOptions::new(Layout::Three, ByteOrder::Little))
            .unwrap();
        assert_eq!(hex(&conversion.bytes), noff, "{coff}");
    }
}
