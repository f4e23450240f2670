using KvNorm.Tests.Chat;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests.AgentFramework;

/// <summary>Agents as applications make them, brief and greedy.</summary>
internal static class Agents
{
    /// <summary>An agent without tools.</summary>
    public static ChatClientAgent Speaker(IChatClient client, string name = "Speaker", int tokens = 4) =>
        client.AsAIAgent(new ChatClientAgentOptions { Name = name, ChatOptions = Brief(TestClient.Greedy(tokens)) });

    /// <summary>An agent whose first answer is a tool call, and whose loop ends after it.</summary>
    public static ChatClientAgent LampKeeper(IChatClient client, Lamp lamp)
    {
        ChatClientAgent agent = client.AsAIAgent(new ChatClientAgentOptions { Name = "Keeper", ChatOptions = Brief(lamp.Forced()) });
        EndAfterOneRound(agent);
        return agent;
    }

    /// <summary>The model is too small to stop calling by itself.</summary>
    public static void EndAfterOneRound(ChatClientAgent agent) =>
        agent.GetService<FunctionInvokingChatClient>()!.MaximumIterationsPerRequest = 1;

    private static ChatOptions Brief(ChatOptions options)
    {
        options.Instructions = "Be brief.";
        return options;
    }
}
