const answeringMs = 1000;
const idleMs = 5000; // others use the budget, too

/** Asks the server again and again what is held, more often while an answer is written, and never while nobody looks. */
export class MemoryWatch {
  #ask;
  #isAnswering;
  #timer = 0;
  #isAsking = false;
  #again = false;
  #stopped = true;

  /**
   * @param {() => Promise<boolean>} ask Asks and shows; false where there is no use in asking again until somebody says so.
   * @param {() => boolean} isAnswering Whether an answer is being written.
   */
  constructor(ask, isAnswering) {
    [this.#ask, this.#isAnswering] = [ask, isAnswering];
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !this.#stopped) this.askNow();
    });
  }

  /** Asks at once, and from then on. */
  async askNow() {
    clearTimeout(this.#timer);
    this.#again = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#again) {
      this.#again = false;
      this.#stopped = !(await this.#ask());
    }

    this.#isAsking = false;
    if (!this.#stopped && !document.hidden) this.#timer = setTimeout(() => this.askNow(), this.#isAnswering() ? answeringMs : idleMs);
  }
}
