//! Assembler text of today's compilers, mended where the simulated machines differ from a MIPS.

/// What to mend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mend {
    /// A `nop` between a load and its use, for a compiler that knows no MIPS I.
    pub load_delay: bool,
    /// `lbu`, `lhu` and `sltiu` with negative numbers, which Nachos 5.0j takes as unsigned.
    pub unsigned_immediates: bool,
}

/// Instructions above MIPS I that nothing can be put in place of.
const REFUSED: [&str; 26] = [
    "beql", "bnel", "blezl", "bgtzl", "bltzl", "bgezl", "ll", "sc", "teq", "tne", "tge", "tlt", "sync",
    "movz", "movn", "mul", "madd", "msub", "clz", "clo", "ext", "ins", "seb", "seh", "rotr", "rotrv",
];

const LOADS: [&str; 7] = ["lw", "lh", "lhu", "lb", "lbu", "lwl", "lwr"];

/// Instructions whose first register is read.
const READS_FIRST: [&str; 26] = [
    "sw", "sh", "sb", "swl", "swr", "beq", "bne", "beqz", "bnez", "blez", "bgtz", "bltz", "bgez", "bltzal",
    "bgezal", "jr", "mult", "multu", "div", "divu", "mtlo", "mthi", "mtc1", "b", "j", "jal",
];

/// Mends the text.
///
/// # Errors
/// The instructions that a MIPS I does not have.
pub fn mend(text: &str, what: Mend) -> Result<String, Vec<String>> {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut refused: Vec<String> = Vec::new();
    let mut loaded: Option<&str> = None;
    for line in text.lines() {
        let code = line.split('#').next().unwrap_or_default().trim();
        let (name, operands) = code.split_once(char::is_whitespace).unwrap_or((code, ""));
        let is_instruction = !name.is_empty() && !name.starts_with(['.', '$']) && !name.ends_with(':');
        if !is_instruction {
            push(&mut out, line);
            continue;
        }
        let operands: Vec<&str> = operands.split(',').map(str::trim).collect();
        if what.load_delay {
            if REFUSED.contains(&name) && !refused.iter().any(|known| known == name) {
                refused.push(name.to_owned());
            }
            let first = usize::from(!READS_FIRST.contains(&name) || name == "jalr");
            let reads = |register: &str| {
                operands.iter().skip(first).any(|operand| registers(operand).any(|read| read == register))
            };
            if loaded.is_some_and(reads) {
                push(&mut out, "\tnop");
            }
        }
        loaded = LOADS.contains(&name).then(|| operands.first().map_or("", |register| canonical(register)));
        if what.unsigned_immediates {
            if let Some(instead) = unsigned_immediate(name, &operands) {
                out.push_str(&instead);
                // What takes its place does not end with a load.
                loaded = None;
                continue;
            }
        }
        push(&mut out, line);
    }
    if refused.is_empty() { Ok(out) } else { Err(refused) }
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// The registers in an operand: one, or that of an address.
fn registers(operand: &str) -> impl Iterator<Item = &str> {
    operand.split(['(', ')']).filter(|part| part.starts_with('$')).map(canonical)
}

/// One name for a register.
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
        // `sltu` with a number is `sltiu` to the assembler.
        ("sltiu" | "sltu", [to, from, number]) if negative(number) => Some(format!(
            "\t.set\tpush\n\t.set\tnoat\n\taddiu\t$1,$0,{number}\n\tsltu\t{to},{from},$1\n\t.set\tpop\n"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Mend, mend};

    const ALL: Mend = Mend { load_delay: true, unsigned_immediates: true };

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
            (
                "\tsltu\t$2,$2,-16\n",
                "\t.set\tpush\n\t.set\tnoat\n\taddiu\t$1,$0,-16\n\tsltu\t$2,$2,$1\n\t.set\tpop\n",
            ),
        ] {
            assert_eq!(mend(text, ALL).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(mend("\tmovz\t$2,$3,$4\n\tmovz\t$2,$3,$4\n", ALL), Err(vec!["movz".to_owned()]));
    }
}
