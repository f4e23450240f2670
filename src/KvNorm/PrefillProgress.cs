namespace KvNorm;

/// <summary>
/// How far the prompt of a request is prefilled. A caller who wants to know puts an <see cref="IProgress{T}"/> of it into
/// ChatOptions.AdditionalProperties under <see cref="Option"/>. It is told before each batch of up to 512 tokens, first of what the cache
/// held already, on the thread that decodes: until it returns, no answer of the client goes on; what it throws ends the request. It must
/// not wait for the client nor dispose of it.
/// </summary>
/// <param name="Prefilled">Tokens of the prompt that the cache holds or has had.</param>
/// <param name="Total">Tokens of the prompt.</param>
public readonly record struct PrefillProgress(int Prefilled, int Total)
{
    /// <summary>Its name in ChatOptions.AdditionalProperties.</summary>
    public const string Option = "kvnorm.prefill_progress";
}
