using System.Text.Json;
using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;

namespace Chantier.Api.Jobs;

/// <summary>Work that outlasts the request that asked for it.</summary>
internal sealed record JobView : ListRow
{
    public const string From = "job j";

    public const string Columns = """
        j.id, j.kind, j.state, j.stage, j.done, j.total, j.attempts, j.request::text as request_json, j.result::text as result_json, j.problem::text as problem_json,
          j.requested_by, j.requested_at, j.started_at, j.ended_at, j.version
        """;

    public static SortTable Sorts { get; } = new("-id", new SortKey("id", "bigint", "j.id"), new SortKey("id", "bigint", "j.id"));

    public required long Id { get; init; }

    /// <summary>What is done, such as archive.</summary>
    public required string Kind { get; init; }

    [Among(nameof(Vocabularies.JobState))]
    public required string State { get; init; }

    /// <summary>What it does now, or did last, in a few words.</summary>
    public string? Stage { get; init; }

    /// <summary>How much of the stage is done, in its own units.</summary>
    public required long Done { get; init; }

    /// <summary>How much the stage has; null where nobody knows.</summary>
    public long? Total { get; init; }

    /// <summary>How often it was begun: more than once where the service or its database ended before it did.</summary>
    public required int Attempts { get; init; }

    /// <summary>What was asked for.</summary>
    public JsonElement Request => JsonElement.Parse(RequestJson);

    /// <summary>What came of it, once it has finished.</summary>
    public JsonElement? Result => ResultJson is null ? null : JsonElement.Parse(ResultJson);

    /// <summary>Why it failed.</summary>
    public Problem? Problem => ProblemJson is null ? null : JsonSerializer.Deserialize(ProblemJson, JobJson.Default.Problem);

    /// <summary>The handle of whoever asked for it.</summary>
    public required string RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it was begun last.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Where its progress is told as it happens.</summary>
    public string StreamUrl => $"/v1/jobs/{Id}/stream";

    [JsonIgnore]
    public int Version { get; init; }

    [JsonIgnore]
    public string RequestJson { get; init; } = "{}";

    [JsonIgnore]
    public string? ResultJson { get; init; }

    [JsonIgnore]
    public string? ProblemJson { get; init; }

    /// <summary>One job, of a kind that the caller may start; nothing where the path has no number.</summary>
    public static ItemSpec<JobView> Spec(JobKinds kinds, Caller caller, long id)
    {
        var sql = Seen(kinds, caller).And("j.id = @id", "id", id);
        return new() { Sql = sql.One(Columns), Parameters = sql.Parameters, Version = job => job.Version };
    }

    public static SelectSql Seen(JobKinds kinds, Caller caller)
    {
        var sql = new SelectSql().From(From);
        return caller.Scope == Scope.Admin ? sql : sql.And("j.kind = any (@seen)", "seen", kinds.Of(caller));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Problem))]
internal sealed partial class JobJson : JsonSerializerContext;
