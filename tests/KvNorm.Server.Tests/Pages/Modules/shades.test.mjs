import assert from "node:assert/strict";
import { test } from "node:test";
import { shadeOf, shades, summary } from "../../../../src/KvNorm.Server/wwwroot/shades.mjs";

test("shadeOf: nothing and all are steps of their own", () => {
  const expected = [
    [0, "gone"], [0.001, "up to ¼"], [0.25, "up to ¼"], [0.5, "up to ½"], [0.74, "up to ¾"], [0.99, "nearly all"],
    [0.999999, "all"], [1, "all"], [1.0000001, "all"],
  ];
  for (const [held, name] of expected)
    assert.equal(shades[shadeOf(held)].name, name, held);
});

test("summary: counts what is held whole, in part and not at all", () => {
  assert.deepEqual(summary([0, 0, 0.3, 0.99, 1].map((held) => ({ held }))), { held: 1, partly: 2, gone: 2 });
});
