namespace KvNorm.Tests.Chat;

/// <summary>One client of the embedded model for a test class: each test has conversations of its own.</summary>
public sealed class EmbeddedClientFixture : IDisposable
{
    public KvNormChatClient Client { get; } = TestClient.Embedded();

    public void Dispose() => Client.Dispose();
}
