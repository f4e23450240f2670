using System.Text.RegularExpressions;
using KvNorm.Server.Api;
using KvNorm.Server.Models;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Conversations;

/// <summary>
/// The name that a client gives its conversation; without one it is found by its beginning, and its client is told an id. A name can stand
/// in an address and be that of a file, whatever comes before and after it.
/// </summary>
internal static partial class ConversationName
{
    /// <summary>The header that names a conversation.</summary>
    public const string Header = "X-Conversation-Id";

    private const int RegexMilliseconds = 1000;

    /// <summary>The name in a request; null for none.</summary>
    /// <param name="context">The request.</param>
    /// <param name="user">Its field "user", which may be any text: it is a name where it can be one.</param>
    /// <exception cref="ApiException">The header is none.</exception>
    public static string? Of(HttpContext context, string? user)
    {
        string header = context.Request.Headers[Header].ToString();
        if (header.Length > 0)
            return Require(header, Header);
        return user is not null && Pattern().IsMatch(user) ? user : null;
    }

    /// <summary>A name that can be one.</summary>
    /// <exception cref="ApiException">It cannot.</exception>
    public static string Require(string name, string field) => Pattern().IsMatch(name) ? name : throw ApiException.Invalid(
        field, "must be 1 to 100 of the characters A to Z, a to z, 0 to 9, '-', '_', '.' and '@', and begin with a letter or digit.");

    /// <summary>Has an answer kept under a name. The client sends the whole conversation with every request.</summary>
    public static void Apply(string? name, ChatOptions options, ServedModel model)
    {
        if (name is null || model.Cache is null)
            return; // to another client a ConversationId may mean something else
        options.ConversationId = name;
        options.AdditionalProperties ??= [];
        options.AdditionalProperties[KvNormRequest.WholeConversation] = true;
    }

    /// <summary>Tells the client by what /api/conversations knows its conversation, where the chat client says so.</summary>
    public static void Tell(HttpContext context, AdditionalPropertiesDictionary? told)
    {
        if (told is not null && told.TryGetValue(KvNormUsage.ConversationId, out string? id) && id is not null && Pattern().IsMatch(id))
            context.Response.Headers[Header] = id;
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}\\z", RegexOptions.None, RegexMilliseconds)]
    private static partial Regex Pattern();
}
