// Conversations made by chance, the same ones for the same seed: what real ones seldom hold, such as marks of templates in contents.

const pieces = [
  "a", "Word", "Ü", "漢字", "😀", " ", "\n", "\t", "'", "\"", "\\", "<|im_end|>", "<|eot_id|>", "</think>", "<think>", "[INST]", "{{ x }}",
  "{% if %}", "</s>", "&", "<b>",
];
const roles = ["user", "user", "user", "user", "assistant", "assistant", "assistant", "assistant", "system", "tool"];
const thinking = [{}, { enable_thinking: true }, { enable_thinking: false }];

export function generateConversations(seed, count) {
  const random = mulberry32(seed);
  const upTo = (maximum) => Math.floor(random() * (maximum + 1));
  const oneOf = (items) => items[upTo(items.length - 1)];
  const listOf = (length, make) => Array.from({ length }, make);
  const content = () => listOf(upTo(8), () => oneOf(pieces)).join("");
  const message = () => ({ role: oneOf(roles), content: content() });
  const tool = () => ({
    type: "function",
    function: {
      name: "f",
      description: content(),
      parameters: { type: "object", properties: { a: { type: "string", description: "d" } }, required: ["a"] },
    },
  });
  const conversation = () => ({
    bos_token: "<s>",
    eos_token: "</s>",
    add_generation_prompt: oneOf([true, false]),
    messages: listOf(1 + upTo(5), message),
    ...oneOf(thinking),
    ...(oneOf([true, false]) ? { tools: [tool()] } : {}),
  });
  return Object.fromEntries(listOf(count, (_, i) => [`generated ${i + 1}`, conversation()]));
}

/** A generator of numbers in [0, 1) with 32 bits of state: node has none that takes a seed. */
function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
