// Compiles descriptions to Python, with the places of fields kept: node compile.js FOLDER FILE.ksy...
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Compiler from "kaitai-struct-compiler";
import { parse } from "yaml";

const [folder, ...files] = process.argv.slice(2);
// They import nothing.
const importer = { importYaml: (name) => Promise.reject(new Error(`${name} is imported`)) };
for (const file of files) {
  const description = parse(readFileSync(file, "utf8"));
  const compiled = await Compiler.compile("python", description, importer, true);
  for (const [name, source] of Object.entries(compiled)) {
    writeFileSync(join(folder, name), source);
  }
}
