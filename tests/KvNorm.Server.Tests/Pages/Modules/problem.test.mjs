import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../../../../src/KvNorm.Server/wwwroot/problem.mjs";

for (const [status, code, wait, sentence] of [
  [429, "queue_full", "2", "The server is busy with other conversations. Try again in 2 seconds."],
  [429, "queue_full", null, "The server is busy with other conversations. Try again soon."],
  [503, "model_loading", "1", "The model is still being loaded. Try again in 1 second."],
  [413, "request_too_large", null, "This conversation has become longer than the server takes in one request. Start a new one."],
  [400, "of_a_later_version", null, "What the server says."],
])
  test(`ofResponse: ${status} ${code}`, () => {
    const problem = Problem.ofResponse(status, { error: { code, message: "What the server says." } }, wait);
    assert.equal(problem.message, sentence);
    assert.ok(!problem.isConnectionLost);
  });

test("ofResponse: an answer of something between the page and the server", () => {
  assert.equal(Problem.ofResponse(502, null, null).message, "The server answered with the status 502.");
});

test("of: tells a lost connection from a defect of the page", () => {
  assert.ok(Problem.of(new TypeError("Failed to fetch")).isConnectionLost);
  assert.ok(!Problem.of(new SyntaxError("no JSON")).isConnectionLost);
  const known = new Problem("queue_full");
  assert.equal(Problem.of(known), known);
});
