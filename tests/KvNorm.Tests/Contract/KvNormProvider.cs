using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Contract;

/// <summary>This library's client with the embedded model and room for thirty tools.</summary>
public sealed class KvNormProvider : ChatClientProvider
{
    private const int Cells = 6144;

    public override string ProviderName => "kvnorm";

    public override string ModelName => TestClient.EmbeddedName;

    public override IReadOnlyList<string> Markers { get; } =
        ["<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>", "<tool_response>"];

    public override IChatClient Create() => TestClient.Embedded(Cells);
}
