const retrySeconds = 2;

/** Whether the server answers: "connecting", "loading" its model, "ready", "failed" to load it, or "lost". Asks until it is ready. */
export class Connection {
  #api;
  #onChange;
  #asking = false;

  constructor(api, onChange) {
    [this.#api, this.#onChange] = [api, onChange];
    this.state = "connecting";
  }

  /** Asks until the server is ready. */
  async ask() {
    if (this.#asking) return;
    this.#asking = true;
    while (!(await this.#isReady())) await new Promise((done) => setTimeout(done, retrySeconds * 1000));
    this.#asking = false;
  }

  /** A request found no server. */
  lose() {
    this.#set("lost");
    this.ask();
  }

  async #isReady() {
    try {
      this.#set(await this.#api.health());
    } catch {
      this.#set("lost");
    }

    return this.state === "ready";
  }

  #set(state) {
    if (state === this.state) return;
    const before = this.state;
    this.state = state;
    this.#onChange(state, before);
  }
}
