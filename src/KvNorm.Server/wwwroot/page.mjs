import { Api } from "./api.mjs";
import { Chat } from "./chat.mjs";
import { Composer } from "./composer.mjs";
import { Connection } from "./connection.mjs";
import { byId, element, setText } from "./elements.mjs";
import { eachFrame } from "./frames.mjs";
import { KeyDialog } from "./key-dialog.mjs";
import { LogView } from "./log-view.mjs";
import { MemoryView } from "./memory-view.mjs";
import { MemoryWatch } from "./memory-watch.mjs";
import { NoticeView } from "./notice-view.mjs";

const maximumAnnounced = 2000; // characters: whoever wants more reads the message itself

// After these there is no use in asking for the memory before something else has happened.
const finalProblems = new Set(["connection_lost", "broken_off", "invalid_api_key", "not_supported", "model_not_loaded"]);

const states = {
  connecting: "Connecting…",
  loading: "Loading the model…",
  failed: "The model cannot be loaded",
  lost: "Connection lost, trying again…",
  ready: "Ready",
};

const api = new Api();
const notice = new NoticeView();
const log = new LogView();
const connection = new Connection(api, onConnection);
const chat = new Chat(api, {
  messages(messages) {
    log.show(messages);
    showState();
  },
  growth(message) {
    log.update(message);
    showSpeed();
  },
  ended(answer) {
    byId("announcer").textContent = answer.text.slice(0, maximumAnnounced);
    watch.askNow();
  },
  problem: onProblem,
});
const memory = new MemoryView(() => watch.askNow());
const watch = new MemoryWatch(askMemory, () => chat.isAnswering);
const showSpeed = eachFrame(() => memory.showSpeed(chat.speed?.at(performance.now()) ?? null, chat.isAnswering));
const composer = new Composer({ send, stop: () => chat.stop(), regenerate: () => begin(() => chat.regenerate()) });
const keys = new KeyDialog((key) => {
  api.key = key;
  notice.clear();
  start();
});

byId("new-conversation").addEventListener("click", () => {
  notice.clear();
  chat.startNew();
  memory.forget();
  watch.askNow();
  composer.focus();
});
byId("memory-toggle").addEventListener("click", (event) => {
  const isShown = document.body.classList.toggle("shows-memory");
  event.currentTarget.setAttribute("aria-expanded", isShown);
});
addEventListener("pagehide", () => chat.save());
log.show(chat.conversation.messages);
showState();
connection.ask();

function send(text) {
  if (chat.isAnswering || connection.state !== "ready") return false;
  begin(() => chat.send(text));
  return true;
}

function begin(answer) {
  notice.clear();
  answer();
  watch.askNow();
}

function showState() {
  const isReady = connection.state === "ready";
  setText(byId("status"), isReady && chat.isAnswering ? "Answering…" : states[connection.state]);
  byId("status").className = `status ${connection.state}`;
  composer.show({
    isAnswering: chat.isAnswering,
    canSend: isReady,
    canRegenerate: isReady && chat.canRegenerate,
    isUnanswered: chat.conversation.isUnanswered,
  });
}

function onConnection(state, before) {
  showState();
  if (state !== "ready") return;
  if (before === "lost") notice.clear();
  start();
}

async function start() {
  try {
    showModels(await api.models());
    watch.askNow();
  } catch (error) {
    onProblem(error);
  }
}

function onProblem(problem) {
  showState();
  if (problem.isConnectionLost) connection.lose();
  if (problem.code === "invalid_api_key") {
    const ask = () => keys.ask(api.hasKey);
    ask();
    notice.show("This server asks for its key.", { "Enter the key": ask });
  } else {
    const again = chat.canRegenerate ? { "Try again": () => begin(() => chat.regenerate()) } : {};
    notice.show(problem.message, again);
  }
}

async function askMemory() {
  try {
    await memory.ask(api, chat.conversation.id);
    showSpeed();
    return true;
  } catch (error) {
    memory.showProblem(error);
    if (error.isConnectionLost && connection.state === "ready") connection.lose();
    const isBeingLoaded = error.code === "model_not_loaded" && chat.isAnswering;
    return isBeingLoaded || !finalProblems.has(error.code);
  }
}

function showModels(names) {
  const label = byId("model");
  label.hidden = names.length < 2;
  if (label.hidden) api.model = null;
  else if (!names.includes(api.model)) api.model = names[0]; // as the list shows it
  const select = label.querySelector("select");
  select.replaceChildren(...names.map((name) => element("option", { value: name, selected: name === api.model }, name)));
  select.onchange = () => {
    api.model = select.value;
    memory.forget();
    watch.askNow();
  };
}
