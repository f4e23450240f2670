using System.Text.Json.Serialization;

namespace KvNorm.Server.Api;

/// <summary>An error in OpenAI's shape.</summary>
internal sealed record ErrorResponse(ErrorDetail Error)
{
    public static ErrorResponse Of(ApiException e) => new(new ErrorDetail(e.Message, TypeOf(e.Status), e.Field, e.Code));

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= StatusCodes.Status500InternalServerError => "server_error",
        _ => "invalid_request_error",
    };
}

/// <summary>What is wrong.</summary>
internal sealed record ErrorDetail(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    string Code);
