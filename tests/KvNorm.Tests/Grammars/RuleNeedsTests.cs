using System.Text.Json;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class RuleNeedsTests
{
    private readonly GrammarBuilder _builder = new();
    private readonly RuleNeeds _needs = new();

    [Fact]
    public void Settle_ObjectThatNeedsItself_LeavesThatOut()
    {
        ObjectRules node = Object("node", """{"properties":{"child":{"type":"object"},"name":{"type":"string"}}}""");
        string[] rules = [.. node.Needs];
        _needs.Add("node", node);
        _needs.Add(rules[0], ["node"]);
        _needs.Add(rules[1], []);
        _needs.Settle();
        Assert.Equal([rules[1]], node.Needs, StringComparer.Ordinal);
    }

    [Fact]
    public void Settle_RulesThatEnd_AreKept()
    {
        ObjectRules node = Object("node", """{"properties":{"list":{"type":"array"},"deep":{"type":"object"},"other":{"type":"null"}}}""");
        string[] rules = [.. node.Needs];
        _needs.Add("node", node);
        _needs.Add(rules[0], ["node"]);
        _needs.Add(rules[0], []); // an empty list
        _needs.Add(rules[1], ["deeper"]);
        _needs.Add("deeper", ["node", "deepest"]); // does not end
        _needs.Add("deeper", ["deepest"]);
        _needs.Add("deepest", []);
        _needs.Settle();
        Assert.Equal(rules, node.Needs, StringComparer.Ordinal);
    }

    [Fact]
    public void Settle_WhatTheSchemaRequires_IsKept()
    {
        ObjectRules node = Object("node", """{"properties":{"child":{"type":"object"},"other":{"type":"array"}},"required":["child"]}""");
        string[] rules = [.. node.Needs];
        _needs.Add("node", node);
        _needs.Add(rules[0], ["node"]);
        _needs.Add(rules[1], ["node"]);
        _needs.Settle();
        Assert.Equal([rules[0]], node.Needs, StringComparer.Ordinal);
    }

    [Fact]
    public void Settle_CircleOfObjects_IsOpenedAtTheInnermost()
    {
        ObjectRules outer = Object("outer", """{"properties":{"inner":{"type":"object"}}}""");
        ObjectRules inner = Object("inner", """{"properties":{"outer":{"type":"array"}}}""");
        string[] ofOuter = [.. outer.Needs], ofInner = [.. inner.Needs];
        _needs.Add("outer", outer);
        _needs.Add(ofOuter[0], ["inner"]);
        _needs.Add("inner", inner);
        _needs.Add(ofInner[0], ["outer"]);
        _needs.Settle();
        Assert.Empty(inner.Needs);
        Assert.Equal(ofOuter, outer.Needs, StringComparer.Ordinal);
    }

    [Fact]
    public void Settle_ObjectWithAnotherWayToEnd_IsKept()
    {
        ObjectRules node = Object("node", """{"properties":{"child":{"type":"object"}}}""");
        string[] rules = [.. node.Needs];
        _needs.Add("node", node);
        _needs.Add("node", []); // null, say
        _needs.Add(rules[0], ["node"]);
        _needs.Settle();
        Assert.Equal(rules, node.Needs, StringComparer.Ordinal);
    }

    private ObjectRules Object(string name, string json)
    {
        JsonElement schema = JsonElement.Parse(json);
        ObjectRules rules = new(new SchemaConverter(_builder, schema, allRequired: true), Schema.Of("", schema), name);
        Assert.Equal(schema.GetProperty("properties").EnumerateObject().Count(), rules.Needs.Distinct(StringComparer.Ordinal).Count());
        return rules;
    }
}
