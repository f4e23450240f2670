// Records what @huggingface/jinja says about the cases of the tests, which themselves need no node:
//   node tests/oracle/remake.mjs          makes recorded.json anew
//   node tests/oracle/remake.mjs --check  fails if that would change it, and leaves it as it is
// Of the real templates, which are the work of others, only digests are recorded. Needs Node.js 20, npm, git and tar.
import { execSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateConversations } from "./generate.mjs";
import { restoreTemplates } from "./restore.mjs";

const seed = 20260704;
const generatedCount = 16;
const here = import.meta.dirname;
const output = join(here, "recorded.json");

execSync("npm ci --silent", { cwd: here, stdio: "inherit" });
restoreTemplates();
const { render, stopClock } = await import("./render.mjs");
const recorded = layOut(record());
if (process.argv.includes("--check")) check();
else writeFileSync(output, recorded);

function record() {
  const { now, variables, asOracle, asPython } = readJson("cases.json");
  stopClock(now);
  const generated = generateConversations(seed, generatedCount);
  const conversations = { ...readJson("conversations.json"), ...generated };
  const all = (template) => Object.entries(conversations).map(([name, values]) => [name, render(template, values)]);
  const { dependencies, templates } = readJson("package.json");
  return {
    sources: { ...dependencies, [templates.name]: templates.version },
    seed,
    generated,
    cases: Object.fromEntries([...asOracle, ...asPython].map(([template]) => [template, text(render(template, variables))])),
    shapes: mapped("templates", (template) => Object.fromEntries(all(template).map(([name, result]) => [name, text(result)]))),
    templates: mapped("obj/templates", (template) => ({
      sha256: sha256(template),
      ...Object.fromEntries(all(template).map(([name, result]) => [name, "text" in result ? sha256(result.text) : result])),
    })),
  };
}

function text(result) {
  return "text" in result ? result.text : result;
}

function mapped(folder, use) {
  const files = readdirSync(join(here, folder)).filter((file) => file.endsWith(".jinja")).sort();
  return Object.fromEntries(files.map((file) => [file.slice(0, -".jinja".length), use(readFileSync(join(here, folder, file), "utf8"))]));
}

function sha256(value) {
  return createHash("sha256").update(value, "utf8").digest("base64");
}

function readJson(file) {
  return JSON.parse(readFileSync(join(here, file), "utf8"));
}

/** JSON with one line per result, so that a change of one is a change of a line. */
function layOut(value) {
  const depths = { sources: 1, generated: 1, cases: 1, shapes: 2, templates: 2 };
  const write = (item, indent, depth) => (depth > 0 ? object(item, indent + "  ", () => depth - 1) : JSON.stringify(item));
  const object = (item, indent, depthOf) => {
    const lines = Object.entries(item).map(([key, inner]) => `${indent}${JSON.stringify(key)}: ${write(inner, indent, depthOf(key))}`);
    return `{\n${lines.join(",\n")}\n${indent.slice(2)}}`;
  };
  return object(value, "  ", (key) => depths[key] ?? 0) + "\n";
}

function check() {
  const old = existsSync(output) ? readFileSync(output, "utf8") : "";
  if (old === recorded) return;
  const known = new Set(old.split("\n"));
  const changed = recorded.split("\n").filter((line) => !known.has(line));
  console.error(`recorded.json is not what the oracle says now. New lines (${changed.length}):\n${changed.slice(0, 20).join("\n")}`);
  process.exitCode = 1;
}
