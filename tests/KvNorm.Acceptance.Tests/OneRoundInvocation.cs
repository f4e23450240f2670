using Microsoft.Extensions.AI;

namespace KvNorm.Acceptance.Tests;

/// <summary>Function invocation that asks for tool calls once: the model is too small to stop calling by itself.</summary>
internal static class OneRoundInvocation
{
    public static ChatClientBuilder UseOneRoundInvocation(this ChatClientBuilder builder) =>
        builder.UseFunctionInvocation(configure: static loop => loop.MaximumIterationsPerRequest = 1);
}
