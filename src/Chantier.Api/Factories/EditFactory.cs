using System.Text.Json;
using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>A name in one language.</summary>
internal sealed record NameRequest
{
    public string? Text { get; init; }

    /// <summary>ISO 639, such as fr; null where the name belongs to no language.</summary>
    public string? Lang { get; init; }

    /// <summary>official, former, project or alias.</summary>
    public string? Kind { get; init; }

    internal sealed class Validator : AbstractValidator<NameRequest>
    {
        public Validator()
        {
            RuleFor(n => n.Text).IsGiven();
            RuleFor(n => n.Text).IsText();
            RuleFor(n => n.Lang).Fits(new("^[a-z]{2,3}$", "an ISO 639 code in lower case, such as fr", "fr"));
            RuleFor(n => n.Kind).IsAmong(Vocabularies.NameKind);
        }
    }
}

/// <summary>What is said of a factory itself. Its status, figures, place and operators are claims, and have paths of their own.</summary>
internal sealed record FactoryRequest
{
    /// <summary>Only when it is made; without it, one is made from the name.</summary>
    public string? Slug { get; init; }

    public string? Name { get; init; }

    /// <summary>Other names; the one above is always among them.</summary>
    public IReadOnlyList<NameRequest>? Names { get; init; }

    public string? Sector { get; init; }

    public IReadOnlyList<string>? Products { get; init; }

    public BilingualRequest? Description { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public string? Country { get; init; }

    /// <summary>The slug of the most specific region known.</summary>
    public string? Region { get; init; }

    public string? Locality { get; init; }

    public string? Website { get; init; }

    public IReadOnlyList<IdentifierRequest>? Identifiers { get; init; }

    /// <summary>Only when it is made: slugs of factories that it was taken for and is not.</summary>
    public IReadOnlyList<string>? NotThese { get; init; }

    internal sealed class Validator : AbstractValidator<FactoryRequest>
    {
        public Validator()
        {
            RuleFor(f => f.Slug).IsSlug();
            RuleFor(f => f.Name).IsGiven();
            RuleFor(f => f.Name).IsText();
            RuleForEach(f => f.Names).SetValidator(new NameRequest.Validator());
            RuleFor(f => f.Sector).IsGiven();
            RuleForEach(f => f.Products).IsGiven();
            RuleFor(f => f.Description).SetValidator(new BilingualRequest.Validator()!);
            RuleFor(f => f.Country).IsGiven();
            RuleFor(f => f.Country).IsCountry();
            RuleFor(f => f.Region).IsSlug();
            RuleFor(f => f.Locality).IsText();
            RuleFor(f => f.Website).IsUrl();
            RuleForEach(f => f.Identifiers).SetValidator(new IdentifierRequest.Validator());
            RuleForEach(f => f.NotThese).IsSlug();
        }
    }
}

/// <summary>POST /v1/factories, and PUT, PATCH and DELETE /v1/factories/{slug}.</summary>
internal sealed class EditFactory : Editing<FactoryRequest, FactoryDetail>
{
    private const string FindSql = """
        select f.id, v.version, f.slug, v.name, v.names::text as names_json, v.sector, v.products, v.description_fr, v.description_en, v.country,
          (select r.slug from region r where r.id = v.region_id) as region, v.locality, v.website,
          array(select i.scheme from identifier i where i.kind = 'factory' and i.resource_id = f.id and i.known_to = 'infinity' order by i.scheme, i.value) as schemes,
          array(select i.value from identifier i where i.kind = 'factory' and i.resource_id = f.id and i.known_to = 'infinity' order by i.scheme, i.value) as values
        from factory f
        join factory_version v on v.factory_id = f.id and v.known_to = 'infinity'
        where f.slug = @slug and not exists (select from factory_merged m where m.loser_id = f.id and m.known_to = 'infinity')
        """;

    private const string MakeSql = """
        with made as (
          insert into factory (slug, first_phase_id)
          values (coalesce(@slug, free_slug('factory', @name)), nextval(pg_get_serial_sequence('phase', 'id')))
          returning id, slug, first_phase_id
        ), named as (
          insert into slug (kind, slug, resource_id) select 'factory', slug, id from made
        ), built as (
          insert into phase (id, factory_id) select first_phase_id, id from made
        ), first as (
          insert into phase_version (phase_id, version, position, recorded_by, known_from) select first_phase_id, 1, 1, @by, @at from made
        )
        select id, slug, first_phase_id from made
        """;

    private const string SaveSql = """
        update factory_version set known_to = @at where factory_id = @id and known_to = 'infinity';
        insert into factory_version (factory_id, version, name, names, sector, products, description_fr, description_en, country, region_id, locality, website, recorded_by, known_from)
        values (@id, @version, @name, @names::jsonb, @sector, @products, @descriptionFr, @descriptionEn, @country, @region, @locality, @website, @by, @at);
        """;

    private const string CloseSql = """
        update factory_version set known_to = @at where factory_id = @id and known_to = 'infinity';
        update identifier set known_to = @at where kind = 'factory' and resource_id = @id and known_to = 'infinity';
        """;

    // Its phases and claims go with it.
    internal override bool MayBeInUse => false;

    protected override string Type => "factory";

    protected override Task<long?> FactoryOfAsync(Write write, long id) => Task.FromResult<long?>(id);

    protected override async Task<(long Id, string Location)> MakeAsync(Write write, FactoryRequest content)
    {
        if (await DuplicatesAsync(write, content) is { Count: > 0 } candidates)
        {
            throw new Refusal(LikelyDuplicate.Of(candidates));
        }

        var made = await write.FindAsync<MadeWithPhase>(MakeSql, new { slug = content.Slug, name = content.Name, by = write.RecordedBy, at = write.At });
        await SaveAsync(write, made!.Id, 1, content);
        write.Log("created", "phase", made.FirstPhaseId, factory: made.Id);
        return (made.Id, $"/v1/factories/{made.Slug}");
    }

    protected override async Task<Present<FactoryRequest>> FindAsync(Write write)
    {
        var slug = write.Route("slug");
        return await write.FindAsync<Row>(FindSql, new { slug }) is { } row
            ? new(row.Id, row.Version, row.ToRequest(), row.Id)
            : throw new Refusal(await FactoryNames.MissingAsync(write.Snapshot, slug, "", new TimeAxes()));
    }

    protected override Task SaveAsync(Write write, Present<FactoryRequest> there, FactoryRequest content)
    {
        Fixed("/slug", content.Slug, there.Content.Slug);
        return content.NotThese is not null
            ? throw Refusal.Of("/notThese", "excluded", "is only given when a factory is made.")
            : SaveAsync(write, there.Id, there.Version + 1, content);
    }

    protected override Task CloseAsync(Write write, Present<FactoryRequest> there) => write.ExecuteAsync(CloseSql, new { id = there.Id, at = write.At });

    protected override ItemSpec<FactoryDetail> Shown(Write write, long id) => GetFactory.Spec(new TimeAxes(), "en", null, "f.factory_id = @id", "id", id);

    // What is made is compared under the write lock, so that of two who make the same, the second is told.
    private static Task<List<CandidateView>> DuplicatesAsync(Write write, FactoryRequest content) => write.QueryAsync<CandidateView>(CandidateView.Sql(limit: 10), new
    {
        names = (string[])[content.Name!, .. (content.Names ?? []).Select(n => n.Text!)],
        sector = content.Sector,
        country = content.Country,
        region = content.Region,
        locality = content.Locality,
        lon = (double?)null,
        lat = (double?)null,
        precision = (string?)null,
        uncertainty = (int?)null,
        operators = Array.Empty<string>(),
        identifiers = IdentifierSet.Codes(content.Identifiers),
        notThese = content.NotThese?.ToArray() ?? [],
        least = CandidateView.NearlyCertain,
    });

    private static async Task SaveAsync(Write write, long id, int version, FactoryRequest content)
    {
        var names = content.Names ?? [];
        if (!names.Any(n => n.Text == content.Name))
        {
            names = [new NameRequest { Text = content.Name, Kind = "official" }, .. names];
        }

        await write.ExecuteAsync(SaveSql, new
        {
            id,
            version,
            name = content.Name,
            names = JsonSerializer.Serialize(names.Select(n => n with { Kind = n.Kind ?? "alias" }).ToList(), ApiJson.Default.ListNameRequest),
            sector = content.Sector,
            products = content.Products?.ToArray() ?? [],
            descriptionFr = content.Description?.Fr,
            descriptionEn = content.Description?.En,
            country = content.Country,
            region = content.Region is null ? (long?)null : await write.IdOfAsync("region", content.Region, "/region"),
            locality = content.Locality,
            website = content.Website,
            by = write.RecordedBy,
            at = write.At,
        });
        await IdentifierSet.SaveAsync(write, "factory", id, content.Identifiers);
    }

    private sealed record MadeWithPhase
    {
        public required long Id { get; init; }

        public required string Slug { get; init; }

        public required long FirstPhaseId { get; init; }
    }

    private sealed record Row
    {
        public required long Id { get; init; }

        public required int Version { get; init; }

        public required string Slug { get; init; }

        public required string Name { get; init; }

        public required string NamesJson { get; init; }

        public required string Sector { get; init; }

        public required string[] Products { get; init; }

        public string? DescriptionFr { get; init; }

        public string? DescriptionEn { get; init; }

        public required string Country { get; init; }

        public string? Region { get; init; }

        public string? Locality { get; init; }

        public string? Website { get; init; }

        public required string[] Schemes { get; init; }

        public required string[] Values { get; init; }

        public FactoryRequest ToRequest() => new()
        {
            Slug = Slug,
            Name = Name,
            Names = JsonSerializer.Deserialize(NamesJson, ApiJson.Default.ListNameRequest),
            Sector = Sector,
            Products = Products.Length == 0 ? null : Products,
            Description = BilingualRequest.Of(DescriptionFr, DescriptionEn),
            Country = Country,
            Region = Region,
            Locality = Locality,
            Website = Website,
            Identifiers = IdentifierSet.Of(Schemes, Values),
        };
    }
}
