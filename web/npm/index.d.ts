/** The name of a family of kernels, as for `execfmt --for`. `kernels()` lists the known ones. */
export type Kernel = string;

/** An error or a warning about a file. */
export interface Finding {
  /** A file with an error is refused. */
  severity: "error" | "warning";
  /** The stable name of the broken rule, for programs to act on. */
  code: string;
  /** The field, by its name in the format's specification, such as `initData.size`. */
  field: string;
  /** File offset of the field, in bytes. */
  offset: number;
  /** The value found. */
  found: number;
  /** The expected value, as text. */
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
  /** Number of physical pages left, if all of the program must be in memory. */
  spare_pages: number | null;
}

/** The output of `execfmt check --json`. The other members depend on the format: docs/json.md lists them. */
export interface Check {
  /** The name given in the options. */
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

/** The output of `execfmt info --json`. */
export interface Info extends Check {
  derived: unknown;
  header_fields: Field | null;
  file_regions: { name: string; start: number; end: number }[];
}

/** Options for inspecting a file. */
export interface Options {
  /** The file's name, which the answer repeats. */
  name?: string;
  /** The kernels that the file is for; by default, the rules common to all kernels of its format are checked. */
  kernel?: Kernel;
}

/** The result of a conversion. */
export interface Made {
  bytes: Uint8Array;
  /** False when `bytes` are those of the input. */
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
 * Starts the package with a WebAssembly module from elsewhere, for bundlers that move `execfmt.wasm`. Without it, the first
 * call of another function reads the module beside this file.
 */
export function load(module?: BufferSource | Promise<BufferSource>): Promise<void>;

/** Describes a file, and what is needed to load it. A malformed file gives findings, not an error. */
export function info(bytes: Uint8Array, options?: Options): Promise<Info>;

/** All errors and warnings of a file: it is refused if one of `findings` is an error. */
export function check(bytes: Uint8Array, options?: Options): Promise<Check>;

/** A picture of the file next to the memory it is loaded into. */
export function svg(bytes: Uint8Array, options?: Options): Promise<string>;

/** Converts a file; `image` goes with `to: "coyotos"`. Rejects with the reason if it cannot be converted. */
export function convert(bytes: Uint8Array, options: { to: Target; kernel?: Kernel; image?: ImageOptions }): Promise<Made>;

/**
 * Changes the heap or stack, in bytes, that an ELKS program or an OS/2 NE program requests; 0 means the kernel's default. Rejects
 * with the reason if it cannot be changed.
 */
export function chmem(bytes: Uint8Array, memory: { heap?: number; stack?: number }): Promise<Made>;

/** Compresses an ELKS program, which the kernel decompresses when it runs it. */
export function compress(bytes: Uint8Array): Promise<Made>;

/** Decompresses a compressed ELKS program. */
export function decompress(bytes: Uint8Array): Promise<Made>;

/** The families of kernels, each with a description. */
export function kernels(): Promise<{ name: Kernel; kernels: string }[]>;
