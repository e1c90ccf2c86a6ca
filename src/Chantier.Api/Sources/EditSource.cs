using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Sources;

/// <summary>A document that says something. Its text stays where it is: only its hash is kept.</summary>
internal sealed record SourceRequest
{
    /// <summary>Only when it is made; without it, one is made from the title or the publisher.</summary>
    public string? Slug { get; init; }

    /// <summary>What it is.</summary>
    public string? Kind { get; init; }

    public string? Title { get; init; }

    public string? Publisher { get; init; }

    public string? Url { get; init; }

    /// <summary>A copy that will not change.</summary>
    public string? ArchiveUrl { get; init; }

    /// <summary>EDTF, as precise as it is known. Claims count as published from its latest day.</summary>
    public string? Published { get; init; }

    public DateTimeOffset? RetrievedAt { get; init; }

    /// <summary>BCP 47, such as fr.</summary>
    public string? Language { get; init; }

    /// <summary>An SPDX identifier, or a statement of rights.</summary>
    public string? Licence { get; init; }

    /// <summary>SHA-256 of the text, in hexadecimal.</summary>
    public string? TextSha256 { get; init; }

    /// <summary>Of a register that appears again and again: its name.</summary>
    public string? Series { get; init; }

    /// <summary>Which of the series this is; no two of a series are the same.</summary>
    public string? Release { get; init; }

    internal sealed class Validator : AbstractValidator<SourceRequest>
    {
        public Validator()
        {
            RuleFor(s => s.Slug).IsSlug();
            RuleFor(s => s.Kind).IsGiven();
            RuleFor(s => s.Kind).IsAmong(Vocabularies.SourceKind);
            RuleFor(s => s.Title).IsText();
            RuleFor(s => s.Title).Custom((title, context) => BodyRules.FailIf(
                context, title is null && context.InstanceToValidate.Publisher is null, "required", "is missing, and so is publisher; at least one of them must be given."));
            RuleFor(s => s.Publisher).IsText();
            RuleFor(s => s.Url).IsUrl();
            RuleFor(s => s.ArchiveUrl).IsUrl();
            RuleFor(s => s.Published).IsDate();
            RuleFor(s => s.Language).Fits(new("^[a-z]{2,3}(-[A-Za-z0-9]+)*$", "a language tag such as fr or pt-BR", "fr"));
            RuleFor(s => s.Licence).IsText();
            RuleFor(s => s.TextSha256).Fits(new("^[0-9a-f]{64}$", "64 hexadecimal digits in lower case", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"));
            RuleFor(s => s.Series).IsText(200);
            RuleFor(s => s.Release).IsText(200);
            RuleFor(s => s.Release).Custom((release, context) => BodyRules.FailIf(
                context, (release is null) != (context.InstanceToValidate.Series is null), "required", "and series go together; one of them is missing."));
        }
    }
}

/// <summary>POST /v1/sources, and PUT, PATCH and DELETE /v1/sources/{slug}.</summary>
internal sealed class EditSource : Editing<SourceRequest, SourceDetail>
{
    private const string FindSql = """
        select s.id, v.version, s.slug, v.kind, v.title, v.publisher, v.url, v.archive_url, v.published, v.retrieved_at, v.language, v.licence, v.text_sha256, v.series, v.release
        from source s join source_version v on v.source_id = s.id and v.known_to = 'infinity'
        where s.slug = @slug
        """;

    private const string MakeSql = """
        with made as (
          insert into source (slug) values (coalesce(@slug, free_slug('source', @name))) returning id, slug
        ), named as (
          insert into slug (kind, slug, resource_id) select 'source', slug, id from made
        )
        select id, slug from made
        """;

    // Whether it was retracted goes on from version to version.
    private const string SaveSql = """
        update source_version set known_to = @at where source_id = @id and known_to = 'infinity';
        insert into source_version (source_id, version, kind, title, publisher, sort_name, url, archive_url, published, published_earliest, published_latest,
          retrieved_at, language, licence, text_sha256, series, release, retracted, retraction_note, recorded_by, known_from)
        select @id, @version, @kind, @title, @publisher, fold(coalesce(@title, @publisher)), @url, @archiveUrl, @published, @earliest::date, @latest::date,
          @retrievedAt, @language, @licence, @textSha256, @series, @release, p.retracted, p.retraction_note, @by, @at
        from (select) n left join source_version p on p.source_id = @id and p.version = @version - 1;
        """;

    private const string RestingSql = """
        select format('claims (%s); POST /v1/sources/%s/retraction ends those that rest on nothing else, and frees the others of it', count(distinct c.id), min(s.slug))
        from evidence e join claim c on c.id = e.claim_id and c.known_to = 'infinity' join source s on s.id = e.source_id
        where e.source_id = @id and e.known_to = 'infinity'
        having count(*) > 0
        """;

    private const string CloseSql = "update source_version set known_to = @at where source_id = @id and known_to = 'infinity'";

    protected override string Type => "source";

    protected override async Task<(long Id, string Location)> MakeAsync(Write write, SourceRequest content)
    {
        var made = await write.FindAsync<Made>(MakeSql, new { slug = content.Slug, name = content.Title ?? $"{content.Publisher} {content.Published}" });
        await SaveAsync(write, made!.Id, 1, content);
        return (made.Id, $"/v1/sources/{made.Slug}");
    }

    protected override async Task<Present<SourceRequest>> FindAsync(Write write)
    {
        var slug = write.Route("slug");
        return await write.FindAsync<Row>(FindSql, new { slug }) is { } row
            ? new(row.Id, row.Version, row.ToRequest())
            : throw new Refusal(await ListSources.MissingAsync(write.Snapshot, slug, "", new TimeAxes()));
    }

    protected override Task SaveAsync(Write write, Present<SourceRequest> there, SourceRequest content)
    {
        Fixed("/slug", content.Slug, there.Content.Slug);
        return SaveAsync(write, there.Id, there.Version + 1, content);
    }

    protected override async Task CloseAsync(Write write, Present<SourceRequest> there)
    {
        await RefuseWhileRestingAsync(write, RestingSql, there.Id);
        await write.ExecuteAsync(CloseSql, new { id = there.Id, at = write.At });
    }

    protected override ItemSpec<SourceDetail> Shown(Write write, long id) => ListSources.Spec(new TimeAxes(), "s.id = @id", "id", id);

    private static Task SaveAsync(Write write, long id, int version, SourceRequest content)
    {
        var published = write.PastDate("/published", content.Published);
        return write.ExecuteAsync(SaveSql, new
        {
            id,
            version,
            kind = content.Kind,
            title = content.Title,
            publisher = content.Publisher,
            url = content.Url,
            archiveUrl = content.ArchiveUrl,
            published = published?.Text,
            earliest = published?.Earliest,
            latest = published?.Latest,
            retrievedAt = content.RetrievedAt,
            language = content.Language,
            licence = content.Licence,
            textSha256 = content.TextSha256,
            series = content.Series,
            release = content.Release,
            by = write.RecordedBy,
            at = write.At,
        });
    }

    private sealed record Row
    {
        public required long Id { get; init; }

        public required int Version { get; init; }

        public required string Slug { get; init; }

        public required string Kind { get; init; }

        public string? Title { get; init; }

        public string? Publisher { get; init; }

        public string? Url { get; init; }

        public string? ArchiveUrl { get; init; }

        public string? Published { get; init; }

        public DateTimeOffset? RetrievedAt { get; init; }

        public string? Language { get; init; }

        public string? Licence { get; init; }

        public string? TextSha256 { get; init; }

        public string? Series { get; init; }

        public string? Release { get; init; }

        public SourceRequest ToRequest() => new()
        {
            Slug = Slug,
            Kind = Kind,
            Title = Title,
            Publisher = Publisher,
            Url = Url,
            ArchiveUrl = ArchiveUrl,
            Published = Published,
            RetrievedAt = RetrievedAt,
            Language = Language,
            Licence = Licence,
            TextSha256 = TextSha256,
            Series = Series,
            Release = Release,
        };
    }
}
