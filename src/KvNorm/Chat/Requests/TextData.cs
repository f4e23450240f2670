using System.Net.Mime;
using System.Text;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Requests;

/// <summary>Text that an application attaches as data, such as a file.</summary>
internal static class TextData
{
    /// <summary>The text of a content; null when it is of another kind, or its bytes are not text in the encoding it names.</summary>
    public static string? Read(DataContent data)
    {
        bool isJson = data.MediaType.StartsWith(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase);
        if (!isJson && !data.HasTopLevelMediaType("text"))
            return null;
        try
        {
            string charset = new ContentType(data.MediaType).CharSet ?? Encoding.UTF8.WebName;
            Encoding encoding = Encoding.GetEncoding(charset, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
            ReadOnlySpan<byte> bytes = data.Data.Span;
            return encoding.GetString(bytes.StartsWith(encoding.Preamble) ? bytes[encoding.Preamble.Length..] : bytes);
        }
        // A media type that is none, an encoding that is not known, bytes that are not in it.
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return null;
        }
    }
}
