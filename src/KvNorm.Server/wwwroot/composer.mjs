import { byId, setText } from "./elements.mjs";

/** The box that messages are written in, and its buttons. */
export class Composer {
  #text = byId("message");
  #send = byId("send");
  #stop = byId("stop");
  #regenerate = byId("regenerate");

  /**
   * @param {{send: (text: string) => boolean, stop: () => void, regenerate: () => void}} on Is told what is wanted; send says whether the
   * message was taken.
   */
  constructor(on) {
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(on.send);
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return; // an input method ends a word by Enter
      event.preventDefault();
      this.#submit(on.send);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) on.stop();
    });
    this.#stop.addEventListener("click", () => {
      on.stop();
      this.focus();
    });
    this.#regenerate.addEventListener("click", () => {
      on.regenerate();
      this.focus(); // the button is off while it is answered
    });
  }

  show({ isAnswering, canSend, canRegenerate, isUnanswered }) {
    this.#send.hidden = isAnswering;
    this.#send.disabled = !canSend;
    this.#stop.hidden = !isAnswering;
    this.#regenerate.disabled = !canRegenerate;
    setText(this.#regenerate, canRegenerate && isUnanswered ? "Get an answer" : "Regenerate");
  }

  focus() {
    this.#text.focus();
  }

  #submit(send) {
    const text = this.#text.value;
    if (text.trim() !== "" && send(text)) this.#text.value = "";
  }
}
