using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Replies;

public sealed class AnswerParserPropertyTests
{
    private static readonly ReasoningFormat[] Thoughts = [.. ReasoningFormat.All];

    // Whole marks, halves of them, JSON and words in any order: answers that are nearly right in every way.
    private static readonly Gen<Case> Cases =
        from format in Gen.Elements(Spoken.Formats.AsEnumerable())
        from reasoning in Gen.Elements(Thoughts)
        from parts in Gen.Elements(Parts(format, reasoning).AsEnumerable()).ListOf()
        from cuts in Gen.Choose(0, 200).ListOf()
        from open in Gen.Elements(true, false)
        from cut in Gen.Elements(true, false)
        select new Case(format, reasoning, string.Concat(parts), [.. cuts], open, cut);

    [Property(MaxTest = 4000)]
    public Property Push_AnyCutting_GivesTheSameContents() => Prop.ForAll(Cases.ToArbitrary(), static given =>
    {
        string whole = Spoken.Read(given.Format, given.Reasoning, [given.Text], given.Open, given.Cut);
        string pieces = Spoken.Read(given.Format, given.Reasoning, Pieces(given), given.Open, given.Cut);
        return (whole == pieces).Label($"whole '{whole}', in pieces '{pieces}'");
    });

    [Property(MaxTest = 4000)]
    public Property Push_AnyCutting_NeverShowsAMark() => Prop.ForAll(Cases.ToArbitrary(), static given =>
    {
        // Each content for itself: two texts with a mark between them may read like a mark together.
        AnswerParser parser = new(given.Format, given.Reasoning, Spoken.Tools, new AnswerBeginning(given.Open));
        string[] marks =
            [.. given.Format.Starts, .. given.Format.Dropped, .. given.Reasoning.Marks];
        List<string> shown = [.. Pieces(given).SelectMany(parser.Push).Concat(parser.Finish(given.Cut))
            .Where(static content => content is TextContent).Select(static content => content.ToString()!)];
        return shown.TrueForAll(text => !marks.Any(mark => text.Contains(mark, StringComparison.Ordinal)));
    });

    [Property(MaxTest = 1000)]
    public Property Push_WrittenCalls_AreReadAsTheyWere() => Prop.ForAll(Cases.ToArbitrary(), static given =>
    {
        (string Name, JsonElement Arguments)[] calls =
        [
            ("weather", Json($$"""{"city":"Rome {{given.Cuts.Length}}","days":2}""")),
            ("note", Json("""{"text":"a\n\"b\" {","tags":["x"]}""")),
            ("time", Json("{}")),
        ];
        string text = ToolCallText.Write(given.Format, given.Format.OneCall ? calls.Take(1) : calls);
        string expected = string.Concat(
            (given.Format.OneCall ? calls.Take(1) : calls)
                .Select(static call => $"|{call.Name}{JsonSerializer.Serialize(call.Arguments)}|"));
        string read = Spoken.Read(given.Format, given.Reasoning, Pieces(given with { Text = text }));
        return (read == expected).Label($"{given.Format.Name}: '{text}' is '{read}'");
    });

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    private static string[] Parts(ToolCallFormat format, ReasoningFormat reasoning)
    {
        string call = ToolCallText.Write(format, [("weather", Json("""{"city":"Rome"}"""))]);
        string[] marks =
        [
            .. format.Starts, .. format.Dropped, .. format.NameEnds, reasoning.Start, reasoning.End,
            format.AfterStart, format.KeyStart, format.KeyEnd, format.ValueEnd,
        ];
        return
        [
            call, call[..(call.Length / 2)], .. marks, .. marks.Select(static mark => mark[..(mark.Length / 2)]),
            "{\"name\":\"time\",\"arguments\":{}}", "{\"name\":\"time\",",
            "[time()]", "[weather(city='a", "```json\n", "```", "`", "(", ")", "='", "all\n",
            "{", "}", "[", "]", ",", ";", "\"", "\\", "word", " ", "\n",
            "time", "\"arguments\":",
        ];
    }

    private static IEnumerable<string> Pieces(Case given)
    {
        int[] cuts = [0, .. given.Cuts.Where(cut => cut < given.Text.Length).Order(), given.Text.Length];
        for (int i = 1; i < cuts.Length; i++)
            yield return given.Text[cuts[i - 1]..cuts[i]];
    }

    private sealed record Case(ToolCallFormat Format, ReasoningFormat Reasoning, string Text, int[] Cuts, bool Open, bool Cut);
}
