import { button, element, setText } from "./elements.mjs";
import { number } from "./words.mjs";

/** The buttons that go through the parts of a long list; not there while one part is all. */
export class Pager {
  #nav;
  #pages;
  #what;
  #text = element("span");
  #total = 0;
  #earlier;
  #later;
  #latest;

  /**
   * @param {HTMLElement} nav Where they stand.
   * @param {import("./pages.mjs").Pages} pages The parts.
   * @param {string} what What the list holds, such as "Tokens".
   * @param {() => void} onChange Another part is wanted.
   */
  constructor(nav, pages, what, onChange) {
    [this.#nav, this.#pages, this.#what] = [nav, pages, what];
    const go = (move) => () => {
      move(this.#total);
      onChange();
    };
    this.#earlier = button("Earlier", go((total) => pages.earlier(total)));
    this.#later = button("Later", go((total) => pages.later(total)));
    this.#latest = button("Latest", go(() => pages.latest()));
    nav.append(this.#text, this.#earlier, this.#later, this.#latest);
  }

  show(total) {
    this.#total = total;
    const part = this.#pages.of(total);
    this.#nav.hidden = !part.hasEarlier && !part.hasLater;
    setText(this.#text, `${this.#what} ${number(part.from + 1)} to ${number(part.to)} of ${number(total)}`);
    // Not "disabled", which would take the focus away from whoever pages by the keyboard.
    for (const [button, works] of [[this.#earlier, part.hasEarlier], [this.#later, part.hasLater], [this.#latest, part.hasLater]])
      button.setAttribute("aria-disabled", !works);
  }
}
