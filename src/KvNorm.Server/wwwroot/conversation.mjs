const stored = "kvnorm.conversation";

/** A conversation as the page keeps it: the server wants the whole of it with every request. */
export class Conversation {
  /** @param {{id?: string, messages?: object[]}} saved What an earlier page of this tab had. */
  constructor({ id = newId(), messages = [] } = {}) {
    this.id = id;
    this.messages = messages;
    if (messages.at(-1)?.end === null) this.endAnswer(messages.at(-1), "broken"); // the page was left in its middle
  }

  /** The one of this tab, as it was before the page was loaded anew. */
  static restore(storage) {
    try {
      const saved = JSON.parse(storage.getItem(stored));
      return isConversation(saved) ? new Conversation(saved) : new Conversation();
    } catch {
      return new Conversation(); // not ours, or the browser keeps nothing
    }
  }

  save(storage) {
    try {
      storage.setItem(stored, JSON.stringify({ id: this.id, messages: this.messages }));
    } catch {
      // Too long to be kept, or the browser keeps nothing: the conversation goes on, and is lost with the page.
    }
  }

  get isEmpty() {
    return this.messages.length === 0;
  }

  /** Whether the last answer is missing, or did not arrive whole. */
  get isUnanswered() {
    const last = this.messages.at(-1);
    return last?.role === "user" || last?.end === "broken";
  }

  ask(text) {
    this.messages.push({ role: "user", text: text.toWellFormed?.() ?? text });
  }

  /** Begins an answer. Its end is null while it is being written. */
  beginAnswer() {
    const answer = { role: "assistant", text: "", reasoning: "", end: null };
    this.messages.push(answer);
    return answer;
  }

  /** An answer has ended: "stop", "length", "stopped" by the reader, or "broken". One that never began is no message. */
  endAnswer(answer, end) {
    answer.end = end;
    if (answer.text === "" && answer.reasoning === "" && end !== "stop" && end !== "length") this.messages.pop();
  }

  /** Takes the last answer away, so that its question is answered anew, and returns it; null for none. */
  dropAnswer() {
    return this.messages.at(-1)?.role === "assistant" ? this.messages.pop() : null;
  }

  /** The messages in OpenAI's shape. */
  toRequest() {
    return this.messages
      .filter((message) => message.role === "user" || message.end !== null)
      .map(({ role, text, reasoning }) => ({ role, content: text, ...(reasoning ? { reasoning_content: reasoning } : {}) }));
  }
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(8)); // randomUUID is not there without https
  return `page-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function isConversation(saved) {
  return /^page-[0-9a-f]{16}$/.test(saved?.id) && Array.isArray(saved.messages) && saved.messages.every(isMessage);
}

function isMessage(message) {
  return (message?.role === "user" || (message?.role === "assistant" && typeof message.reasoning === "string"))
    && typeof message.text === "string";
}
