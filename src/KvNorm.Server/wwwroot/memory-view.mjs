import { byId, setText } from "./elements.mjs";
import { eachFrame } from "./frames.mjs";
import { GaugeView } from "./gauge-view.mjs";
import { PassageView } from "./passage-view.mjs";
import { ShareView } from "./share-view.mjs";
import { TimelineView } from "./timeline-view.mjs";
import { TokenView } from "./token-view.mjs";

// Why there is nothing to see, by the server's word for it.
const absences = {
  not_supported: "This server's model does not tell what it remembers.",
  model_not_loaded: "This model is loaded when you send it a message. Then you see here what it remembers.",
};

/** The panel beside the chat: what is still held of the conversation. */
export class MemoryView {
  #gauge = new GaugeView(byId("gauge"));
  #tokens;
  #passages = new PassageView(byId("passages"), (token) => this.#tokens.reveal(token));
  #timeline = new TimelineView(byId("timeline"));
  #shares = new ShareView(byId("shares"));
  #cache = null;
  #memory = null;
  #own = "";
  #draw = eachFrame(() => this.#show());

  /** @param {() => void} onPage Another part of the tokens is wanted. */
  constructor(onPage) {
    this.#tokens = new TokenView(byId("tokens"), onPage);
  }

  /** Asks the server, and shows what it says. */
  async ask(api, conversation) {
    const cache = await api.conversations();
    const isKnown = cache.conversations.some((one) => one.id === conversation);
    const { from, size } = this.#tokens.pages;
    const memory = isKnown ? await api.memory(conversation, from, size).catch(noneAnyMore) : null;
    [this.#cache, this.#memory, this.#own] = [cache, memory, conversation];
    this.#explain("");
    this.#draw();
  }

  /** The server did not say. What was shown before stays, unless it is not true any more. */
  showProblem({ code }) {
    if (code in absences) this.#explain(absences[code]);
  }

  /** Another conversation begins, or another model is asked. */
  forget() {
    this.#tokens.pages.latest();
  }

  /** While an answer is written its speed is shown, after that the one the server found. */
  showSpeed(tokensPerSecond, isAnswering) {
    this.#gauge.showSpeed(isAnswering ? tokensPerSecond : this.#memory?.tokensPerSecond ?? null);
  }

  #explain(absence) {
    setText(byId("memory-absent"), absence);
    byId("memory-absent").hidden = absence === "";
    byId("memory-panel").hidden = absence !== "";
  }

  #show() {
    this.#gauge.show(this.#memory, this.#cache);
    this.#tokens.show(this.#memory);
    this.#passages.show(this.#memory);
    this.#timeline.show(this.#memory);
    this.#shares.show(this.#cache, this.#own);
  }
}

function noneAnyMore(error) {
  if (error.code === "conversation_not_found") return null;
  throw error;
}
