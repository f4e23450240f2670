// What @huggingface/jinja makes of a template: { text }, or { error } if it fails.
import { Template } from "@huggingface/jinja";

const parsed = new Map();

export function render(template, variables) {
  try {
    if (!parsed.has(template)) parsed.set(template, new Template(template));
    return { text: parsed.get(template).render(variables) };
  } catch (error) {
    return { error: String(error.message) };
  }
}

/** Stops the clock: strftime_now must give the same moment as the tests' clock. */
export function stopClock(now) {
  process.env.TZ = "UTC";
  const SystemDate = Date;
  globalThis.Date = class extends SystemDate {
    constructor(...args) {
      super(...(args.length > 0 ? args : [now]));
    }
  };
}
