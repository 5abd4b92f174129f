
// The engine off the page's own thread: the module comes first, then requests, each with a number that its answer repeats.
let engine = null;

onmessage = async ({ data }) => {
  const { number, module, request, file } = data;
  try {
    if (module) {
      engine = await Engine.compile(module);
      return postMessage({ number });
    }
    const { json, bytes } = engine.call(request, file);
    postMessage({ number, json, bytes }, [bytes.buffer]);
  } catch (error) {
    postMessage({ number, error: error.message });
  }
};
