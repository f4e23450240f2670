import { element } from "./elements.mjs";
import { eachFrame } from "./frames.mjs";

const ends = {
  length: "Ended at its maximum length.",
  stopped: "Stopped by you.",
  broken: "Broken off: the rest did not arrive.",
};

/** A message of the chat. What it says is text, whatever it looks like. */
export class MessageView {
  #message;
  #text = document.createTextNode("");
  #reasoning = document.createTextNode("");
  #thought = element("details", { className: "reasoning", hidden: true }, element("summary", {}, "Reasoning"));
  #note = element("p", { className: "note" });

  constructor(message) {
    this.#message = message;
    const isUser = message.role === "user";
    this.#thought.append(element("div", { className: "text" }, this.#reasoning));
    this.element = element(
      "article",
      { className: `message ${message.role}`, dir: "auto" },
      element("h2", {}, isUser ? "You" : "Model"),
      ...(isUser ? [] : [this.#thought]),
      element("div", { className: "text" }, this.#text),
      this.#note);
    this.update();
  }

  /** There is more of it. */
  grow = eachFrame(() => this.update());

  update() {
    append(this.#text, this.#message.text);
    append(this.#reasoning, this.#message.reasoning ?? "");
    this.#thought.hidden = this.#reasoning.length === 0;
    const isEmpty = this.#text.length === 0 && this.#reasoning.length === 0;
    this.#note.textContent = this.#message.end === null ? (isEmpty ? "Reading…" : "") : ends[this.#message.end] ?? "";
    this.element.setAttribute("aria-busy", this.#message.end === null);
  }
}

// Only what is new: a long answer is not laid into the page anew with each token.
function append(node, text) {
  if (text.length > node.length) node.appendData(text.slice(node.length));
}
