using KvNorm.Server.Api;
using Microsoft.AspNetCore.Routing;

namespace KvNorm.Server.Models;

/// <summary>The models served, /v1/models, and whether one can answer, /health.</summary>
internal sealed class ModelEndpoints(ServedModels models)
{
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>The models.</summary>
    public async Task ListAsync(HttpContext context)
    {
        await RequireNamesAsync(context).ConfigureAwait(false);
        await context.Response
            .WriteAsJsonAsync(new ModelList([.. models.All.Select(Describe)]), ModelJson.Default.ModelList).ConfigureAwait(false);
    }

    /// <summary>One model.</summary>
    public async Task ShowAsync(HttpContext context)
    {
        await RequireNamesAsync(context).ConfigureAwait(false);
        string name = (string)context.GetRouteValue("model")!;
        ServedModel model = models.All.FirstOrDefault(model => model.Name == name)
            ?? throw ApiException.NotFound("model_not_found", $"There is no model '{name}' here.", "model");
        await context.Response.WriteAsJsonAsync(Describe(model), ModelJson.Default.ModelEntry).ConfigureAwait(false);
    }

    /// <summary>The process answers.</summary>
    public static Task LiveAsync(HttpContext context) => context.Response.WriteAsJsonAsync(new Health("live"), ModelJson.Default.Health);

    /// <summary>A model answers; before that, how the first one is coming along.</summary>
    public Task ReadyAsync(HttpContext context)
    {
        string status = models.All.Any(static model => model.Client is not null) ? "ready"
            : models.All[0].Failure is null ? "loading"
            : "failed";
        if (status != "ready")
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsJsonAsync(new Health(status), ModelJson.Default.Health);
    }

    // The application's own client has a name once it is there.
    private async Task RequireNamesAsync(HttpContext context)
    {
        if (models.All[0].Name is null)
            (await models.UseAsync(null, context.RequestAborted).ConfigureAwait(false)).Dispose();
    }

    private ModelEntry Describe(ServedModel model) => new(model.Name!, _created);
}

/// <summary>How the server is.</summary>
internal sealed record Health(string Status);
