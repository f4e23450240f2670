using System.Text;

namespace KvNorm.Server.Api;

/// <summary>Where in a body a reader stands, as its sender would write it: "messages[2].content".</summary>
internal sealed class BodyPath
{
    /// <summary>Longer ones help nobody; characters.</summary>
    public const int MaximumLength = 100;

    private readonly List<Level> _levels = [];

    /// <summary>Gets how many lists and objects the reader stands in.</summary>
    public int Depth => _levels.Count;

    /// <summary>Gets the field of the body that the reader stands in; null for none.</summary>
    public string? Root => _levels.Count > 0 ? _levels[0].Name : null;

    /// <summary>Gets the elements so far of the list that the reader stands in; 0 for in none.</summary>
    public int Count => _levels.Count > 0 ? _levels[^1].Count : 0;

    /// <summary>A list or an object begins.</summary>
    public void Enter(bool isList) => _levels.Add(new Level { IsList = isList });

    /// <summary>It ends.</summary>
    public void Leave() => _levels.RemoveAt(_levels.Count - 1);

    /// <summary>The name of what comes next.</summary>
    public void Name(string name) => _levels[^1].Name = name;

    /// <summary>A value begins.</summary>
    /// <returns>Whether it is an element of a list.</returns>
    public bool Value()
    {
        if (_levels is not [.., { IsList: true } list])
            return false;
        list.Count++;
        return true;
    }

    /// <summary>The path, as far as its names are plain: they are the sender's, and go into errors and logs.</summary>
    public override string ToString()
    {
        StringBuilder path = new();
        foreach (Level level in _levels)
        {
            string step = level.IsList ? $"[{level.Count - 1}]" : path.Length == 0 ? level.Name ?? "" : $".{level.Name}";
            if (!level.IsPlain || path.Length + step.Length > MaximumLength)
                break;
            path.Append(step);
        }

        return path.ToString();
    }

    private sealed class Level
    {
        public required bool IsList { get; init; }

        public string? Name { get; set; }

        public int Count { get; set; }

        public bool IsPlain => IsList || (Name is { Length: > 0 } name && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'));
    }
}
