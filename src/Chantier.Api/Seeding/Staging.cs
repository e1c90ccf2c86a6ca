using System.Text.Json;
using System.Text.Json.Serialization;
using Chantier.Domain;

namespace Chantier.Api.Seeding;

/// <summary>A pack as flat rows, checked and with its dates resolved: what the merge takes.</summary>
internal sealed class Staging
{
    /// <summary>The id of the unnamed phase.</summary>
    private const string WholeSite = "";

    private static readonly string[] Scopes = ["whole", "part", "group"];

    private readonly string _pack;
    private readonly HashSet<string> _ids = [];

    private Staging(Pack pack) => _pack = pack.Name;

    public List<StagedSource> Sources { get; } = [];

    public List<StagedRegion> Regions { get; } = [];

    public List<StagedOperator> Operators { get; } = [];

    public List<StagedFactory> Factories { get; } = [];

    public List<StagedPhase> Phases { get; } = [];

    public List<StagedMedia> Media { get; } = [];

    public List<StagedIdentifier> Identifiers { get; } = [];

    public List<StagedClaim> Claims { get; } = [];

    public List<StagedEvidence> Evidence { get; } = [];

    /// <exception cref="SeedException">Something in the pack is not accepted; the message names it and what is.</exception>
    public static Staging Of(Pack pack)
    {
        var staging = new Staging(pack);
        foreach (var source in pack.Sources)
        {
            var published = staging.Date(source.Published, source.Slug, "published");
            staging.Sources.Add(new(
                source.Slug, source.Kind, source.Title, source.Publisher, source.Title ?? source.Publisher ?? source.Slug, source.Url, source.ArchiveUrl,
                source.Published, First(published), Last(published), source.RetrievedAt, source.Language, source.Licence, source.TextSha256, source.Series, source.Release));
        }

        foreach (var region in pack.Regions)
        {
            Outline? outline = null;
            if (region.Boundary is { } boundary && !Outline.TryRead(boundary, out outline, out var wrong))
            {
                throw staging.Wrong(region.Slug, $"has a boundary that is none: {wrong}. It accepts {Outline.Accepted}");
            }

            var box = outline?.Box;
            staging.Regions.Add(new(
                region.Slug, region.Kind, region.Parent, region.Names.Fr!, region.Names.En!, region.Names.Local, region.Boundary, box?.West, box?.South, box?.East, box?.North));
            staging.Identify("region", region.Slug, region.Codes);
            foreach (var membership in region.Memberships)
            {
                staging.Add(membership, new() { Kind = "membership", RegionSlug = region.Slug, ClusterSlug = membership.Cluster });
            }
        }

        foreach (var company in pack.Operators)
        {
            staging.Operators.Add(new(company.Slug, company.Name, company.LegalName, company.Country, company.Website));
            staging.Identify("operator", company.Slug, company.Identifiers);
            foreach (var share in company.Shareholders)
            {
                var (from, to) = staging.Interval(share.Valid, share.Id);
                staging.Add(share, new()
                {
                    Kind = "ownership",
                    OperatorSlug = company.Slug,
                    ShareholderSlug = share.Shareholder,
                    Share = share.Share,
                    ShareMin = share.Min,
                    ShareMax = share.Max,
                    Valid = share.Valid,
                    ValidFrom = from,
                    ValidTo = to,
                });
            }
        }

        foreach (var factory in pack.Factories)
        {
            staging.Add(factory);
        }

        foreach (var medium in pack.Media)
        {
            var captured = staging.Date(medium.Captured, medium.Url, "captured");
            staging.Media.Add(new(
                medium.Url, medium.Kind, medium.Title, medium.Caption?.Fr, medium.Caption?.En, medium.AltText, medium.Credit, medium.Licence,
                medium.Captured, First(captured), Last(captured), medium.Mime, medium.Width, medium.Height));
            foreach (var depiction in medium.Depicts)
            {
                staging.Add(depiction, new() { Kind = "depiction", FactorySlug = depiction.Factory, MediaUrl = medium.Url });
            }
        }

        return staging;
    }

    private static string? First(Edtf? date) => date is null ? null : date.Value.Earliest == DateOnly.MinValue ? "-infinity" : date.Value.Earliest.ToString("O");

    private static string? Last(Edtf? date) => date is null ? null : date.Value.Latest == DateOnly.MaxValue ? "infinity" : date.Value.Latest.ToString("O");

    private void Add(PackFactory factory)
    {
        Factories.Add(new(
            factory.Slug, factory.Name, [.. factory.Names], factory.Sector, [.. factory.Products], factory.Description?.Fr, factory.Description?.En,
            factory.Country, factory.Region, factory.Locality, factory.Website));
        Identify("factory", factory.Slug, factory.Identifiers);
        // The first phase has no name: events of the whole site refer to it.
        Phases.Add(new(factory.Slug, WholeSite, Name: null, Product: null, Position: 1));
        foreach (var (i, phase) in factory.Phases.Index())
        {
            Phases.Add(new(factory.Slug, phase.Id, phase.Name, phase.Product, i + 2));
        }

        foreach (var e in factory.StatusEvents)
        {
            if (e.Status is not null && !Status.IsKnown(e.Status) || e.Milestone is not null && !Milestone.IsKnown(e.Milestone) || (e.Status is null) == (e.Milestone is null))
            {
                throw Wrong(e.Id, $"needs either a status ({string.Join(", ", Status.All.Select(s => s.Code))}) or a milestone ({string.Join(", ", Milestone.All)})");
            }

            var date = Date(e.Date, e.Id, "date");
            Add(e, new()
            {
                Kind = "status_event",
                FactorySlug = factory.Slug,
                PhaseId = e.Phase ?? WholeSite,
                Status = e.Status,
                Milestone = e.Milestone,
                Date = e.Date,
                Earliest = First(date),
                Latest = Last(date),
                DateMeaning = e.DateMeaning,
            });
        }

        foreach (var f in factory.Figures)
        {
            if (!Scopes.Contains(f.Scope))
            {
                throw Wrong(f.Id, $"has the scope '{f.Scope}'; it accepts {string.Join(", ", Scopes)}");
            }

            var forDate = Date(f.ForDate, f.Id, "forDate");
            Add(f, new()
            {
                Kind = "figure",
                FactorySlug = factory.Slug,
                PhaseId = f.Phase,
                Property = f.Property,
                Value = f.Value,
                Min = f.Min,
                Max = f.Max,
                Word = f.Word,
                Unit = f.Unit,
                Qualifier = f.Qualifier,
                Product = f.Product,
                Scope = f.Scope,
                ForDate = f.ForDate,
                ForDateEarliest = First(forDate),
                ForDateLatest = Last(forDate),
            });
        }

        foreach (var r in factory.Roles)
        {
            var (from, to) = Interval(r.Valid, r.Id);
            Add(r, new() { Kind = "role", FactorySlug = factory.Slug, OperatorSlug = r.Operator, Role = r.Role, Share = r.Share, Valid = r.Valid, ValidFrom = from, ValidTo = to });
        }

        foreach (var l in factory.Locations)
        {
            Add(l, new() { Kind = "location", FactorySlug = factory.Slug, Lon = l.Lon, Lat = l.Lat, Precision = l.Precision, UncertaintyM = l.UncertaintyMetres, Method = l.Method });
        }

        foreach (var m in factory.Memberships)
        {
            Add(m, new() { Kind = "membership", FactorySlug = factory.Slug, ClusterSlug = m.Cluster });
        }
    }

    private void Add(PackClaim claim, StagedClaim staged)
    {
        if (!_ids.Add(claim.Id))
        {
            throw Wrong(claim.Id, "stands twice; each id is given once in a pack");
        }

        if (claim.Evidence is [] && claim.Basis != Basis.Inferred)
        {
            throw Wrong(claim.Id, "has no evidence; every claim needs a source, unless its basis is inferred");
        }

        var key = $"{_pack}/{claim.Id}";
        Claims.Add(staged with
        {
            Key = key,
            Position = Claims.Count,
            Basis = claim.Basis,
            Confidence = claim.Confidence,
            Note = claim.Note,
        });
        foreach (var e in claim.Evidence)
        {
            var (kind, start, end) = e switch
            {
                { Paragraph: { } p } => ("paragraph", p, (int?)null),
                { Page: { } p } => ("page", p, null),
                { Row: { } r } => ("row", r, null),
                { Characters: [var from, var to] } => ("character", from, to),
                _ => ((string?)null, (int?)null, (int?)null),
            };
            Evidence.Add(new(key, e.Source, kind, start, end, e.Note));
        }
    }

    private void Identify(string kind, string slug, IReadOnlyDictionary<string, string> identifiers)
    {
        foreach (var (scheme, value) in identifiers)
        {
            if (!Domain.Identifiers.TryNormalise(scheme, value, out var normalised, out var wrong))
            {
                throw Wrong(slug, $"has the identifier {scheme}:{value}: {wrong}");
            }

            Identifiers.Add(new(kind, slug, scheme, normalised));
        }
    }

    private Edtf? Date(string? text, string owner, string property) =>
        text is null ? null : Edtf.TryParse(text, out var date, out var wrong) ? date : throw Wrong(owner, $"has the {property} '{text}': {wrong}");

    private (string From, string To) Interval(string? text, string owner) => Date(text, owner, "valid") is { } valid ? (First(valid)!, Last(valid)!) : ("-infinity", "infinity");

    private SeedException Wrong(string where, string what) => new($"Pack {_pack}: '{where}' {what}.");
}

internal sealed record StagedSource(
    string Slug, string Kind, string? Title, string? Publisher, string SortName, string? Url, string? ArchiveUrl, string? Published, string? PublishedEarliest,
    string? PublishedLatest, DateTimeOffset? RetrievedAt, string? Language, string? Licence, string? TextSha256, string? Series, string? Release);

internal sealed record StagedRegion(
    string Slug, string Kind, string? ParentSlug, string NameFr, string NameEn, string? NameLocal, JsonElement? Boundary, double? MinLon, double? MinLat, double? MaxLon, double? MaxLat);

internal sealed record StagedOperator(string Slug, string Name, string? LegalName, string? Country, string? Website);

internal sealed record StagedFactory(
    string Slug, string Name, PackName[] Names, string Sector, string[] Products, string? DescriptionFr, string? DescriptionEn, string Country, string? RegionSlug,
    string? Locality, string? Website);

internal sealed record StagedPhase(string FactorySlug, string PhaseId, string? Name, string? Product, int Position);

internal sealed record StagedMedia(
    string Url, string Kind, string? Title, string? CaptionFr, string? CaptionEn, string? AltText, string? Credit, string Licence, string? Captured,
    string? CapturedEarliest, string? CapturedLatest, string? Mime, int? Width, int? Height);

internal sealed record StagedIdentifier(string Kind, string Slug, string Scheme, string Value);

internal sealed record StagedEvidence(string ClaimKey, string SourceSlug, string? LocatorKind, int? LocatorStart, int? LocatorEnd, string? Note);

/// <summary>A claim of any kind; what its kind does not have is null.</summary>
internal sealed record StagedClaim
{
    public string Key { get; init; } = "";

    /// <summary>Its place in the pack. Of two claims that are equal otherwise, the later one counts.</summary>
    public int Position { get; init; }

    public required string Kind { get; init; }

    public string Basis { get; init; } = "";

    public string Confidence { get; init; } = "";

    public string? Note { get; init; }

    public string? FactorySlug { get; init; }

    public string? PhaseId { get; init; }

    public string? Status { get; init; }

    public string? Milestone { get; init; }

    public string? Date { get; init; }

    public string? Earliest { get; init; }

    public string? Latest { get; init; }

    public string? DateMeaning { get; init; }

    public string? Property { get; init; }

    public decimal? Value { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public string? Word { get; init; }

    public string? Unit { get; init; }

    public string? Qualifier { get; init; }

    public string? Product { get; init; }

    public string? Scope { get; init; }

    public string? ForDate { get; init; }

    public string? ForDateEarliest { get; init; }

    public string? ForDateLatest { get; init; }

    public string? OperatorSlug { get; init; }

    public string? Role { get; init; }

    public string? ShareholderSlug { get; init; }

    public decimal? Share { get; init; }

    public decimal? ShareMin { get; init; }

    public decimal? ShareMax { get; init; }

    public string? Valid { get; init; }

    public string? ValidFrom { get; init; }

    public string? ValidTo { get; init; }

    public double? Lon { get; init; }

    public double? Lat { get; init; }

    public string? Precision { get; init; }

    public int? UncertaintyM { get; init; }

    public string? Method { get; init; }

    public string? MediaUrl { get; init; }

    public string? ClusterSlug { get; init; }

    public string? RegionSlug { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<StagedSource>))]
[JsonSerializable(typeof(List<StagedRegion>))]
[JsonSerializable(typeof(List<StagedOperator>))]
[JsonSerializable(typeof(List<StagedFactory>))]
[JsonSerializable(typeof(List<StagedPhase>))]
[JsonSerializable(typeof(List<StagedMedia>))]
[JsonSerializable(typeof(List<StagedIdentifier>))]
[JsonSerializable(typeof(List<StagedClaim>))]
[JsonSerializable(typeof(List<StagedEvidence>))]
internal sealed partial class StagingJson : JsonSerializerContext;
