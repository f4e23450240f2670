import assert from "node:assert/strict";
import { test } from "node:test";
import { Speed } from "../../../../src/KvNorm.Server/wwwroot/speed.mjs";

test("at: counts from the first piece on, once there is enough to say", () => {
  const speed = new Speed();
  assert.equal(speed.at(10000), null);
  for (let piece = 0; piece <= 20; piece++) speed.add(5000 + piece * 100);
  assert.equal(speed.at(5100), null);
  assert.equal(speed.at(7000), 10);
});
