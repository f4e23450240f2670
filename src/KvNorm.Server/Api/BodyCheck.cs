using System.Text.Json;

namespace KvNorm.Server.Api;

/// <summary>
/// Looks through the body of a request before anything is made of it: a list longer than this server takes would become as many objects
/// first, and half a character would be found only where it is used.
/// </summary>
internal sealed class BodyCheck(KvNormServerOptions limits)
{
    private const int PartsOfAMessage = 4; // texts and calls, on average
    private const int MaximumStops = 16;   // texts that end an answer

    private readonly BodyPath _path = new();
    private int _parts; // of all messages

    /// <summary>
    /// Lets a body through that is within the limits. One that is no JSON is looked at as far as it is: whoever reads it says so.
    /// </summary>
    /// <exception cref="ApiException">It is not within them.</exception>
    public static void Require(ReadOnlySpan<byte> body, KvNormServerOptions limits)
    {
        BodyCheck check = new(limits);
        Utf8JsonReader reader = new(body);
        try
        {
            while (reader.Read())
                check.Take(ref reader);
        }
        catch (JsonException)
        {
            // Said below, with the place.
        }
    }

    private void Take(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
        {
            _path.Leave();
            return;
        }

        bool isName = reader.TokenType == JsonTokenType.PropertyName, isWhole = WholeText.IsIn(ref reader);
        if (isName)
            _path.Name(isWhole ? reader.GetString()! : "");
        else if (_path.Value())
            RequireShort();
        if (!isWhole)
            throw HalfText(_path.ToString());
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            _path.Enter(reader.TokenType == JsonTokenType.StartArray);
    }

    // The list that the reader stands in has one more.
    private void RequireShort()
    {
        bool isField = _path.Depth == 2;
        switch (_path.Root)
        {
            case "messages" or "input" when isField:
                RequireShort(limits.MaximumMessages);
                break;
            case "messages" or "input":
                RequireFewParts(++_parts, (long)limits.MaximumMessages * PartsOfAMessage);
                break;
            case "tools" when isField:
                RequireShort(limits.MaximumTools);
                break;
            case "stop" when isField:
                RequireShort(MaximumStops);
                break;
        }
    }

    private void RequireShort(int maximum)
    {
        if (_path.Count > maximum)
            throw ApiException.TooMany(_path.Root!, maximum);
    }

    private void RequireFewParts(int count, long maximum)
    {
        if (count > maximum)
        {
            throw ApiException.Invalid(
                _path.Root!, $"holds more than the {maximum} texts and calls that this server takes.", "array_above_max_length");
        }
    }

    private static ApiException HalfText(string field) => field.Length > 0
        ? ApiException.Invalid(field, WholeText.Demand, "invalid_json")
        : new ApiException(StatusCodes.Status400BadRequest, "invalid_json", $"The body {WholeText.Demand}");
}
