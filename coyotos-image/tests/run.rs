//! A real program, from the compiler through an image to its exit: what runs is what the walk of its space finds.

#![cfg(feature = "elf")]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use coyotos_image::space::WalkLimits;
use coyotos_image::{Arch, Builder, ObjectId, ObjectType, Options, Slot, parse, space};

/// Writes a text that it makes from constants, data and bss, and exits with a sum.
const SOURCE: &str = r#"
static const char greeting[] = "mapped ";
static char text[] = "????\n";
static int big[3000];
int calls;
static int call(int number, int a, const void *b, int c)
{
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}
void program(void)
{
    int sum = 0;
    for (int i = 0; i < 3000; i++)
        big[i] += i;
    for (int i = 0; i < 3000; i += 7)
        sum += big[i];
    for (int i = 3; i >= 0; i--, calls++)
        text[i] = "0123456789abcdef"[(sum >> (4 * (3 - i))) & 15];
    call(4, 1, greeting, 7);
    call(4, 1, text, 5);
    call(1, calls + 38, 0, 0);
}
__asm__(".globl _start\n.bss\n.skip 4096\nstack:\n.text\n_start: mov $stack, %esp\ncall program\n");
"#;

/// The sum of the multiples of 7 below 3000, in four hexadecimal digits.
fn text() -> String {
    let sum: u32 = (0..3000).step_by(7).sum();
    format!("mapped {:04x}\n", sum & 0xffff)
}

fn compile(flags: &[&str]) -> Option<Vec<u8>> {
    let dir = std::env::temp_dir().join(format!("coyotos-run-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("prog.c"), SOURCE).unwrap();
    let common =
        ["60", "gcc", "-m32", "-O1", "-static", "-nostdlib", "-ffreestanding", "-fno-pic", "-no-pie"];
    let mut command = Command::new("timeout");
    command.args(common).args(["-fno-stack-protector", "-o", "prog.elf", "prog.c"]).args(flags);
    let built =
        command.current_dir(&dir).stdin(Stdio::null()).output().is_ok_and(|output| output.status.success());
    let elf = built.then(|| fs::read(dir.join("prog.elf")).unwrap());
    fs::remove_dir_all(&dir).unwrap();
    if elf.is_none() {
        eprintln!("SKIPPED: gcc -m32 does not compile here");
    }
    elf
}

fn emulate(question: &str) -> Option<String> {
    let python = std::env::var_os("EXECFMT_PYTHON").unwrap_or_else(|| "python3".into());
    let probe = Command::new(&python).args(["-c", "import unicorn"]).stderr(Stdio::null()).status();
    if !probe.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: {} has no package unicorn (set EXECFMT_PYTHON)", python.to_string_lossy());
        return None;
    }
    let mut command = Command::new("timeout");
    command
        .args(["60".as_ref(), python.as_os_str()])
        .args(["-B", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/run.py")]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(question.as_bytes()).unwrap();
    Some(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
}

#[test]
fn a_compiled_program_runs_to_its_exit_from_its_image() {
    for (name, compat, flags) in [
        ("default", false, &[][..]),
        ("default, one segment", false, &["-Wl,-N"][..]),
        ("compatible", true, &[][..]),
    ] {
        let Some(elf) = compile(flags) else { return };
        let mut builder = Builder::new(Arch::I386);
        let bank = builder.prime_bank();
        let program =
            if compat { builder.load_elf_compat(bank, &elf) } else { builder.load_elf(bank, &elf) }.unwrap();
        builder.runnable_process(bank, program.space, program.entry).unwrap();
        let bytes = builder.to_vec().unwrap();
        // From here on all that is known comes from the image.
        let image = parse(&bytes, Options::default()).unwrap();
        let process = ObjectId { object_type: ObjectType::Process, oid: 0 };
        let root = image.capability(process, Slot::AddrSpace).unwrap();
        let mut question = format!("pc {:x}\n", image.process(0).unwrap().fault_info);
        for mapping in space::walk(&image, root, WalkLimits::default()).pages() {
            let mapping = mapping.unwrap();
            write!(question, "map {:x} {} ", mapping.address, mapping.restr.bits()).unwrap();
            for byte in image.page(mapping.capability.oid()).unwrap() {
                write!(question, "{byte:02x}").unwrap();
            }
            question.push('\n');
        }
        let Some(answer) = emulate(&question) else { return };
        let written: String = text().bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(answer.trim(), format!("{written} 42"), "{name}");
    }
}
