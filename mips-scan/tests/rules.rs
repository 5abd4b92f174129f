//! What is found in a few words of code: a table.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

use std::ops::ControlFlow::{Break, Continue};

use execfmt_common::{ByteOrder, Rule};
use mips_scan::{Code, CodeRule, ScanOptions, TRAP, scan};

const NOP: u32 = 0;
const RETURN: u32 = 0x03e0_0008;
/// `lw $2,0($4)`
const LW: u32 = 0x8c82_0000;
/// `addiu $2,$2,1`
const USE: u32 = 0x2442_0001;
/// `addiu $3,$3,1`
const OTHER: u32 = 0x2463_0001;
/// `sw $2,0($4)`
const STORE: u32 = 0xac82_0000;
/// `beq $0,$0,.+12`: past the delay slot and one instruction.
const BRANCH: u32 = 0x1000_0002;
/// `j 0x10c`
const JUMP: u32 = 0x0800_0043;
/// `lwl $2,3($4)`, `lwr $2,0($4)`
const LWL: u32 = 0x8882_0003;
const LWR: u32 = 0x9882_0000;
/// `lbu $2,-1($4)`
const LBU: u32 = 0x9082_ffff;

type Found = (&'static str, u32);

fn found(words: &[u32], byte_order: ByteOrder, nachos5j: bool) -> Vec<Found> {
    let bytes: Vec<u8> = words
        .iter()
        .flat_map(|word| if byte_order == ByteOrder::Big { word.to_be_bytes() } else { word.to_le_bytes() })
        .collect();
    let code = Code { bytes: &bytes, address: 0x100, file_offset: 40, byte_order };
    let mut found = Vec::new();
    let _ = scan(&code, ScanOptions { nachos5j }, &mut |finding| {
        assert_eq!(finding.offset, u64::from(finding.field.address) - 0x100 + 40);
        assert!(!finding.expected.allows(finding.found));
        found.push((finding.rule.code(), finding.field.address));
        Continue(())
    });
    found
}

#[test]
fn what_is_found_in_a_few_words() {
    let cases: &[(&str, &[u32], &[Found])] = &[
        ("nothing", &[], &[]),
        ("trap words", &[TRAP, TRAP], &[]),
        ("a trap word after a load", &[LW, TRAP], &[]),
        ("a word that is not an instruction", &[0x0000_003d], &[]),
        ("mul", &[0x7085_1002], &[("above_mips1", 0x100)]),
        ("teq, as gcc puts after a division", &[NOP, 0x0080_01f4], &[("above_mips1", 0x104)]),
        ("add.s", &[0x4602_0000], &[("floating_point", 0x100)]),
        ("mfc0", &[0x4002_6000], &[("coprocessor", 0x100)]),
        ("lwl and lwr", &[LWL, LWR, NOP, OTHER], &[("unaligned_access", 0x100), ("unaligned_access", 0x104)]),
        ("a load and its use", &[LW, USE], &[("load_delay", 0x104)]),
        ("a load and a store of it", &[LW, STORE], &[("load_delay", 0x104)]),
        ("a load and another's use", &[LW, OTHER], &[]),
        ("a load, nop, use", &[LW, NOP, USE], &[]),
        ("a load of $0", &[0x8c80_0000, 0x2400_0001], &[]),
        ("a load at the end", &[LW], &[]),
        (
            "a load in a branch's slot, used where it is not taken",
            &[BRANCH, LW, USE, NOP],
            &[("load_delay", 0x108)],
        ),
        (
            "a load in a branch's slot, used where it is taken",
            &[BRANCH, LW, NOP, USE],
            &[("load_delay", 0x10c)],
        ),
        ("a load in a jump's slot: the next in order is not executed", &[JUMP, LW, USE, NOP], &[]),
        ("a load in a jump's slot, used at its target", &[JUMP, LW, NOP, USE], &[("load_delay", 0x10c)]),
        ("a load in a return's slot", &[RETURN, LW, USE], &[]),
    ];
    for (what, words, expected) in cases {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            assert_eq!(found(words, order, false), *expected, "{what}, {order}");
        }
    }
    assert_eq!(found(&[LBU, NOP], ByteOrder::Little, false), []);
    assert_eq!(found(&[LBU, NOP], ByteOrder::Little, true), [("unsigned_immediate", 0x100)]);
    // sltiu $2,$4,-16 and 16
    assert_eq!(found(&[0x2c82_fff0, 0x2c82_0010], ByteOrder::Little, true), [("unsigned_immediate", 0x100)]);
}

#[test]
fn unsigned_shifts_are_counted() {
    // srl $2,$2,1; srlv $2,$2,$3; sra $2,$2,1
    let bytes: Vec<u8> =
        [NOP, 0x0002_1042_u32, 0x0062_1006, 0x0002_1043].iter().flat_map(|word| word.to_le_bytes()).collect();
    let code = Code { bytes: &bytes, address: 0, file_offset: 0, byte_order: ByteOrder::Little };
    let counts = scan(&code, ScanOptions::default(), &mut |_| Break(()));
    assert_eq!((counts.instructions, counts.unsigned_shifts, counts.first_unsigned_shift), (4, 2, Some(4)));
}

#[test]
fn ors_of_two_registers_are_counted() {
    // or $2,$2,$3 and or $2,$0,$3 lose the second register; or $2,$3,$0 and or $2,$3,$3 lose nothing; ori is another.
    let words = [0x0060_1025_u32, 0x0063_1025, 0x3442_0001, 0x0043_1025, 0x0003_1025];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let code = Code { bytes: &bytes, address: 0x80, file_offset: 0, byte_order: ByteOrder::Little };
    let counts = scan(&code, ScanOptions::default(), &mut |_| Continue(()));
    assert_eq!((counts.ors, counts.first_or), (2, Some(0x8c)));
    let twice = counts.and(counts);
    assert_eq!((twice.instructions, twice.ors, twice.first_or), (10, 4, Some(0x8c)));
}

#[test]
fn constants_after_the_last_return_are_left_out() {
    // "Hell" is ldr of MIPS III.
    let words = [LW, NOP, RETURN, NOP, u32::from_le_bytes(*b"Hell")];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let code = Code { bytes: &bytes, address: 0, file_offset: 0, byte_order: ByteOrder::Little };
    assert_eq!(code.up_to_last_return().bytes, &bytes[..16]);
    let none = Code { bytes: &bytes[..8], ..code };
    assert_eq!(none.up_to_last_return().bytes.len(), 8);
    let cut = Code { bytes: &bytes[..12], ..code };
    assert_eq!(cut.up_to_last_return().bytes.len(), 12);
}

#[test]
fn the_numbers_are_of_their_range() {
    for row in CodeRule::TABLE {
        assert!((750..800).contains(&row.number) && row.constant.starts_with("EXECFMT_MIPS_"), "{row:?}");
    }
}
