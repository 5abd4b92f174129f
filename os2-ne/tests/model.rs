//! Verdict, layout, memory and findings against the model of the ELKS kernel, over 50,000 files.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test, which may panic"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use execfmt_testkit::{Model, Mutator, unhex};
use os2_ne::elks::{self, Memory, Options, Returned, execve};
use os2_ne::{Builder, NewSegment, Relocation, Source, check_bytes};

const SEED: u64 = 0x0045_4e5a_4d01;
const CASES: usize = 50_000;

/// What a memory holds before anything is loaded; the model's value.
const FILL: u8 = 0xcc;

const IMPORTS: &str = "import random, zlib, mkne, ne_load
GROUPS = {'wrap': 'pass 64 K', 'size': 'bytes in the file', 'target': 'against segment', 'place': 'outside the file bytes',
          'chain': 'may be a chain', 'autocode': 'marked code', 'entrydata': 'entry segment is data', 'entry': 'outside segment',
          'arguments': 'arguments below', 'noheap': 'no heap', 'shift': 'shift '}
def groups(warn): return ','.join(sorted({g for g, t in GROUPS.items() for w in warn if t in w}))
def image(b): b = b.rstrip(b'\\xcc'); return '%d:%08x' % (len(b), zlib.adler32(b))
def damage(r, f):
    for _ in range(r.randint(0, 3)):
        k = r.randrange(8)
        if len(f) < 64 or len(f) < int.from_bytes(f[60:64], 'little') + 64: break
        if k < 5: f = mkne.patch(f, r.choice(list(mkne.F)), r.choice((0, 1, 2, 3, 4, 5, 6, 31, 32, 0x21, 0x7fff, 0x8000, 0xfff0, 0xffff, r.randrange(65536))) & 0xff)
        elif k < 6: f = mkne.patch(f, r.choice(('heap', 'stack', 'ip')), r.randrange(65536))
        else: f = f[:r.randrange(len(f) + 1)]
    return f";

/// Answers `make SEED SLEN` with a file of the model's own maker, and `HEX SLEN`; both with what the model says of it.
const SCRIPT: &str = "words = line.split()
if words[0] == 'make':
    r = random.Random(int(words[1])); f = damage(r, mkne.rnd(r)); slen = int(words[2])
else:
    f = bytes.fromhex(words[0].replace('-', '')); slen = int(words[1])
v = ne_load.load(f, slen)
if isinstance(v, str): print(f.hex() or '-', v)
else:
    names = ('data_len', 'minstack', 't_enddata', 't_endseg', 'begstack', 'endbrk', 'entry_seg', 'entry', 'auto', 'total_paras')
    print(f.hex() or '-', ' '.join(str(v[n]) for n in names), '/', groups(v['warn']) or '-', '/',
          ' '.join('%s:%d:%s' % (g['kind'], g['paras'], image(g['image'])) for g in v['segs']))";

fn adler(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u64, 0_u64);
    for &byte in bytes {
        a += u64::from(byte);
        b += a;
    }
    u32::try_from(((b % 65521) << 16) | (a % 65521)).unwrap()
}

fn image(bytes: &[u8]) -> String {
    let length = bytes.iter().rposition(|&byte| byte != FILL).map_or(0, |last| last + 1);
    format!("{length}:{:08x}", adler(&bytes[..length]))
}

/// The group of the model's warnings that a finding belongs to.
fn group(code: &str) -> Option<&'static str> {
    Some(match code {
        "sizes_wrap" => "wrap",
        "written_beyond_allocation" | "heap_on_data" | "file_larger_than_memory" => "size",
        "relocation_target" => "target",
        "relocation_outside" | "relocation_beyond_bytes" => "place",
        "chain" => "chain",
        "auto_is_code" => "autocode",
        "entry_in_data" => "entrydata",
        "entry_outside" => "entry",
        "arguments_outside" => "arguments",
        "no_heap" => "noheap",
        "shift_large" => "shift",
        _ => return None,
    })
}

/// A relocation, mostly one that the kernel knows.
fn relocation(rng: &mut fastrand::Rng, length: usize, segments: usize) -> Relocation {
    let segments = u8::try_from(segments).unwrap();
    let source = if rng.bool() { Source::Segment } else { Source::FarPointer };
    let wild = rng.u8(..20) == 0;
    Relocation {
        source,
        additive: source == Source::FarPointer && rng.bool(),
        source_offset: if wild { rng.u16(..) } else { u16::try_from(rng.usize(..=length)).unwrap() },
        target_segment: if rng.u8(..30) == 0 { rng.u8(..) } else { rng.u8(1..=segments) },
        target_offset: rng.u16(..),
    }
}

fn file(rng: &mut fastrand::Rng) -> Vec<u8> {
    let count = if rng.u8(..30) == 0 { rng.usize(1..9) } else { rng.usize(1..=5) };
    let bytes: Vec<Vec<u8>> = (0..count)
        .map(|_| {
            let length = if rng.u8(..40) == 0 { 0 } else { rng.usize(1..64) };
            let fill = if rng.bool() { 0xff } else { rng.u8(..) };
            vec![fill; length]
        })
        .collect();
    let relocations: Vec<Vec<Relocation>> = bytes
        .iter()
        .map(|bytes| (0..rng.usize(..4)).map(|_| relocation(rng, bytes.len(), count)).collect())
        .collect();
    let auto = u16::try_from(rng.usize(1..=count)).unwrap();
    let segments: Vec<NewSegment<'_>> = (1..)
        .zip(bytes.iter().zip(&relocations))
        .map(|(number, (bytes, relocations))| {
            let data = number == auto || rng.u8(..3) == 0;
            let segment =
                if data != (rng.u8(..20) == 0) { NewSegment::data(bytes) } else { NewSegment::code(bytes) };
            let min_alloc = match rng.u8(..10) {
                0 => rng.u16(..),
                1 => rng.u16(0xfff0..),
                2 => rng.u16(..64),
                _ => u16::try_from(bytes.len()).unwrap() + rng.u16(..300),
            };
            segment.min_alloc(min_alloc).relocations(relocations)
        })
        .collect();
    let size = |rng: &mut fastrand::Rng| match rng.u8(..4) {
        0 => 0,
        1 => 0xffff,
        2 => rng.u16(..),
        _ => rng.u16(..0x3000),
    };
    let entry = u16::try_from(rng.usize(1..=count)).unwrap();
    let builder = Builder::new(&segments).auto_data_segment(auto).entry(entry, rng.u16(..70));
    builder.heap(size(rng)).stack(size(rng)).shift(rng.u16(..5)).to_vec().unwrap()
}

/// What the crate says of a file, in the model's words; and whether the memory is to be compared.
fn verdict(file: &[u8], argument_bytes: u16) -> (String, BTreeSet<&'static str>, Option<String>, bool) {
    let options = Options { argument_bytes, ..Options::default() };
    let (mut groups, mut codes) = (BTreeSet::new(), BTreeSet::new());
    let verdict = check_bytes(file, &options, &mut |finding| {
        codes.insert(finding.code());
        groups.extend(group(finding.code()));
        ControlFlow::Continue(())
    });
    // Where bytes are written twice, what the model finds in a relocation's place is no longer what is in the file.
    let twice = codes.contains("relocations_overlap") || codes.contains("written_beyond_allocation");
    let program = match execve(file, options) {
        Ok(program) => program,
        Err(refusal) => {
            let errno = refusal.rule.errno();
            let name = errno.name().to_string();
            let returned = refusal.returned();
            let name = if returned == errno.number() { name } else { format!("raw-{returned}") };
            return (name, groups, None, twice);
        }
    };
    let layout = program.layout();
    let mut words = String::new();
    for number in [
        layout.data_len,
        layout.minstack,
        layout.t_enddata,
        layout.t_endseg,
        layout.begstack,
        layout.endbrk,
        layout.entry_segment,
        layout.entry,
        layout.auto_data_segment,
    ] {
        write!(words, "{number} ").unwrap();
    }
    write!(words, "{}", layout.total_paras()).unwrap();
    let mut memories: Vec<Vec<u8>> =
        layout.segments().map(|segment| vec![FILL; segment.bytes() as usize]).collect();
    let mut base = 0x1000_u16;
    let mut memory = Vec::new();
    for (segment, bytes) in layout.segments().zip(&mut memories) {
        memory.push(Memory { base, bytes });
        base = base.wrapping_add(segment.paras);
    }
    let loaded = elks::load(file, options, &mut memory);
    assert_eq!(loaded.is_ok(), verdict.is_accepted(), "check and load of {file:02x?} {argument_bytes}");
    let segments = loaded.is_ok().then(|| {
        let each = layout.segments().zip(&memories);
        let each = each
            .map(|(segment, bytes)| format!("{}:{}:{}", segment.kind.name(), segment.paras, image(bytes)));
        each.collect::<Vec<_>>().join(" ")
    });
    (words, groups, segments, twice)
}

#[test]
fn as_the_model() {
    let Some(model) = Model::new(IMPORTS, SCRIPT, "the model of the kernel's loader of NE") else { return };
    let mut mutator = Mutator::new("ne model", SEED);
    let mut starts = 0;
    {
        let mut questions = Vec::new();
        for case in 0..CASES {
            let rng = mutator.rng();
            let argument_bytes = match rng.u8(..6) {
                0 => rng.u16(..),
                _ => rng.u16(10..1024),
            };
            if case % 4 == 0 {
                questions.push(format!("make {} {argument_bytes}", rng.u32(..)));
                continue;
            }
            let mut bytes = file(rng);
            if case % 4 == 1 {
                bytes = mutator.mutate(&bytes, 0xb0);
            }
            let hex = bytes.iter().fold(String::from("-"), |mut text, byte| {
                write!(text, "{byte:02x}").unwrap();
                text
            });
            questions.push(format!("{hex} {argument_bytes}"));
        }
        let answers = model.ask(questions.clone());
        for (question, answer) in questions.iter().zip(&answers) {
            let argument_bytes = question.rsplit(' ').next().unwrap().parse().unwrap();
            let (hex, expected) = answer.split_once(' ').unwrap();
            let bytes = unhex(hex.trim_start_matches('-'));
            let (words, groups, segments, twice) = verdict(&bytes, argument_bytes);
            let mut parts = expected.split(" / ");
            assert_eq!(words, parts.next().unwrap(), "{hex} {argument_bytes}");
            let Some(expected_groups) = parts.next() else { continue };
            starts += 1;
            if !twice {
                let expected: BTreeSet<&str> = expected_groups.split(',').filter(|&it| it != "-").collect();
                assert_eq!(groups, expected, "{hex} {argument_bytes}");
            }
            if let Some(segments) = segments {
                assert_eq!(segments, parts.next().unwrap(), "{hex} {argument_bytes}");
            }
        }
    }
    assert!(starts > CASES / 5, "only {starts} of {CASES} files start");
}
