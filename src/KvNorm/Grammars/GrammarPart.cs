namespace KvNorm.Grammars;

/// <summary>A part of a sequence in a grammar: a rule's name, or a group, or (with neither) characters.</summary>
internal sealed record GrammarPart
{
    public string? Rule { get; init; }

    /// <summary>Gets the alternatives of a group, sequences of parts.</summary>
    public IReadOnlyList<IReadOnlyList<GrammarPart>>? Group { get; init; }

    /// <summary>Gets whether it is a literal without characters.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>Gets whether it may be left out.</summary>
    public bool MayBeAbsent { get; init; }
}
