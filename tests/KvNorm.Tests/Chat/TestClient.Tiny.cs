using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Chat;

/// <content>Clients of models that the tests write themselves.</content>
internal static partial class TestClient
{
    public static KvNormChatClient Tiny(int cells = 512, TinyModelSettings? settings = null)
    {
        KvNormChatOptions options = Options(cells);
        options.ModelPath = TinyModel.Write(settings);
        return KvNormChatClient.Create(options);
    }
}
