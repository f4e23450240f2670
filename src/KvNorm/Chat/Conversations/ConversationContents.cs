using KvNorm.Runtime;

namespace KvNorm.Chat.Conversations;

/// <summary>The parts of a saved conversation. Owns the rows.</summary>
/// <param name="Messages">The messages as JSON, UTF-8.</param>
/// <param name="Tokens">All logical tokens, 32 bits each, little endian.</param>
/// <param name="Ledger">Which of them each row is, and what the scorer has learnt; empty where no rows are saved.</param>
/// <param name="Rows">A buffer with the rows, as llama.cpp writes one stream of a sequence's state; null where there are none.</param>
/// <param name="RowsStart">Where in the buffer they begin.</param>
/// <param name="RowsLength">Their bytes.</param>
internal sealed record ConversationContents(byte[] Messages, byte[] Tokens, byte[] Ledger, StateBuffer? Rows, long RowsStart, long RowsLength) : IDisposable
{
    public void Dispose() => Rows?.Dispose();
}
