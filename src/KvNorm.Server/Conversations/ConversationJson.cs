using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvNorm.Server.Conversations;

/// <summary>How the server's own API writes JSON.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ConversationsView))]
[JsonSerializable(typeof(MemoryView))]
[JsonSerializable(typeof(ConversationFileName))]
[JsonSerializable(typeof(ConversationFileView))]
internal sealed partial class ConversationJson : JsonSerializerContext
{
    /// <summary>Gets the context that is used: letters of all languages stay as they are.</summary>
    public static ConversationJson Wire => field ??= new ConversationJson(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
