import { Conversation } from "./conversation.mjs";
import { Problem } from "./problem.mjs";
import { Speed } from "./speed.mjs";

/** The conversation with the model: asks, reads the answer, and can be stopped. */
export class Chat {
  /** Of the answer being written; null for none. */
  speed = null;

  #api;
  #on;
  #stop = null;

  /**
   * @param {import("./api.mjs").Api} api The server.
   * @param {object} on Is told: messages(list), growth(message), ended(message), problem(problem).
   */
  constructor(api, on) {
    [this.#api, this.#on] = [api, on];
    this.conversation = Conversation.restore(sessionStorage);
  }

  get isAnswering() {
    return this.#stop !== null;
  }

  get canRegenerate() {
    return !this.isAnswering && !this.conversation.isEmpty;
  }

  async send(text) {
    if (this.isAnswering) return;
    this.conversation.ask(text);
    await this.#answer();
  }

  /** Has the last question answered anew. */
  async regenerate() {
    if (!this.canRegenerate) return;
    await this.#answer(this.conversation.dropAnswer());
  }

  stop() {
    this.#stop?.abort();
  }

  startNew() {
    this.stop();
    [this.#stop, this.speed] = [null, null];
    this.conversation = new Conversation();
    this.save();
    this.#on.messages(this.conversation.messages);
  }

  /** Keeps the conversation for when the page is loaded anew. */
  save() {
    this.conversation.save(sessionStorage);
  }

  // The answer before comes back where the new one never began.
  async #answer(before) {
    const conversation = this.conversation;
    const stop = new AbortController();
    [this.#stop, this.speed] = [stop, new Speed()];
    const answer = conversation.beginAnswer();
    this.#on.messages(conversation.messages);
    const problem = await this.#read(conversation, answer, stop.signal);
    if (before && conversation.messages.at(-1)?.role === "user") conversation.messages.push(before);
    if (this.#stop !== stop) return; // another conversation has been started
    [this.#stop, this.speed] = [null, null];
    this.save();
    this.#on.messages(conversation.messages);
    this.#on.growth(answer);
    this.#on.ended(answer);
    if (problem) this.#on.problem(problem);
  }

  // What went wrong; null for nothing.
  async #read(conversation, answer, signal) {
    let end = null;
    try {
      for await (const piece of this.#api.answer(conversation, signal)) {
        answer.text += piece.text;
        answer.reasoning += piece.reasoning;
        end = piece.end ?? end;
        this.speed?.add(performance.now());
        this.#on.growth(answer);
      }

      conversation.endAnswer(answer, end ?? "stop");
      return null;
    } catch (error) {
      conversation.endAnswer(answer, signal.aborted ? "stopped" : "broken");
      return signal.aborted ? null : Problem.of(error);
    }
  }
}
