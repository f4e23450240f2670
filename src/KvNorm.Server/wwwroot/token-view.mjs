import { EndFollower } from "./end-follower.mjs";
import { element, fill, setText } from "./elements.mjs";
import { Pager } from "./pager.mjs";
import { Pages } from "./pages.mjs";
import { shadeOf, shades, summary } from "./shades.mjs";
import { number, percent } from "./words.mjs";

const maximumTokens = 1024; // in the page at a time

/** Every token of the conversation in the shade of what is held of it, a part at a time. */
export class TokenView {
  pages = new Pages(maximumTokens);

  #strip = element("div", { className: "strip", title: "The whole conversation, from its first token to its last", "aria-hidden": true });
  #text = element("div", { className: "tokens", tabIndex: 0, role: "region", "aria-label": "Tokens" });
  #summary = element("p", { className: "summary" });
  #nav = element("nav", { className: "pager", "aria-label": "Earlier and later tokens" });
  #end = new EndFollower(this.#text);
  #pager;
  #onPage;
  #total = 0;
  #wanted = null; // the token to go to when its part has come

  /** @param {() => void} onPage Another part is wanted from the server. */
  constructor(section, onPage) {
    this.#pager = new Pager(this.#nav, this.pages, "Tokens", onPage);
    this.#strip.addEventListener("click", (event) => {
      this.reveal(Math.floor((event.offsetX / this.#strip.clientWidth) * this.#total));
    });
    section.append(legend(), this.#strip, this.#text, this.#summary, this.#nav);
    this.#onPage = onPage;
    this.show(null);
  }

  /** Goes to a token. */
  reveal(token) {
    this.#wanted = token;
    this.pages.goTo(token - maximumTokens / 2, this.#total);
    this.#onPage();
  }

  /** @param {object | null} memory What is held; null before anything was said. */
  show(memory) {
    const { tokens, slices, logicalTokens, from } = memory ?? { tokens: [], slices: [], logicalTokens: 0, from: 0 };
    this.#total = logicalTokens;
    this.#strip.hidden = logicalTokens <= maximumTokens;
    fill(this.#strip, slices, () => element("span"), (span, held) => setClass(span, `held-${shadeOf(held)}`));
    fill(this.#text, tokens, () => element("span"), (span, token, index) => showToken(span, token, tokens[index - 1]));
    const { held, partly, gone } = summary(tokens);
    setText(this.#summary, tokens.length === 0
      ? "Nothing has been said yet. Each token will stand here, shaded by how much of it the model still holds."
      : `${number(held)} held in all layers and heads, ${number(partly)} in some, ${number(gone)} in none.`);
    this.#text.hidden = tokens.length === 0;
    this.#pager.show(logicalTokens);
    const wanted = this.#wanted === null ? null : this.#text.children[this.#wanted - from];
    if (wanted) {
      this.#wanted = null;
      this.#text.scrollTop = wanted.offsetTop - this.#text.clientHeight / 3;
    } else if (this.pages.from === null) this.#end.grown();
  }
}

function showToken(span, { text, held, recalled }, before) {
  setText(span, text);
  const begins = recalled && !before?.recalled ? " begins" : "";
  setClass(span, recalled ? `recalled${begins}` : `held-${shadeOf(held)}`);
  const title = recalled ? "Recalled for the last message" : `${percent(held)} held`;
  if (span.title !== title) span.title = title;
}

function setClass(span, name) {
  if (span.className !== name) span.className = name;
}

function legend() {
  const steps = shades.map(({ name }, index) => element("li", { className: `held-${index}` }, name));
  const recalled = element("li", { className: "recalled begins" }, "recalled");
  const label = "What the shades mean: how much is held in layers and heads";
  return element("ul", { className: "legend", "aria-label": label }, ...steps, recalled);
}
