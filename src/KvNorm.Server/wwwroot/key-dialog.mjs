import { byId } from "./elements.mjs";

/** Asks for the server's key. */
export class KeyDialog {
  #dialog = byId("key-dialog");
  #input = byId("key");

  /** @param {(key: string) => void} onKey Is given the key; nothing is called where the reader has none. */
  constructor(onKey) {
    byId("key-cancel").addEventListener("click", () => this.#dialog.close());
    byId("key-form").addEventListener("submit", (event) => {
      event.preventDefault(); // it goes nowhere but into the requests
      const key = this.#input.value;
      this.#dialog.close();
      onKey(key);
    });
    this.#dialog.addEventListener("close", () => {
      this.#input.value = "";
    });
  }

  /** @param {boolean} wasRefused Whether there was a key, and a wrong one. */
  ask(wasRefused) {
    if (!this.#dialog.open) this.#dialog.showModal();
    byId("key-refused").hidden = !wasRefused;
  }
}
