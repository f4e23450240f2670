namespace Microsoft.Extensions.AI;

/// <summary>Stands for the builder of Microsoft.Extensions.AI, which Semantic Kernel brings along.</summary>
public sealed class ChatClientBuilder(IChatClient client)
{
    private Func<IChatClient, IChatClient> _last = inner => inner;

    public ChatClientBuilder Use(Func<IChatClient, IChatClient> last)
    {
        _last = last;
        return this;
    }

    public IChatClient Build(IServiceProvider? services = null) => _last(client);
}
