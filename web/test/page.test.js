// The page in a real browser, as one file from file:// and as a folder from a server: what it shows is what the command prints,
// nothing of a file becomes markup, nothing is loaded, and a keyboard is enough.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { execfmt, huge, info, LIMIT, web, written } from "./files.js";

const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".wasm": "application/wasm" };
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const folder = (path) => (mkdirSync(path, { recursive: true }), path);
const shots = folder(join(web, "shots"));
const home = mkdtempSync(join(tmpdir(), "execfmt-web-"));
const files = written(home, folder);

let browser, server, pages;

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.EXECFMT_BROWSER, args: FLAGS });
  server = createServer((request, response) => {
    const path = request.url === "/" ? "/index.html" : request.url;
    try {
      const body = readFileSync(join(web, path));
      response.writeHead(200, { "content-type": TYPES[extname(path)] }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  pages = { file: pathToFileURL(join(web, "execfmt.html")).href, served: `http://127.0.0.1:${server.address().port}/` };
});

after(async () => {
  await browser?.close();
  rmSync(home, { recursive: true });
  server?.close();
});

/** Opens the page, and notes all that a page should not do. */
async function opened(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 1000 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const heard = { wrong: [], requests: [] };
  page.on("console", (message) => heard.wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => heard.wrong.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => (heard.wrong.push("a dialog"), dialog.dismiss()));
  context.on("request", (request) => request.url().startsWith("data:") || request.url().startsWith("blob:") || heard.requests.push(request.url()));
  await page.addInitScript(() => {
    globalThis.violations = [];
    addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(url);
  await page.waitForFunction(() => document.querySelectorAll("#kernel option").length > 5);
  await page.bringToFront();
  return { page, context, heard };
}

async function choose(page, file) {
  // The file before may have as many bytes.
  await page.evaluate(() => document.querySelector("#name").replaceChildren());
  await page.setInputFiles("#file", file.path);
  await page.waitForFunction((length) => document.querySelector("#name").textContent.endsWith(`, ${length.toLocaleString("en")} byte${length === 1 ? "" : "s"}`), file.bytes.length);
}

async function download(page, act) {
  const [saved] = await Promise.all([page.waitForEvent("download"), act()]);
  return readFileSync(await saved.path());
}

const json = (page) => download(page, () => page.click("#offers button:text-is('Facts (JSON)')"));

for (const kind of ["file", "served"]) {
  test(`every file, as ${kind}`, async () => {
    const { page, context, heard } = await opened(pages[kind]);
    const loaded = heard.requests.length;
    for (const file of files) {
      await choose(page, file);
      assert.equal((await json(page)).toString(), info(file), `${file.name}: as the command prints it`);
      if (file.kernel) {
        await page.selectOption("#kernel", file.kernel);
        const wanted = info(file, file.kernel);
        await page.waitForFunction((kernel) => document.querySelector("#offers li:last-child code").textContent.endsWith(`--for ${kernel}`), file.kernel);
        assert.equal((await json(page)).toString(), wanted, `${file.name} for ${file.kernel}`);
        await page.selectOption("#kernel", "");
        await page.waitForFunction(() => !document.querySelector("#offers li:last-child code").textContent.includes("--for"));
      }
      // Each message is there as text, and each of many in a fold.
      const { findings, format } = JSON.parse(info(file));
      assert.equal(format, file.format, file.name);
      const fold = page.locator("#findings summary");
      for (let index = 0; index < (await fold.count()); index++) await fold.nth(index).click();
      // A fold is filled after it opens.
      const listed = () => page.locator("#findings li > span.error, #findings li > span.warning").count();
      for (let wait = 0; wait < 50 && (await listed()) < findings.length; wait++) await page.waitForTimeout(100);
      const shown = await page.locator("#findings").textContent();
      for (const { message } of findings) assert.ok(shown.includes(message), `${file.name}: ${message}`);
      // What a file or its name holds makes no element, and no character that turns text around is left.
      assert.equal(await page.locator("img, iframe, object, embed, script:not([id]):not([type=module])").count(), 0, file.name);
      assert.doesNotMatch(await page.locator("#name").textContent(), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/, file.name);
      const first = file.bytes.length && !file.name.endsWith(".gz") && file.format !== "coyotos-image" ? file.bytes[0].toString(16).padStart(2, "0") : null;
      if (first) assert.equal(await page.locator("#byte-0").textContent(), first);
    }
    assert.deepEqual(heard.wrong, []);
    assert.deepEqual(await page.evaluate(() => violations), []);
    assert.equal(heard.requests.length, loaded, `nothing is loaded later: ${heard.requests}`);
    assert.ok(heard.requests.every((url) => url.startsWith(kind === "file" ? "file:" : pages.served)), `${heard.requests}`);
    assert.equal(kind === "file" ? 1 : 5, loaded, `${heard.requests}`);
    await context.close();
  });
}

/** What a click saves, or null, is what the command that stands beside it writes; that the command refuses is said in its words. */
async function compared(file, offer) {
  const command = await offer.locator("code").textContent();
  const name = command.includes("FILE") ? "FILE" : file.name;
  const words = command.split(" ").slice(1).filter((word) => word !== name && word !== "-o" && word !== "OUT");
  const out = join(file.folder, "out");
  const chmem = words[0] === "chmem";
  // It changes a file in place.
  if (chmem) writeFileSync(out, file.bytes);
  const ran = chmem ? execfmt(file.folder, ...words, out) : execfmt(file.folder, ...words, "-o", out, "--", file.name);
  const result = await offer.locator(".result").elementHandle();
  const click = () => offer.locator("button").click();
  if (ran.code !== 0) {
    await click();
    await offer.page().waitForFunction((element) => element.className.includes("error"), result);
    const why = await result.textContent();
    assert.ok(ran.stderr.includes(why), `${file.name}: ${command}: ${why} is not in ${ran.stderr}`);
    return "refused";
  }
  const written = readFileSync(out);
  if (words[0] !== "convert" && written.equals(file.bytes)) {
    await click();
    await offer.page().waitForFunction((element) => element.textContent.startsWith("Unchanged"), result);
    return "unchanged";
  }
  const saved = await download(offer.page(), click);
  assert.ok(saved.equals(written), `${file.name}: ${command}`);
  // Every warning of the command is there. (Its notes are of the file: they may name another one.)
  const said = await result.textContent();
  for (const [, warning] of ran.stderr.matchAll(/: warning: (.*)/g)) assert.ok(said.includes(warning), `${command}: ${warning} is not in ${said}`);
  return "made";
}

const offered = (page, words) => page.locator("#offers li", { has: page.locator(`code:text-matches("^execfmt ${words}")`) });

test("what is saved is what the command writes", async () => {
  const { page, context, heard } = await opened(pages.file);
  const counts = { made: 0, refused: 0, unchanged: 0 };
  for (const file of files) {
    await choose(page, file);
    for (const offer of await offered(page, "(convert|compress|decompress) ").all()) counts[await compared(file, offer)] += 1;
  }
  console.log(`${counts.made} files as the command writes them, ${counts.refused} refused as it does`);
  assert.ok(counts.made > 20 && counts.refused > 5 && counts.unchanged > 0, JSON.stringify(counts));
  assert.deepEqual(heard.wrong, []);
  await context.close();
});

test("an ELF program as an image, with each choice of options", async () => {
  const { page, context, heard } = await opened(pages.file);
  const counts = { made: 0, refused: 0 };
  for (const name of ["low.elf", "hello.elf", "arm.elf"]) {
    const file = files.find((one) => one.name === name);
    await choose(page, file);
    const offer = offered(page, "convert .* --to coyotos");
    const labels = { compat: /original loader/, constructor: /constructor/, plain: /uncompressed/ };
    for (const arch of ["the program's", "i386", "coldfire", "arm"]) {
      await offer.getByLabel("Architecture").selectOption({ label: arch });
      for (let choice = 0; choice < 8; choice++) {
        for (const [bit, label] of Object.values(labels).entries()) await offer.getByLabel(label).setChecked((choice >> bit & 1) === 1);
        counts[await compared(file, offer)] += 1;
      }
    }
  }
  console.log(`${counts.made} images as the command makes them, ${counts.refused} refused as it does`);
  assert.ok(counts.made > 24 && counts.refused > 24, JSON.stringify(counts));
  assert.deepEqual(heard.wrong, []);
  await context.close();
});

test("memory as chmem changes it", async () => {
  const { page, context, heard } = await opened(pages.file);
  const counts = { made: 0, refused: 0, unchanged: 0 };
  const values = ["", "0", "1", "8192", "40000", "65520", "65535", "65536", "4294967295"];
  for (const name of ["far.aout", "packed", "small-model.os2", "bss-only-segment.os2"]) {
    const file = files.find((one) => one.name === name);
    await choose(page, file);
    const offer = offered(page, "chmem");
    for (const heap of values) {
      for (const stack of ["", "0", "8192", "65520", "65536"]) {
        await offer.getByLabel("Bytes of heap").fill(heap);
        await offer.getByLabel("Bytes of stack").fill(stack);
        if (heap || stack) counts[await compared(file, offer)] += 1;
      }
    }
    // Neither: nothing is saved.
    for (const label of ["heap", "stack"]) await offer.getByLabel(`Bytes of ${label}`).fill("");
    await offer.locator("button").click();
    await page.waitForFunction((element) => element.textContent === "give the bytes of heap, of stack, or of both", await offer.locator(".result").elementHandle());
  }
  console.log(`${counts.made} programs as chmem changes them, ${counts.refused} changes refused as it does, ${counts.unchanged} that change nothing`);
  assert.ok(counts.made > 60 && counts.refused > 30 && counts.unchanged > 0, JSON.stringify(counts));
  assert.deepEqual(heard.wrong, []);
  await context.close();
});

test("the keyboard is enough", async () => {
  const { page, context, heard } = await opened(pages.file);
  const tab = async (selector) => {
    for (let presses = 0; presses < 60; presses++) {
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
        const focused = await page.evaluate(() => {
          const shown = document.activeElement.closest(".button") ?? document.activeElement;
          return getComputedStyle(shown).outlineStyle !== "none";
        });
        assert.ok(focused, `${selector} shows that it has the focus`);
        return;
      }
      await page.keyboard.press("Tab");
    }
    assert.fail(`no way to ${selector}`);
  };
  await tab("#file");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
  await chooser.setFiles(files[0].path);
  await page.waitForSelector("#report:not([hidden])");
  await tab("#offers button");
  await download(page, () => page.keyboard.press("Enter"));
  await tab("#structure ul");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const chosen = () => page.locator("#chosen").textContent();
  assert.match(await chosen(), /^code.in_file_addr = 0x28 = 40: file 0x0008\.\.0x000c, 4 bytes/);
  await page.keyboard.press("Enter");
  const active = () => page.evaluate(() => document.activeElement.getAttribute("aria-activedescendant"));
  assert.equal(await active(), "byte-8");
  await page.keyboard.press("ArrowRight");
  assert.equal(await active(), "byte-9");
  await page.keyboard.press("ArrowDown");
  assert.match(await chosen(), /^initData/);
  await page.keyboard.press("Control+End");
  assert.equal(await active(), "byte-919");
  await page.keyboard.press("Escape");
  assert.match(await active(), /^span-/);
  await page.keyboard.press("End");
  assert.match(await chosen(), /^initData: file 0x02e8\.\.0x0398, 176 bytes, memory 0x02c0\.\.0x0370$/);
  await tab("#map .it");
  // The fields of an option are of the page's own form: Enter saves.
  await choose(page, files.find(({ name }) => name === "far.aout"));
  await page.focus("#file");
  await tab("#offers input");
  await page.keyboard.type("8192");
  const changed = await download(page, () => page.keyboard.press("Enter"));
  assert.equal(changed.readUInt16LE(24), 8192);
  await choose(page, files.find(({ name }) => name === "hello.elf"));
  await page.focus("#file");
  await tab("#offers select");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  assert.match(await page.locator("#offers form code").textContent(), / --to coyotos --compat$/);
  assert.deepEqual(heard.wrong, []);
  await context.close();
});

test("rows of zeros are passed in one step", async () => {
  const { page, context, heard } = await opened(pages.file);
  await choose(page, files.find(({ name }) => name === "i386.img.gz"));
  await page.focus("#bytes .scroll");
  const active = () => page.evaluate(() => document.activeElement.getAttribute("aria-activedescendant"));
  // The header's fields end at 0x68, its page at 0x1000: the row of its beginning and its last row are there.
  for (let row = 0; row < 7; row++) await page.keyboard.press("ArrowDown");
  assert.equal(await active(), `byte-${0xff0}`);
  await page.keyboard.press("ArrowUp");
  assert.equal(await active(), `byte-${0x60}`);
  assert.deepEqual(heard.wrong, []);
  await context.close();
});

test("a drop, and what is refused in a sentence", async () => {
  const { page, context, heard } = await opened(pages.file);
  const drop = (names) => page.evaluate((names) => {
    const data = new DataTransfer();
    for (const name of names) data.items.add(new File(["#!/bin/sh\n"], name));
    document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, names);
  await drop(["one", "two"]);
  await page.waitForFunction(() => document.querySelector("#status").textContent.startsWith("One file at a time"));
  await page.setInputFiles("#file", huge(join(home, "huge")));
  await page.waitForFunction(() => document.querySelector("#status").textContent.includes("this page reads up to 64 MiB"));
  assert.match(await page.locator("#status").textContent(), /^This file has 67,108,865 bytes/);
  // As long as it may be: its end is reached without all of it being shown.
  writeFileSync(join(home, "long"), Buffer.alloc(LIMIT, 1));
  await page.setInputFiles("#file", join(home, "long"));
  await page.waitForFunction(() => document.querySelector("#name").textContent.startsWith("long, 67,108,864 bytes"), undefined, { timeout: 60_000 });
  await page.focus("#bytes .scroll");
  await page.keyboard.press("Control+End");
  await page.waitForSelector("#byte-67108863.on");
  assert.ok(await page.locator("#bytes .row").count() < 400);
  await page.click("#earlier");
  await page.waitForSelector("#byte-0.on");
  await drop(["script"]);
  await page.waitForSelector("#report:not([hidden])");
  assert.match(await page.locator("#headline").textContent(), /script: refused, 1 error$/);
  assert.deepEqual(heard.wrong, []);
  await context.close();
});

test("the policy refuses what is not the page's own", async () => {
  for (const url of Object.values(pages)) {
    const { page, context } = await opened(url);
    const blocked = await page.evaluate(async () => {
      document.body.append(Object.assign(document.createElement("script"), { textContent: "globalThis.ran = true" }));
      const elsewhere = await fetch("http://127.0.0.1:9/").then(() => "loaded", () => "refused");
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { ran: globalThis.ran ?? false, elsewhere, violations: violations.map((one) => one.split(" ")[0]).sort() };
    });
    assert.deepEqual(blocked, { ran: false, elsewhere: "refused", violations: ["connect-src", "script-src-elem"] });
    await context.close();
  }
});

test("light and dark, wide and narrow", async () => {
  const backgrounds = new Set();
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1400, 800, 320]) {
      const { page, context, heard } = await opened(pages.file, { colorScheme, viewport: { width, height: 1000 } });
      await page.screenshot({ path: join(shots, `empty-${width}-${colorScheme}.png`) });
      for (const index of [0, 1, 4, 6, 7, 10, 14, 16]) {
        const file = files[index];
        await choose(page, file);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(sideways <= 0, `${file.name} at ${width}: ${sideways} pixels too wide`);
        await page.screenshot({ path: join(shots, `${index}-${file.format ?? "unknown"}-${width}-${colorScheme}.png`), fullPage: true });
      }
      backgrounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      assert.deepEqual(heard.wrong, []);
      await context.close();
    }
  }
  assert.deepEqual([...backgrounds].sort(), ["rgb(20, 23, 28)", "rgb(255, 255, 255)"]);
});
