namespace KvNorm.Hosting;

/// <summary>How far the load of a model has come.</summary>
/// <param name="Client">The client once it is loaded.</param>
/// <param name="Failure">Why the last attempt failed.</param>
/// <param name="IsLoading">Whether it is being loaded.</param>
internal sealed record LoadState(KvNormChatClient? Client = null, Exception? Failure = null, bool IsLoading = false)
{
    /// <summary>Nobody has asked for it yet.</summary>
    public static readonly LoadState NotLoaded = new();

    /// <summary>It is being loaded.</summary>
    public static readonly LoadState Loading = new(IsLoading: true);
}
