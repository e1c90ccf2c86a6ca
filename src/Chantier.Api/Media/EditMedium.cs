using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Media;

/// <summary>An image, video, satellite view or document, where it is. Which factories it shows are claims: POST /v1/factories/{slug}/depictions.</summary>
internal sealed record MediumRequest
{
    public string? Url { get; init; }

    /// <summary>What it is.</summary>
    public string? Kind { get; init; }

    public string? Title { get; init; }

    public BilingualRequest? Caption { get; init; }

    /// <summary>What is to be seen, for who cannot see it.</summary>
    public string? AltText { get; init; }

    /// <summary>Who made it, as its maker wants to be named.</summary>
    public string? Credit { get; init; }

    /// <summary>An SPDX identifier, a statement of rights, or unknown (default).</summary>
    public string? Licence { get; init; }

    /// <summary>EDTF: when it was taken.</summary>
    public string? Captured { get; init; }

    /// <summary>Such as image/jpeg.</summary>
    public string? Mime { get; init; }

    /// <summary>Pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Pixels.</summary>
    public int? Height { get; init; }

    internal sealed class Validator : AbstractValidator<MediumRequest>
    {
        public Validator()
        {
            RuleFor(m => m.Url).IsGiven();
            RuleFor(m => m.Url).IsUrl();
            RuleFor(m => m.Kind).IsGiven();
            RuleFor(m => m.Kind).IsAmong(Vocabularies.MediaKind);
            RuleFor(m => m.Title).IsText();
            RuleFor(m => m.Caption).SetValidator(new BilingualRequest.Validator()!);
            RuleFor(m => m.AltText).IsText(5000);
            RuleFor(m => m.Credit).IsText();
            RuleFor(m => m.Licence).IsText();
            RuleFor(m => m.Captured).IsDate();
            RuleFor(m => m.Mime).Fits(new("^[a-z]+/[a-z0-9.+-]+$", "a media type such as image/jpeg", "image/jpeg"));
            RuleFor(m => m.Width).GreaterThan(0).WithErrorCode("not_accepted").WithMessage("is not above 0; it accepts pixels.");
            RuleFor(m => m.Height).GreaterThan(0).WithErrorCode("not_accepted").WithMessage("is not above 0; it accepts pixels.");
        }
    }
}

/// <summary>POST /v1/media, and PUT, PATCH and DELETE /v1/media/{id}.</summary>
internal sealed class EditMedium : Editing<MediumRequest, MediaView>
{
    private const string FindSql = """
        select a.id, v.version, v.url, v.kind, v.title, v.caption_fr, v.caption_en, v.alt_text, v.credit, v.licence, v.captured, v.mime, v.width, v.height
        from media a join media_version v on v.media_id = a.id and v.known_to = 'infinity'
        where a.id = @id
        """;

    private const string MakeSql = "insert into media default values returning id";

    // What was found by looking at the address holds as long as that stays.
    private const string SaveSql = """
        update media_version set known_to = @at where media_id = @id and known_to = 'infinity';
        insert into media_version (media_id, version, url, kind, title, caption_fr, caption_en, alt_text, credit, licence, captured, captured_earliest, captured_latest,
          mime, width, height, sha256, link_state, link_checked_at, recorded_by, known_from)
        select @id, @version, @url, @kind, @title, @captionFr, @captionEn, @altText, @credit, @licence, @captured, @earliest::date, @latest::date,
          @mime, @width, @height, p.sha256, coalesce(p.link_state, 'unchecked'), p.link_checked_at, @by, @at
        from (select) n left join media_version p on p.media_id = @id and p.version = @version - 1 and p.url = @url;
        """;

    private const string RestingSql = """
        select format('claims that it shows a factory (%s), such as /v1/claims/%s', count(*), min(c.id))
        from depiction d join claim c on c.id = d.claim_id and c.known_to = 'infinity'
        where d.media_id = @id and exists (select from factory_version v where v.factory_id = c.factory_id and v.known_to = 'infinity')
        having count(*) > 0
        """;

    private const string CloseSql = "update media_version set known_to = @at where media_id = @id and known_to = 'infinity'";

    protected override string Type => "media";

    protected override async Task<(long Id, string Location)> MakeAsync(Write write, MediumRequest content)
    {
        var id = (await write.QueryAsync<long>(MakeSql, new { }))[0];
        await SaveAsync(write, id, 1, content);
        return (id, $"/v1/media/{id}");
    }

    protected override async Task<Present<MediumRequest>> FindAsync(Write write)
    {
        var id = write.RouteId("medium");
        return await write.FindAsync<Row>(FindSql, new { id }) is { } row
            ? new(row.Id, row.Version, row.ToRequest())
            : throw new Refusal(await ListMedia.MissingAsync(write.Snapshot, id, new TimeAxes()));
    }

    protected override Task SaveAsync(Write write, Present<MediumRequest> there, MediumRequest content) => SaveAsync(write, there.Id, there.Version + 1, content);

    protected override async Task CloseAsync(Write write, Present<MediumRequest> there)
    {
        await RefuseWhileRestingAsync(write, RestingSql, there.Id);
        await write.ExecuteAsync(CloseSql, new { id = there.Id, at = write.At });
    }

    protected override ItemSpec<MediaView> Shown(Write write, long id) => ListMedia.Spec(new TimeAxes(), id);

    private static Task SaveAsync(Write write, long id, int version, MediumRequest content)
    {
        var captured = write.PastDate("/captured", content.Captured);
        return write.ExecuteAsync(SaveSql, new
        {
            id,
            version,
            url = content.Url,
            kind = content.Kind,
            title = content.Title,
            captionFr = content.Caption?.Fr,
            captionEn = content.Caption?.En,
            altText = content.AltText,
            credit = content.Credit,
            licence = content.Licence ?? "unknown",
            captured = captured?.Text,
            earliest = captured?.Earliest,
            latest = captured?.Latest,
            mime = content.Mime,
            width = content.Width,
            height = content.Height,
            by = write.RecordedBy,
            at = write.At,
        });
    }

    private sealed record Row
    {
        public required long Id { get; init; }

        public required int Version { get; init; }

        public required string Url { get; init; }

        public required string Kind { get; init; }

        public string? Title { get; init; }

        public string? CaptionFr { get; init; }

        public string? CaptionEn { get; init; }

        public string? AltText { get; init; }

        public string? Credit { get; init; }

        public required string Licence { get; init; }

        public string? Captured { get; init; }

        public string? Mime { get; init; }

        public int? Width { get; init; }

        public int? Height { get; init; }

        public MediumRequest ToRequest() => new()
        {
            Url = Url,
            Kind = Kind,
            Title = Title,
            Caption = BilingualRequest.Of(CaptionFr, CaptionEn),
            AltText = AltText,
            Credit = Credit,
            Licence = Licence,
            Captured = Captured,
            Mime = Mime,
            Width = Width,
            Height = Height,
        };
    }
}
