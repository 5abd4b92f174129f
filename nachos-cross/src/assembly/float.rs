//! The MIPS II floating-point instructions that clang emits, replaced by instructions of MIPS I.

use super::{ADDRESS, SPARE};

/// The instructions that replace one of MIPS II.
pub(super) fn of_mips1(name: &str, operands: &[&str], big_endian: bool) -> Option<String> {
    match (name, operands) {
        ("ldc1", [register, address]) => double("lwc1", register, address, big_endian),
        ("sdc1", [register, address]) => double("swc1", register, address, big_endian),
        ("trunc.w.s", [to, from]) => Some(truncate("cvt.w.s", to, from)),
        ("trunc.w.d", [to, from]) => Some(truncate("cvt.w.d", to, from)),
        _ => None,
    }
}

/// A double by its words: the register that names it has the lower one, the next register the upper one.
fn double(move_word: &str, register: &str, address: &str, big_endian: bool) -> Option<String> {
    let number: u8 = register.strip_prefix("$f")?.parse().ok()?;
    let next = four_bytes_on(address)?;
    let (upper, lower) = if big_endian { (address, next.as_str()) } else { (next.as_str(), address) };
    Some(format!("\t{move_word}\t$f{},{upper}\n\t{move_word}\t$f{number},{lower}\n", number + 1))
}

/// The sum stays within reach of the upper half of its symbol: doubles are aligned to 8 bytes.
fn four_bytes_on(address: &str) -> Option<String> {
    let Some((offset, base)) = address.strip_suffix(')').and_then(|address| address.rsplit_once('(')) else {
        return Some(format!("{address}+4"));
    };
    if let Some(symbol) = offset.strip_suffix(')') {
        return Some(format!("{symbol}+4)({base})"));
    }
    let offset: i32 = if offset.is_empty() { 0 } else { offset.parse().ok()? };
    Some(format!("{}({base})", offset.checked_add(4)?))
}

/// Rounds toward zero: sets the lowest two bits of the unit's register 31 to 1, and restores the register
/// afterwards.
fn truncate(convert: &str, to: &str, from: &str) -> String {
    format!(
        "\tcfc1\t{ADDRESS},$31\n\tnop\n\tori\t{SPARE},{ADDRESS},3\n\txori\t{SPARE},{SPARE},2\n\tctc1\t{SPARE},$31\n\tnop\n\t{convert}\t{to},{from}\n\tctc1\t{ADDRESS},$31\n\tnop\n"
    )
}

#[cfg(test)]
mod tests {
    use super::of_mips1;

    #[test]
    fn doubles_are_moved_by_words() {
        for (name, address, big_endian, expected) in [
            ("ldc1", "0($4)", true, "lwc1 $f3,0($4)|lwc1 $f2,4($4)|"),
            ("ldc1", "0($4)", false, "lwc1 $f3,4($4)|lwc1 $f2,0($4)|"),
            ("ldc1", "($4)", true, "lwc1 $f3,($4)|lwc1 $f2,4($4)|"),
            ("sdc1", "-8($sp)", true, "swc1 $f3,-8($sp)|swc1 $f2,-4($sp)|"),
            ("sdc1", "-8($sp)", false, "swc1 $f3,-4($sp)|swc1 $f2,-8($sp)|"),
            ("ldc1", "%lo($CPI0_0)($1)", true, "lwc1 $f3,%lo($CPI0_0)($1)|lwc1 $f2,%lo($CPI0_0+4)($1)|"),
            ("ldc1", "%lo(s+8)($1)", true, "lwc1 $f3,%lo(s+8)($1)|lwc1 $f2,%lo(s+8+4)($1)|"),
            ("sdc1", "table", true, "swc1 $f3,table|swc1 $f2,table+4|"),
        ] {
            let text = of_mips1(name, &["$f2", address], big_endian).unwrap();
            assert_eq!(
                text.trim_start().replace("\n\t", "|").replace('\n', "|").replace('\t', " "),
                expected
            );
        }
        assert_eq!(of_mips1("add.d", &["$f0", "$f2", "$f4"], true), None);
    }

    /// A unit whose register has the rounding mode in its lowest bits: 0 nearest, 1 toward zero.
    #[test]
    fn numbers_are_cut_off_and_the_mode_is_kept() {
        let text = of_mips1("trunc.w.d", &["$f0", "$f12"], true).unwrap();
        for mode in 0..4_u32 {
            let (mut control, mut registers) = (0x0080_0100 | mode, [0_u32; 2]);
            let before = control;
            let index = |name: &str| usize::from(name == "$27");
            let mut converted_by = None;
            for line in text.lines().map(str::trim) {
                let (name, operands) = line.split_once('\t').unwrap_or((line, ""));
                let operands: Vec<&str> = operands.split(',').collect();
                let number = || operands[2].parse::<u32>().unwrap();
                match name {
                    "nop" => {}
                    "cfc1" => registers[index(operands[0])] = control,
                    "ctc1" => control = registers[index(operands[0])],
                    "ori" => registers[index(operands[0])] = registers[index(operands[1])] | number(),
                    "xori" => registers[index(operands[0])] = registers[index(operands[1])] ^ number(),
                    "cvt.w.d" => converted_by = Some((control & 3, operands.join(","))),
                    _ => panic!("{line}"),
                }
            }
            assert_eq!(converted_by, Some((1, "$f0,$f12".to_owned())));
            assert_eq!(control, before);
        }
    }
}
