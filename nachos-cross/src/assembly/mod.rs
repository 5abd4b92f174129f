//! Rewrites the assembly code of current compilers where the simulated machines differ from a MIPS.

mod float;

use std::fmt::Write as _;

/// What to rewrite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mend {
    /// For a compiler without MIPS I support: a `nop` between a load and its use, and instructions of MIPS I
    /// for doubles.
    pub mips2: bool,
    /// `lbu`, `lhu` and `sltiu` with negative immediates, which Nachos 5.0j treats as unsigned.
    pub unsigned_immediates: bool,
    /// `or` of two registers, where the machine of Nachos 3.4 uses the first one twice.
    pub first_or: bool,
    /// `lwl`, `lwr`, `swl` and `swr`, at which simulated machines stop when the address is not a multiple of
    /// 4. Byte accesses replace them.
    pub parts_of_words: bool,
    /// The byte order for these accesses.
    pub big_endian: bool,
}

/// Instructions above MIPS I for which there is no replacement.
const REFUSED: [&str; 34] = [
    "beql",
    "bnel",
    "blezl",
    "bgtzl",
    "bltzl",
    "bgezl",
    "ll",
    "sc",
    "teq",
    "tne",
    "tge",
    "tlt",
    "sync",
    "movz",
    "movn",
    "mul",
    "madd",
    "msub",
    "clz",
    "clo",
    "ext",
    "ins",
    "seb",
    "seh",
    "rotr",
    "rotrv",
    "sqrt.s",
    "sqrt.d",
    "ceil.w.s",
    "ceil.w.d",
    "floor.w.s",
    "floor.w.d",
    "round.w.s",
    "round.w.d",
];

/// Instructions whose first register is available one instruction later.
const LOADS: [&str; 10] = ["lw", "lh", "lhu", "lb", "lbu", "lwl", "lwr", "lwc1", "mfc1", "cfc1"];

/// Instructions whose first register is read.
const READS_FIRST: [&str; 27] = [
    "sw", "sh", "sb", "swl", "swr", "swc1", "beq", "bne", "beqz", "bnez", "blez", "bgtz", "bltz", "bgez",
    "bltzal", "bgezal", "jr", "mult", "multu", "div", "divu", "mtlo", "mthi", "mtc1", "b", "j", "jal",
];

/// The kernel's registers: compilers do not use them, and no Nachos kernel runs on the simulated machine. The
/// assembler's register, `$1`, is used by clang itself.
const ADDRESS: &str = "$26";
const SPARE: &str = "$27";

/// The flag that a comparison of the floating-point unit sets, and its branches read.
const CONDITION: &str = "$fcc0";

/// Rewrites the text.
///
/// # Errors
/// The instructions that a MIPS I does not have, and those that cannot be rewritten.
pub fn mend(text: &str, what: Mend) -> Result<String, Vec<String>> {
    let mut pass = Pass {
        what,
        out: String::with_capacity(text.len() + text.len() / 8),
        refused: Vec::new(),
        loaded: None,
        pairs: Pairs::default(),
    };
    for line in text.lines() {
        let expanded = instruction(line)
            .filter(|_| what.mips2)
            .and_then(|(name, operands)| float::of_mips1(name, &operands, what.big_endian));
        match expanded {
            Some(lines) => lines.lines().for_each(|line| pass.take(line)),
            None => pass.take(line),
        }
    }
    pass.refused.extend(pass.pairs.alone().map(str::to_owned));
    if pass.refused.is_empty() { Ok(pass.out) } else { Err(pass.refused) }
}

/// Name and operands of the instruction in a line.
fn instruction(line: &str) -> Option<(&str, Vec<&str>)> {
    let code = line.split('#').next().unwrap_or_default().trim();
    let (name, operands) = code.split_once(char::is_whitespace).unwrap_or((code, ""));
    let is_instruction = !name.is_empty() && !name.starts_with(['.', '$']) && !name.ends_with(':');
    is_instruction.then(|| (name, operands.split(',').map(str::trim).collect()))
}

struct Pass {
    what: Mend,
    out: String,
    refused: Vec<String>,
    /// The register that the last instruction loaded.
    loaded: Option<String>,
    pairs: Pairs,
}

impl Pass {
    fn take(&mut self, line: &str) {
        let Some((name, operands)) = instruction(line) else {
            push(&mut self.out, line);
            return;
        };
        if self.what.mips2 {
            if REFUSED.contains(&name) && !self.refused.iter().any(|known| known == name) {
                self.refused.push(name.to_owned());
            }
            if self.loaded.as_deref().is_some_and(|loaded| reads(name, &operands, loaded)) {
                push(&mut self.out, "\tnop");
            }
        }
        self.loaded = loads(name, &operands).map(str::to_owned);
        let mut instead = None;
        if self.what.unsigned_immediates {
            instead = unsigned_immediate(name, &operands);
        }
        if self.what.first_or && instead.is_none() {
            instead = first_or(name, &operands);
        }
        if self.what.parts_of_words && instead.is_none() {
            instead = self.pairs.take(name, &operands, self.what.big_endian);
        }
        match instead {
            Some(instead) => {
                self.out.push_str(&instead);
                // The replacement does not end with a load.
                self.loaded = None;
            }
            None => push(&mut self.out, line),
        }
    }
}

/// The register that an instruction writes, to be read by the second instruction after it.
fn loads<'a>(name: &str, operands: &[&'a str]) -> Option<&'a str> {
    if name.starts_with("c.") {
        return Some(CONDITION);
    }
    let operand = if name == "mtc1" { 1 } else { 0 };
    let is_load = name == "mtc1" || LOADS.contains(&name);
    operands.get(operand).filter(|_| is_load).map(|register| canonical(register))
}

fn reads(name: &str, operands: &[&str], loaded: &str) -> bool {
    if loaded == CONDITION {
        return name.starts_with("bc1");
    }
    let reads_first = READS_FIRST.contains(&name) || name.starts_with("c.");
    let read = operands.iter().skip(usize::from(!reads_first)).flat_map(|operand| registers(operand));
    // A double is in two registers, and named by the first.
    let pair =
        |register: &str| register.strip_prefix("$f").and_then(|number| Some(number.parse::<u8>().ok()? / 2));
    read.into_iter().any(|register| {
        register == loaded || pair(register).is_some_and(|number| pair(loaded) == Some(number))
    })
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// The registers in an operand: one, or that of an address.
fn registers(operand: &str) -> impl Iterator<Item = &str> {
    operand.split(['(', ')']).filter(|part| part.starts_with('$')).map(canonical)
}

/// A canonical name for a register.
fn canonical(register: &str) -> &str {
    match register {
        "$zero" => "$0",
        "$at" => "$1",
        "$v0" => "$2",
        "$v1" => "$3",
        "$gp" => "$28",
        "$sp" => "$29",
        "$fp" | "$s8" => "$30",
        "$ra" => "$31",
        _ => register,
    }
}

fn unsigned_immediate(name: &str, operands: &[&str]) -> Option<String> {
    let negative = |text: &str| text.starts_with('-');
    match (name, operands) {
        ("lbu" | "lhu", [to, address]) if negative(address) => {
            let (load, mask) = if name == "lbu" { ("lb", 0xff) } else { ("lh", 0xffff) };
            Some(format!("\t{load}\t{to},{address}\n\tnop\n\tandi\t{to},{to},{mask:#x}\n"))
        }
        // To the assembler, `sltu` with an immediate is `sltiu`.
        ("sltiu" | "sltu", [to, from, number]) if negative(number) => {
            Some(format!("\taddiu\t{SPARE},$0,{number}\n\tsltu\t{to},{from},{SPARE}\n"))
        }
        _ => None,
    }
}

/// not (not (a or b)): `nor` uses both of its registers. With an immediate, and with `$0` as the last
/// register, which is how a register is copied, `or` is correct.
fn first_or(name: &str, operands: &[&str]) -> Option<String> {
    let (to, first, second) = match (name, operands) {
        ("or", &[to, first, second]) => (to, first, second),
        ("or", &[to, second]) => (to, to, second),
        _ => return None,
    };
    let is_wrong =
        second.starts_with('$') && canonical(second) != "$0" && canonical(second) != canonical(first);
    is_wrong.then(|| format!("\tnor\t{SPARE},{first},{second}\n\tnor\t{to},{SPARE},$0\n"))
}

/// Left and right parts of words. Compilers emit the two in pairs, the left first, and neither is useful
/// alone: the right one moves the whole word.
#[derive(Default)]
struct Pairs {
    /// The number of left parts minus that of right parts: of loads, of stores.
    open: [i64; 2],
}

impl Pairs {
    /// The replacement of an instruction.
    fn take(&mut self, name: &str, operands: &[&str], big_endian: bool) -> Option<String> {
        let [loads, stores] = &mut self.open;
        match (name, operands) {
            ("lwl", _) => *loads += 1,
            ("swl", _) => *stores += 1,
            ("lwr", [value, address]) => {
                *loads -= 1;
                return Some(load_bytes(value, address, big_endian));
            }
            ("swr", [value, address]) => {
                *stores -= 1;
                return Some(store_bytes(value, address, big_endian));
            }
            _ => return None,
        }
        Some(String::new())
    }

    /// Parts that are not in pairs.
    fn alone(&self) -> impl Iterator<Item = &'static str> {
        let names = ["lwl without lwr", "swl without swr"];
        names.into_iter().zip(self.open).filter(|&(_, open)| open != 0).map(|(name, _)| name)
    }
}

/// [`ADDRESS`] becomes that of a word's least significant byte, which the right part addresses in either byte
/// order; the assembler computes the sum, since the symbol may be within reach of its upper half only as
/// written.
fn with_address(address: &str, instructions: &str) -> String {
    let parts = address.strip_suffix(')').and_then(|address| address.rsplit_once('('));
    let register = |base: &str| base.strip_prefix('$').is_some_and(|name| !name.contains(char::is_uppercase));
    let load = match parts.filter(|(_, base)| register(base)) {
        Some(("", base)) => format!("addiu\t{ADDRESS},{base},0"),
        Some((offset, base)) => format!("addiu\t{ADDRESS},{base},{offset}"),
        None => format!("la\t{ADDRESS},{address}"),
    };
    format!("\t{load}\n{instructions}")
}

/// Offset of the byte with a given significance from the least significant one.
fn distance(significance: i32, big_endian: bool) -> i32 {
    if big_endian { -significance } else { significance }
}

/// Signed loads, since some machines handle the immediates of unsigned ones incorrectly, and sums, since one
/// handles `or` incorrectly; no load is used by the next instruction.
fn load_bytes(value: &str, address: &str, big_endian: bool) -> String {
    let mut text = format!("\tlb\t{value},{}({ADDRESS})\n", distance(3, big_endian));
    for significance in [2, 1, 0] {
        let _ = write!(
            text,
            "\tlb\t{SPARE},{}({ADDRESS})\n\tsll\t{value},{value},8\n\tandi\t{SPARE},{SPARE},0xff\n\taddu\t{value},{value},{SPARE}\n",
            distance(significance, big_endian)
        );
    }
    with_address(address, &text)
}

fn store_bytes(value: &str, address: &str, big_endian: bool) -> String {
    let mut text = format!("\tsb\t{value},0({ADDRESS})\n");
    for significance in [1, 2, 3] {
        let _ = write!(
            text,
            "\tsrl\t{SPARE},{value},{}\n\tsb\t{SPARE},{}({ADDRESS})\n",
            8 * significance,
            distance(significance, big_endian)
        );
    }
    with_address(address, &text)
}

#[cfg(test)]
// The registers of the machine below are their numbers.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
mod tests {
    use super::{Mend, mend};

    const ALL: Mend = Mend {
        mips2: true,
        unsigned_immediates: true,
        first_or: true,
        parts_of_words: true,
        big_endian: false,
    };

    #[test]
    fn each_difference() {
        for (text, expected) in [
            ("\tlw\t$2,0($4)\n\taddu\t$3,$2,$5\n", "\tlw\t$2,0($4)\n\tnop\n\taddu\t$3,$2,$5\n"),
            ("\tlw\t$2,0($4)\n\taddiu\t$2,$3,1\n", "\tlw\t$2,0($4)\n\taddiu\t$2,$3,1\n"),
            ("\tlw\t$ra, 4($sp)\n$BB1:\n\tjr\t$31\n", "\tlw\t$ra, 4($sp)\n$BB1:\n\tnop\n\tjr\t$31\n"),
            ("\tlw\t$2,0($4)\n\tsw\t$2,0($5)\n", "\tlw\t$2,0($4)\n\tnop\n\tsw\t$2,0($5)\n"),
            ("\tlw\t$2,0($4)\n\tlw\t$2,0($2)\n", "\tlw\t$2,0($4)\n\tnop\n\tlw\t$2,0($2)\n"),
            ("\tlbu\t$2,-1($4)\n", "\tlb\t$2,-1($4)\n\tnop\n\tandi\t$2,$2,0xff\n"),
            ("\tlbu\t$2,1($4)\n", "\tlbu\t$2,1($4)\n"),
            ("\tor\t$2,$3,$4\n", "\tnor\t$27,$3,$4\n\tnor\t$2,$27,$0\n"),
            ("\tor\t$2,$4\n", "\tnor\t$27,$2,$4\n\tnor\t$2,$27,$0\n"),
            ("\tor\t$2,$0,$4\n", "\tnor\t$27,$0,$4\n\tnor\t$2,$27,$0\n"),
            ("\tor\t$2,$3,$0\n", "\tor\t$2,$3,$0\n"),
            ("\tor\t$2,$3,3\n", "\tor\t$2,$3,3\n"),
            ("\tsltu\t$2,$2,-16\n", "\taddiu\t$27,$0,-16\n\tsltu\t$2,$2,$27\n"),
            ("\tmtc1\t$2,$f1\n\tadd.d\t$f2,$f2,$f0\n", "\tmtc1\t$2,$f1\n\tnop\n\tadd.d\t$f2,$f2,$f0\n"),
            ("\tmtc1\t$2,$f1\n\tadd.d\t$f0,$f2,$f4\n", "\tmtc1\t$2,$f1\n\tadd.d\t$f0,$f2,$f4\n"),
            ("\tmfc1\t$2,$f0\n\tjr\t$2\n", "\tmfc1\t$2,$f0\n\tnop\n\tjr\t$2\n"),
            ("\tc.lt.d\t$f0,$f2\n\tbc1t\t$BB0\n", "\tc.lt.d\t$f0,$f2\n\tnop\n\tbc1t\t$BB0\n"),
            ("\tlwc1\t$f2,0($4)\n\tc.lt.d\t$f2,$f0\n", "\tlwc1\t$f2,0($4)\n\tnop\n\tc.lt.d\t$f2,$f0\n"),
        ] {
            assert_eq!(mend(text, ALL).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(mend("\tmovz\t$2,$3,$4\n\tmovz\t$2,$3,$4\n", ALL), Err(vec!["movz".to_owned()]));
        for (text, name) in
            [("\tlwl\t$2,3($4)\n", "lwl without lwr"), ("\tswr\t$2,0($4)\n", "swl without swr")]
        {
            assert_eq!(mend(text, ALL), Err(vec![name.to_owned()]));
        }
    }

    /// A machine for the instructions that replace parts of words: `$26`, `$2`, `$27`, and the memory.
    fn run(text: &str, value: u32, memory: &mut [u8]) -> u32 {
        let mut registers = [0, value, 0];
        let index = |name: &str| match name {
            "$26" => 0,
            "$2" => 1,
            "$27" => 2,
            _ => panic!("{name}"),
        };
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('.')) {
            let (name, operands) = line.split_once('\t').unwrap();
            let operands: Vec<&str> = operands.split([',', '(', ')']).collect();
            let number = |at: usize| operands[at].trim_start_matches("0x");
            let address = |registers: &[u32; 3]| {
                (i64::from(registers[index(operands[2])]) + operands[1].parse::<i64>().unwrap()) as usize
            };
            let first = index(operands[0]);
            match name {
                // The base address in the tests is 100.
                "addiu" => registers[first] = 100_u32.wrapping_add_signed(operands[2].parse().unwrap()),
                "lb" => registers[first] = i32::from(memory[address(&registers)] as i8) as u32,
                "sb" => memory[address(&registers)] = registers[first] as u8,
                "sll" => {
                    registers[first] = registers[index(operands[1])] << number(2).parse::<u32>().unwrap()
                }
                // Like the machines of Nachos.
                "srl" => {
                    let shifted = registers[index(operands[1])] as i32 >> number(2).parse::<u32>().unwrap();
                    registers[first] = shifted as u32;
                }
                "andi" => registers[first] = registers[index(operands[1])] & 0xff,
                "addu" => {
                    registers[first] =
                        registers[index(operands[1])].wrapping_add(registers[index(operands[2])])
                }
                _ => panic!("{line}"),
            }
        }
        registers[1]
    }

    #[test]
    fn words_at_any_address_are_moved_by_bytes() {
        for (big_endian, left, right) in [(false, 3, 0), (true, 0, 3)] {
            for (at, base) in (-5_i32..6).flat_map(|at| [(at, "$2"), (at, "$4")]) {
                let start = (100 + at) as usize;
                for word in [0x8182_f384_u32, 0x0102_0304, 0xffff_ffff] {
                    let bytes = if big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
                    let what = super::Mend { big_endian, ..ALL };
                    let text = format!("\tlwl\t$2,{}($4)\n\tlwr\t$2,{}({base})\n", at + left, at + right);
                    let mut memory = [0xa5; 200];
                    memory[start..start + 4].copy_from_slice(&bytes);
                    let loads = mend(&text, what).unwrap();
                    assert_eq!(run(&loads, 7, &mut memory), word, "{loads}");
                    let mut expected = [0xa5; 200];
                    assert_eq!(memory[..start], expected[..start]);
                    expected[start..start + 4].copy_from_slice(&bytes);
                    let text = format!("\tswl\t$2,{}($4)\n\tswr\t$2,{}($4)\n", at + left, at + right);
                    let mut memory = [0xa5; 200];
                    let stores = mend(&text, what).unwrap();
                    run(&stores, word, &mut memory);
                    assert_eq!(memory, expected, "{stores}");
                }
            }
        }
        // The assembler computes the sum: $3 has the upper half of the symbol as written.
        let symbol = mend("\tlwl\t$2,3($4)\n\tlwr\t$2,%lo($LC0)($3)\n", ALL).unwrap();
        assert!(symbol.contains("\taddiu\t$26,$3,%lo($LC0)\n"), "{symbol}");
    }
}
