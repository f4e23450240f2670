import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const kept = new Map();
globalThis.sessionStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) };
const { Api } = await import("../../../../src/KvNorm.Server/wwwroot/api.mjs");
const { Conversation } = await import("../../../../src/KvNorm.Server/wwwroot/conversation.mjs");

let asked;
let answers;

beforeEach(() => {
  kept.clear();
  [asked, answers] = [[], []];
  globalThis.fetch = async (path, options) => {
    asked.push({ path, ...options });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
});

test("answer: sends the whole conversation by its name, and gives the pieces", async () => {
  answers.push(stream(chunk({ role: "assistant", reasoning_content: "hm" }), chunk({ content: "Hi" }), chunk({}, "stop"), "[DONE]"));
  const conversation = new Conversation();
  conversation.ask("Hello");
  assert.deepEqual(await pieces(new Api().answer(conversation)), [
    { text: "", reasoning: "hm", end: null }, { text: "Hi", reasoning: "", end: null }, { text: "", reasoning: "", end: "stop" },
  ]);
  assert.equal(asked[0].path, "v1/chat/completions");
  assert.equal(asked[0].headers["X-Conversation-Id"], conversation.id);
  assert.deepEqual(JSON.parse(asked[0].body), { stream: true, messages: [{ role: "user", content: "Hello" }] });
});

test("answer: one that ends before it is whole was broken off", async () => {
  answers.push(stream(chunk({ content: "Hi" })));
  await assert.rejects(pieces(new Api().answer(new Conversation())), { code: "broken_off", isConnectionLost: true });
});

test("answer: a failure in its middle is told", async () => {
  answers.push(stream(chunk({ content: "Hi" }), JSON.stringify({ error: { code: "request_timeout", message: "x" } })));
  await assert.rejects(pieces(new Api().answer(new Conversation())), { message: "The answer took longer than the server allows." });
});

test("key: is sent, and kept for this tab", async () => {
  new Api().key = "sesame";
  answers.push(Response.json({ data: [{ id: "one" }] }));
  assert.deepEqual(await new Api().models(), ["one"]);
  assert.equal(asked[0].headers.Authorization, "Bearer sesame");
});

test("memory: asks for a part of the tokens, of the model chosen", async () => {
  const api = new Api();
  answers.push(Response.json({}), Response.json({}));
  await api.memory("a b", null, 1024);
  api.model = "two";
  await api.memory("a", 5, 1024);
  assert.deepEqual(asked.map((one) => one.path), [
    "api/conversations/a%20b/memory?count=1024", "api/conversations/a/memory?from=5&count=1024&model=two",
  ]);
});

test("conversations: a server that is not there is a lost connection", async () => {
  answers.push(new TypeError("Failed to fetch"));
  await assert.rejects(new Api().conversations(), { code: "connection_lost" });
});

test("health: loading is no problem, no server is one", async () => {
  answers.push(Response.json({ status: "loading" }, { status: 503 }), new TypeError("Failed to fetch"));
  assert.equal(await new Api().health(), "loading");
  await assert.rejects(new Api().health(), { code: "connection_lost" });
});

function chunk(delta, reason = null) {
  return JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] });
}

function stream(...data) {
  return new Response(data.map((one) => `data: ${one}\n\n`).join(""));
}

async function pieces(answer) {
  const all = [];
  for await (const piece of answer) all.push(piece);
  return all;
}
