//! The headers of 299 real executables: each parses, and has the model's verdict.

mod support;

use aout_minix::{AoutFinding, Builder, Severity, elks};
use execfmt_testkit::{corpus, corpus_file, hex};
use support::ask;

#[test]
fn real_headers_parse_and_have_the_models_verdict() {
    let rows = corpus("aout-headers.tsv");
    let files: Vec<Vec<u8>> = rows.iter().map(|row| corpus_file(row, 0)).collect();
    assert_eq!(files.len(), 299);
    for file in &files {
        let image = aout_minix::parse(file).unwrap();
        let errors: Vec<AoutFinding> =
            aout_minix::check(&image).filter(|finding| finding.severity() == Severity::Error).collect();
        // None of them is wrong; entries of zeros, which are not symbols, get a warning at most.
        assert_eq!(errors, [], "{image}");
        assert_eq!(Builder::from_image(&image).to_vec().as_ref(), Ok(file));
    }
    for arguments in [0_u16, 200] {
        let questions = files.iter().map(|file| format!("L {} {arguments}", hex(file))).collect();
        let Some(answers) = ask("verdicts", questions) else { return };
        for (file, expected) in files.iter().zip(answers) {
            let options = elks::Options { argument_bytes: arguments, ..elks::Options::default() };
            let verdict = match elks::execve(file, options) {
                Err(refusal) => refusal.rule.errno().to_string(),
                Ok(program) => {
                    let layout = program.layout();
                    let (data_len, begstack) = (layout.data_len, layout.begstack);
                    format!("ok {} {data_len} {} ", layout.text_paras, layout.minstack)
                        + &format!(
                            "{} {data_len} {begstack} {} {}",
                            layout.t_enddata, layout.endbrk, layout.entry
                        )
                }
            };
            let words: Vec<_> = expected.split(' ').take(9).collect();
            assert_eq!(verdict, words.join(" "), "{}", hex(&file[..32]));
        }
    }
}
