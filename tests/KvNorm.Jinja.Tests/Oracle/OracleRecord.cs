using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace KvNorm.Jinja.Tests.Oracle;

/// <summary>What tests/oracle/remake.mjs recorded.</summary>
internal static class OracleRecord
{
    private static readonly JsonObject Recorded = OracleFolder.Read("recorded.json");

    /// <summary>Results by template, of <see cref="TemplateCases"/>.</summary>
    public static IReadOnlyDictionary<string, OracleResult> Cases { get; } = Results(Recorded["cases"]!);

    /// <summary>Results by shape and conversation.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, OracleResult>> Shapes { get; } =
        Recorded["shapes"]!.AsObject().ToDictionary(pair => pair.Key, pair => Results(pair.Value!), StringComparer.Ordinal);

    /// <summary>Digests by real template: of its source under "sha256", and of its texts by conversation.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, OracleResult>> RealTemplates { get; } =
        Recorded["templates"]!.AsObject().ToDictionary(pair => pair.Key, pair => Results(pair.Value!), StringComparer.Ordinal);

    /// <summary>Variables by the name of the generated conversation.</summary>
    public static IReadOnlyDictionary<string, string> Generated { get; } =
        Recorded["generated"]!.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.ToJsonString(), StringComparer.Ordinal);

    public static string Digest(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static Dictionary<string, OracleResult> Results(JsonNode recorded) =>
        recorded.AsObject().ToDictionary(pair => pair.Key, pair => OracleResult.Of(pair.Value), StringComparer.Ordinal);
}
