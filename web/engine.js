// The formats of execfmt, compiled to WebAssembly: a request and a file's bytes in, an answer and bytes out. The memory that is
// passed is described in web/src/abi.rs.

/** One instance of the module. After a trap it starts anew. */
export class Engine {
  #module;
  #exports = null;

  constructor(module) {
    this.#module = module;
  }

  /** Compiles the module from its bytes. */
  static async compile(bytes) {
    return new Engine(await WebAssembly.compile(bytes));
  }

  /** The answer to a request: its JSON as text, and the bytes of the file that was made. */
  call(request, file = new Uint8Array()) {
    this.#exports ??= new WebAssembly.Instance(this.#module, {}).exports;
    try {
      return this.#answer(new TextEncoder().encode(JSON.stringify(request)), file);
    } catch (error) {
      this.#exports = null;
      throw new Error(`execfmt failed on this file: ${error.message}`, { cause: error });
    }
  }

  #answer(request, file) {
    const { memory, execfmt_room, execfmt_answer, execfmt_done } = this.#exports;
    // Addresses are unsigned; JavaScript gets them signed.
    const room = execfmt_room(request.length + file.length) >>> 0;
    if (room === 0) throw new Error("there is no memory for it");
    new Uint8Array(memory.buffer, room).set(request);
    new Uint8Array(memory.buffer, room + request.length).set(file);
    const place = execfmt_answer(request.length) >>> 0;
    const lengths = new DataView(memory.buffer, place, 8);
    const [text, bytes] = [lengths.getUint32(0, true), lengths.getUint32(4, true)];
    const json = new TextDecoder().decode(new Uint8Array(memory.buffer, place + 8, text));
    const made = new Uint8Array(memory.buffer, place + 8 + text, bytes).slice();
    execfmt_done();
    return { json, bytes: made };
  }
}
