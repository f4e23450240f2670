using System.Buffers;
using System.Runtime.InteropServices;
using KvNorm.KvCache.Eviction;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// Finds the spans of a conversation that have words of a question, by BM25 (Robertson and Zaragoza 2009) with the spans as documents and
/// words weighed by their rarity elsewhere, too. It grows with the conversation and is never made anew.
/// </summary>
/// <param name="spans">Which span each token stands in.</param>
/// <param name="terms">The word that each token is.</param>
internal sealed class SpanIndex(SpanMap spans, TokenTerms terms)
{
    private const float Saturation = 1.2f;   // k1: what a term counts that comes again in a span
    private const float LengthWeight = 0.75f; // b: how much longer spans are held against
    private const int MaximumTerms = 64; // of a question, the rarest ones: more say nothing new and take time

    private readonly Dictionary<int, List<Posting>> _postings = [];
    private readonly List<int> _starts = []; // of each span
    private readonly List<int> _words = [];  // of each span, a number as one
    private readonly Dictionary<string, int> _identifiers = new(StringComparer.Ordinal); // their terms, behind those of the vocabulary
    private int _nextIdentifier = terms.Count; // the term of the next one
    private string? _identifier; // up to the last token
    private int _term; // of the last token
    private long _allWords;

    /// <summary>Gets the identifiers that are known, beginnings among them.</summary>
    internal int Identifiers => _identifiers.Count;

    /// <summary>Gets the tokens that are indexed.</summary>
    public int Length { get; private set; }

    /// <summary>Indexes what has come since.</summary>
    /// <param name="tokens">All tokens of the conversation.</param>
    public void Append(ReadOnlySpan<int> tokens)
    {
        for (; Length < tokens.Length; Length++)
        {
            int span = spans[Length];
            bool isFirst = span == _starts.Count; // of its span, so that a span is indexed anew as it was
            if (isFirst)
            {
                _starts.Add(Length);
                _words.Add(0);
            }

            int term = TermAt(tokens, Length, isFirst, ref _identifier);
            if (_identifier is not null)
            {
                Uncount(_term);
                if (term == TokenTerms.None)
                    _identifiers.Add(_identifier, term = _nextIdentifier++);
            }
            else if (term != TokenTerms.None)
            {
                _words[span]++;
                _allWords++;
            }

            _term = term;
            if (term != TokenTerms.None)
                Count(span, term);
        }
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on, and the whole span of that one: it is indexed again.</summary>
    public void Truncate(int length)
    {
        if (length >= Length)
            return;
        int span = _starts.BinarySearch(length);
        span = span < 0 ? ~span - 1 : span;
        Length = _starts[span];
        _allWords -= _words.Skip(span).Sum();
        _starts.RemoveRange(span, _starts.Count - span);
        _words.RemoveRange(span, _words.Count - span);
        foreach ((int term, List<Posting> postings) in _postings)
        {
            int kept = postings.FindLastIndex(posting => posting.Span < span) + 1;
            postings.RemoveRange(kept, postings.Count - kept);
            if (kept == 0)
                _postings.Remove(term);
        }

        foreach ((string identifier, int term) in _identifiers)
        {
            if (!_postings.ContainsKey(term))
                _identifiers.Remove(identifier);
        }
    }

    /// <summary>The spans with words of a question, the best first.</summary>
    /// <param name="question">Its tokens.</param>
    /// <param name="minimumEvidence">
    /// What the words that a span has of it must weigh together, by the weight of the rarest word that is in one span only.
    /// </param>
    public IReadOnlyList<SpanMatch> Find(ReadOnlySpan<int> question, float minimumEvidence)
    {
        List<(List<Posting> Postings, float Weight)> found = Weigh(question);
        if (found.Count == 0)
            return [];
        float[] scores = Rent(), evidence = Rent();
        float minimum = minimumEvidence * WeightOf(1);
        foreach ((List<Posting> postings, float weight) in found)
        {
            foreach (Posting posting in CollectionsMarshal.AsSpan(postings))
            {
                scores[posting.Span] += weight * Strength(posting);
                evidence[posting.Span] += weight;
            }
        }

        List<SpanMatch> matches = [];
        for (int span = 0; span < _starts.Count; span++)
        {
            if (evidence[span] >= minimum && scores[span] > 0)
                matches.Add(new SpanMatch(new TokenRange(_starts[span], EndOf(span)), scores[span]));
        }

        ArrayPool<float>.Shared.Return(scores);
        ArrayPool<float>.Shared.Return(evidence);
        matches.Sort(static (one, other) => other.Score.CompareTo(one.Score));
        return matches;
    }

    private float[] Rent()
    {
        float[] rented = ArrayPool<float>.Shared.Rent(_starts.Count);
        rented.AsSpan(0, _starts.Count).Clear();
        return rented;
    }

    private int EndOf(int span) => span + 1 < _starts.Count ? _starts[span + 1] : Length;

    private void Count(int span, int term)
    {
        ref List<Posting>? postings = ref CollectionsMarshal.GetValueRefOrAddDefault(_postings, term, out _);
        postings ??= [];
        if (postings.Count > 0 && postings[^1].Span == span)
            postings[^1] = new Posting(span, postings[^1].Count + 1);
        else
            postings.Add(new Posting(span, 1));
    }

    // The word of the last token goes on: it says something else.
    private void Uncount(int term)
    {
        List<Posting> postings = _postings[term];
        Posting last = postings[^1];
        postings.RemoveAt(postings.Count - 1);
        if (last.Count > 1)
            postings.Add(last with { Count = last.Count - 1 });
        else if (postings.Count == 0)
            _postings.Remove(term);
    }

    // The term that a token is, or that its word is up to there; none where the identifier is not known.
    private int TermAt(ReadOnlySpan<int> tokens, int at, bool isFirst, ref string? identifier)
    {
        identifier = isFirst ? null : terms.Identifier(identifier, tokens[at - 1], tokens[at]);
        return identifier is null ? terms[tokens[at]]
            : _identifiers.TryGetValue(identifier, out int term) ? term
            : terms.Find(identifier);
    }

    // The question's terms that the conversation has, with their weights.
    private List<(List<Posting> Postings, float Weight)> Weigh(ReadOnlySpan<int> question)
    {
        Stack<(int Term, float Rarity)> asked = [];
        string? identifier = null;
        for (int i = 0; i < question.Length; i++)
        {
            int term = TermAt(question, i, isFirst: i == 0, ref identifier);
            if (identifier is not null)
                asked.Pop(); // its word goes on
            if (identifier is not null || term != TokenTerms.None)
                asked.Push((term, identifier is null ? terms.Rarity(term) : terms.Rarity(identifier)));
        }

        List<(List<Posting> Postings, float Weight)> found = [];
        foreach ((int term, float rarity) in asked.DistinctBy(static one => one.Term))
        {
            if (_postings.TryGetValue(term, out List<Posting>? postings))
                found.Add((postings, rarity * WeightOf(postings.Count)));
        }

        found.Sort(static (one, other) => other.Weight.CompareTo(one.Weight));
        return found.Count > MaximumTerms ? found[..MaximumTerms] : found;
    }

    // The inverse document frequency of a term that some spans have.
    private float WeightOf(int having) => MathF.Log(1 + ((_starts.Count - having + 0.5f) / (having + 0.5f)));

    private float Strength(Posting posting)
    {
        float length = _words[posting.Span] * _starts.Count / (float)Math.Max(1, _allWords);
        return posting.Count * (Saturation + 1) / (posting.Count + (Saturation * (1 - LengthWeight + (LengthWeight * length))));
    }

    /// <summary>How often a term comes in a span.</summary>
    private readonly record struct Posting(int Span, int Count);
}
