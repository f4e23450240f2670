import { readEvents } from "./events.mjs";
import { Problem } from "./problem.mjs";

const storedKey = "kvnorm.key";
const storedModel = "kvnorm.model";

/** The server's API. What goes wrong is thrown as a Problem. */
export class Api {
  #key = sessionStorage.getItem(storedKey);
  #model = sessionStorage.getItem(storedModel);

  /** The model asked for; null for the first one. */
  get model() {
    return this.#model;
  }

  set model(model) {
    this.#model = model;
    if (model === null) sessionStorage.removeItem(storedModel);
    else sessionStorage.setItem(storedModel, model);
  }

  get hasKey() {
    return this.#key !== null;
  }

  set key(key) {
    this.#key = key;
    sessionStorage.setItem(storedKey, key);
  }

  /** "ready", "loading" or "failed". */
  async health() {
    try {
      return (await (await fetch("health/ready", { cache: "no-store" })).json()).status;
    } catch (error) {
      throw new Problem("connection_lost", { cause: error });
    }
  }

  async models() {
    return (await this.#get("v1/models")).data.map((model) => model.id);
  }

  conversations() {
    return this.#get("api/conversations", {});
  }

  /** What is held of a conversation, with at most `count` of its tokens: those from an index on, or the last ones for null. */
  memory(id, from, count) {
    return this.#get(`api/conversations/${encodeURIComponent(id)}/memory`, from === null ? { count } : { from, count });
  }

  /** An answer to a conversation, piece by piece: {text, reasoning, end}, each where there is something new. */
  async *answer(conversation, signal) {
    const response = await this.#fetch("v1/chat/completions", {
      method: "POST",
      signal,
      headers: { "Content-Type": "application/json", "X-Conversation-Id": conversation.id },
      body: JSON.stringify({ model: this.model ?? undefined, stream: true, messages: conversation.toRequest() }),
    });
    try {
      for await (const data of readEvents(response.body)) {
        if (data === "[DONE]") return;
        yield piece(JSON.parse(data));
      }
    } catch (error) {
      throw error instanceof TypeError ? new Problem("broken_off", { cause: error }) : Problem.of(error);
    }
    throw new Problem("broken_off");
  }

  async #get(path, query = null) {
    const all = query && this.model ? { ...query, model: this.model } : query ?? {};
    const response = await this.#fetch(`${path}?${new URLSearchParams(all)}`, { cache: "no-store" });
    try {
      return await response.json();
    } catch (error) {
      throw Problem.of(error);
    }
  }

  async #fetch(path, { headers, ...options }) {
    const authorization = this.#key ? { Authorization: `Bearer ${this.#key}` } : {};
    let response;
    try {
      response = await fetch(path, { ...options, headers: { ...headers, ...authorization } });
    } catch (error) {
      throw Problem.of(error);
    }
    if (response.ok) return response;
    const body = await response.json().catch(() => null);
    throw Problem.ofResponse(response.status, body, response.headers.get("Retry-After"));
  }
}

function piece(chunk) {
  if (chunk.error) throw new Problem(chunk.error.code, { message: chunk.error.message });
  const choice = chunk.choices[0];
  return { text: choice?.delta.content ?? "", reasoning: choice?.delta.reasoning_content ?? "", end: choice?.finish_reason ?? null };
}
