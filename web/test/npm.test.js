// The npm package as installed: what it returns is what the command prints.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { execfmt, execfmtOn, info as printed, root, written } from "./files.js";

const installed = createRequire(pathToFileURL(join(process.env.EXECFMT_INSTALLED, "user.js"))).resolve("execfmt");
const { check, chmem, compress, convert, decompress, info, kernels, svg } = await import(pathToFileURL(installed).href);
const home = mkdtempSync(join(tmpdir(), "execfmt-npm-"));
const files = written(home, (path) => (mkdirSync(path, { recursive: true }), path));
after(() => rmSync(home, { recursive: true }));

test("info and check are what the command prints", async () => {
  for (const { name, folder, path, kernel } of files) {
    const bytes = readFileSync(path);
    for (const wanted of [undefined, kernel]) {
      assert.deepEqual(await info(bytes, { name, kernel: wanted }), JSON.parse(printed({ name, folder }, wanted)), name);
      const line = execfmt(folder, "check", "--json", ...(wanted ? ["--for", wanted] : []), "--", name).stdout;
      assert.deepEqual(await check(bytes, { name, kernel: wanted }), JSON.parse(line), name);
    }
  }
});

test("conversions", async () => {
  const halt = readFileSync(join(root, "fuzz/seeds/noff_convert/halt.elf"));
  const { bytes, changed, notes } = await convert(halt, { to: "noff" });
  assert.equal(Buffer.from(bytes.subarray(0, 4)).toString("hex"), "addfba00");
  assert.ok(changed && notes.some(({ text }) => text.includes(".MIPS.abiflags")));
  const far = await convert(readFileSync(join(root, "testdata/elks/far.elf")), { to: "elks" });
  const small = await compress(far.bytes);
  const large = await decompress(small.changed ? small.bytes : readFileSync(join(root, "fuzz/seeds/aout_parse/packed")));
  assert.ok(large.changed && (await info(large.bytes)).findings.length === 0);
  await assert.rejects(convert(Buffer.from("text"), { to: "noff" }), /this is .*not a MIPS ELF, MIPS COFF or NOFF file/);
  await assert.rejects(convert(halt, { to: "exe" }), /the format to convert to must be one of noff, coff, elf, flat, elks, os2-ne, coyotos/);
  await assert.rejects(info(halt, { kernel: "linux" }), /there is no kernel linux; known are nachos3, /);
});

test("images, and memory", async () => {
  const hello = join(root, "fuzz/seeds/coyotos_elf/agreeing");
  const words = { arch: "--arch i386", compat: "--compat", forConstructor: "--constructor", noGzip: "--no-gzip", maxImage: "--max-image 100000" };
  const values = { arch: "i386", compat: true, forConstructor: true, noGzip: true, maxImage: 100_000 };
  for (const names of [[], ["arch", "noGzip"], ["compat"], ["forConstructor", "maxImage"]]) {
    const image = Object.fromEntries(names.map((name) => [name, values[name]]));
    const out = join(home, "image");
    execfmt(root, "convert", hello, "-o", out, "--to", "coyotos", ...names.flatMap((name) => words[name].split(" ")));
    const { bytes } = await convert(readFileSync(hello), { to: "coyotos", image });
    assert.ok(readFileSync(out).equals(bytes), names.join());
  }
  await assert.rejects(convert(readFileSync(hello), { to: "coyotos", image: { maxImage: 1 } }), /and at most 1 are written/);
  const far = readFileSync(join(root, "testdata/elks/far.aout"));
  const { bytes, changed } = await chmem(far, { stack: 2048 });
  assert.ok(changed && Buffer.from(bytes).readUInt16LE(26) === 2048);
  await assert.rejects(chmem(far, {}), /give the bytes of heap, of stack, or of both/);
});

test("pictures and kernels", async () => {
  for (const { name, folder, path, kernel } of files) {
    const picture = await svg(readFileSync(path), { name, kernel });
    const drawn = execfmt(folder, "map", "--svg", "-", ...(kernel ? ["--for", kernel] : []), "--", name).stdout;
    assert.equal(picture, drawn, `${name}: as the command draws it`);
  }
  const listed = execfmt(root, "check", "--help").stdout;
  for (const { name, kernels: help } of await kernels()) {
    assert.ok(listed.includes(`- ${name}:`), name);
    assert.ok(help.length > 0);
  }
});

test("damaged files: no trap, and the command's findings", async () => {
  const seed = 20261127;
  console.log(`seed ${seed}`);
  let state = seed;
  // xorshift32.
  const random = (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const names = ["testdata/noff/demo.noff", "testdata/elks/far.aout"];
  let compared = 0, refused = 0;
  for (const source of names) {
    for (let round = 0; round < 1000; round++) {
      let bytes = Buffer.from(readFileSync(join(root, source)));
      for (let flips = 1 + random(4); flips > 0; flips--) bytes[random(2) ? random(64) : random(bytes.length)] = random(3) ? random(256) : [0, 0xff, 0x7f, 0x80][random(4)];
      if (random(4) === 0) bytes = bytes.subarray(0, random(bytes.length));
      const answer = await info(bytes, { name: "-" });
      refused += answer.findings.some(({ severity }) => severity === "error");
      for (const to of ["noff", "elks", "elf"]) await convert(bytes, { to }).catch((error) => assert.doesNotMatch(error.message, /execfmt failed/));
      if (round % 20 === 0) {
        assert.deepEqual(answer, JSON.parse(execfmtOn(bytes, "info", "--json", "-").stdout), `${source} round ${round} of seed ${seed}`);
        compared += 1;
      }
    }
  }
  console.log(`2,000 damaged files, ${refused} of them refused, ${compared} compared with the command`);
  assert.ok(compared === 100 && refused > 500 && refused < 2000);
});
