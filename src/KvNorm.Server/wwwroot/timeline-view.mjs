import { element, fill, setText } from "./elements.mjs";
import { clock, count, milliseconds, number } from "./words.mjs";

const maximumEvents = 50; // in the page

/** What was evicted and what came back, the latest first. */
export class TimelineView {
  #none = element("p", { className: "summary" }, "No eviction and no recall yet.");
  #list = element("ol", { className: "timeline", reversed: true, tabIndex: 0, "aria-labelledby": "timeline-title" });

  constructor(section) {
    section.append(this.#none, this.#list);
  }

  show(memory) {
    const events = (memory?.events ?? []).slice(-maximumEvents).reverse();
    this.#none.hidden = events.length > 0;
    this.#list.hidden = events.length === 0;
    fill(this.#list, events, makeEvent, showEvent);
  }
}

function makeEvent() {
  return element("li", {}, element("time"), element("strong"), element("span"));
}

function showEvent(item, event) {
  const [time, name, text] = item.children;
  item.className = event.kind;
  time.dateTime = event.time;
  setText(time, clock(new Date(event.time)));
  const [title, words] = event.kind === "recall"
    ? ["Recalled", `${count(event.passages, "passage")}, ${count(event.tokens, "token")}`]
    : ["Evicted", `${number(event.rows)} rows`];
  setText(name, title);
  setText(text, `${words} · ${milliseconds(event.milliseconds)}`);
}
