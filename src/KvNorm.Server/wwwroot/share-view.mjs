import { element, fill, setText } from "./elements.mjs";
import { count, number, percent } from "./words.mjs";

const maximumRows = 16; // in the page, which has no room for more; a cache may have more slots
const shownOfId = 8; // characters of an id that the server made

/** What each conversation in the cache takes of the budget. */
export class ShareView {
  #list = element("ul", { className: "shares" });
  #rest = element("p", { className: "summary" });

  constructor(section) {
    section.append(this.#list, this.#rest);
  }

  /**
   * @param {{capacity: number, conversations: object[]}} cache The cache and who is in it.
   * @param {string} own The conversation of this page.
   */
  show({ capacity, conversations }, own) {
    const inCache = conversations.filter((one) => one.slot !== null);
    fill(this.#list, inCache.slice(0, maximumRows), makeRow, (row, one) => showRow(row, one, one.cells / capacity, one.id === own));
    const free = capacity - inCache.reduce((sum, one) => sum + one.cells, 0);
    const outside = conversations.length - inCache.length;
    const parked = conversations.filter((one) => one.isParked).length;
    setText(this.#rest, `${number(free)} of ${number(capacity)} cells are free.${outside === 0 ? "" : restOf(outside, parked)}`);
  }
}

function restOf(outside, parked) {
  return ` ${count(outside, "more conversation")} outside of the cache: ${number(parked)} parked in host memory, `
    + `${number(outside - parked)} kept as text, to be prefilled again.`;
}

function makeRow() {
  const meter = element("div", { className: "meter" }, element("div", { className: "bar" }));
  return element("li", {}, element("span", { className: "name" }), element("span", { className: "note" }), meter);
}

function showRow(row, { id, isNamed, cells }, share, isOwn) {
  const [name, note, meter] = row.children;
  setText(name, isOwn ? "This conversation" : isNamed ? id : id ? `Without a name, ${id.slice(0, shownOfId)}` : "Not found any more");
  setText(note, `${count(cells, "cell")}, ${percent(share)}`);
  meter.firstChild.style.setProperty("--share", share);
  row.classList.toggle("own", isOwn);
}
