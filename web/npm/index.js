// The formats of execfmt for Node and for browsers; index.d.ts has the documentation.

import { Engine } from "./engine.js";

let engine;

/** The engine, started once: from these bytes, or from the module beside this file. */
function started(module) {
  engine ??= compiled(module).catch((error) => {
    engine = undefined;
    throw error;
  });
  return engine;
}

async function compiled(module) {
  if (module) return Engine.compile(await module);
  const place = new URL("./execfmt.wasm", import.meta.url);
  if (place.protocol !== "file:") return Engine.compile(await (await fetch(place)).arrayBuffer());
  const { readFile } = await import("node:fs/promises");
  return Engine.compile(await readFile(place));
}

async function call(request, file) {
  const { json, bytes } = (await started()).call(request, file);
  const answer = JSON.parse(json);
  if (answer.error !== undefined) throw new Error(answer.error);
  return { answer, json, bytes };
}

const made = async (request, file) => {
  const { answer: { changed, notes }, bytes } = await call(request, file);
  return { bytes, changed, notes };
};

export const load = async (module) => void (await started(module));
export const info = async (bytes, { name = "", kernel } = {}) => (await call({ action: "info", name, kernel }, bytes)).answer;
export const check = async (bytes, { name = "", kernel } = {}) => (await call({ action: "check", name, kernel }, bytes)).answer;
export const svg = async (bytes, { name = "", kernel } = {}) => (await call({ action: "svg", name, kernel }, bytes)).answer.svg;
export const convert = (bytes, { to, kernel, image }) => made({ action: "convert", to, kernel, options: image }, bytes);
export const chmem = (bytes, { heap, stack }) => made({ action: "chmem", options: { heap, stack } }, bytes);
export const compress = (bytes) => made({ action: "compress" }, bytes);
export const decompress = (bytes) => made({ action: "decompress" }, bytes);
export const kernels = async () => (await call({ action: "kernels" })).answer.kernels;
