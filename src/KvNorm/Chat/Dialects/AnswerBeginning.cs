namespace KvNorm.Chat.Dialects;

/// <summary>Where in its dialect an answer begins, which the end of the prompt says.</summary>
/// <param name="InReasoning">The prompt opened a reasoning, which the model brings to its end first.</param>
/// <param name="MayReason">The model may begin with a reasoning.</param>
/// <param name="InCall">The prompt ends with the mark that begins a call.</param>
internal readonly record struct AnswerBeginning(bool InReasoning = false, bool MayReason = false, bool InCall = false);
