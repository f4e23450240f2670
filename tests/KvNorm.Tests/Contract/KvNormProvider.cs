using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Contract;

/// <summary>
/// This library's client with the embedded model. Most tests begin with one of a few prompts: what leaves the slot is parked, so that each
/// is prefilled once.
/// </summary>
public sealed class KvNormProvider : ChatClientProvider
{
    private const int Cells = 2048;
    private const long ParkedBytes = 128 << 20;

    public override string ProviderName => "kvnorm";

    public override string ModelName => TestClient.EmbeddedName;

    public override IReadOnlyList<string> Markers { get; } =
        ["<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>", "<tool_response>"];

    /// <summary>Gets two of each schema; thirty go to a tiny model in ManyToolsTests, whose prompt costs nothing.</summary>
    public override int ManyTools => 10;

    public override IChatClient Create()
    {
        KvNormChatOptions options = TestClient.Options(Cells);
        options.ParkedBytes = ParkedBytes;
        return KvNormChatClient.Create(options);
    }
}
