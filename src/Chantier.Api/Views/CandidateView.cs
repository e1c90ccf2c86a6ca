using System.Globalization;
using System.Text.Json.Serialization;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;

namespace Chantier.Api.Views;

/// <summary>A factory that a description may mean, how surely, and why.</summary>
internal sealed record CandidateView
{
    /// <summary>From here on, a description is taken for a duplicate until somebody says otherwise.</summary>
    public const double NearlyCertain = 0.9;

    private const string AllSql = """
        select s.slug, s.name, x.score, x.parts, x.scores, x.weights, x.details
        from match_factories(array[row(
          @names::text[], @sector::text, @country::text,
          (select g.resource_id from slug g where g.kind = 'region' and g.slug = @region::text), @locality::text,
          @lon::float8, @lat::float8, @precision::text, @uncertainty::int,
          @operators::text[], @identifiers::text[])::described_factory]) x
        join factory_current s on s.factory_id = x.factory_id
        where x.score >= @least and not exists (
          select from slug g left join factory_merged m on m.loser_id = g.resource_id and m.known_to = 'infinity'
          where g.kind = 'factory' and g.slug = any (@notThese::text[])
            and coalesce(m.survivor_id, g.resource_id) = x.factory_id)
        order by x.score desc, s.slug
        """;

    /// <summary>
    /// The candidates for one description, the likeliest first, without those that were looked at and refused.
    /// </summary>
    public static string Sql(int limit) => string.Create(CultureInfo.InvariantCulture, $"{AllSql}\nlimit {limit};");

    public SlugName Factory => new(Slug, Name);

    /// <summary>From 0, another site, to 1, the same.</summary>
    public required double Score { get; init; }

    /// <summary>What the score is made of, the weightiest first.</summary>
    public IEnumerable<MatchReason> Reasons => Parts.Select((part, i) => new MatchReason(part, Scores[i], Weights[i], Details[i]));

    [JsonIgnore]
    public string Slug { get; init; } = "";

    [JsonIgnore]
    public string Name { get; init; } = "";

    [JsonIgnore]
    public string[] Parts { get; init; } = [];

    [JsonIgnore]
    public double[] Scores { get; init; } = [];

    [JsonIgnore]
    public double[] Weights { get; init; } = [];

    [JsonIgnore]
    public string?[] Details { get; init; } = [];
}

/// <summary>One part of a score.</summary>
/// <param name="Part">What was compared. An identifier decides; another one in a scheme where a site has one only
/// halves the score.</param>
/// <param name="Score">How well it fits, from 0 to 1.</param>
/// <param name="Weight">How much it counts.</param>
/// <param name="Detail">What the candidate has there: its likest name, its distance, its locality, its
/// operators.</param>
internal sealed record MatchReason([property: Among(nameof(Vocabularies.MatchPart))] string Part, double Score, double Weight, string? Detail);

/// <summary>
/// A refusal to make a factory that is there already, as far as can be told; it shows what it was taken for.
/// </summary>
internal sealed record LikelyDuplicate : Problem
{
    /// <summary>The factories that it may be, the likeliest first.</summary>
    public required IReadOnlyList<CandidateView> Candidates { get; init; }

    public static LikelyDuplicate Of(IReadOnlyList<CandidateView> candidates) => new()
    {
        Type = "urn:chantier:problem:likely-duplicate",
        Title = "Something very like it is there already",
        Status = StatusCodes.Status409Conflict,
        Detail = $"It may be {string.Join(", ", candidates.Take(3).Select(c => $"{c.Name} ({c.Slug})"))}. If it is another site, POST it again with notThese: [{string.Join(", ", candidates.Select(c => $"\"{c.Slug}\""))}].",
        Candidates = candidates,
    };
}
