using System.Text.Json;
using System.Text.Unicode;

namespace KvNorm.Server.Api;

/// <summary>
/// JSON can write half of a character ("\ud800"), and its bytes may be no UTF-8, which no text of ours can hold.
/// </summary>
internal static class WholeText
{
    /// <summary>What is asked of a field that holds one.</summary>
    public const string Demand = "must be text without half characters, such as \"\\ud800\" alone.";

    /// <summary>Whether what a reader of one block stands on is no text, or a whole one.</summary>
    public static bool IsIn(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return Utf8.IsValid(reader.ValueSpan);
        try
        {
            reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
