// Renders cases with @huggingface/jinja: node render.mjs cases.json results.json
// A case is { template, variables }, its result { text } or { error }.
import { readFileSync, writeFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";

const [input, output] = process.argv.slice(2);
const { now, cases } = JSON.parse(readFileSync(input, "utf8"));

// strftime_now must give the same as the tests' clock.
const SystemDate = Date;
globalThis.Date = class extends SystemDate {
  constructor(...args) {
    super(...(args.length > 0 ? args : [now]));
  }
};

const parsed = new Map();
function render({ template, variables }) {
  try {
    if (!parsed.has(template)) parsed.set(template, new Template(template));
    return { text: parsed.get(template).render(variables) };
  } catch (error) {
    return { error: String(error.message) };
  }
}

writeFileSync(output, JSON.stringify(cases.map(render)));
