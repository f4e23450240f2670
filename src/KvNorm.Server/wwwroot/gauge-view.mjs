import { element, setText } from "./elements.mjs";
import { bytes, number, percent, speed } from "./words.mjs";

/** How full the memory is, and what is held of the conversation. */
export class GaugeView {
  #meter = element(
    "div",
    { className: "meter", role: "meter", "aria-label": "Cells in use", "aria-valuemin": 0 },
    element("div", { className: "bar" }));
  #cells = element("p", { className: "cells" });
  #figures = {
    said: figure("tokens said"),
    held: figure("still held"),
    gone: figure("tokens gone"),
    recalled: figure("recalled"),
    speed: figure("tokens/s"),
  };

  constructor(section) {
    const figures = Object.values(this.#figures).map((one) => one.element);
    section.append(this.#cells, this.#meter, element("dl", { className: "figures" }, ...figures));
  }

  /**
   * @param {object | null} memory What is held; null before anything was said.
   * @param {{capacity: number, slots: number, bytesPerCell: number}} cache The whole cache.
   */
  show(memory, { capacity, slots, bytesPerCell }) {
    const maximum = memory?.capacity ?? Math.floor(capacity / slots);
    const cells = memory?.cells ?? 0;
    const text = `${number(cells)} of ${number(maximum)} cells, ${bytes(cells * bytesPerCell)} of ${bytes(maximum * bytesPerCell)}`;
    setText(this.#cells, text);
    document.documentElement.style.setProperty("--fill", cells / maximum); // also of the head of the page, where it is narrow
    for (const [name, value] of Object.entries({ "aria-valuemax": maximum, "aria-valuenow": cells, "aria-valuetext": text }))
      this.#meter.setAttribute(name, value);
    const { said, held, gone, recalled } = this.#figures;
    said.set(number(memory?.logicalTokens ?? 0));
    held.set(memory?.logicalTokens ? percent(memory.held) : "–");
    gone.set(number(memory?.evicted ?? 0));
    recalled.set(number(memory?.recalled ?? 0));
  }

  showSpeed(tokensPerSecond) {
    this.#figures.speed.set(tokensPerSecond === null ? "–" : speed(tokensPerSecond));
  }
}

function figure(name) {
  const value = element("dd", {}, "–");
  return { element: element("div", {}, element("dt", {}, name), value), set: (text) => setText(value, text) };
}
