using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using KvNorm.Cli.Serve;
using KvNorm.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;

namespace KvNorm.Cli;

/// <summary>`kvnorm serve`: OpenAI's API over models, and the page that shows what is remembered.</summary>
internal sealed class ServeCommand
{
    private const string KeyVariable = "KVNORM_API_KEY";
    private const int MaximumParallel = 256; // of KvNormChatOptions.Slots

    private static readonly ChatSetting LongestAnswer = ChatSetting.Named("max-tokens");

    private readonly ModelOptions _model = new();
    private readonly Option<string[]> _models = new("--model")
    {
        Description = "A GGUF file, which requests name without its extension; several times for several. The embedded model unless given.",
        HelpName = "PATH",
    };
    private readonly Option<int> _loaded = new("--loaded")
    {
        Description = "How many of the models are loaded at a time; the one not used for longest makes room.",
        HelpName = "N",
        DefaultValueFactory = static _ => 1,
    };
    private readonly Option<int> _parallel = new("--parallel")
    {
        Description = "Conversations answered at a time, each with an equal share of the budget unless --kv-unified is given.",
        HelpName = "N",
        DefaultValueFactory = static _ => 1,
    };
    private readonly Option<bool> _unified = new("--kv-unified")
    {
        Description = "Let a long conversation use what the others leave of the budget, in place of equal shares.",
    };
    private readonly Option<string> _parked = new("--parked")
    {
        Description = "Host memory for conversations that had to leave their slot, such as 1GiB; 0 for none.",
        HelpName = "SIZE",
        DefaultValueFactory = static _ => "256MiB",
    };
    private readonly Option<double?> _maxTokens = ChatCommand.OptionOf(LongestAnswer);
    private readonly Option<string> _host = new("--host")
    {
        Description = $"The IP address to listen on. Any but the loopback needs a key: --api-key-file or {KeyVariable}.",
        HelpName = "ADDRESS",
        DefaultValueFactory = static _ => "127.0.0.1",
    };
    private readonly Option<int> _port = new("--port")
    {
        Description = "The port; 0 for any that is free.",
        HelpName = "N",
        DefaultValueFactory = static _ => 8080,
    };
    private readonly Option<string?> _keyFile = new("--api-key-file")
    {
        Description = $"A file with the key that requests must bring; else the variable {KeyVariable}.",
        HelpName = "PATH",
    };
    private readonly Option<string[]> _origins = new("--cors")
    {
        Description = "An origin whose web pages may use the server, such as https://example.org; none unless given.",
        HelpName = "ORIGIN",
    };
    private readonly Option<string?> _folder = new("--conversations")
    {
        Description = "Folder that conversations are saved to and loaded from; no saving unless given.",
        HelpName = "PATH",
    };

    public static Command Create() => new ServeCommand().Build();

    /// <summary>What the options come to.</summary>
    /// <exception cref="ArgumentException">They contradict themselves, or would let strangers in.</exception>
    /// <exception cref="IOException">The folder for conversations cannot be made.</exception>
    internal ServeSettings Read(ParseResult parsed)
    {
        string host = parsed.GetValue(_host)!;
        if (!IPAddress.TryParse(host == "localhost" ? "127.0.0.1" : host, out IPAddress? address))
            throw new ArgumentException($"--host must be an IP address; it is '{host}'.");
        int port = parsed.GetValue(_port);
        if (port is < 0 or > IPEndPoint.MaxPort)
            throw new ArgumentException($"--port must be 0 to {IPEndPoint.MaxPort}; it is {port}.");
        string? key = ApiKey(parsed.GetValue(_keyFile), Environment.GetEnvironmentVariable(KeyVariable));
        if (key is null && !IPAddress.IsLoopback(address))
            throw new ArgumentException($"Others reach {address}, so it needs a key: give --api-key-file or {KeyVariable}.");
        KvNormChatOptions[] models = Models(parsed);
        string? folder = Made(parsed.GetValue(_folder));
        string[] origins = [.. parsed.GetValue(_origins)?.Select(Origin) ?? []];
        return new ServeSettings(address, port, origins, options =>
        {
            foreach (KvNormChatOptions model in models)
                options.Models.Add(model);
            options.MaximumLoadedModels = parsed.GetValue(_loaded);
            options.ApiKey = key;
            options.ConversationFolder = folder;
        });
    }

    /// <summary>The key in a file or, where there is none, in a variable; null for no key.</summary>
    /// <exception cref="ArgumentException">The file holds none.</exception>
    internal static string? ApiKey(string? file, string? variable)
    {
        if (file is null)
            return string.IsNullOrWhiteSpace(variable) ? null : variable.Trim();
        string key = File.ReadAllText(file).Trim();
        return key.Length > 0 ? key : throw new ArgumentException($"The file of --api-key-file, '{file}', holds no key.");
    }

    /// <summary>The command that these options belong to.</summary>
    internal Command Build()
    {
        Command command = new("serve", "Serve models by OpenAI's API, with a page that shows what is remembered of each conversation.");
        _model.AddTo(command);
        command.Options.Remove(command.Options.Single(static option => option.Name == "--model")); // there may be several here
        Option[] own = [_models, _loaded, _parallel, _unified, _parked, _maxTokens, _host, _port, _keyFile, _origins, _folder];
        foreach (Option option in own)
            command.Add(option);
        command.SetAction((parsed, _) => RunAsync(Read(parsed)));
        return command;
    }

    // Made at once: whether that can be done should not be found out when somebody saves.
    private static string? Made(string? folder)
    {
        if (folder is not null)
            Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Starts a host.</summary>
    /// <exception cref="IOException">It cannot listen there.</exception>
    internal static async Task StartAsync(WebApplication app, ServeSettings settings)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new IOException(
                $"Port {settings.Port} of {settings.Address} is in use: --port takes another, or 0 for any that is free.", e);
        }
        catch (SocketException e)
        {
            throw new IOException($"Nothing can listen on {settings.Address}, port {settings.Port}: {e.Message}.", e);
        }
    }

    private static async Task<int> RunAsync(ServeSettings settings)
    {
        WebApplication app = ServeHost.Build(settings);
        await using (app)
        {
            await StartAsync(app, settings);
            string address = app.Urls.Single();
            Console.WriteLine($"kvnorm listens: a chat is at {address}, OpenAI's API at {address}/v1. Ctrl+C ends it.");
            await app.WaitForShutdownAsync();
        }

        return 0;
    }

    private static string Origin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? origin) && origin.GetLeftPart(UriPartial.Authority) == text
        && (origin.Scheme == Uri.UriSchemeHttp || origin.Scheme == Uri.UriSchemeHttps)
            ? text
            : throw new ArgumentException($"--cors takes an origin without a path, such as https://example.org; '{text}' is none.");

    private KvNormChatOptions[] Models(ParseResult parsed)
    {
        int parallel = parsed.GetValue(_parallel);
        ModelOptions.RequireWithin(parallel, 1, MaximumParallel, "--parallel");
        ModelOptions.RequireAtLeast(parsed.GetValue(_loaded), 1, "--loaded");
        long parked = ModelOptions.ReadMemory(parsed.GetValue(_parked)!, "--parked");
        ChatOptions unset = new(); // what holds where a request sets nothing
        LongestAnswer.Apply(unset, parsed.GetValue(_maxTokens), _maxTokens.Name);
        return [.. (parsed.GetValue(_models) is { Length: > 0 } paths ? paths : [new KvNormChatOptions().ModelPath]).Select(path =>
        {
            if (!File.Exists(path))
                throw new FileNotFoundException($"There is no model file '{path}'.", path);
            KvNormChatOptions options = _model.Read(parsed);
            (options.ModelPath, options.Slots, options.ParkedBytes) = (path, parallel, parked);
            options.UnifiedCache = parsed.GetValue(_unified);
            options.MaxOutputTokens = unset.MaxOutputTokens ?? options.MaxOutputTokens;
            if (_model.Seed(parsed) is { } seed)
                options.Sampling = options.Sampling with { Seed = unchecked((uint)seed) }; // as a request's own
            return options;
        })];
    }
}
