namespace Microsoft.SemanticKernel.ChatCompletion;

/// <summary>Stands for the interface of this name.</summary>
public interface IChatCompletionService
{
    /// <summary>Gets what the service was made of, for tests to look at.</summary>
    (object Client, IServiceProvider? Services) Origin { get; }
}
