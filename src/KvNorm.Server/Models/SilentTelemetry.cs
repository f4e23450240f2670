using Microsoft.Extensions.AI;

namespace KvNorm.Server.Models;

/// <summary>
/// OpenTelemetry's client over one whose exceptions may quote the conversation: a trace has their text as its status.
/// </summary>
internal static class SilentTelemetry
{
    /// <summary>
    /// Adds OpenTelemetry's client, which sees of an exception only its type. Whoever asked gets the exception itself. No variable of the
    /// environment has it tell the text of messages: the server promises that it does not.
    /// </summary>
    public static ChatClientBuilder UseSilentOpenTelemetry(this ChatClientBuilder builder) => builder
        .Use(static inner => new ConvertedFailures(inner, static e => (e as UntoldException)?.InnerException))
        .UseOpenTelemetry(configure: static client => client.EnableSensitiveData = false)
        .Use(static inner => new ConvertedFailures(inner, static e => e is OperationCanceledException ? null : new UntoldException(e)));
}
