using System.Text.Json;
using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Regions;

/// <summary>The names of a region.</summary>
internal sealed record RegionNamesRequest
{
    public string? Fr { get; init; }

    public string? En { get; init; }

    /// <summary>In the language of the place.</summary>
    public string? Local { get; init; }

    internal sealed class Validator : AbstractValidator<RegionNamesRequest>
    {
        public Validator()
        {
            RuleFor(n => n.Fr).IsGiven();
            RuleFor(n => n.Fr).IsText(200);
            RuleFor(n => n.En).IsGiven();
            RuleFor(n => n.En).IsText(200);
            RuleFor(n => n.Local).IsText(200);
        }
    }
}

/// <summary>
/// A country, one of its parts, or an industrial cluster, whose members are claims: POST /v1/regions/{slug}/members.
/// </summary>
internal sealed record RegionRequest
{
    /// <summary>Only when it is made; without it, one is made from the French name.</summary>
    public string? Slug { get; init; }

    /// <summary>Only when it is made.</summary>
    public string? Kind { get; init; }

    public RegionNamesRequest? Names { get; init; }

    /// <summary>The slug of the region that it lies in; never a cluster.</summary>
    public string? Parent { get; init; }

    /// <summary>{ scheme: value }, such as iso3166-2 or nuts.</summary>
    public IReadOnlyDictionary<string, string>? Codes { get; init; }

    /// <summary>Simplified: a GeoJSON Polygon or MultiPolygon, WGS 84.</summary>
    public JsonElement? Boundary { get; init; }

    internal sealed class Validator : AbstractValidator<RegionRequest>
    {
        public Validator()
        {
            RuleFor(r => r.Slug).IsSlug();
            RuleFor(r => r.Kind).IsGiven();
            RuleFor(r => r.Kind).IsAmong(Vocabularies.RegionKind);
            RuleFor(r => r.Names).NotNull().WithErrorCode("required").WithMessage("is missing; it must have fr and en.");
            RuleFor(r => r.Names).SetValidator(new RegionNamesRequest.Validator()!);
            RuleFor(r => r.Parent).IsSlug();
            RuleFor(r => r.Codes).Custom((codes, context) =>
            {
                foreach (var (scheme, value) in codes ?? new Dictionary<string, string>())
                {
                    if (!Rules.TryReadIdentifier($"{scheme}:{value}", out _, out _, out var why))
                    {
                        BodyRules.FailIf(context, wrong: true, "not_accepted", $"has {Http.Shown.Of(scheme)} with '{Http.Shown.Of(value)}': {why}");
                    }
                }
            });
            RuleFor(r => r.Boundary).Custom((boundary, context) =>
            {
                if (boundary is { } given && !Outline.TryRead(given, out _, out var wrong))
                {
                    BodyRules.FailIf(context, wrong: true, "not_accepted", $"is not a boundary: {wrong}. It accepts {Outline.Accepted}.");
                }
            });
        }
    }
}

/// <summary>POST /v1/regions, and PUT, PATCH and DELETE /v1/regions/{slug}.</summary>
internal sealed class EditRegion : Editing<RegionRequest, RegionDetail>
{
    private const string FindSql = """
        select r.id, v.version, r.slug, r.kind, v.name_fr, v.name_en, v.name_local, p.slug as parent,
          b.geometry::text as boundary,
          array(select i.scheme from identifier i where i.kind = 'region' and i.resource_id = r.id
            and i.known_to = 'infinity' order by i.scheme, i.value) as schemes,
          array(select i.value from identifier i where i.kind = 'region' and i.resource_id = r.id
            and i.known_to = 'infinity' order by i.scheme, i.value) as values
        from region r
        join region_version v on v.region_id = r.id and v.known_to = 'infinity'
        left join region p on p.id = v.parent_id
        left join boundary b on b.id = v.boundary_id
        where r.slug = @slug
        """;

    private const string MakeSql = """
        with made as (
          insert into region (slug, kind) values (coalesce(@slug, free_slug('region', @name)), @kind) returning id, slug
        ), named as (
          insert into slug (kind, slug, resource_id) select 'region', slug, id from made
        )
        select id, slug from made
        """;

    // A boundary that stays is not stored again.
    private const string SaveSql = """
        update region_version set known_to = @at where region_id = @id and known_to = 'infinity';
        with kept as (
          select b.id from region_version v join boundary b on b.id = v.boundary_id
          where v.region_id = @id and v.version = @version - 1 and b.geometry = @boundary::jsonb
        ), drawn as (
          insert into boundary (geometry, min_lon, min_lat, max_lon, max_lat)
          select @boundary::jsonb, @west::float8, @south::float8, @east::float8, @north::float8
            where @boundary::jsonb is not null and not exists (select from kept)
          returning id
        )
        insert into region_version (region_id, version, parent_id, name_fr, name_en, name_local, boundary_id,
          recorded_by, known_from)
        values (@id, @version, @parent, @nameFr, @nameEn, @nameLocal,
          (select id from kept union all select id from drawn), @by, @at);
        """;

    private const string ParentSql = """
        select r.kind = 'cluster' as is_cluster,
          exists (select from region_closure c where c.region_id = r.id and c.ancestor_id = @id
            and c.known_to = 'infinity') as is_below
        from region r join region_version v on v.region_id = r.id and v.known_to = 'infinity'
        where r.id = @parent
        """;

    private const string RestingSql = """
        select format('factories in it (%s), such as /v1/factories/%s', count(*), min(f.slug))
        from factory_version v join factory f on f.id = v.factory_id
        where v.region_id = @id and v.known_to = 'infinity'
        having count(*) > 0
        union all
        select format('regions below it (%s), such as /v1/regions/%s', count(*), min(r.slug))
        from region_version v join region r on r.id = v.region_id
        where v.parent_id = @id and v.known_to = 'infinity'
        having count(*) > 0
        union all
        select format('memberships in clusters (%s), such as /v1/claims/%s', count(*), min(c.id))
        from membership m join claim c on c.id = m.claim_id and c.known_to = 'infinity'
        where @id in (m.cluster_id, m.region_id)
          and (c.factory_id is null or exists (select from factory_version v where v.factory_id = c.factory_id
            and v.known_to = 'infinity'))
        having count(*) > 0
        """;

    private const string CloseSql = """
        update region_version set known_to = @at where region_id = @id and known_to = 'infinity';
        update identifier set known_to = @at where kind = 'region' and resource_id = @id and known_to = 'infinity';
        """;

    protected override string Type => "region";

    protected override async Task<(long Id, string Location)> MakeAsync(Write write, RegionRequest content)
    {
        var made = await write.FindAsync<Made>(MakeSql, new { slug = content.Slug, name = content.Names!.Fr, kind = content.Kind });
        await SaveAsync(write, made!.Id, 1, content);
        return (made.Id, $"/v1/regions/{made.Slug}");
    }

    protected override async Task<Present<RegionRequest>> FindAsync(Write write)
    {
        var slug = write.Route("slug");
        return await write.FindAsync<Row>(FindSql, new { slug }) is { } row
            ? new(row.Id, row.Version, row.ToRequest())
            : throw new Refusal(await ListRegions.MissingAsync(write.Snapshot, slug, "", new TimeAxes()));
    }

    protected override Task SaveAsync(Write write, Present<RegionRequest> there, RegionRequest content)
    {
        Fixed("/slug", content.Slug, there.Content.Slug);
        Fixed("/kind", content.Kind, there.Content.Kind);
        return SaveAsync(write, there.Id, there.Version + 1, content);
    }

    protected override async Task CloseAsync(Write write, Present<RegionRequest> there)
    {
        await RefuseWhileRestingAsync(write, RestingSql, there.Id);
        await write.ExecuteAsync(CloseSql, new { id = there.Id, at = write.At });
    }

    protected override ItemSpec<RegionDetail> Shown(Write write, long id) => ListRegions.Spec(new TimeAxes(), "en", "r.id = @id", "id", id);

    private static async Task SaveAsync(Write write, long id, int version, RegionRequest content)
    {
        var parent = content.Parent is null ? (long?)null : await write.IdOfAsync("region", content.Parent, "/parent");
        if (parent is not null)
        {
            switch (await write.FindAsync<ParentRow>(ParentSql, new { id, parent }))
            {
                case { IsCluster: true }:
                    throw Refusal.Of("/parent", "not_accepted", $"is '{content.Parent}', a cluster; a cluster has members, and nothing lies below it.");
                case { IsBelow: true }:
                    throw Refusal.Of("/parent", "not_accepted", $"is '{content.Parent}', which is the region itself or lies in it.");
            }
        }

        var outline = content.Boundary is { } boundary && Outline.TryRead(boundary, out var read, out _) ? read : null;
        await write.ExecuteAsync(SaveSql, new
        {
            id,
            version,
            parent,
            nameFr = content.Names!.Fr,
            nameEn = content.Names.En,
            nameLocal = content.Names.Local,
            boundary = content.Boundary?.GetRawText(),
            west = outline?.Box.West,
            south = outline?.Box.South,
            east = outline?.Box.East,
            north = outline?.Box.North,
            by = write.RecordedBy,
            at = write.At,
        });
        await IdentifierSet.SaveAsync(write, "region", id, [.. (content.Codes ?? new Dictionary<string, string>()).Select(c => new IdentifierRequest { Scheme = c.Key, Value = c.Value })]);
    }

    private sealed record ParentRow
    {
        public required bool IsCluster { get; init; }

        public required bool IsBelow { get; init; }
    }

    private sealed record Row
    {
        public required long Id { get; init; }

        public required int Version { get; init; }

        public required string Slug { get; init; }

        public required string Kind { get; init; }

        public required string NameFr { get; init; }

        public required string NameEn { get; init; }

        public string? NameLocal { get; init; }

        public string? Parent { get; init; }

        public string? Boundary { get; init; }

        public required string[] Schemes { get; init; }

        public required string[] Values { get; init; }

        public RegionRequest ToRequest()
        {
            using var boundary = Boundary is null ? null : JsonDocument.Parse(Boundary);
            return new()
            {
                Slug = Slug,
                Kind = Kind,
                Names = new() { Fr = NameFr, En = NameEn, Local = NameLocal },
                Parent = Parent,
                Codes = Schemes.Length == 0 ? null : Schemes.Zip(Values).DistinctBy(c => c.First).ToDictionary(c => c.First, c => c.Second),
                Boundary = boundary?.RootElement.Clone(),
            };
        }
    }
}
