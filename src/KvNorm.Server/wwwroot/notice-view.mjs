import { button, byId, element } from "./elements.mjs";

/** What went wrong, in plain words, and what can be done. */
export class NoticeView {
  #box = byId("notice");

  /**
   * @param {string} text What is to be said.
   * @param {Record<string, () => void>} actions What can be done, by the text of its button. Each takes the notice away.
   */
  show(text, actions = {}) {
    const act = (action) => () => {
      this.clear();
      action();
    };
    this.#box.replaceChildren(
      element("p", {}, text),
      ...Object.entries(actions).map(([name, action]) => button(name, act(action))),
      button("Dismiss", act(() => byId("message").focus())));
  }

  clear() {
    this.#box.replaceChildren();
  }
}
