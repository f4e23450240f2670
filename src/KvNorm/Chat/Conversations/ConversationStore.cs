using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KvNorm.KvCache.Slots;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Conversations;

/// <summary>The conversations that the client keeps for its callers, by name; saved and loaded with what the cache holds of them.</summary>
internal sealed class ConversationStore(SlotPool pool, AnswerScheduler scheduler, ChatModel chat)
{
    private static readonly JsonTypeInfo MessageType = AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ChatMessage[]));

    private readonly ConcurrentDictionary<string, StoredConversation> _conversations = new(StringComparer.Ordinal);

    public StoredConversation GetOrAdd(string id) => _conversations.GetOrAdd(id, static _ => new StoredConversation());

    public bool Remove(string id) => _conversations.TryRemove(id, out _);

    /// <summary>Writes a conversation's messages, its tokens, and its rows where the cache holds them.</summary>
    public async Task SaveAsync(string id, Stream destination, CancellationToken cancellationToken)
    {
        if (!_conversations.TryGetValue(id, out StoredConversation? conversation))
            throw new ArgumentException($"There is no conversation '{id}': a call with that ChatOptions.ConversationId begins one.", nameof(id));
        await conversation.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ConversationSnapshot? snapshot = await scheduler.RunAsync(() => pool.Copy(conversation.Tokens)).ConfigureAwait(false);
            using ConversationContents contents = Pack(conversation, snapshot);
            await ConversationFile.WriteAsync(destination, pool.Plan.Model.Fingerprint, contents, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            conversation.Turn.Release();
        }
    }

    /// <summary>Reads a conversation, and puts its rows into the cache where they fit.</summary>
    public async Task<IReadOnlyList<ChatMessage>> LoadAsync(string id, Stream source, CancellationToken cancellationToken)
    {
        CachePlan plan = pool.Plan;
        ConversationContents contents = await ConversationFile.ReadAsync(
            source,
            pool.Plan.Model.Fingerprint,
            SavedSnapshot.MaximumLedgerBytes(plan),
            plan.CanSave ? SavedSnapshot.MaximumRowBytes(plan) : 0,
            SequenceState.HeaderLength,
            SequenceState.BytesAfter(plan.Slots),
            cancellationToken).ConfigureAwait(false);
        (ChatMessage[] messages, int[] tokens, ConversationSnapshot? snapshot) = Unpack(contents);
        try
        {
            StoredConversation conversation = GetOrAdd(id);
            await conversation.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await scheduler.RunAsync(() => Place(tokens, snapshot)).ConfigureAwait(false);
                (conversation.Messages, conversation.Tokens) = (messages, tokens);
                return messages;
            }
            finally
            {
                conversation.Turn.Release();
            }
        }
        catch
        {
            snapshot?.Dispose();
            throw;
        }
    }

    private bool Place(int[] tokens, ConversationSnapshot? snapshot)
    {
        chat.Remember(tokens);
        if (snapshot is not null)
            pool.Place(snapshot);
        return snapshot is not null;
    }

    private ConversationContents Pack(StoredConversation conversation, ConversationSnapshot? snapshot)
    {
        byte[] messages = JsonSerializer.SerializeToUtf8Bytes(conversation.Messages, MessageType);
        byte[] tokens = MemoryMarshal.AsBytes(conversation.Tokens.AsSpan()).ToArray();
        if (snapshot is null)
            return new ConversationContents(messages, tokens, [], null, 0, 0);
        SequenceState state = SequenceState.Parse(snapshot.State);
        return new ConversationContents(messages, tokens, SavedSnapshot.WriteLedger(snapshot, pool.Plan), snapshot.State, state.StreamStart, state.StreamLength);
    }

    // The checksum is right, but whoever wrote the file can have made one.
    private (ChatMessage[] Messages, int[] Tokens, ConversationSnapshot? Snapshot) Unpack(ConversationContents contents)
    {
        ConversationSnapshot? snapshot = null;
        try
        {
            ChatMessage[] messages = (ChatMessage[]?)JsonSerializer.Deserialize(contents.Messages, MessageType) ?? [];
            int[] tokens = MemoryMarshal.Cast<byte, int>(contents.Tokens).ToArray();
            if (Array.Exists(messages, static message => message is null) || Array.Exists(tokens, token => token < 0 || token >= pool.Plan.Model.Vocabulary.Count))
                throw new InvalidDataException("a message or a token is none");
            if (contents.Rows is not null)
            {
                SequenceState.Wrap(contents.Rows, pool.Plan.Slots);
                snapshot = SavedSnapshot.Read(pool.Plan, tokens, contents.Ledger, contents.Rows);
            }

            return (messages, tokens, snapshot);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or NotSupportedException)
        {
            throw new ConversationFileException($"The saved conversation is not what it says it is: {e.Message}.", e);
        }
        finally
        {
            if (snapshot is null)
                contents.Dispose();
        }
    }
}
