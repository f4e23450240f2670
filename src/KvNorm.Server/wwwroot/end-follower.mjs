const tolerance = 24; // pixels: about a line

/** Keeps a box scrolled to its end while it grows, until somebody scrolls up to read, and again when they have come back. */
export class EndFollower {
  #box;
  #follows = true;
  #top = 0;

  constructor(box) {
    this.#box = box;
    box.addEventListener("scroll", () => this.#scrolled());
    new ResizeObserver(() => this.grown()).observe(box);
  }

  /** There may be more in the box. */
  grown() {
    if (this.#follows) this.#box.scrollTop = this.#box.scrollHeight;
  }

  toEnd() {
    this.#follows = true;
    this.grown();
  }

  // The box may have grown since it was scrolled to its end: only a move up is one of the reader.
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    if (scrollHeight - scrollTop - clientHeight < tolerance) this.#follows = true;
    else if (scrollTop < this.#top) this.#follows = false;
    this.#top = scrollTop;
  }
}
