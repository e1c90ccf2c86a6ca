using System.ComponentModel;
using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Operators;

/// <summary>Who owns a company: what sources state of it, and what follows through its owners' owners.</summary>
internal sealed record OwnershipView
{
    public required SlugName Operator { get; init; }

    /// <summary>One for each shareholder: of several claims the latest.</summary>
    public required IReadOnlyList<DirectShare> Direct { get; init; }

    /// <summary>Per cent that no source tells of: at least and at most, since shares may be bounded only.</summary>
    public required ShareBounds Unknown { get; init; }

    /// <summary>Everyone up the chains, with the product of the shares on each path, summed.</summary>
    public required IReadOnlyList<EffectiveShare> Effective { get; init; }

    public required int Version { get; init; }
}

internal sealed record ShareBounds(decimal Min, decimal Max);

internal sealed record DirectShare
{
    public required long Id { get; init; }

    public SlugName Shareholder => new(Slug, Name);

    /// <summary>Per cent; null where it is bounded, or not said.</summary>
    public decimal? Share { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public string? Valid { get; init; }

    public string? Note { get; init; }

    public string[] Sources { get; init; } = [];

    [System.Text.Json.Serialization.JsonIgnore]
    public string Slug { get; init; } = "";

    [System.Text.Json.Serialization.JsonIgnore]
    public string Name { get; init; } = "";
}

internal sealed record EffectiveShare
{
    public SlugName Shareholder => new(Slug, Name);

    /// <summary>Per cent, at least.</summary>
    public required decimal Min { get; init; }

    /// <summary>Per cent, at most.</summary>
    public required decimal Max { get; init; }

    /// <summary>The longest chain of companies between: 0 where the share is direct only.</summary>
    public required int Steps { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public string Slug { get; init; } = "";

    [System.Text.Json.Serialization.JsonIgnore]
    public string Name { get; init; } = "";
}

/// <summary>GET /v1/operators/{slug}/ownership.</summary>
internal static class GetOwnership
{
    internal sealed record OperatorRow
    {
        public required string Slug { get; init; }

        public required string Name { get; init; }

        public required int Version { get; init; }
    }

    private const string InForce = """
        select distinct on (w.operator_id, w.shareholder_id)
          c.id, w.operator_id, w.shareholder_id, w.share, w.share_min, w.share_max, w.valid, c.note
        from ownership w join claim c on c.id = w.claim_id and c.basis <> 'expected' and is_known(@knownBy, @knownAt, c)
        where w.valid_from <= @asOf and w.valid_to >= @asOf
        order by w.operator_id, w.shareholder_id, w.valid_from desc, c.known_from desc, c.id desc
        """;

    private const string DirectSql = $"""
        with held as (
          {InForce})
        select h.id, o.slug, v.name, h.share, h.share_min as min, h.share_max as max, h.valid, h.note,
          {ClaimEvidenceView.SourceSlugs} as sources
        from held h
        join claim c on c.id = h.id
        join operator o on o.id = h.shareholder_id
        join operator_version v on v.operator_id = o.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        where h.operator_id = (select id from operator where slug = @slug)
        order by coalesce(h.share, h.share_min, 0) desc, v.sort_name, o.id;
        """;

    private const string EffectiveSql = $"""
        with recursive held as (
          {InForce}
        ), share as (
          select operator_id, shareholder_id, coalesce(share, share_min, 0) as least, coalesce(share, share_max, 100) as most
          from held
        ), path as (
          select shareholder_id, least, most, 0 as steps, array[operator_id, shareholder_id] as trail
          from share where operator_id = (select id from operator where slug = @slug)
          union all
          select s.shareholder_id, p.least * s.least / 100, p.most * s.most / 100, p.steps + 1,
            p.trail || s.shareholder_id
          from path p join share s on s.operator_id = p.shareholder_id
          where s.shareholder_id <> all (p.trail) and p.steps < 10
        )
        select o.slug, v.name, round(least(sum(p.least), 100), 4) as min, round(least(sum(p.most), 100), 4) as max,
          max(p.steps) as steps
        from path p
        join operator o on o.id = p.shareholder_id
        join operator_version v on v.operator_id = o.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        group by o.id, o.slug, v.name, v.sort_name
        order by min desc, v.sort_name, o.id;
        """;

    public static Task<IResult> Handle(
        [Description("The slug of the operator.")] string slug, [AsParameters] TimeAxes axes, [AsParameters] ItemQuery query, Reading reading)
    {
        var sql = OperatorView.Over(axes).And("o.slug = @slug", "slug", slug);
        return reading.ItemAsync<OwnershipView, OperatorRow>(
            axes, query, sql.One("o.slug, v.name, v.version"), sql.Parameters, row => row.Version,
            async (snapshot, row) =>
            {
                var direct = await snapshot.QueryAsync<DirectShare>(DirectSql, sql.Parameters);
                return new OwnershipView
                {
                    Operator = new(row.Slug, row.Name),
                    Direct = direct,
                    Unknown = new(
                        Math.Max(0, 100 - direct.Sum(d => d.Share ?? d.Max ?? 100)),
                        Math.Max(0, 100 - direct.Sum(d => d.Share ?? d.Min ?? 0))),
                    Effective = await snapshot.QueryAsync<EffectiveShare>(EffectiveSql, sql.Parameters),
                    Version = row.Version,
                };
            },
            snapshot => ListOperators.MissingAsync(snapshot, slug, "/ownership", axes));
    }
}
