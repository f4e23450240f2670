using KvNorm.Tests.Contract;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>The contract, kept through UseChatReducer.</summary>
public sealed class ChatReducerContractTests(ChatReducerProvider provider)
    : ChatClientContractTests(provider), IClassFixture<ChatReducerProvider>;
