const leastSeconds = 0.5; // before that, a rate says nothing

/** The tokens a second of an answer that is being written: the server sends each as soon as it is there. */
export class Speed {
  #pieces = 0;
  #since = 0;

  /** A piece has come, at a time in milliseconds. */
  add(now) {
    if (this.#pieces === 0) this.#since = now;
    this.#pieces++;
  }

  /** Null while it is not known. */
  at(now) {
    const seconds = (now - this.#since) / 1000;
    return this.#pieces > 1 && seconds >= leastSeconds ? (this.#pieces - 1) / seconds : null;
  }
}
