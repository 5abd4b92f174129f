// The page: what the engine says of a file, as elements. What comes from a file or its name is text, never markup; the picture
// is markup of the engine's own, in which text from a file is escaped.

const LIMIT = 64 * 1024 * 1024;
/** Rows of bytes that are made at once. */
const ROWS = 256;
/** Findings of a kind that are listed before the rest is folded. */
const LISTED = 3;

const $ = (selector) => document.querySelector(selector);

/** An element with properties and children; strings become text. */
function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const hex = (number, digits = 4) => `0x${number.toString(16).padStart(digits, "0")}`;
const count = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
const status = (text, kind = "") => Object.assign($("#status"), { textContent: text, className: kind });

/** The engine in a worker: its parts are in this page, or beside it. */
class Remote {
  #worker;
  #waiting = new Map();
  #number = 0;

  static async start() {
    const [worker, module] = ["worker", "module"].map((id) => document.getElementById(id));
    const bytes = module
      ? Uint8Array.from(atob(module.textContent), (letter) => letter.charCodeAt(0)).buffer
      : await (await fetch("execfmt.wasm")).arrayBuffer();
    const source = worker ? URL.createObjectURL(new Blob([worker.textContent], { type: "text/javascript" })) : "worker.js";
    const remote = new Remote(new Worker(source));
    await remote.#post({ module: bytes });
    return remote;
  }

  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => {
      const { resolve, reject } = this.#waiting.get(data.number);
      this.#waiting.delete(data.number);
      if (data.error) reject(new Error(data.error));
      else resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      for (const { reject } of this.#waiting.values()) reject(new Error("the worker cannot be started"));
      this.#waiting.clear();
    };
  }

  #post(message) {
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#worker.postMessage({ ...message, number });
    });
  }

  /** The answer to a request; of one that is refused, an error with the reason. */
  async call(request, file) {
    const { json, bytes } = await this.#post({ request, file });
    const answer = JSON.parse(json);
    if (answer.error) throw new Error(answer.error);
    return { answer, json, bytes };
  }
}

/** The file that is shown: its name and bytes, what it is, and where the reader is. */
let shown = null;

async function read(files) {
  if (files.length !== 1) return status("One file at a time, please: `execfmt check -r FOLDER` checks many.", "error");
  const [file] = files;
  if (file.size > LIMIT) {
    return status(`This file has ${count(file.size, "byte")}, and this page reads up to 64 MiB; the command execfmt reads longer ones.`, "error");
  }
  try {
    await show(file.name, new Uint8Array(await file.arrayBuffer()));
  } catch (error) {
    status(error instanceof DOMException ? "This cannot be read: it is a folder, or not yours to read." : error.message, "error");
  }
}

async function show(name, file) {
  const slow = setTimeout(() => status("Reading…"), 200);
  const kernel = $("#kernel").value;
  try {
    const { answer, bytes } = await (await engine).call({ action: "show", name, kernel }, file);
    shown = { name, file, kernel, view: answer, bytes: bytes.length ? bytes : file, first: 0, rows: ROWS, at: 0, span: null };
  } finally {
    clearTimeout(slow);
  }
  status("");
  $("#empty").hidden = true;
  $("#report").hidden = false;
  document.title = `${answerName()}: execfmt`;
  spans();
  verdict();
  findings();
  info();
  structure();
  bytes();
  map();
  choose(null);
}

const answerName = () => shown.view.name;

/** What each byte belongs to, in the order of the file. */
function spans() {
  const { fields, parts } = shown.view;
  const field = (one) => ({ ...one, end: one.offset + one.size, start: one.offset });
  shown.spans = [...fields.map(field), ...parts.map((part) => ({ ...part, part: true }))].sort((a, b) => a.start - b.start);
}

/** The innermost span of a byte. */
function owner(offset) {
  let [low, high] = [0, shown.spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shown.spans[middle].start <= offset) low = middle + 1;
    else high = middle;
  }
  // A damaged header may let parts overlap: the last one that holds the byte counts.
  for (let index = low - 1; index >= Math.max(0, low - 32); index--) {
    if (offset < shown.spans[index].end) return shown.spans[index];
  }
  return null;
}

const MARKS = { ok: "✓", warning: "△", error: "▲" };

function verdict() {
  const { view, file } = shown;
  $("#verdict").className = view.state;
  $("#name").replaceChildren(element("bdi", {}, answerName()), `, ${count(file.length, "byte")}`);
  $("#headline").replaceChildren(
    element("span", { className: view.state, ariaHidden: "true" }, `${MARKS[view.state]} `),
    `${view.title[0].toUpperCase()}${view.title.slice(1)}: ${view.verdict}`,
  );
  $("#kernels").hidden = view.kernels.length === 0;
  // Kernels that answer the same are one row.
  const answers = new Map();
  for (const { name, runs, spare_pages: spare, why } of view.kernels) {
    const words = runs ? `runs it${spare === null ? "" : `, with ${count(spare, "page")} to spare`}` : why;
    const answer = answers.get(words) ?? { runs, names: [] };
    answer.names.push(name);
    answers.set(words, answer);
  }
  $("#kernels ul").replaceChildren(...[...answers].map(([words, { runs, names }]) => element("li", {},
    element("span", { className: runs ? "ok" : "error", ariaHidden: "true" }, runs ? "✓" : "✗"),
    element("code", {}, names.join(", ")), element("span", {}, words))));
  $("#offers ul").replaceChildren(...offers());
}

/** What can be saved, each with the command that does the same. */
function offers() {
  const { name, kernel, view } = shown;
  const stem = name.replace(/\.[A-Za-z0-9]{1,5}$/, "") || "file";
  const quoted = /^[\w./-]+$/.test(name) && !name.startsWith("-") ? name : "FILE";
  const option = kernel ? ` --for ${kernel}` : "";
  const one = (label, command, request, ending, chosen) => {
    const result = element("p", { className: "result", role: "status" });
    const code = element("code", { className: "mute" }, command(""));
    const act = () => save({ ...request, options: chosen?.values() }, `${stem}${ending}`, result);
    const button = element("button", { type: chosen ? "submit" : "button" }, label);
    if (!chosen) {
      button.onclick = act;
      return element("li", {}, button, code, result);
    }
    const form = element("form", {
      oninput: () => (code.textContent = command(chosen.words())),
      onsubmit: (event) => (event.preventDefault(), act()),
    }, button, code, chosen.group, result);
    return element("li", {}, form);
  };
  const labels = { compress: "Compressed", decompress: "Expanded", chmem: "With this memory" };
  const commands = {
    convert: (to) => (words) => `execfmt convert ${quoted} -o OUT --to ${to}${to === "noff" ? option : ""}${words}`,
    chmem: () => (words) => `execfmt chmem${words} ${quoted}`,
  };
  const made = view.offers.map(({ action, to, name: format, options }) => {
    const command = (commands[action] ?? (() => () => `execfmt ${action} ${quoted} -o OUT`))(to);
    const label = to === "os2-ne" ? "Repaired (OS/2 NE)" : to ? `As ${format}` : labels[action];
    // A program whose memory is changed keeps its name.
    const ending = action === "chmem" ? name.slice(stem.length) : to === "coyotos" ? ".img" : to ? `.${to}` : `.${action}ed`;
    return one(label, command, { action, to }, ending, options && choices(to ? "Options" : "Memory", options));
  });
  if (view.svg) made.push(one("Map (SVG)", () => `execfmt map ${quoted} --svg OUT${option}`, { action: "svg" }, ".svg"));
  made.push(one("Facts (JSON)", () => `execfmt info ${quoted} --json${option}`, { action: "info" }, ".json"));
  return made;
}

/** Options as fields of a form: their group, what they say in a request, and on the command line. */
function choices(title, options) {
  const fields = options.map(({ name, option, label, choices: values, none, now, help }) => {
    if (values) {
      const select = element("select", {}, element("option", { value: "" }, none), ...values.map((value) => element("option", {}, value)));
      return { name, label: element("label", {}, `${label} `, select), value: () => select.value || undefined, words: (value) => ` ${option} ${value}` };
    }
    if (now !== undefined) {
      const number = element("input", { type: "number", min: 0, max: 0xffffffff, step: 1, placeholder: "unchanged" });
      return {
        name, label: element("label", { className: "amount" }, element("span", {}, label), number, element("span", { className: "mute" }, `now ${now}; ${help}`)),
        value: () => (number.value === "" ? undefined : number.valueAsNumber), words: (value) => ` ${option} ${value}`,
      };
    }
    const box = element("input", { type: "checkbox" });
    return { name, label: element("label", {}, box, ` ${label}`), value: () => box.checked || undefined, words: () => ` ${option}` };
  });
  return {
    group: element("fieldset", {}, element("legend", {}, title), ...fields.map(({ label }) => label)),
    values: () => Object.fromEntries(fields.map(({ name, value }) => [name, value()]).filter(([, value]) => value !== undefined)),
    words: () => fields.map(({ value, words }) => (value() === undefined ? "" : words(value()))).join(""),
  };
}

async function save({ action, to, options }, name, result) {
  const { name: of, file, kernel } = shown;
  result.className = "result";
  result.textContent = "Working…";
  try {
    const { answer, json, bytes } = await (await engine).call({ action, to, kernel, name: of, options }, file);
    const content = action === "info" ? `${json}\n` : action === "svg" ? answer.svg : bytes;
    const notes = (answer.notes ?? []).map(({ severity, text }) => `${severity}: ${text}`);
    result.textContent = [answer.changed === false ? "Unchanged." : `Saved as ${name}.`, ...notes].join(" ");
    if (answer.changed !== false) download(name, content);
  } catch (error) {
    result.textContent = error.message;
    result.className = "result error";
  }
}

function download(name, content) {
  const link = element("a", { href: URL.createObjectURL(new Blob([content])), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Findings by kind: some of each, the rest on request. */
function findings() {
  const kinds = new Map();
  for (const finding of shown.view.findings) kinds.set(finding.code, [...(kinds.get(finding.code) ?? []), finding]);
  const one = ({ severity, offset, message }) => element("li", {},
    element("span", { className: severity }, `${MARKS[severity]} ${severity}: `), message, " ",
    element("button", { type: "button", onclick: () => go(offset, true) }, `byte ${hex(offset)}`));
  $("#findings").hidden = kinds.size === 0;
  $("#findings > ul").replaceChildren(...[...kinds.values()].flatMap((all) => {
    const rest = all.slice(LISTED);
    if (rest.length === 0) return all.map(one);
    const list = element("ul");
    const more = element("details", {}, element("summary", {}, `${rest.length} more of this kind (${all[0].code})`), list);
    more.ontoggle = () => list.childElementCount || list.append(...rest.map(one));
    return [...all.slice(0, LISTED).map(one), element("li", {}, more)];
  }));
}

function info() {
  const section = ({ facts, columns, rows, footer, text }) => {
    if (facts) return element("dl", {}, ...facts.flatMap(([label, fact]) => [element("dt", {}, label), element("dd", {}, fact)]));
    if (text) return element("p", {}, text);
    const cell = (name, cells) => cells.map((text, index) => element(name, { className: columns[index]?.right ? "right" : "" }, text));
    const head = columns.some(({ head }) => head) ? [element("thead", {}, element("tr", {}, ...cell("th", columns.map(({ head }) => head))))] : [];
    const body = element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cell("td", row))));
    return element("div", { className: "wide", tabIndex: 0, role: "region", ariaLabel: "Table" }, element("table", {}, ...head, body), footer ?? "");
  };
  // What the verdict has already.
  const told = ({ columns }) => columns?.[0].head === "kernel" && shown.view.kernels.length > 0;
  const notes = shown.view.memory_note ? [element("p", {}, shown.view.memory_note)] : [];
  $("#info").replaceChildren(...shown.view.words.filter((one) => !told(one)).map(section), ...notes);
}

/** A span in words. */
function described(span) {
  const range = `${hex(span.start)}..${hex(span.end)}, ${count(span.end - span.start, "byte")}`;
  if (span.part) return `${span.name}: file ${range}${span.becomes ? `, ${span.becomes.in} ${hex(span.becomes.start)}..${hex(span.becomes.end)}` : ""}`;
  const value = span.value === null ? "" : ` = ${span.hex ? `${span.hex} = ` : ""}${span.value}`;
  return `${span.name}${value}: file ${range}. ${span.meaning}`;
}

function structure() {
  const item = (span, index) => element("li", { role: "option", id: `span-${index}`, className: span.part ? "part" : "", ariaSelected: "false", onclick: () => go(span.start, false, span) },
    element("span", { className: `f-${span.look[1]}` }, span.look[0]), element("span", {}, span.name),
    element("span", {}, span.part ? count(span.end - span.start, "byte") : span.hex ?? span.value ?? count(span.size, "byte")));
  const list = $("#structure ul");
  list.replaceChildren(...shown.spans.map(item));
  list.scrollTop = 0;
}

const byId = (span) => document.getElementById(`span-${shown.spans.indexOf(span)}`);
const across = () => (matchMedia("(max-width: 40rem)").matches ? 8 : 16);

/** Rows of bytes from the first one that is shown; rows of zeros within a part are folded. */
function bytes() {
  const { bytes: file, rows } = shown;
  const width = (shown.width = across());
  shown.first -= shown.first % width;
  const made = [];
  shown.folds = [];
  let [offset, zeros] = [shown.first, 0];
  for (; offset < file.length && made.length < rows; offset += width) {
    const row = file.subarray(offset, offset + width);
    const inside = owner(offset);
    const folds = inside && inside.start < offset && offset + 2 * width <= inside.end && row.every((byte) => byte === 0);
    if (folds) {
      zeros += width;
      continue;
    }
    if (zeros) made.push(fold(offset - zeros, zeros));
    zeros = 0;
    made.push(line(offset, row));
  }
  if (zeros) made.push(fold(offset - zeros, zeros));
  shown.until = offset;
  $("#bytes .scroll").replaceChildren(...made);
  const left = file.length - offset;
  Object.assign($("#more"), { hidden: left <= 0, textContent: `Show more: ${count(Math.max(left, 0), "byte")} follow` });
  Object.assign($("#earlier"), { hidden: shown.first === 0, textContent: `Show from the start: ${count(shown.first, "byte")} come before` });
}

function fold(offset, zeros) {
  shown.folds.push([offset, offset + zeros]);
  return element("div", { className: "row fold" }, element("span", { className: "address" }, hex(offset)), `${zeros.toLocaleString("en")} × 00`);
}

/** The byte to go to from another: past a fold, in the same column. */
function beyond(at, next) {
  const fold = shown.folds.find(([start, end]) => start <= next && next < end);
  if (!fold) return next;
  const column = next % shown.width;
  return next > at ? fold[1] + column : fold[0] - shown.width + column;
}

function line(offset, row) {
  const letters = element("span", { className: "letters", ariaHidden: "true" });
  const cells = element("span", { className: "cells" });
  row.forEach((byte, index) => {
    const at = offset + index;
    const span = owner(at);
    const start = span?.start === at ? " start" : "";
    cells.append(element("i", { role: "gridcell", id: `byte-${at}`, className: `f-${span?.look[1] ?? "none"}${start}` }, byte.toString(16).padStart(2, "0")));
    letters.append(element("b", { id: `letter-${at}` }, byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : "·"));
  });
  return element("div", { className: "row", role: "row" }, element("span", { className: "address", role: "rowheader" }, hex(offset)), cells, letters);
}

/** Goes to a byte, and chooses what it belongs to. */
function go(offset, focus, span = owner(offset)) {
  if (offset < shown.bytes.length && (offset < shown.first || offset >= shown.until)) from(offset - 16 * shown.width);
  shown.at = Math.min(offset, Math.max(shown.bytes.length - 1, 0));
  choose(span);
  const cell = document.getElementById(`byte-${shown.at}`);
  cell?.scrollIntoView({ block: "nearest" });
  if (focus) $("#bytes .scroll").focus({ preventScroll: cell !== null });
}

/** Shows some rows from a byte on: a long file is never shown as a whole. */
function from(offset) {
  Object.assign(shown, { first: Math.max(offset, 0), rows: ROWS });
  bytes();
}

function choose(span) {
  document.querySelectorAll(".on, .chosen").forEach((one) => one.classList.remove("on", "chosen"));
  document.querySelectorAll("[aria-selected=true]").forEach((one) => one.setAttribute("aria-selected", "false"));
  shown.span = span;
  $("#chosen").textContent = span ? described(span) : "";
  const grid = $("#bytes .scroll");
  const cell = document.getElementById(`byte-${shown.at}`);
  grid.removeAttribute("aria-activedescendant");
  if (!span) return;
  const start = Math.max(span.start, shown.first);
  const last = Math.min(span.end, start + 4096, shown.until);
  for (let at = start; at < last; at++) document.getElementById(`byte-${at}`)?.classList.add("chosen");
  if (cell) {
    for (const id of ["byte", "letter"]) document.getElementById(`${id}-${shown.at}`).classList.add("on");
    grid.setAttribute("aria-activedescendant", cell.id);
    cell.setAttribute("aria-label", `byte ${hex(shown.at)}, ${cell.textContent}, ${span.name}`);
  }
  const item = byId(span);
  item.setAttribute("aria-selected", "true");
  $("#structure ul").setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
}

function map() {
  const place = $("#map .scroll");
  $("#map").hidden = !shown.view.svg;
  if (!shown.view.svg) return place.replaceChildren();
  // Its rules are in the page's own style: the policy allows no other, not even while it is parsed.
  const markup = shown.view.svg.replace(/<style>[^<]*<\/style>/, "");
  const picture = new DOMParser().parseFromString(markup, "image/svg+xml").documentElement;
  place.replaceChildren(document.importNode(picture, true));
}

function structureKey(event) {
  const { spans, span } = shown;
  const index = spans.indexOf(span);
  const moves = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: spans.length - 1, PageDown: index + 10, PageUp: index - 10 };
  if (event.key === "Enter" && span) go(span.start, true, span);
  else if (event.key in moves && spans.length) {
    const next = spans[Math.min(Math.max(moves[event.key], 0), spans.length - 1)];
    go(next.start, false, next);
  } else return;
  event.preventDefault();
}

function bytesKey(event) {
  const { at, width, bytes: file } = shown;
  const start = at - (at % width);
  const moves = {
    ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + width, ArrowUp: at - width, PageDown: at + 16 * width, PageUp: at - 16 * width,
    Home: event.ctrlKey ? 0 : start, End: event.ctrlKey ? file.length - 1 : start + width - 1,
  };
  if (event.key === "Escape" || event.key === "Enter") $("#structure ul").focus();
  else if (event.key in moves && file.length) go(beyond(at, Math.min(Math.max(moves[event.key], 0), file.length - 1)), false);
  else return;
  event.preventDefault();
}

function listen() {
  $("#file").onchange = ({ target }) => read(target.files).then(() => (target.value = ""));
  $("#kernel").onchange = () => shown && show(shown.name, shown.file).catch((error) => status(error.message, "error"));
  $("#structure ul").onkeydown = structureKey;
  $("#structure ul").onfocus = () => shown.span ?? (shown.spans[0] && go(shown.spans[0].start, false, shown.spans[0]));
  $("#bytes .scroll").onkeydown = bytesKey;
  $("#bytes .scroll").onfocus = () => shown.span ?? go(0, false);
  $("#bytes .scroll").onclick = ({ target }) => target.id.startsWith("byte-") && go(Number(target.id.slice(5)), false);
  $("#more").onclick = () => {
    shown.rows += 8 * ROWS;
    bytes();
    choose(shown.span);
  };
  $("#earlier").onclick = () => go(0, true);
  matchMedia("(max-width: 40rem)").onchange = () => shown && (bytes(), choose(shown.span));
  document.ondragover = (event) => (event.preventDefault(), document.body.classList.add("over"));
  document.ondragleave = () => document.body.classList.remove("over");
  document.ondrop = (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    read(event.dataTransfer.files);
  };
}

async function kernels() {
  const { answer } = await (await engine).call({ action: "kernels" });
  $("#kernel").append(...answer.kernels.map(({ name, kernels: help }) => element("option", { value: name, title: help }, name)));
}

const engine = globalThis.WebAssembly && globalThis.Worker
  ? Remote.start()
  : Promise.reject(new Error("WebAssembly and workers are missing: this page needs a browser of 2022 or later."));
listen();
kernels().catch((error) => status(error.message, "error"));
