import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, count, percent } from "../../../../src/KvNorm.Server/wwwroot/words.mjs";

test("count: one is no plural", () => {
  assert.deepEqual([0, 1, 2345].map((value) => count(value, "passage")), ["0 passages", "1 passage", "2,345 passages"]);
});

test("percent: what is nearly nothing or nearly all is not called so", () => {
  assert.deepEqual([0, 0.001, 0.385, 0.999, 1].map(percent), ["0 %", "under 1 %", "39 %", "over 99 %", "100 %"]);
});

test("bytes: three digits and a unit", () => {
  assert.deepEqual([0, 1023, 1024, 5898240, 2 ** 40].map(bytes), ["0 bytes", "1,020 bytes", "1 KiB", "5.63 MiB", "1 TiB"]);
});
