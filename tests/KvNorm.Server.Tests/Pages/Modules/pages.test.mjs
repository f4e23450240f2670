import assert from "node:assert/strict";
import { test } from "node:test";
import { Pages } from "../../../../src/KvNorm.Server/wwwroot/pages.mjs";

test("of: shows the end, and moves with it", () => {
  const pages = new Pages(10);
  assert.deepEqual(pages.of(0), { from: 0, to: 0, hasEarlier: false, hasLater: false });
  assert.deepEqual(pages.of(7), { from: 0, to: 7, hasEarlier: false, hasLater: false });
  assert.deepEqual(pages.of(25), { from: 15, to: 25, hasEarlier: true, hasLater: false });
  assert.deepEqual(pages.of(26), { from: 16, to: 26, hasEarlier: true, hasLater: false });
});

test("earlier and later: go through all of the list, and stop at its ends", () => {
  const pages = new Pages(10);
  const seen = new Set();
  for (let step = 0; step < 5; step++) {
    const { from, to } = pages.of(25);
    for (let index = from; index < to; index++) seen.add(index);
    pages.earlier(25);
  }

  assert.equal(seen.size, 25);
  assert.equal(pages.from, 0);
  assert.deepEqual(pages.of(30), { from: 0, to: 10, hasEarlier: false, hasLater: true }); // it stays where somebody looks
  for (let step = 0; step < 5; step++) pages.later(25);
  assert.equal(pages.from, null);
});

test("goTo: is never beyond the list", () => {
  const pages = new Pages(10);
  for (const [index, from] of [[-5, 0], [3, 3], [14, 14], [15, null], [99, null]]) {
    pages.goTo(index, 25);
    assert.equal(pages.from, from);
  }
});

test("of: a list that has become shorter is shown to its end", () => {
  const pages = new Pages(10);
  pages.goTo(50, 100);
  assert.deepEqual(pages.of(20), { from: 10, to: 20, hasEarlier: true, hasLater: false });
});
