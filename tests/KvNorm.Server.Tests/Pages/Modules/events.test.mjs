import assert from "node:assert/strict";
import { test } from "node:test";
import { readEvents } from "../../../../src/KvNorm.Server/wwwroot/events.mjs";

const text = "data: {\"a\":\"ä😀\"}\n\n: a comment\nevent: x\ndata: one\ndata:two\r\n\r\ndata: [DONE]\n\n";
const expected = ["{\"a\":\"ä😀\"}", "one\ntwo", "[DONE]"];

test("readEvents: bytes cut anywhere come to the same events", async () => {
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size <= bytes.length; size++) assert.deepEqual(await all(cut(bytes, size)), expected, `pieces of ${size}`);
});

test("readEvents: an event that is not complete is none", async () => {
  assert.deepEqual(await all(cut(new TextEncoder().encode("data: one\n\ndata: tw"), 100)), ["one"]);
});

test("readEvents: a reader who has enough gives the body up", async () => {
  let isCancelled = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("data: one\n\n")),
    cancel: () => (isCancelled = true),
  });
  for await (const data of readEvents(body)) {
    assert.equal(data, "one");
    break;
  }

  await new Promise((done) => setTimeout(done));
  assert.ok(isCancelled);
});

function cut(bytes, size) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

async function all(body) {
  const events = [];
  for await (const data of readEvents(body)) events.push(data);
  return events;
}
