import assert from "node:assert/strict";
import { test } from "node:test";
import { Chat } from "../../../../src/KvNorm.Server/wwwroot/chat.mjs";

globalThis.sessionStorage = { getItem: () => null, setItem: () => {} };

for (const [end, expected] of [["", "Hi"], ["Oh", "Oh"]])
  test(`regenerate: an answer that breaks off at "${end}" leaves "${expected}"`, async () => {
    const answers = ["Hi", end];
    const api = {
      async *answer() {
        const text = answers.shift();
        if (text) yield { text, reasoning: "" };
        if (answers.length === 0) throw new Error("broken");
      },
    };
    const on = { messages() {}, growth() {}, ended() {}, problem() {} };
    const chat = new Chat(api, on);
    await chat.send("Hello");
    await chat.regenerate();
    assert.deepEqual(chat.conversation.messages.map(({ text }) => text), ["Hello", expected]);
  });
