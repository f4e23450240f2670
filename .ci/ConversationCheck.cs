// What a conversation through a pipe must have kept to: dotnet run ConversationCheck.cs FILE
using System.Text.Json;

JsonElement[] turns = [.. File.ReadLines(args[0]).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];
int Sum(string name) => turns.Sum(turn => turn.GetProperty(name).GetInt32());
int cells = turns.Max(turn => turn.GetProperty("cells").GetInt32()), capacity = turns[^1].GetProperty("capacity").GetInt32();
int tokens = turns[^1].GetProperty("inputTokens").GetInt32() + turns[^1].GetProperty("outputTokens").GetInt32();
double speed = Sum("outputTokens") / turns.Sum(turn => turn.GetProperty("decodeMs").GetDouble()) * 1000;
Console.WriteLine(
    $"chat: {turns.Length} turns, {tokens} tokens in {cells} of {capacity} cells, {Sum("evictions")} evictions, {speed:0} tokens/s");
return turns.Length == 100 && cells <= capacity && tokens > 10 * capacity && Sum("evictions") >= 10 ? 0 : 1;
