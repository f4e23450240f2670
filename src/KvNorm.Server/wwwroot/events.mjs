/**
 * The data of server-sent events, one after the other.
 * @param {ReadableStream<Uint8Array>} body Cut anywhere. It is given up when the caller wants no more.
 */
export async function* readEvents(body) {
  let data = [];
  for await (const line of readLines(body)) {
    if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
    else if (line === "" && data.length > 0) {
      yield data.join("\n");
      data = [];
    }
  }
}

// Not by the stream's own iterator, which not every browser has.
async function* readLines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let rest = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = (rest + read.value).split("\n");
      rest = lines.pop();
      yield* lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
    }
  } finally {
    reader.cancel().catch(() => {}); // broken already: the caller knows
  }
}
