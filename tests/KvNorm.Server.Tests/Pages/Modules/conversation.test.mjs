import assert from "node:assert/strict";
import { test } from "node:test";
import { Conversation } from "../../../../src/KvNorm.Server/wwwroot/conversation.mjs";

test("id: is a name that the server takes, and another one each time", () => {
  const ids = [new Conversation().id, new Conversation().id];
  for (const id of ids) assert.match(id, /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/);
  assert.notEqual(...ids);
});

test("toRequest: has the messages in OpenAI's shape, without the answer being written", () => {
  const conversation = asked();
  conversation.ask("And <b>then</b>?");
  conversation.beginAnswer();
  assert.deepEqual(conversation.toRequest(), [
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Hi", reasoning_content: "hm" },
    { role: "user", content: "And <b>then</b>?" },
  ]);
});

test("ask: half of a character, which cannot be sent, is replaced", { skip: !String.prototype.toWellFormed }, () => {
  const conversation = new Conversation();
  conversation.ask("a\ud83d");
  assert.equal(conversation.toRequest()[0].content, "a\ufffd");
});

const ends = [["stop", "", true], ["length", "", true], ["stopped", "", false], ["broken", "", false], ["stopped", "Hi", true]];
for (const [end, text, remains] of ends)
  test(`endAnswer: "${text}" that ends by ${end} ${remains ? "remains" : "is no message"}`, () => {
    const conversation = new Conversation();
    conversation.ask("Hello");
    const answer = conversation.beginAnswer();
    answer.text = text;
    conversation.endAnswer(answer, end);
    assert.equal(conversation.messages.length, remains ? 2 : 1);
  });

test("dropAnswer: takes the last answer away, and never a question", () => {
  const conversation = asked();
  conversation.dropAnswer();
  conversation.dropAnswer();
  assert.deepEqual(conversation.toRequest(), [{ role: "user", content: "Hello" }]);
});

test("isUnanswered: a question alone, or with a part of its answer", () => {
  const conversation = asked();
  assert.ok(!conversation.isUnanswered);
  conversation.messages.at(-1).end = "broken";
  assert.ok(conversation.isUnanswered);
  conversation.dropAnswer();
  assert.ok(conversation.isUnanswered);
  assert.ok(!new Conversation().isUnanswered);
});

test("restore: brings back what was saved; an answer in its middle is broken off", () => {
  const storage = storageOf();
  const conversation = asked();
  conversation.ask("More");
  conversation.beginAnswer().text = "Mo";
  conversation.save(storage);
  const restored = Conversation.restore(storage);
  assert.equal(restored.id, conversation.id);
  assert.deepEqual(restored.messages.map((message) => message.end), [undefined, "stop", undefined, "broken"]);
});

const id = "page-0123456789abcdef";
for (const saved of [
  "",
  "null",
  "[]",
  "{",
  JSON.stringify({ id: 1, messages: [] }),
  JSON.stringify({ id: "../a", messages: [] }),
  JSON.stringify({ id, messages: [{ role: "system", text: "x" }] }),
  JSON.stringify({ id, messages: [{ role: "user", text: {} }] }),
  JSON.stringify({ id, messages: [{ role: "assistant", text: "x" }] }),
])
  test(`restore: ${saved || "nothing"} is no conversation of ours`, () => {
    const restored = Conversation.restore(storageOf(saved));
    assert.ok(restored.isEmpty);
    assert.match(restored.id, /^page-/);
    assert.notEqual(restored.id, id);
  });

test("save: where the browser keeps nothing, the conversation goes on", () => {
  const full = { setItem: () => { throw new Error("full"); } };
  asked().save(full);
});

function asked() {
  const conversation = new Conversation();
  conversation.ask("Hello");
  const answer = conversation.beginAnswer();
  [answer.text, answer.reasoning] = ["Hi", "hm"];
  conversation.endAnswer(answer, "stop");
  return conversation;
}

function storageOf(text = null) {
  let kept = text;
  return { getItem: () => kept, setItem: (_, value) => (kept = value) };
}
