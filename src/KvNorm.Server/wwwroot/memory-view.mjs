import { byId } from "./elements.mjs";
import { eachFrame } from "./frames.mjs";
import { GaugeView } from "./gauge-view.mjs";
import { PassageView } from "./passage-view.mjs";
import { ShareView } from "./share-view.mjs";
import { TimelineView } from "./timeline-view.mjs";
import { TokenView } from "./token-view.mjs";

/** The panel beside the chat: what is still held of the conversation. */
export class MemoryView {
  /** Whether the server's model tells what it remembers. */
  isThere = true;

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
    try {
      const cache = await api.conversations();
      const isKnown = cache.conversations.some((one) => one.id === conversation);
      const { from, size } = this.#tokens.pages;
      const memory = isKnown ? await api.memory(conversation, from, size).catch(noneAnyMore) : null;
      [this.#cache, this.#memory, this.#own] = [cache, memory, conversation];
      this.#draw();
    } catch (error) {
      if (error.code !== "not_supported") throw error;
      this.isThere = false;
      byId("memory-absent").hidden = false;
      byId("memory-panel").hidden = true;
    }
  }

  /** Another conversation begins. */
  forget() {
    this.#tokens.pages.latest();
  }

  /** While an answer is written its speed is shown, after that the one the server found. */
  showSpeed(tokensPerSecond, isAnswering) {
    this.#gauge.showSpeed(isAnswering ? tokensPerSecond : this.#memory?.tokensPerSecond ?? null);
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
