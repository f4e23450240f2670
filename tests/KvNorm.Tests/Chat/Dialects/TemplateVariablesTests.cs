using KvNorm.Chat.Dialects;

namespace KvNorm.Tests.Chat.Dialects;

public sealed class TemplateVariablesTests
{
    [Theory]
    [InlineData("{{ documents }}")]
    [InlineData("{{documents}}")]
    [InlineData("{{- documents -}}")]
    [InlineData("{%- for d in documents %}x{% endfor %}")]
    [InlineData("{% if\n documents\n is defined %}x{% endif %}")]
    [InlineData("{{ f(documents) }}")]
    [InlineData("{{ 'a' + documents[0].text }}")]
    [InlineData("{{ messages[documents] }}")]
    [InlineData("{# a note #}{{ documents }}")]
    [InlineData("{{ '{#' }}{{ documents }}{{ '#}' }}")]
    [InlineData("{{ 'it''s' ~ documents }}")]
    [InlineData("{{ 'it\\'s ' ~ documents }}")]
    [InlineData("{{ x }} text {{ y }} {% set z = documents|length %}")]
    [InlineData("{{ '}}' ~ documents }}")]
    [InlineData("{{ {'a': {'b': documents}} }}")]
    [InlineData("{% set x = '%}' ~ documents %}")]
    public void Uses_NameInTheCode_IsRead(string template) => Assert.True(TemplateVariables.Uses(template, "documents"));

    [Theory]
    [InlineData("")]
    [InlineData("documents")]
    [InlineData("{ documents }")]
    [InlineData("{{ x }} documents {{ y }}")]
    [InlineData("{# documents #}")]
    [InlineData("{#\n{{ documents }}\n{% if documents %}\n#}")]
    [InlineData("{{ 'documents' }}")]
    [InlineData("{{ \"my documents \\\" documents\" }}")]
    [InlineData("{{ message.documents }}")]
    [InlineData("{{ message . documents }}")]
    [InlineData("{{ message['documents'] }}")]
    [InlineData("{{ my_documents }}")]
    [InlineData("{{ documents2 }}")]
    [InlineData("{{ Documents }}")]
    [InlineData("{% raw %}{{ documents }}{% endraw %}")]
    [InlineData("{{ '}} documents {{' }}")]
    [InlineData("{{ documents")] // no template
    public void Uses_NameElsewhere_IsNotRead(string template) => Assert.False(TemplateVariables.Uses(template, "documents"));
}
