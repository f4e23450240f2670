namespace KvNorm.Evaluation.Tasks;

/// <summary>Words to draw from.</summary>
internal static class WordList
{
    /// <summary>Gets everyday nouns.</summary>
    public static IReadOnlyList<string> Nouns { get; } =
        ("anchor apple arrow basket beacon blanket bottle branch bridge bucket butter button cabin camera candle canyon carpet "
        + "castle cellar chapel cherry circle clover coffee copper corner cotton cradle crystal curtain desert dinner doctor "
        + "dragon engine falcon farmer feather fiddle finger flower forest fountain garden garlic ginger glacier guitar hammer "
        + "harbor helmet island jacket jungle kettle ladder lantern lemon letter lizard magnet marble market meadow melon mirror "
        + "monkey morning mountain needle nickel orange orchard oyster paddle palace pencil pepper pillow pirate planet pocket "
        + "potato powder pumpkin rabbit ribbon river rocket saddle sailor salmon school shadow silver spider spring stable statue "
        + "summer sunset tailor teapot temple thunder ticket tiger timber tunnel turkey turtle valley velvet violin walnut "
        + "whisper window winter wizard")
        .Split(' ');

    /// <summary>Gets everyday adjectives.</summary>
    public static IReadOnlyList<string> Adjectives { get; } =
        ("ancient bitter brave bright broken calm clever clumsy crooked curious distant eager faint famous fierce gentle golden "
        + "happy hidden hollow honest humble lonely lucky narrow noisy patient polite proud quiet rapid rusty secret silent "
        + "simple sleepy steady stormy strange sudden tender tiny vast wild wooden yellow")
        .Split(' ');

    /// <summary>Different pairs of both, such as "brave-otter".</summary>
    public static string[] Pairs(Random random, int count)
    {
        HashSet<string> pairs = [];
        while (pairs.Count < count)
            pairs.Add($"{Adjectives[random.Next(Adjectives.Count)]}-{Nouns[random.Next(Nouns.Count)]}");
        return [.. pairs];
    }

    /// <summary>A UUID that the seed decides.</summary>
    public static string Uuid(Random random)
    {
        byte[] bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }

    /// <summary>A number of seven digits.</summary>
    public static string Number(Random random) => $"{random.Next(1_000_000, 10_000_000)}";
}
