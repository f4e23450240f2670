using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Contract;

/// <summary>
/// The hand-written client: what the contract asks for can be done, and the tests are not written round one implementation.
/// </summary>
public sealed class ScriptedProvider : ChatClientProvider
{
    public override string ProviderName => ScriptedChatClient.Provider;

    public override string ModelName => ScriptedChatClient.Model;

    public override IReadOnlyList<string> Markers { get; } = [ScriptedPrompt.RoleMark];

    public override IChatClient Create() => new ScriptedChatClient();
}
