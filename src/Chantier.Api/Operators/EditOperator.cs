using Chantier.Api.Http;
using FluentValidation;

namespace Chantier.Api.Operators;

/// <summary>
/// What is said of a company itself. Its part in factories and its owners are claims, and have paths of their own.
/// </summary>
internal sealed record OperatorRequest
{
    /// <summary>Only when it is made; without it, one is made from the name.</summary>
    public string? Slug { get; init; }

    public string? Name { get; init; }

    public string? LegalName { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public string? Country { get; init; }

    public string? Website { get; init; }

    public IReadOnlyList<IdentifierRequest>? Identifiers { get; init; }

    internal sealed class Validator : AbstractValidator<OperatorRequest>
    {
        public Validator()
        {
            RuleFor(o => o.Slug).IsSlug();
            RuleFor(o => o.Name).IsGiven();
            RuleFor(o => o.Name).IsText();
            RuleFor(o => o.LegalName).IsText();
            RuleFor(o => o.Country).IsCountry();
            RuleFor(o => o.Website).IsUrl();
            RuleForEach(o => o.Identifiers).SetValidator(new IdentifierRequest.Validator());
        }
    }
}

/// <summary>POST /v1/operators, and PUT, PATCH and DELETE /v1/operators/{slug}.</summary>
internal sealed class EditOperator : Editing<OperatorRequest, OperatorView>
{
    private const string FindSql = """
        select o.id, v.version, o.slug, v.name, v.legal_name, v.country, v.website,
          array(select i.scheme from identifier i
            where i.kind = 'operator' and i.resource_id = o.id and i.known_to = 'infinity'
            order by i.scheme, i.value) as schemes,
          array(select i.value from identifier i
            where i.kind = 'operator' and i.resource_id = o.id and i.known_to = 'infinity'
            order by i.scheme, i.value) as values
        from operator o join operator_version v on v.operator_id = o.id and v.known_to = 'infinity'
        where o.slug = @slug
        """;

    private const string MakeSql = """
        with made as (
          insert into operator (slug) values (coalesce(@slug, free_slug('operator', @name))) returning id, slug
        ), named as (
          insert into slug (kind, slug, resource_id) select 'operator', slug, id from made
        )
        select id, slug from made
        """;

    private const string SaveSql = """
        update operator_version set known_to = @at where operator_id = @id and known_to = 'infinity';
        insert into operator_version (operator_id, version, name, legal_name, country, website, recorded_by, known_from)
        values (@id, @version, @name, @legalName, @country, @website, @by, @at);
        """;

    // A claim about a factory that was deleted keeps nobody.
    private const string RestingSql = """
        select format('roles in factories (%s), such as /v1/claims/%s', count(*), min(c.id))
        from role r join claim c on c.id = r.claim_id and c.known_to = 'infinity'
        where r.operator_id = @id
          and exists (select from factory_version v where v.factory_id = c.factory_id and v.known_to = 'infinity')
        having count(*) > 0
        union all
        select format('shares that it holds or that are held in it (%s), such as /v1/claims/%s', count(*), min(c.id))
        from ownership w join claim c on c.id = w.claim_id and c.known_to = 'infinity'
        where @id in (w.operator_id, w.shareholder_id)
        having count(*) > 0
        """;

    private const string CloseSql = """
        update operator_version set known_to = @at where operator_id = @id and known_to = 'infinity';
        update identifier set known_to = @at where kind = 'operator' and resource_id = @id and known_to = 'infinity';
        """;

    protected override string Type => "operator";

    protected override async Task<(long Id, string Location)> MakeAsync(Write write, OperatorRequest content)
    {
        var made = await write.FindAsync<Made>(MakeSql, new { slug = content.Slug, name = content.Name });
        await SaveAsync(write, made!.Id, 1, content);
        return (made.Id, $"/v1/operators/{made.Slug}");
    }

    protected override async Task<Present<OperatorRequest>> FindAsync(Write write)
    {
        var slug = write.Route("slug");
        return await write.FindAsync<Row>(FindSql, new { slug }) is { } row
            ? new(row.Id, row.Version, row.ToRequest())
            : throw new Refusal(await ListOperators.MissingAsync(write.Snapshot, slug, "", new TimeAxes()));
    }

    protected override Task SaveAsync(Write write, Present<OperatorRequest> there, OperatorRequest content)
    {
        Fixed("/slug", content.Slug, there.Content.Slug);
        return SaveAsync(write, there.Id, there.Version + 1, content);
    }

    protected override async Task CloseAsync(Write write, Present<OperatorRequest> there)
    {
        await RefuseWhileRestingAsync(write, RestingSql, there.Id);
        await write.ExecuteAsync(CloseSql, new { id = there.Id, at = write.At });
    }

    protected override ItemSpec<OperatorView> Shown(Write write, long id) => ListOperators.Spec(new TimeAxes(), "o.id = @id", "id", id);

    private static async Task SaveAsync(Write write, long id, int version, OperatorRequest content)
    {
        await write.ExecuteAsync(SaveSql, new
        {
            id,
            version,
            name = content.Name,
            legalName = content.LegalName,
            country = content.Country,
            website = content.Website,
            by = write.RecordedBy,
            at = write.At,
        });
        await IdentifierSet.SaveAsync(write, "operator", id, content.Identifiers);
    }

    private sealed record Row
    {
        public required long Id { get; init; }

        public required int Version { get; init; }

        public required string Slug { get; init; }

        public required string Name { get; init; }

        public string? LegalName { get; init; }

        public string? Country { get; init; }

        public string? Website { get; init; }

        public required string[] Schemes { get; init; }

        public required string[] Values { get; init; }

        public OperatorRequest ToRequest() => new()
        {
            Slug = Slug,
            Name = Name,
            LegalName = LegalName,
            Country = Country,
            Website = Website,
            Identifiers = IdentifierSet.Of(Schemes, Values),
        };
    }
}
