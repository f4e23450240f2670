namespace KvNorm.Grammars;

/// <summary>How far the grammar of a schema holds a keyword.</summary>
internal enum KeywordSupport
{
    /// <summary>Every text of the grammar satisfies it.</summary>
    Held,

    /// <summary>It is held as far as its note says; where it is not, that is told.</summary>
    InPart,

    /// <summary>It is told and left open.</summary>
    Open,

    /// <summary>It says nothing about values.</summary>
    Annotation,
}
