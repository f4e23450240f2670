using KvNorm.Runtime;

namespace KvNorm.KvCache.Archive;

/// <summary>
/// The rows of some tokens in a row, in memory or in the file. What is written stays as it is as long as more than one archive refers to
/// it.
/// </summary>
/// <param name="firstToken">The first of them.</param>
/// <param name="memory">Its bytes.</param>
internal sealed class ArchiveChunk(int firstToken, StateBuffer memory)
{
    public int FirstToken => firstToken;

    /// <summary>Gets or sets the archives that refer to it.</summary>
    public int References { get; set; } = 1;

    /// <summary>Gets or sets its bytes; null when they are in the file.</summary>
    public StateBuffer? Memory { get; set; } = memory;

    /// <summary>Gets or sets its place in the file, where it is there.</summary>
    public int Place { get; set; }
}
