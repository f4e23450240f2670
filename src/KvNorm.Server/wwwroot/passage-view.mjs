import { button, element, fill, setText } from "./elements.mjs";
import { number } from "./words.mjs";

/** The passages that came back for the last message, in words: their marks may be far away, and not everybody sees them. */
export class PassageView {
  #section;
  #onReveal;
  #list = element("ul", { className: "passages" });

  /** @param {(token: number) => void} onReveal A passage is wanted where it stands. */
  constructor(section, onReveal) {
    [this.#section, this.#onReveal] = [section, onReveal];
    section.append(this.#list);
  }

  show(memory) {
    const passages = memory?.passages ?? [];
    this.#section.hidden = passages.length === 0;
    fill(this.#list, passages, () => this.#make(), showPassage);
  }

  #make() {
    const go = button("", (event) => this.#onReveal(Number(event.currentTarget.value)), { className: "link" });
    return element("li", {}, element("mark"), go);
  }
}

function showPassage(item, { from, text }) {
  setText(item.firstChild, text.trim());
  item.lastChild.value = from;
  setText(item.lastChild, `at token ${number(from + 1)}`);
}
