namespace KvNorm.Server;

/// <summary>What the server serves, and its limits. Requests come from strangers: each limit holds before anything is computed.</summary>
public sealed class KvNormServerOptions
{
    /// <summary>
    /// Gets the models, each known by the name of its file; the first is the one for requests that name none. A model is loaded when it is
    /// asked for, the first one when the host starts. Empty for the IChatClient of the application's services.
    /// </summary>
    public IList<KvNormChatOptions> Models { get; } = [];

    /// <summary>
    /// Gets or sets how many of <see cref="Models"/> are loaded at a time; for one more, the one that was not used for longest is given up.
    /// </summary>
    public int MaximumLoadedModels { get; set; } = 1;

    /// <summary>
    /// Gets or sets the key that requests must bring as "Authorization: Bearer KEY"; null for none. The health endpoints and the page's
    /// files need none.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets the folder that conversations are saved to and loaded from; null for no saving and loading.</summary>
    public string? ConversationFolder { get; set; }

    /// <summary>Gets or sets whether the page is served, at "/".</summary>
    public bool ServesPage { get; set; } = true;

    /// <summary>Gets or sets the maximum of bytes of a request's body.</summary>
    public long MaximumBodyBytes { get; set; } = 4 << 20;

    /// <summary>
    /// Gets or sets how long a request's body may take to come. Meanwhile the request has one of the places of those that are answered or
    /// wait.
    /// </summary>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets the maximum of messages in a request.</summary>
    public int MaximumMessages { get; set; } = 4096;

    /// <summary>Gets or sets the maximum of tools in a request.</summary>
    public int MaximumTools { get; set; } = 128;

    /// <summary>Gets or sets the maximum of UTF-8 bytes of one JSON schema: a tool's parameters, or the answer's.</summary>
    public int MaximumSchemaBytes { get; set; } = 64 << 10;

    /// <summary>Gets or sets how many requests wait for each model, beside those being answered; one more is refused.</summary>
    public int MaximumQueue { get; set; } = 64;

    /// <summary>Gets or sets how long a request waits for its turn before it is refused.</summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long a request waits for its model to be loaded before it is told to come back.</summary>
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long an answer may take, from its turn on.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(10);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumLoadedModels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumBodyBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumMessages, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaximumTools);
        ArgumentOutOfRangeException.ThrowIfNegative(MaximumSchemaBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaximumQueue);
        RequireTimeout(BodyTimeout, nameof(BodyTimeout));
        RequireTimeout(QueueTimeout, nameof(QueueTimeout));
        RequireTimeout(LoadTimeout, nameof(LoadTimeout));
        RequireTimeout(RequestTimeout, nameof(RequestTimeout));
        if (ApiKey is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(ApiKey);
        if (ConversationFolder is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(ConversationFolder);
    }

    private static void RequireTimeout(TimeSpan value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMilliseconds(int.MaxValue), name);
    }
}
