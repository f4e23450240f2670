using KvNorm.Chat.Prompts;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class SpecialTokensTests
{
    private const int UserDefined = 4;

    private readonly SpecialTokens _embedded = new(EmbeddedModel.Model.Vocabulary, "");

    [Theory]
    [InlineData("", -1, "")]
    [InlineData("no mark", -1, "")]
    [InlineData("<", -1, "")]
    [InlineData("a < b <| c <|im_ <|im_start <|IM_END|>", -1, "")]
    [InlineData("<|im_end|>", 0, "<|im_end|>")]
    [InlineData("ab<|im_start|>c<|im_end|>", 2, "<|im_start|>")]
    [InlineData("<<|im_<|im_end|>|>", 6, "<|im_end|>")]
    [InlineData("é😀<|endoftext|>", 3, "<|endoftext|>")]
    public void FindFirst_Text_GivesTheFirstWholeMark(string text, int start, string mark)
    {
        (int at, int length, int token) = _embedded.FindFirst(text);
        Assert.Equal((start < 0 ? text.Length : start, mark.Length), (at, length));
        Assert.Equal(start < 0 ? -1 : EmbeddedModel.Model.Vocabulary.Special(mark), token);
    }

    [Fact]
    public void FindFirst_EveryTokenOfTheVocabulary_IsFound()
    {
        Assert.NotEmpty(_embedded.All);
        Assert.All(
            _embedded.All, special => Assert.Equal((2, special.Text.Length, special.Token), _embedded.FindFirst($"x {special.Text} y")));
    }

    [Fact]
    public void FindFirst_MarkThatBeginsWithAnother_IsTheLongerOne()
    {
        using LlamaModel model = TinyModel.Load(new TinyModelSettings { StartMarker = "<s>tart" });
        SpecialTokens specials = new(model.Vocabulary, "");
        Assert.Equal((1, 7, TinyVocabulary.StartMarker), specials.FindFirst("a<s>tart"));
        Assert.Equal((1, 3, TinyVocabulary.BeginOfText), specials.FindFirst("a<s>tar"));
    }

    [Fact]
    public void Create_UserDefinedTokens_AreMarksOnlyWhereTheTemplateWritesThem()
    {
        using LlamaModel model = TinyModel.Load(new TinyModelSettings { MarkerType = UserDefined });
        Assert.DoesNotContain(TinyVocabulary.StartMarker, Tokens("{{ messages }}"));
        using LlamaModel marked = TinyModel.Load(new TinyModelSettings { MarkerType = UserDefined });
        SpecialTokens specials = new(marked.Vocabulary, TinyModelSettings.ChatMl);
        Assert.Contains(TinyVocabulary.StartMarker, specials.All.Select(special => special.Token));

        IEnumerable<int> Tokens(string template) => new SpecialTokens(model.Vocabulary, template).All.Select(special => special.Token);
    }

    [Fact]
    public void Create_Marks_BecomeNoTokensOfText()
    {
        using LlamaModel model = TinyModel.Load(new TinyModelSettings { MarkerType = UserDefined });
        List<int> before = [], after = [];
        model.Vocabulary.TokenizeText("a<|im_start|>", before);
        Assert.Contains(TinyVocabulary.StartMarker, before);
        _ = new SpecialTokens(model.Vocabulary, TinyModelSettings.ChatMl);
        model.Vocabulary.TokenizeText("a<|im_start|>", after);
        Assert.DoesNotContain(TinyVocabulary.StartMarker, after);
        Assert.Equal("a<|im_start|>", model.Vocabulary.Text(after));
    }
}
