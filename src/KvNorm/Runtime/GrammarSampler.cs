using KvNorm.Grammars;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>
/// A grammar and how far a text has followed it. A token is looked at before llama.cpp takes it: taking one that does not fit throws or
/// ends the process there. Not safe for concurrent use.
/// </summary>
internal sealed class GrammarSampler : IDisposable
{
    private readonly LlamaVocabulary _vocabulary;
    private readonly SafeLLamaSamplerChainHandle _grammar;
    private readonly LlamaCandidates _single = new(1);
    private readonly HashSet<int> _allowedControls;
    private GrammarTrigger? _trigger; // null once the grammar holds
    private readonly int[] _byteTokens; // for a grammar with triggers

    /// <summary>Parses a grammar.</summary>
    /// <exception cref="ArgumentException">It is no grammar, or one that llama.cpp cannot take.</exception>
    public GrammarSampler(Grammar grammar, LlamaVocabulary vocabulary)
    {
        GrammarCheck.Verify(grammar.Text);
        _vocabulary = vocabulary;
        _allowedControls = [.. grammar.ControlTokens];
        _trigger = grammar.Triggers.Count > 0 ? new GrammarTrigger(grammar.Triggers, grammar.Pause) : null;
        _byteTokens = _trigger is null ? [] : vocabulary.ByteTokens;
        _grammar = LlamaSampler.CreateChain();
        (nint pointer, NativeLines lines) = LlamaLog.During(
            () => LlamaImports.llama_sampler_init_grammar(vocabulary.Pointer, grammar.Text, Grammar.Root));
        if (pointer == 0)
        {
            _grammar.Dispose();
            throw new LlamaException(
                nameof(LlamaImports.llama_sampler_init_grammar),
                0,
                lines.ErrorsOr("the grammar was refused without a reason"));
        }

        LlamaImports.llama_sampler_chain_add(_grammar, pointer);
    }

    /// <summary>Gets whether the grammar holds: it has no trigger, or one was written.</summary>
    public bool IsActive => _trigger is null;

    /// <summary>Takes a token if it fits; otherwise nothing changes.</summary>
    public bool TryAccept(int token)
    {
        if (_trigger is not null)
            return TryTrigger(_vocabulary.PieceBytes(token, special: true));
        return !IsForbiddenControl(token) && TryAdvance(token);
    }

    /// <summary>Sets the logits of the tokens that do not fit to negative infinity. Only for an active grammar.</summary>
    public void Refuse(LlamaCandidates candidates)
    {
        candidates.Apply(_grammar);
        foreach (ref LLamaTokenData candidate in candidates.Span)
        {
            if (!float.IsNegativeInfinity(candidate.Logit) && IsForbiddenControl((int)candidate.ID))
                candidate.Logit = float.NegativeInfinity;
        }
    }

    public void Dispose() => _grammar.Dispose();

    private bool TryTrigger(byte[] piece)
    {
        byte[]? constrained = _trigger!.Complete(piece);
        if (constrained is null)
        {
            _trigger.Push(piece);
            return true;
        }

        // The mark may begin and end inside tokens, so the grammar reads it byte by byte.
        foreach (byte value in constrained)
        {
            if (TryAdvance(ByteToken(value)))
                continue;
            _grammar.Reset();
            return false;
        }

        _trigger = null;
        return true;
    }

    private bool TryAdvance(int token)
    {
        _single.Clear();
        _single.Add(token, 0);
        _single.Apply(_grammar);
        if (float.IsNegativeInfinity(_single.Span[0].Logit))
            return false;
        _grammar.Accept(token);
        return true;
    }

    private bool IsForbiddenControl(int token) =>
        _vocabulary.IsControl(token) && !_allowedControls.Contains(token) && !_vocabulary.IsEndOfGeneration(token);

    private int ByteToken(byte value) => _byteTokens[value] >= 0
        ? _byteTokens[value]
        : throw new NotSupportedException(
            $"The model's vocabulary has no token for the byte 0x{value:X2}, so a grammar cannot be started in the middle of a token.");
}
