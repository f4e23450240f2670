import { byId } from "./elements.mjs";
import { EndFollower } from "./end-follower.mjs";
import { MessageView } from "./message-view.mjs";
import { Pager } from "./pager.mjs";
import { Pages } from "./pages.mjs";

const maximumMessages = 100; // in the page at a time

/** The messages of the conversation. */
export class LogView {
  #end = new EndFollower(byId("log"));
  #list = byId("messages");
  #welcome = byId("welcome");
  #pages = new Pages(maximumMessages);
  #pager = new Pager(byId("log-pages"), this.#pages, "Messages", () => this.#draw());
  #views = new WeakMap();
  #messages = [];

  /** Shows the messages, from now on the last ones. */
  show(messages) {
    this.#messages = messages;
    this.#pages.latest();
    this.#draw();
    this.#end.toEnd();
  }

  /** A message has more, or has ended. */
  update(message) {
    const view = this.#viewOf(message);
    if (message.end === null) view.grow();
    else view.update();
    requestAnimationFrame(() => this.#end.grown()); // after the text is in
  }

  #draw() {
    const { from, to } = this.#pages.of(this.#messages.length);
    this.#welcome.hidden = this.#messages.length > 0;
    this.#list.replaceChildren(...this.#messages.slice(from, to).map((message) => this.#viewOf(message).element));
    this.#pager.show(this.#messages.length);
  }

  #viewOf(message) {
    if (!this.#views.has(message)) this.#views.set(message, new MessageView(message));
    return this.#views.get(message);
  }
}
