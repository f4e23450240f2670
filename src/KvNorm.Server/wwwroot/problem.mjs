import { count } from "./words.mjs";

// What people are told; what is not here, the server says in its own words.
const sentences = {
  invalid_api_key: () => "The server does not take this key.",
  array_above_max_length: () => "This conversation has more messages than the server takes. Start a new one.",
  request_too_large: () => "This conversation has become longer than the server takes in one request. Start a new one.",
  context_length_exceeded: () => "This message does not fit into the memory's budget. Send a shorter one.",
  queue_full: (wait) => `The server is busy with other conversations. Try again ${soon(wait)}.`,
  queue_timeout: (wait) => `The server was busy with other conversations for too long. Try again ${soon(wait)}.`,
  conversation_in_use: (wait) => `Another request uses this conversation. Try again ${soon(wait)}.`,
  model_loading: (wait) => `The model is still being loaded. Try again ${soon(wait)}.`,
  models_in_use: (wait) => `The server is busy with another model. Try again ${soon(wait)}.`,
  model_failed: () => "The model cannot be loaded. The server's log says why.",
  shutting_down: () => "The server is being stopped.",
  request_timeout: () => "The answer took longer than the server allows.",
  internal_error: () => "The server failed at this request. Its log says at what.",
  connection_lost: () => "The connection to the server is lost.",
  broken_off: () => "The connection was lost in the middle of the answer.",
};

/** Something went wrong, told in a plain sentence. */
export class Problem extends Error {
  /**
   * @param {string} code The reason as a word.
   * @param {object} details What the server said, and the seconds after which it makes sense to try again.
   */
  constructor(code, { message = "", retryAfter = 0, cause } = {}) {
    super(sentences[code]?.(retryAfter) ?? (message || "The server refused the request."), { cause });
    this.code = code;
  }

  /** What a refusal says; a body that is none of our server's may come from a proxy before it. */
  static ofResponse(status, body, retryAfter) {
    if (status === 401) return new Problem("invalid_api_key");
    const { code, message } = body?.error ?? {};
    return new Problem(code ?? `status_${status}`, {
      message: message ?? `The server answered with the status ${status}.`,
      retryAfter: Number(retryAfter) || 0,
    });
  }

  /** An error of fetch, which tells a lost connection no better than by its type. */
  static of(error) {
    if (error instanceof Problem || error.name === "AbortError") return error;
    return new Problem(error instanceof TypeError ? "connection_lost" : "page_failed", {
      message: "The page failed at the server's answer.",
      cause: error,
    });
  }

  get isConnectionLost() {
    return this.code === "connection_lost" || this.code === "broken_off";
  }
}

function soon(seconds) {
  return seconds > 0 ? `in ${count(seconds, "second")}` : "soon";
}
