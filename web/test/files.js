// The files of the tests: of each format one that is well-formed, and one that is not, under a name that is not either.

import { spawnSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

export const root = process.env.EXECFMT_ROOT;
export const web = process.env.EXECFMT_WEB;
const command = process.env.EXECFMT_COMMAND;

const sample = (path) => readFileSync(join(root, path));

/** Another file: bytes at offsets replaced. */
function changed(path, changes) {
  const bytes = Buffer.from(sample(path));
  for (const [offset, value] of Object.entries(changes)) Buffer.from(value, "latin1").copy(bytes, Number(offset));
  return bytes;
}

/** Markup where the name of a section was. */
function markup(path) {
  const bytes = sample(path);
  return changed(path, { [bytes.indexOf(".text")]: "<b>\x1b[" });
}

const image = () => gunzipSync(sample("testdata/coyotos/i386.img.gz"));

/** Format, name, bytes; `kernel` where one is chosen. */
export const FILES = [
  { format: "noff", name: "demo.noff", bytes: sample("testdata/noff/demo.noff"), kernel: "nachos4-rdata" },
  { format: "noff", name: "<img src=x onerror=alert(1)>.noff", bytes: changed("testdata/noff/demo.noff", { 8: "\xff\xff\xff\xff\xff\xff\xff\xff" }) },
  { format: "coff", name: "halt.coff", bytes: sample("fuzz/seeds/coff_parse/halt.coff"), kernel: "nachos5j" },
  { format: "coff", name: "evil \u202efoc.exe", bytes: markup("fuzz/seeds/coff_parse/halt.coff") },
  { format: "aout-minix", name: "far.aout", bytes: sample("testdata/elks/far.aout"), kernel: "elks-minimal" },
  { format: "aout-minix", name: "\u001b[31mred", bytes: changed("testdata/elks/far.aout", { 8: "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" }) },
  { format: "aout-minix", name: "packed", bytes: sample("fuzz/seeds/aout_parse/packed") },
  { format: "os2-ne", name: "small-model.os2", bytes: sample("testdata/ne/small-model.os2") },
  { format: "os2-ne", name: "&lt;script&gt; \"'`.exe", bytes: sample("testdata/ne/windows.os2") },
  { format: "os2-ne", name: "bss-only-segment.os2", bytes: sample("testdata/ne/bss-only-segment.os2") },
  { format: "coyotos-image", name: "i386.img.gz", bytes: sample("testdata/coyotos/i386.img.gz"), kernel: "coyotos-original" },
  { format: "coyotos-image", name: "</script><script>alert(1)</script>", bytes: gzipSync(image().subarray(0, image().length - 100)) },
  { format: null, name: "far.elf", bytes: sample("testdata/elks/far.elf") },
  { format: null, name: "halt.elf", bytes: sample("fuzz/seeds/noff_convert/halt.elf") },
  { format: null, name: "page.html", bytes: Buffer.from("<script>alert(1)</script>\n") },
  { format: null, name: "empty", bytes: Buffer.alloc(0) },
  { format: null, name: "hello.elf", bytes: sample("testdata/coyotos/hello.elf") },
  { format: null, name: "low.elf", bytes: sample("fuzz/seeds/coyotos_elf/agreeing") },
  { format: null, name: "arm.elf", bytes: sample("fuzz/seeds/coyotos_elf/arm") },
  { format: null, name: "cut.elf", bytes: sample("testdata/coyotos/hello.elf").subarray(0, 100) },
];

/** Writes the files as `1/name`, `2/name` and so on, and sets `path` and `folder` of each. */
export function written(into, mkdir) {
  return FILES.map((file, index) => {
    const folder = mkdir(join(into, String(index)));
    // A name with a slash is no file's.
    const name = file.name.replaceAll("/", "∕");
    const path = join(folder, name);
    writeFileSync(path, file.bytes);
    return { ...file, name, path, folder };
  });
}

/** The longest file that the page reads, in bytes. */
export const LIMIT = 64 * 1024 * 1024;

/** A file longer than that, without blocks on the disk. */
export function huge(path) {
  writeFileSync(path, "");
  truncateSync(path, LIMIT + 1);
  return path;
}

/** What the command prints: its standard output and its messages. A refused file is not a failure. */
export const execfmt = (folder, ...args) => ran(args, { cwd: folder });

/** The same of what is given on standard input. */
export const execfmtOn = (input, ...args) => ran(args, { input });

function ran(args, options) {
  const { EXECFMT_KERNEL: _, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, timeout: 60_000, maxBuffer: 1 << 27, ...options });
  if (error || status > 1) throw error ?? new Error(`${args.join(" ")}: ${status}: ${stderr}`);
  return { stdout: stdout.toString(), stderr: stderr.toString(), code: status };
}

/** The line of `info --json`. */
export const info = ({ folder, name }, kernel) => execfmt(folder, "info", "--json", ...(kernel ? ["--for", kernel] : []), "--", name).stdout;
