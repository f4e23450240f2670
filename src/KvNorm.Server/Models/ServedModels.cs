using KvNorm.Server.Api;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KvNorm.Server.Models;

/// <summary>
/// The models served: loaded when they are asked for, one at a time, as many as may be; the one that was not used for longest makes room.
/// </summary>
internal sealed class ServedModels : IDisposable
{
    private readonly KvNormServerOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _gate = new(); // over the users of the models
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private long _uses; // of all models, which orders them

    public ServedModels(IOptions<KvNormServerOptions> options, IServiceProvider services, ILoggerFactory loggerFactory)
    {
        _options = options.Value;
        _options.Validate();
        _logger = loggerFactory.CreateLogger("KvNorm.Server");
        All = _options.Models.Count == 0
            ? [new ServedModel(null, services.GetRequiredService<IChatClient>, isOwned: false)]
            : [.. _options.Models.Select(model => new ServedModel(
                Path.GetFileNameWithoutExtension(model.ModelPath),
                () => KvNormChatClient.Create(model, loggerFactory, cancellationToken: _end.Token)
                    .AsBuilder().UseSilentOpenTelemetry().Build(), // no log: messages of exceptions quote requests
                isOwned: true,
                check: () => KvNormModelFile.Read(model.ModelPath)))];
        if (All.DistinctBy(static model => model.Name, StringComparer.Ordinal).Count() < All.Count)
            throw new ArgumentException("Two models have the same file name, by which requests choose one.", nameof(options));
    }

    /// <summary>Gets the models; the first one is for requests that name none.</summary>
    public IReadOnlyList<ServedModel> All { get; }

    /// <summary>Gets the name of the loaded model that was used last; null where none is loaded.</summary>
    public string? LastUsed => Last?.Name;

    /// <summary>Loads the first model, unless one is there or under way. Failures are logged, and told to whoever asks for it.</summary>
    public async Task LoadFirstAsync(CancellationToken cancellationToken)
    {
        if (All.Any(static model => model.Client is not null || model.Loading is { IsCompleted: false }))
            return;
        try
        {
            await BeginLoad(All[0]).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException || All[0].Failure is not null || cancellationToken.IsCancellationRequested)
        {
            // Logged where it happened.
        }
    }

    /// <summary>A model for a request, loaded, and kept so until the caller has disposed of the use.</summary>
    /// <param name="name">Its name; null for the first one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ApiException">There is none of that name, it is still being loaded, or it cannot be loaded.</exception>
    public async Task<ModelUse> UseAsync(string? name, CancellationToken cancellationToken)
    {
        ServedModel model = Find(name);
        ModelUse use = Begin(model);
        try
        {
            if (model.Client is null)
                await WaitForLoadAsync(model, cancellationToken).ConfigureAwait(false);
            return name is null || name == model.Name ? use : throw NotServed(name);
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    /// <summary>A model that is loaded, to look at: it is neither loaded for that nor kept from being given up soon.</summary>
    /// <param name="name">Its name; null for the one used last.</param>
    /// <exception cref="ApiException">There is none of that name, or it is not loaded.</exception>
    public ModelUse UseLoaded(string? name)
    {
        lock (_gate)
        {
            ServedModel? model = name is null ? Last : Find(name);
            if (model?.Client is null)
                throw ApiException.Unavailable("model_not_loaded", "The model is not loaded: a request that is to be answered loads it.");
            model.Users++;
            return new ModelUse(model, () => End(model));
        }
    }

    /// <summary>Has a model forget a conversation, where it is loaded and remembers it.</summary>
    public void Forget(string name, string conversation)
    {
        lock (_gate)
            All.FirstOrDefault(model => model.Name == name)?.Cache?.RemoveConversation(conversation);
    }

    public void Dispose()
    {
        _end.Cancel();
        _loading.Wait(); // for a load that is under way; nothing is loaded any more
        foreach (ServedModel model in All)
            model.Unload();
        _end.Dispose();
    }

    // What the file, the budget or the machine does not allow is told in words for people; its stack tells them nothing.
    private static bool IsExpected(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException
        or NotSupportedException or KvCacheBudgetException or LlamaException or DllNotFoundException;

    private ServedModel? Last => All.Where(static model => model.Client is not null).MaxBy(static model => model.LastUse);

    private bool IsOneLoaded => All.Any(static model => model.Client is not null);

    private static ApiException NotServed(string name) =>
        ApiException.NotFound("model_not_found", $"There is no model '{name}' here; /v1/models lists those there are.", "model");

    private ServedModel Find(string? name) =>
        name is null ? All[0] : All.FirstOrDefault(model => model.Name is null || model.Name == name) ?? throw NotServed(name);

    private ModelUse Begin(ServedModel model)
    {
        lock (_gate)
        {
            model.Users++;
            model.LastUse = ++_uses;
        }

        return new ModelUse(model, () => End(model));
    }

    private void End(ServedModel model)
    {
        lock (_gate)
            model.Users--;
    }

    private async Task WaitForLoadAsync(ServedModel model, CancellationToken cancellationToken)
    {
        Task load = BeginLoad(model);
        try
        {
            await load.WaitAsync(_options.LoadTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!load.IsCompleted)
        {
            throw ApiException.Unavailable("model_loading", "The model is being loaded; try again soon.");
        }
        catch (Exception e) when (e is not ApiException && model.Failure is not null && !cancellationToken.IsCancellationRequested)
        {
            throw ApiException.Unavailable("model_failed", "The model cannot be loaded; the server's log says why.");
        }
    }

    // One load for all who wait for a model. It goes on when they have gone: the next one wants it, too.
    private Task BeginLoad(ServedModel model)
    {
        lock (_gate)
        {
            if (model.Loading is not { IsCompleted: false })
                model.Loading = Task.Run(() => LoadAsync(model, unlessOneIsLoaded: false));
            return model.Loading;
        }
    }

    private async Task LoadAsync(ServedModel model, bool unlessOneIsLoaded)
    {
        await _loading.WaitAsync(_end.Token).ConfigureAwait(false);
        ServedModel? givenUp = null;
        try
        {
            if (model.Client is not null || (unlessOneIsLoaded && IsOneLoaded))
                return;
            await Task.Run(model.Check, _end.Token).ConfigureAwait(false); // or another would make room for what is not there
            givenUp = MakeRoom();
            await Task.Run(() => model.Load(_options.MaximumQueue), _end.Token).ConfigureAwait(false);
            ServerLog.ModelLoaded(_logger, model.Name!);
        }
        catch (Exception e) when (e is not (OperationCanceledException or ApiException))
        {
            ServerLog.LoadFailed(_logger, model.Name ?? "", e.Message, IsExpected(e) ? null : e);
            if (givenUp is not null)
                _ = LoadAsync(givenUp, unlessOneIsLoaded: true); // or the server would stay without any
            throw;
        }
        finally
        {
            _loading.Release();
        }
    }

    // The model that was given up; null for none.
    private ServedModel? MakeRoom()
    {
        lock (_gate)
        {
            if (All.Count(static model => model.Client is not null) < _options.MaximumLoadedModels)
                return null;
            ServedModel idle = All.Where(static model => model.CanBeGivenUp).MinBy(static model => model.LastUse)
                ?? throw ApiException.Unavailable("models_in_use", "The models that fit are all in use; try again soon.");
            ServerLog.ModelGivenUp(_logger, idle.Name!);
            idle.Unload();
            return idle;
        }
    }
}
