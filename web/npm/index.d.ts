/** The name of a family of kernels, as `execfmt --for` takes it. `kernels()` lists those that the package knows. */
export type Kernel = string;

/** Something wrong or unusual about a file. */
export interface Finding {
  /** An error refuses the file. */
  severity: "error" | "warning";
  /** The rule that is broken: stable, for programs to act on. */
  code: string;
  /** The field, by the format's own name, such as `initData.size`. */
  field: string;
  /** Where the field is, in bytes from the start of the file. */
  offset: number;
  /** The value that it holds. */
  found: number;
  /** What was expected, in words. */
  expected: string;
  /** A sentence for a person, with what to do next; its wording may change. */
  message: string;
}

/** Whether a family of kernels runs a file. */
export interface KernelVerdict {
  name: Kernel;
  runs: boolean;
  /** The code of the first error, if it does not. */
  reason: string | null;
  /** That error. */
  finding: Finding | null;
  /** Physical pages that are left, where there is such a number. */
  spare_pages: number | null;
}

/** What `execfmt check --json` prints. The other members depend on the format: docs/json.md lists them. */
export interface Check {
  /** The name that was given. */
  file: string;
  format: "noff" | "coff" | "aout-minix" | "os2-ne" | "coyotos-image" | "elks-symbols" | null;
  kernels: KernelVerdict[];
  findings: Finding[];
  [member: string]: unknown;
}

/** A field of a header, or a record of fields. */
export interface Field {
  name: string;
  offset: number;
  size: number;
  value?: number;
  bytes?: number[];
  fields?: Field[];
}

/** What `execfmt info --json` prints. */
export interface Info extends Check {
  derived: unknown;
  header_fields: Field | null;
  file_regions: { name: string; start: number; end: number }[];
}

/** How a file is looked at. */
export interface Options {
  /** The file's name, for the answer. */
  name?: string;
  /** The kernels that the file is for; without it, what all kernels of its format have in common is checked. */
  kernel?: Kernel;
}

/** A file that was made. */
export interface Made {
  bytes: Uint8Array;
  /** False when `bytes` are those that were given. */
  changed: boolean;
  notes: { severity: "error" | "warning" | "note"; text: string }[];
}

/** A format to convert to. */
export type Target = "noff" | "coff" | "elf" | "flat" | "elks" | "os2-ne" | "coyotos";

/** The options of a conversion to a Coyotos image, those of `execfmt convert --to coyotos` that name no file. */
export interface ImageOptions {
  /** The architecture; by default, the program's. */
  arch?: "i386" | "coldfire" | "arm";
  /** Make the pages that the original loader makes. */
  compat?: boolean;
  /** Make what a constructor of the small model takes, and no process: `--constructor`. */
  forConstructor?: boolean;
  /** Write the image uncompressed. */
  noGzip?: boolean;
  /** Maximum size of the image in bytes; by default 268435456. */
  maxImage?: number;
}

/**
 * Starts the package with a module of WebAssembly from elsewhere, for bundlers that move `execfmt.wasm`. Without it, the first
 * call of another function reads the module beside this file.
 */
export function load(module?: BufferSource | Promise<BufferSource>): Promise<void>;

/** What a file is and what loading it takes. A malformed file has findings, and is not an error. */
export function info(bytes: Uint8Array, options?: Options): Promise<Info>;

/** Everything that is wrong or unusual about a file: it is refused if one of `findings` is an error. */
export function check(bytes: Uint8Array, options?: Options): Promise<Check>;

/** A picture of the file beside the memory that it becomes. */
export function svg(bytes: Uint8Array, options?: Options): Promise<string>;

/** Converts a file; `image` goes with `to: "coyotos"`. Rejects with the reason where it cannot be converted. */
export function convert(bytes: Uint8Array, options: { to: Target; kernel?: Kernel; image?: ImageOptions }): Promise<Made>;

/**
 * Changes the heap or stack, in bytes, that an ELKS program or an OS/2 NE program asks for; 0 means the kernel's default. Rejects
 * with the reason where it cannot be changed.
 */
export function chmem(bytes: Uint8Array, memory: { heap?: number; stack?: number }): Promise<Made>;

/** Compresses an ELKS program, which the kernel expands when it runs it. */
export function compress(bytes: Uint8Array): Promise<Made>;

/** Expands a compressed ELKS program. */
export function decompress(bytes: Uint8Array): Promise<Made>;

/** The families of kernels, each with what they are. */
export function kernels(): Promise<{ name: Kernel; kernels: string }[]>;
