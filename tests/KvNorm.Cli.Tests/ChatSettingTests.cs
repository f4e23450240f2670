using Microsoft.Extensions.AI;

namespace KvNorm.Cli.Tests;

public sealed class ChatSettingTests
{
    [Theory]
    [InlineData("temperature", "0", "0")]
    [InlineData("Temperature", "0.2", "0.2")]
    [InlineData("top-p", "1", "1")]
    [InlineData("top-k", "0", "0")]
    [InlineData("min-p", "0.05", "0.05")]
    [InlineData("repeat-penalty", "1.1", "1.1")]
    [InlineData("max-tokens", "2000", "2000")]
    [InlineData("seed", "-7", "-7")]
    public void Apply_InRange_IsWhatIsShown(string name, string value, string shown)
    {
        ChatOptions options = new();
        ChatSetting.Named(name).Apply(options, value);
        Assert.Equal(shown, ChatSetting.Named(name).Show(options));
    }

    [Theory]
    [InlineData("temperature", "-1", "from 0 to 100")]
    [InlineData("temperature", "NaN", "from 0 to 100")]
    [InlineData("temperature", "0,5", "'0,5'")]
    [InlineData("top-p", "1.5", "from 0 to 1;")]
    [InlineData("top-k", "2.5", "a whole number from 0;")]
    [InlineData("top-k", "3000000000", "a whole number")]
    [InlineData("max-tokens", "0", "a whole number from 1;")]
    [InlineData("max-tokens", "many", "'many'")]
    [InlineData("seed", "1e300", "a whole number;")]
    [InlineData("repeat-penalty", "0", "from 0.01")]
    public void Apply_NoSuchNumber_SaysWhatIsPossible(string name, string value, string said)
    {
        ChatOptions options = new();
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => ChatSetting.Named(name).Apply(options, value));
        Assert.StartsWith($"{name} must be ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("default", ChatSetting.Named(name).Show(options), StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_Default_TakesItBack()
    {
        foreach (ChatSetting setting in ChatSetting.All)
        {
            ChatOptions options = new();
            string before = setting.Show(options);
            setting.Apply(options, "1");
            Assert.Equal("1", setting.Show(options));
            setting.Apply(options, "default");
            Assert.Equal(before, setting.Show(options));
            Assert.Null(setting.Get(options));
        }
    }

    [Fact]
    public void Named_NoSuchSetting_SaysWhichThereAre() =>
        Assert.Contains(
            "temperature, top-p",
            Assert.Throws<ArgumentException>(() => ChatSetting.Named("mood")).Message,
            StringComparison.Ordinal);
}
