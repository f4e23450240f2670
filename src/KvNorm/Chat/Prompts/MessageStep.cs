namespace KvNorm.Chat.Prompts;

/// <summary>What <see cref="MessageOrder"/> can do to a conversation for a template, in the order in which it is done.</summary>
internal enum MessageStep
{
    /// <summary>Calls become text, as the model writes them.</summary>
    CallsAsText,

    /// <summary>Results become a user's text.</summary>
    ResultsAsText,

    /// <summary>Each call becomes a message of its own, with its result behind it.</summary>
    OneCallEach,

    /// <summary>Every call has its result behind it; one without is said to have none.</summary>
    AnswerCalls,

    /// <summary>Every system text goes into the user message behind it.</summary>
    SystemIntoUser,

    /// <summary>Every system text but one at the beginning goes into the user message behind it.</summary>
    LateSystemIntoUser,

    /// <summary>Answers that say nothing go.</summary>
    DropEmpty,

    /// <summary>Thoughts without text and calls go.</summary>
    DropThoughts,

    /// <summary>A user's turn stands at the beginning.</summary>
    UserFirst,

    /// <summary>An answer stands between results and a user's turn.</summary>
    AnswerResults,

    /// <summary>Messages of one role that meet become one.</summary>
    Join,

    /// <summary>Text beside calls becomes an answer of its own, before them.</summary>
    SplitCalls,

    /// <summary>The same, with a user's turn in between.</summary>
    SplitCallsApart,
}
