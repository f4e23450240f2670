using System.Reflection;
using KvNorm.Runtime;
using LLama.Native;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaLayoutTests
{
    private const BindingFlags AllFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    public static TheoryData<string> ModelFields() => Fields<LLamaModelParams>();

    public static TheoryData<string> ContextFields() => Fields<LLamaContextParams>();

    [Fact]
    public void Verify_DefaultsOfTheLoadedLibrary_Pass() =>
        Assert.Null(Record.Exception(static () => LlamaLayout.Verify(LlamaLibrary.Version, Model(), Context())));

    [Fact]
    public void Version_OfTheReference_IsTheOneWrittenFor() => Assert.Equal(LlamaLayout.Version, LlamaLibrary.Version);

    [Theory]
    [MemberData(nameof(ModelFields))]
    public void Verify_ModelFieldDiffers_NamesFieldAndBothVersions(string field)
    {
        LLamaModelParams changed = Changed(Model(), field);
        AssertNames(Assert.Throws<LlamaException>(() => LlamaLayout.Verify("9.9.9", changed, Context())), $"LLamaModelParams.{field} ");
    }

    [Theory]
    [MemberData(nameof(ContextFields))]
    public void Verify_ContextFieldDiffers_NamesFieldAndBothVersions(string field)
    {
        LLamaContextParams changed = Changed(Context(), field);
        AssertNames(Assert.Throws<LlamaException>(() => LlamaLayout.Verify("9.9.9", Model(), changed)), $"LLamaContextParams.{field} ");
    }

    private static LLamaModelParams Model()
    {
        LlamaLibrary.EnsureLoaded();
        return LlamaImports.llama_model_default_params().As<LLamaModelParams>();
    }

    private static LLamaContextParams Context()
    {
        LlamaLibrary.EnsureLoaded();
        return LlamaImports.llama_context_default_params().As<LLamaContextParams>();
    }

    private static TheoryData<string> Fields<T>() => new(typeof(T).GetFields(AllFields).Select(static field => field.Name));

    private static void AssertNames(LlamaException exception, string field)
    {
        Assert.Contains(field, exception.Message, StringComparison.Ordinal);
        Assert.Contains("9.9.9", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"LLamaSharp {LlamaLayout.Version}", exception.Message, StringComparison.Ordinal);
    }

    private static unsafe T Changed<T>(T defaults, string name)
        where T : struct
    {
        object boxed = defaults;
        FieldInfo field = typeof(T).GetField(name, AllFields)!;
        object? value = field.GetValue(boxed);
        field.SetValue(boxed, value switch
        {
            Pointer => Pointer.Box((void*)8, field.FieldType),
            null => new LlamaProgressCallback(static (_, _) => true),
            sbyte number => (sbyte)(number ^ 1),
            int number => number + 1,
            uint number => number + 1,
            float number => number + 1,
            nint number => number + 1,
            nuint number => number + 1,
            Enum => Enum.ToObject(field.FieldType, Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture) + 1),
            _ => throw new NotSupportedException($"{name} is a {value.GetType()}"),
        });
        return (T)boxed;
    }
}
