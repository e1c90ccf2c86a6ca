using System.ComponentModel;
using System.Globalization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Media;

/// <summary>GET /v1/media and /v1/media/{id}.</summary>
internal static class ListMedia
{
    internal sealed record MediaFilter
    {
        [Description("Slugs of factories that the media depict.")]
        public Given<Codes>? Factory { get; init; }

        [Description("What the media are.")]
        public Given<Codes>? Kind { get; init; }

        [Description("Licences, as the items give them: SPDX identifiers or unknown.")]
        public Given<Codes>? Licence { get; init; }

        internal sealed class Validator : AbstractValidator<MediaFilter>
        {
            public Validator()
            {
                RuleFor(f => f.Factory).EachFits(Rules.Slug("slugs of factories", "verkor-dunkerque"));
                RuleFor(f => f.Kind).AreAmong(Vocabularies.MediaKind);
            }
        }
    }

    private const string MissingSql = """
        select @slug as now, nullif(max(v.known_to), 'infinity') as until from media_version v where v.media_id = @slug::bigint having count(*) > 0;
        """;

    public static Task<IResult> Handle([AsParameters] MediaFilter filter, [AsParameters] TimeAxes axes, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(MediaView.From)
            .AndAny("v.kind = @kind", "v.kind = any (@kind)", "kind", filter.Kind?.Value.Values)
            .AndAny("v.licence = @licence", "v.licence = any (@licence)", "licence", filter.Licence?.Value.Values);
        if (filter.Factory is not null)
        {
            sql.And(MediaView.OfFactory, "factory", filter.Factory.Value.Values.ToArray());
        }

        if (axes.AsOf is not null)
        {
            sql.And(MediaView.CapturedByThen);
        }

        sql.OrderBy(MediaView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(new ListSpec<MediaView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = sql.Page(MediaView.Columns, query.PageSize),
            WhenEmpty = SlugCheck.Of(("factory", "factory", filter.Factory)),
        });
    }

    public static async Task<IResult> One([Description("The id of the medium.")] string id, [AsParameters] TimeAxes axes, [AsParameters] ItemQuery query, Reading reading) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? await reading.ItemAsync(axes, query, Spec(axes, number), snapshot => MissingAsync(snapshot, number, axes))
            : Problem.Of(404, "not-found", "There is no such resource", $"No medium has the id '{Shown.Of(id)}'; ids are whole numbers.").ToResult();

    public static ItemSpec<MediaView> Spec(TimeAxes axes, long id)
    {
        var sql = axes.Bind(new SelectSql()).From(MediaView.From).And("a.id = @id", "id", id);
        return new() { Sql = sql.One(MediaView.Columns), Parameters = sql.Parameters, Version = media => media.Version };
    }

    public static Task<IResult> MissingAsync(Snapshot snapshot, long id, TimeAxes axes) =>
        Missing.AnswerAsync(snapshot, MissingSql, "medium", "/v1/media", id.ToString(CultureInfo.InvariantCulture), "", axes);
}

/// <summary>The routes of media.</summary>
internal static class MediaEndpoints
{
    public static void MapMedia(this IEndpointRouteBuilder routes)
    {
        var media = routes.MapGroup("/media").InRoom("Media", "Images, videos, satellite views and documents that depict sites. The tracker links to them and copies none.");

        media.MapGet("/", ListMedia.Handle).ListsOf<MediaView>("ListMedia", "Images, videos, satellite views and documents that depict factories");
        media.MapGet("/{id}", ListMedia.One).Gives<MediaView>("GetMedium", "One image, video, satellite view or document").MayBeDeleted();
        media.MapEditing(new EditMedium(), "/", "/{id}", "Medium");
    }
}
