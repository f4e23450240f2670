using KvNorm.Chat.Dialects;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Replies;
using KvNorm.Chat.Requests;
using KvNorm.KvCache.Slots;
using KvNorm.Runtime;

namespace KvNorm.Chat;

/// <summary>
/// A request with everything that its answer needs: tokens, compiled grammar, reader. It is made on the caller's side, so that the decode
/// thread never renders, tokenises or compiles, and nothing of it can be refused once the cache is touched. Owns the sampler.
/// </summary>
/// <param name="Prompt">The conversation as tokens.</param>
/// <param name="Sampler">Chooses the answer's tokens.</param>
/// <param name="Reader">Turns them into contents.</param>
/// <param name="MaxOutputTokens">The maximum of them.</param>
/// <param name="Progress">Told how far the prompt is prefilled; null for nobody.</param>
internal sealed record PreparedRequest(
    Prompt Prompt, LlamaSampler Sampler, AnswerReader Reader, int MaxOutputTokens, IProgress<PrefillProgress>? Progress) : IDisposable
{
    /// <summary>Gets what the question means, a vector of length 1; null where nothing but its words is known.</summary>
    public float[]? QuestionVector { get; init; }

    /// <summary>Prepares a request.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="chat">The model's language side.</param>
    /// <param name="plan">The cache that it must fit into.</param>
    /// <param name="cancellationToken">Ends the preparation.</param>
    /// <exception cref="ArgumentException">A message stands where it cannot, or a schema cannot be satisfied.</exception>
    /// <exception cref="NotSupportedException">A content is no text; or the prompt is longer than the model can go.</exception>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    /// <exception cref="KvCacheBudgetException">What must stay of the prompt leaves no room for anything else.</exception>
    public static PreparedRequest Create(ChatRequest request, ChatModel chat, CachePlan plan, CancellationToken cancellationToken)
    {
        (Prompt prompt, AnswerBeginning beginning) = chat.Encode(request, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (prompt.Tokens.Length == 0)
            throw new ChatTemplateException("The chat template makes no text of these messages, and the model has no token for a beginning.", 0);
        plan.RequireRoomFor(prompt.Tokens.Length, prompt.SystemEnd);
        AnswerReader reader = chat.CreateReader(request, beginning);
        return new PreparedRequest(
            prompt, chat.CreateSampler(request, beginning), reader, request.MaxOutputTokens, request.Progress);
    }

    public void Dispose() => Sampler.Dispose();
}
