/** Which part of a long list is shown, so that the page stays small: the end, which moves, until somebody looks at an earlier part. */
export class Pages {
  #size;
  #from = null; // null while the end is shown

  constructor(size) {
    this.#size = size;
  }

  get size() {
    return this.#size;
  }

  /** Where the part begins; null for the end. */
  get from() {
    return this.#from;
  }

  /** The part of a list of so many. */
  of(total) {
    const last = Math.max(0, total - this.#size);
    const from = Math.min(this.#from ?? last, last);
    return { from, to: Math.min(total, from + this.#size), hasEarlier: from > 0, hasLater: from < last };
  }

  earlier(total) {
    this.goTo(this.of(total).from - this.#size, total);
  }

  later(total) {
    this.goTo(this.of(total).from + this.#size, total);
  }

  latest() {
    this.#from = null;
  }

  /** Shows the part that begins at an index, or as near as can be. */
  goTo(index, total) {
    this.#from = index >= total - this.#size ? null : Math.max(0, index);
  }
}
