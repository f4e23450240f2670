using KvNorm.Tests.Chat;

namespace KvNorm.Acceptance.Tests;

/// <summary>
/// One client of the embedded model for all tests of the collection, which run one after another; each has conversations of its own.
/// Several slots and parked conversations, since most tests begin with one of a few prompts.
/// </summary>
public sealed class ChatClientFixture : IDisposable
{
    private const int Slots = 4;
    private const int CellsOfASlot = 1024;
    private const long ParkedBytes = 128 << 20;

    public ChatClientFixture()
    {
        KvNormChatOptions options = TestClient.Options(Slots * CellsOfASlot);
        (options.Slots, options.ParkedBytes) = (Slots, ParkedBytes);
        Client = KvNormChatClient.Create(options);
    }

    public KvNormChatClient Client { get; }

    public void Dispose() => Client.Dispose();
}
