// What a user of the package writes; only compiled.

import { check, chmem, compress, convert, decompress, info, kernels, load, svg } from "execfmt";
import type { Finding, Made, Target } from "execfmt";

export async function used(bytes: Uint8Array): Promise<string[]> {
  await load(bytes.buffer as ArrayBuffer);
  const { format, findings, header_fields: header } = await info(bytes, { name: "demo.noff", kernel: "nachos3" });
  const errors: Finding[] = findings.filter(({ severity }) => severity === "error");
  const to: Target = format === "noff" ? "flat" : "noff";
  const made: Made = await convert(bytes, { to });
  const { changed } = await compress((await decompress(made.bytes)).bytes);
  const names = (await kernels()).map(({ name }) => name);
  const offset: number | undefined = header?.offset;
  await convert(bytes, { to: "coyotos", image: { arch: "arm", forConstructor: true } });
  await chmem(bytes, { heap: 8192 });
  // @ts-expect-error: an architecture that there is not.
  await convert(bytes, { to: "coyotos", image: { arch: "vax" } });
  // @ts-expect-error: a format that is not written.
  await convert(bytes, { to: "exe" });
  // @ts-expect-error: text is not bytes.
  await check("demo.noff");
  return [...errors.map(({ message }) => message), await svg(bytes), String(changed), String(offset), ...names];
}
