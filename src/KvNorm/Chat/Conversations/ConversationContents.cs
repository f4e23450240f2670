using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Conversations;

/// <summary>The parts of a saved conversation. Owns the rows.</summary>
/// <param name="Messages">The messages as JSON, UTF-8.</param>
/// <param name="Tokens">All logical tokens, 32 bits each, little endian.</param>
/// <param name="Ledger">Which of them each row is, and what the scorer has learnt; empty where no rows are saved.</param>
/// <param name="Rows">A buffer with the rows, as llama.cpp writes one stream of a sequence's state; null where there are none.</param>
/// <param name="RowsStart">Where in the buffer they begin.</param>
/// <param name="RowsLength">Their bytes.</param>
internal sealed record ConversationContents(
    byte[] Messages, byte[] Tokens, byte[] Ledger, StateBuffer? Rows, long RowsStart, long RowsLength) : IDisposable
{
    /// <summary>Gets what the rows and the archive are stored as.</summary>
    public CacheTypes Types { get; init; } = CacheTypes.Half;

    /// <summary>Gets the first token of the archive.</summary>
    public int ArchiveStart { get; init; }

    /// <summary>
    /// Gets what the conversation had before it was evicted, by token, as <see cref="ArchiveLayout"/> has records; null for nothing.
    /// </summary>
    public StateBuffer? Archive { get; init; }

    // Names, values and brackets: some 20 for each of the 200,000 messages of 80 tokens that the tokens of a file suffice for. What is made
    // of one takes up to 128 bytes, so of all of them as much as the characters of the longest messages.
    private const int MaximumJsonTokens = 4 << 20;

    private static readonly JsonTypeInfo MessageType = AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ChatMessage[]));

    /// <summary>The parts of a conversation.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="snapshot">What the cache holds of it; null for nothing. It belongs to the parts from now on.</param>
    /// <param name="plan">What that cache is like.</param>
    /// <exception cref="ConversationFileException">Its messages have more parts than are loaded.</exception>
    public static ConversationContents Of(StoredConversation conversation, ConversationSnapshot? snapshot, CachePlan plan)
    {
        try
        {
            byte[] messages = JsonSerializer.SerializeToUtf8Bytes(conversation.Messages, MessageType);
            RequireFewTokens(messages); // what is saved can be loaded
            byte[] tokens = MemoryMarshal.AsBytes(conversation.Tokens.AsSpan()).ToArray();
            if (snapshot is null)
                return new ConversationContents(messages, tokens, [], null, 0, 0);
            SequenceState state = SequenceState.Parse(snapshot.State);
            byte[] ledger = SavedSnapshot.WriteLedger(snapshot, plan);
            return new ConversationContents(messages, tokens, ledger, snapshot.State, state.StreamStart, state.StreamLength)
            {
                Types = plan.Probe.Types,
                ArchiveStart = snapshot.SavedArchive?.Tokens[0] ?? 0,
                Archive = snapshot.SavedArchive?.Records,
            };
        }
        catch
        {
            snapshot?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads the parts. The checksum of the file is right, but whoever wrote it can have made one. Disposes of rows that are not used.
    /// </summary>
    /// <param name="plan">What the cache is like that they are for.</param>
    /// <param name="layout">How its archive has records; null where it has none.</param>
    /// <exception cref="ConversationFileException">They are not what they should be.</exception>
    public (ChatMessage[] Messages, int[] Tokens, ConversationSnapshot? Snapshot) Unpack(CachePlan plan, ArchiveLayout? layout)
    {
        ConversationSnapshot? snapshot = null;
        try
        {
            ChatMessage[] messages = ReadMessages();
            int[] tokens = MemoryMarshal.Cast<byte, int>(Tokens).ToArray();
            int vocabulary = plan.Model.Vocabulary.Count;
            bool isWhole = Array.TrueForAll(messages, static message => message is not null && !message.Contents.Contains(null!));
            if (!isWhole || Array.Exists(tokens, token => token < 0 || token >= vocabulary))
                throw new InvalidDataException("a message or a token is none");
            if (Rows is not null)
            {
                SequenceState.Wrap(Rows, plan.Streams);
                snapshot = SavedSnapshot.Read(plan, tokens, Ledger, Rows);
                if (snapshot is not null && Archive is not null && layout is not null)
                    snapshot = snapshot with { SavedArchive = UnpackArchive(plan, layout, snapshot.Ledger) };
            }

            return (messages, tokens, snapshot);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or ArgumentException)
        {
            snapshot = null;
            throw new ConversationFileException($"The saved conversation is not what it says it is: {e.Message}.", e);
        }
        finally
        {
            if (snapshot is null)
                Dispose();
        }
    }

    public void Dispose()
    {
        Rows?.Dispose();
        Archive?.Dispose();
    }

    // The parts of a message refuse what they cannot be by exceptions of many types, such as that of Uri.
    private ChatMessage[] ReadMessages()
    {
        try
        {
            RequireFewTokens(Messages);
            return (ChatMessage[]?)JsonSerializer.Deserialize(Messages, MessageType) ?? [];
        }
        catch (Exception e) when (e is not (OutOfMemoryException or ConversationFileException))
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static void RequireFewTokens(byte[] messages)
    {
        Utf8JsonReader reader = new(messages);
        for (int count = 0; reader.Read(); count++)
        {
            if (count == MaximumJsonTokens)
            {
                throw new ConversationFileException(
                    $"The messages of the conversation are of more than {MaximumJsonTokens} names, values and brackets.");
            }
        }
    }

    private ArchivedRows UnpackArchive(CachePlan plan, ArchiveLayout layout, RowLedger ledger)
    {
        if (Archive!.Length % layout.BytesPerToken != 0 || ArchiveStart < 0)
            throw new InvalidDataException("the archive is not of whole tokens, or not of this conversation");
        if (Archive.Length / layout.BytesPerToken > ledger.LogicalLength - ArchiveStart)
            throw new InvalidDataException("the archive is of more tokens than there are");
        ArchivedRows rows = new(layout, ArchiveStart, Archive);
        SavedSnapshot.RequireArchiveOf(plan, rows, ledger);
        return rows;
    }
}
