namespace KvNorm.Grammars;

/// <summary>The sets that regular expressions have names for, as ECMAScript defines them.</summary>
internal static class CharacterClasses
{
    public static CharSet Digit { get; } = new([('0', '9')]);

    public static CharSet Word { get; } = new([('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')]);

    public static CharSet Space { get; } = new([
        ('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
        (0x3000, 0x3000), (0xFEFF, 0xFEFF),
    ]);

    /// <summary>Gets what a dot stands for.</summary>
    public static CharSet Dot { get; } = CharSet.Of("\n\r\u2028\u2029").Complement();

    /// <summary>The set of \d, \D, \w, \W, \s or \S; null for another letter.</summary>
    public static CharSet? Named(int letter) => letter switch
    {
        'd' => Digit,
        'D' => Digit.Complement(),
        'w' => Word,
        'W' => Word.Complement(),
        's' => Space,
        'S' => Space.Complement(),
        _ => null,
    };
}
