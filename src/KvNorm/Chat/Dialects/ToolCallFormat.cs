namespace KvNorm.Chat.Dialects;

/// <summary>
/// The marks with which a family of models writes its calls of tools. A line break in a mark stands for any white space when an answer is
/// read.
/// </summary>
/// <param name="Name">What people call it.</param>
/// <param name="Shape">How a call is written.</param>
/// <param name="Start">What stands before each call, or before the list of them; empty when nothing does.</param>
internal sealed record ToolCallFormat(string Name, CallShape Shape, string Start)
{
    /// <summary>What stands before the result of a call in the generic text, and in some templates.</summary>
    public const string ResultStart = "<tool_response>";

    /// <summary>What stands behind it.</summary>
    public const string ResultEnd = "</tool_response>";

    /// <summary>The form for models whose template takes no tools: they are told of it in the system text.</summary>
    public static readonly ToolCallFormat Generic = new("generic", CallShape.JsonObject, "<tool_call>")
    {
        AfterStart = "\n",
        End = "\n</tool_call>",
        Separator = "\n",
        MarksResults = true,
    };

    /// <summary>Gets what the source of a template of this format holds.</summary>
    public IReadOnlyList<string> Signs { get; init; } = [];

    /// <summary>Gets what it does not hold.</summary>
    public IReadOnlyList<string> Counters { get; init; } = [];

    /// <summary>Gets what opens the whole of the calls; models may leave it out.</summary>
    public string Open { get; init; } = "";

    /// <summary>Gets what stands where the start mark should and means the same.</summary>
    public IReadOnlyList<string> OtherStarts { get; init; } = [];

    /// <summary>Gets what stands between the start mark and the name or the JSON.</summary>
    public string AfterStart { get; init; } = "";

    /// <summary>Gets what stands between the model's own id and a plain name behind it; empty where the name comes first.</summary>
    public string NameStart { get; init; } = "";

    /// <summary>Gets the name that is no tool's: what stands behind it is text; empty when there is none.</summary>
    public string TextName { get; init; } = "";

    /// <summary>Gets what stands between a plain name and its arguments.</summary>
    public string AfterName { get; init; } = "";

    /// <summary>
    /// Gets what stands somewhere between the name and the arguments of every call, where what begins one may be said in plain words; empty
    /// where nothing has to.
    /// </summary>
    public string HeadMark { get; init; } = "";

    /// <summary>Gets what a plain name cannot go beyond; it ends at the first of these.</summary>
    public IReadOnlyList<string> NameEnds { get; init; } = [];

    /// <summary>Gets what stands before an argument's name.</summary>
    public string KeyStart { get; init; } = "";

    /// <summary>Gets what stands between an argument's name and its value.</summary>
    public string KeyEnd { get; init; } = "";

    /// <summary>Gets what stands there instead when the value is JSON; empty when that makes no difference.</summary>
    public string JsonKeyEnd { get; init; } = "";

    /// <summary>Gets what stands after an argument's value.</summary>
    public string ValueEnd { get; init; } = "";

    /// <summary>Gets what stands after each call, or after the list of them.</summary>
    public string End { get; init; } = "";

    /// <summary>Gets whether that is a mark behind calls only, and text elsewhere.</summary>
    public bool EndIsText { get; init; }

    /// <summary>Gets what stands between two calls.</summary>
    public string Separator { get; init; } = "";

    /// <summary>Gets what closes the whole of the calls.</summary>
    public string Close { get; init; } = "";

    /// <summary>Gets further marks that mean nothing where they stand and are never shown.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];

    /// <summary>
    /// Gets whether results stand between <see cref="ResultStart"/> and <see cref="ResultEnd"/>, which models write back.
    /// </summary>
    public bool MarksResults { get; init; }

    /// <summary>Gets how arguments stand in brackets, for the shapes that have them so.</summary>
    public PairSyntax Pairs { get; init; } = PairSyntax.Python;

    /// <summary>Gets the JSON key of the name; empty when the name is the key of the arguments.</summary>
    public string NameKey { get; init; } = "name";

    /// <summary>Gets the JSON key of the arguments.</summary>
    public string ArgumentsKey { get; init; } = "arguments";

    /// <summary>Gets the JSON key of the model's own id of a call; null when it gives none that is unique.</summary>
    public string? IdKey { get; init; }

    /// <summary>Gets what stands before the model's own id in plain text.</summary>
    public string IdStart { get; init; } = "";

    /// <summary>Gets the id or number that the model writes beside the name; null when it writes none.</summary>
    public CallId? Id { get; init; }

    /// <summary>Gets whether the JSON of a call is one without its marks, too, when it names a tool that was offered.</summary>
    public bool Bare { get; init; } = true;

    /// <summary>
    /// Gets whether a call without its marks has to be written as the grammar has it, letter by letter: the answer may also be JSON that
    /// names a tool.
    /// </summary>
    public bool Exact { get; init; }

    /// <summary>Gets whether an answer holds one call at most, and the template renders one per message.</summary>
    public bool OneCall { get; init; }

    /// <summary>Gets the letters and digits that the template wants ids to have; 0 for any.</summary>
    public int IdLength { get; init; }

    /// <summary>Gets whether the template takes the tools as JSON text in the system message instead of a variable.</summary>
    public bool ToolsInSystem { get; init; }

    /// <summary>Gets whether all the calls of an answer stand in one list between the marks.</summary>
    public bool IsList => Shape is CallShape.JsonList or CallShape.PairsList;

    /// <summary>Gets the marks of which each begins a call.</summary>
    public IEnumerable<string> Starts => new[] { Start }.Concat(OtherStarts).Where(static mark => mark.Length > 0);

    /// <summary>Gets the marks that are dropped wherever they stand.</summary>
    public IEnumerable<string> Dropped => Lines(Open).Concat(EndIsText ? [] : Lines(End)).Concat(Lines(Close)).Concat(Silent);

    /// <summary>Gets the marks of results.</summary>
    public IEnumerable<string> ResultMarks => MarksResults ? [ResultStart, ResultEnd] : [];

    /// <summary>Gets every text of the format that may consist of control tokens.</summary>
    public IEnumerable<string> Marks =>
    [
        .. Starts,
        .. Dropped,
        .. ResultMarks,
        AfterStart.Trim('\n'),
        NameStart,
        AfterName.Trim('\n'),
        Pairs.TextQuote,
        .. NameEnds,
        KeyStart,
        .. KeyEnd.Split('\n'),
        JsonKeyEnd,
        ValueEnd.Trim('\n'),
    ];

    /// <summary>Gets the marks of which each ends a call.</summary>
    public IEnumerable<string> EndMarks => Lines(End);

    /// <summary>Gets the mark at which a call whose text is broken ends at the latest; null when the format has none.</summary>
    public string? EndMark => EndMarks.FirstOrDefault();

    /// <summary>What stands between an argument's name and its value.</summary>
    /// <param name="isText">Whether the value is text; else it is JSON.</param>
    public string KeyEndOf(bool isText) => isText || JsonKeyEnd.Length == 0 ? KeyEnd : JsonKeyEnd;

    /// <summary>The format of the models whose chat template this is.</summary>
    /// <param name="template">The template's source; null for none.</param>
    /// <returns>
    /// The first row of the table that fits; <see cref="Generic"/> when the template takes no tools or writes calls in a way that is not
    /// known.
    /// </returns>
    public static ToolCallFormat For(string? template)
    {
        if (template is null)
            return Generic;
        bool takesTools = TemplateVariables.Uses(template, "tools");
        return ToolCallFormats.All.FirstOrDefault(row => (takesTools || row.ToolsInSystem) && row.Fits(template)) ?? Generic;
    }

    /// <summary>
    /// Whether a template tells the model of tools, in a format that is known. The generic text does so where it does not.
    /// </summary>
    public static bool RendersTools(string? template) => For(template) != Generic;

    /// <summary>Whether a template writes the calls of earlier answers. Where it does not, they go into the message's text.</summary>
    public static bool RendersCalls(string? template) =>
        template is not null && RendersTools(template) && template.Contains("tool_calls", StringComparison.Ordinal);

    private static string[] Lines(string mark) => mark.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private bool Fits(string template) =>
        Signs.All(sign => template.Contains(sign, StringComparison.Ordinal))
        && !Counters.Any(sign => template.Contains(sign, StringComparison.Ordinal));
}
