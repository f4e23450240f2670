using KvNorm.Chat.Prompts;
using KvNorm.Jinja.Tests.Oracle;

namespace KvNorm.Tests.Chat.Prompts;

/// <summary>What is found out about templates.</summary>
public sealed class TemplateProbeTests
{
    private const string Plain = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";

    [Theory]
    [InlineData(Plain, "system text", TemplatePlan.AsIs)]
    [InlineData(Plain, "thoughts of the last answer", TemplatePlan.Nothing)]
    [InlineData(Plain + "{{ messages[-1].thinking }}", "thoughts of the last answer", "as thinking")]
    [InlineData("{% for m in messages %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endfor %}", "text", "a list of parts")]
    [InlineData("{{ messages | tojson }}", "text", TemplatePlan.AsIs)]
    [InlineData("{% for m in messages if m.role != 'system' %}{{ m.content }}{% endfor %}", "system text", "in the user message behind it")]
    [InlineData("{{ messages[0].content }}", "users in a row", TemplatePlan.Nothing)]
    [InlineData("nothing", "text", TemplatePlan.Nothing)]
    [InlineData(
        "{# <tool_call> arguments #}{{ tools }}{% for m in messages %}{% for c in m.tool_calls or [] %}{{ c }}{% endfor %}"
        + "{{ m.content }}{% endfor %}",
        "text beside calls",
        "an answer before them")]
    public void Run_Need_IsServedByTheFirstThatHelps(string template, string need, string expected) =>
        Assert.Equal(expected, ChatTemplates.Writer(template).Plan(tools: false).Remedies[need]);

    [RealTemplatesTheory]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407", "users in a row", "joined")]
    [InlineData("mistralai-Ministral-3-14B-Reasoning-2512", "thoughts before calls", "as a part of the content")]
    [InlineData("openai-gpt-oss-120b", "thoughts before calls", TemplatePlan.AsIs)]
    [InlineData("openai-gpt-oss-120b", "several calls", "one call per message")]
    [InlineData("google-gemma-2-2b-it", "system text", "in the user message behind it")]
    [InlineData("google-gemma-4-31B-it", "text beside calls", "an answer before them")] // it would write it behind the results
    [InlineData("Qwen-Qwen3-0.6B", "tools of which little is said", TemplatePlan.AsIs)]
    [InlineData("google-gemma-4-31B-it", "tools of which little is said", "one type for each parameter")]
    [InlineData(
        "CohereForAI-c4ai-command-r-plus-tool_use", "tools of which little is said", "a type and a description for each parameter")]
    [InlineData("LFM2-8B-A1B", "thoughts of the last answer", TemplatePlan.Nothing)] // it would write the list of parts as JSON
    public void Run_RealTemplate_IsKnown(string template, string need, string expected) =>
        Assert.Equal(expected, ChatTemplates.Named(template).Plan(tools: true).Remedies[need]);

    [Theory]
    [InlineData("", TemplatePlan.AsIs)]
    [InlineData("{{ p.type | upper }}", "one type for each parameter")]
    [InlineData("{{ 'x' + p.description }}", "a type and a description for each parameter")]
    [InlineData("{{ raise_exception('no') }}", TemplatePlan.Nothing)]
    public void Run_WhatTheTemplateWritesOfAParameter_IsThere(string parameter, string expected)
    {
        string tools = "{# <tool_call> arguments #}{% for t in tools %}{% for p in t.function.parameters.properties.values() %}"
            + parameter + "{% endfor %}{% endfor %}";
        Assert.Equal(expected, ChatTemplates.Writer(tools + Plain).Plan(tools: true).Remedies["tools of which little is said"]);
    }

    [Fact]
    public void Run_AnyTemplate_AnswersEveryNeed() =>
        Assert.Equal(
            TemplateNeeds.All.Select(static need => need.Name).Order(StringComparer.Ordinal),
            ChatTemplates.Writer(Plain).Plan(tools: true).Remedies.Keys.Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
}
