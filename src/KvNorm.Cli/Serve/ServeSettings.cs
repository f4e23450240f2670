using System.Net;
using KvNorm.Server;

namespace KvNorm.Cli.Serve;

/// <summary>What `kvnorm serve` was asked for.</summary>
/// <param name="Address">The address to listen on.</param>
/// <param name="Port">The port; 0 for any that is free.</param>
/// <param name="Origins">Origins of web pages that may read answers, such as "https://example.org".</param>
/// <param name="Configure">Sets the server's options.</param>
internal sealed record ServeSettings(
    IPAddress Address, int Port, IReadOnlyList<string> Origins, Action<KvNormServerOptions> Configure)
{
    /// <summary>Gets how long running answers may go on once the server is to stop.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how many connections are taken at a time; one more is closed at once.</summary>
    public int MaximumConnections { get; init; } = 1024;
}
