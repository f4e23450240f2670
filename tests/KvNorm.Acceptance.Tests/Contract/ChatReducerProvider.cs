using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests.Contract;

public sealed class ChatReducerProvider : DecoratedProvider
{
    private const int Longest = 32; // longer than any conversation of the contract

    protected override ChatClientBuilder Decorate(ChatClientBuilder builder) => builder.UseChatReducer(new LatestMessages());

    /// <summary>Microsoft's reducers keep one system message only; the contract has conversations with two.</summary>
    private sealed class LatestMessages : IChatReducer
    {
        public Task<IEnumerable<ChatMessage>> ReduceAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(messages);
            return Task.FromResult<IEnumerable<ChatMessage>>([.. messages.TakeLast(Longest)]);
        }
    }
}
