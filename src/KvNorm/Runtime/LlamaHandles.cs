using Microsoft.Win32.SafeHandles;

namespace KvNorm.Runtime;

/// <summary>Owns a llama_model.</summary>
internal sealed class LlamaModelHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public LlamaModelHandle(nint handle)
        : base(ownsHandle: true) => SetHandle(handle);

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_model_free(handle);
        return true;
    }
}

/// <summary>Owns a llama_context and keeps its model alive: the native context points into the model.</summary>
internal sealed class LlamaContextHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly LlamaModelHandle _model;

    public LlamaContextHandle(nint handle, LlamaModelHandle model)
        : base(ownsHandle: true)
    {
        bool added = false;
        model.DangerousAddRef(ref added);
        _model = model;
        SetHandle(handle);
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_free(handle);
        _model.DangerousRelease();
        return true;
    }
}

/// <summary>A model's llama_vocab, which lives in the model: keeps the model alive during calls.</summary>
internal sealed class LlamaVocabularyHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly LlamaModelHandle _model;

    public LlamaVocabularyHandle(LlamaModelHandle model)
        : base(ownsHandle: true)
    {
        bool added = false;
        model.DangerousAddRef(ref added);
        _model = model;
        SetHandle(LlamaNative.llama_model_get_vocab(model));
    }

    protected override bool ReleaseHandle()
    {
        _model.DangerousRelease();
        return true;
    }
}

/// <summary>Owns a llama_sampler: a chain, which owns the samplers added to it, or a grammar, which reads the vocabulary and keeps it alive.</summary>
internal sealed class LlamaSamplerHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly LlamaVocabularyHandle? _vocabulary;

    public LlamaSamplerHandle(nint handle, LlamaVocabularyHandle? vocabulary = null)
        : base(ownsHandle: true)
    {
        bool added = false;
        vocabulary?.DangerousAddRef(ref added);
        _vocabulary = vocabulary;
        SetHandle(handle);
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_sampler_free(handle);
        _vocabulary?.DangerousRelease();
        return true;
    }
}
