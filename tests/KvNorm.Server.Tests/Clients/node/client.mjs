// Talks to the server at the address given as the official client does, and says what it got as one line of JSON.
import OpenAI, { NotFoundError } from "openai";

const client = new OpenAI({ baseURL: `${process.argv[2]}v1`, apiKey: "none", maxRetries: 0 });
const model = process.argv[3];
const messages = [{ role: "user", content: "Say hello." }];
const tools = [{ type: "function", function: { name: "get_time", parameters: { type: "object", properties: {} } } }];
const result = {};

result.models = (await client.models.list()).data.map((one) => one.id);

const whole = await client.chat.completions.create({ model, messages, max_tokens: 6, temperature: 0 });
result.whole = whole.choices[0].message.content;

result.streamed = "";
for await (const chunk of await client.chat.completions.create({
  model, messages, max_tokens: 6, temperature: 0, stream: true, stream_options: { include_usage: true },
})) {
  result.streamed += chunk.choices[0]?.delta.content ?? "";
  result.usage = chunk.usage ?? result.usage;
}

const stream = client.chat.completions.stream({ model, messages, tools, tool_choice: "required", max_tokens: 60 });
result.call = (await stream.finalChatCompletion()).choices[0].message.tool_calls[0].function;

const first = await client.responses.create({ model, input: "Say hello.", max_output_tokens: 6, temperature: 0 });
result.response = first.output_text;
const events = client.responses.stream({
  model, input: "And?", previous_response_id: first.id, max_output_tokens: 6, temperature: 0,
});
result.next = (await events.finalResponse()).previous_response_id === first.id;

try {
  await client.chat.completions.create({ model: "another", messages });
} catch (error) {
  result.error = { isNotFound: error instanceof NotFoundError, code: error.code, param: error.param };
}

console.log(JSON.stringify(result));
