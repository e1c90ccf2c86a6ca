using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Xml;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Views;
using FluentValidation;

namespace Chantier.Api.Changes;

/// <summary>GET /v1/changes: the log of changes in the order of writes.</summary>
internal static class ListChanges
{
    internal sealed record Paging
    {
        [Description("Only entries after this one. With page.after of each answer in the next request, no entry is missed.")]
        public Given<Seq>? After { get; init; }

        [Description("Oldest first, or with a leading - newest first. Default: oldest first; in Atom without after, newest first.")]
        public Given<Codes>? Sort { get; init; }

        [Description("The most entries to return. With a filter by factories, a page can have fewer, even none, and still be followed by others.")]
        [DefaultValue(Http.Limit.Default)]
        public Given<Limit>? Limit { get; init; }

        [Description("The cursor of page.next, or of the Link header, for the next page. It holds the filters and the order.")]
        public Given<CursorText>? Cursor { get; init; }

        [Description("The properties to return, and no others, even those that the schema requires. Default: all.")]
        public Given<Codes>? Fields { get; init; }

        [Description("The format, over the Accept header.")]
        public Given<Codes>? Format { get; init; }

        public int PageSize => Limit?.Value.Count ?? Http.Limit.Default;

        public bool IsNewestFirst(Format format) => Sort is { } sort ? sort.Value.Values[0] == "-seq" : After is null && format == Http.Format.Atom;

        internal sealed class Validator : AbstractValidator<Paging>
        {
            public Validator()
            {
                RuleFor(p => p.Sort).AreKeysOf(ChangeView.Sorts, hasDefault: false);
                RuleFor(p => p.After).Must((p, after) => after is null || p.Sort is not { Error: null } || p.Sort.Value.Values[0] != "-seq")
                    .WithErrorCode("excluded").WithMessage("is given together with sort=-seq; newest first begins at the newest.");
            }
        }
    }

    public static Task<IResult> Handle([AsParameters] FeedFilter filter, [AsParameters] FactoryFilter factories, [AsParameters] Paging paging, Reading reading, HttpContext http)
    {
        var feed = new Feed(filter, factories);
        var from = FromOf(reading.Cursor) ?? paging.After?.Value.Number;
        return reading.WalkAsync<FeedEntryView>(
            paging.Format, Format.OfFeeds, paging.Fields, paging.PageSize,
            async (snapshot, head, format) =>
            {
                var isNewestFirst = paging.IsNewestFirst(format);
                var page = await feed.ReadAsync(snapshot, head, from, isNewestFirst, paging.PageSize);
                if (page is { Entries: [], HasMore: false } && reading.Cursor is null && factories.CheckNames() is { } check && await check(snapshot) is { } instead)
                {
                    return (null, instead);
                }

                return (new(page.Entries, page.HasMore ? [page.Through.ToString(CultureInfo.InvariantCulture)] : null, isNewestFirst ? head.Seq : page.Through), null);
            },
            (page, format) => format == Format.Atom ? new AtomResult(page, http.RequestServices.GetRequiredService<TrackerId>()) : null);
    }

    private static long? FromOf(Cursor? cursor) => cursor is null
        ? null
        : cursor.Keys is [var key] && long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : throw new CursorException();
}

/// <summary>A page of the feed as Atom (RFC 4287), paged by RFC 5005.</summary>
internal sealed class AtomResult(Page<FeedEntryView> page, TrackerId tracker) : IResult, IStatusCodeHttpResult
{
    private const string Namespace = "http://www.w3.org/2005/Atom";

    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var id = await tracker.GetAsync(httpContext.RequestAborted);
        var text = new MemoryStream();
        await using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Async = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), CheckCharacters = false }))
        {
            Write(xml, id, httpContext.Request);
        }

        var response = httpContext.Response;
        response.ContentType = Format.Atom.MediaType;
        response.ContentLength = null;
        await response.Body.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), httpContext.RequestAborted);
    }

    private void Write(XmlWriter xml, Guid id, HttpRequest request)
    {
        var root = $"{request.Scheme}://{request.Host}{request.PathBase}";
        var here = root + request.Path;
        xml.WriteStartElement("feed", Namespace);
        Element(xml, "id", TrackerId.UrnOf(id));
        Element(xml, "title", "Chantier: what changed");
        Element(xml, "updated", Stamp(page.Items.Count > 0 ? page.Items.Max(entry => entry.At) : page.KnownAt));
        Link(xml, "self", here + request.QueryString, Format.Atom.MediaType);
        Link(xml, "first", here + QueryString.Create(request.Query.Where(parameter => parameter.Key != "cursor")), Format.Atom.MediaType);
        if (page.Info.Next is { } next)
        {
            Link(xml, "next", $"{here}?cursor={next}&limit={page.Info.Limit}&format={Format.Atom.Name}", Format.Atom.MediaType);
        }

        foreach (var entry in page.Items)
        {
            xml.WriteStartElement("entry", Namespace);
            Element(xml, "id", TrackerId.UrnOf(TrackerId.EntryOf(id, entry.Seq)));
            Element(xml, "title", Title(entry));
            Element(xml, "updated", Stamp(entry.At));
            xml.WriteStartElement("author", Namespace);
            Element(xml, "name", entry.Actor);
            xml.WriteEndElement();
            Category(xml, "cause", entry.Cause);
            Category(xml, "type", entry.ResourceType);
            if (entry.Url is { } url)
            {
                Link(xml, "alternate", root + url, Format.Json.MediaType);
            }

            Element(xml, "summary", Summary(entry));
            // The entry for programs; inline it would have to be Base64 (RFC 4287 §4.1.3.3).
            xml.WriteStartElement("content", Namespace);
            xml.WriteAttributeString("type", Format.Json.MediaType);
            xml.WriteAttributeString("src", $"{root}/v1/changes?after={entry.Seq - 1}&limit=1");
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string Title(FeedEntryView entry) => entry.ResourceType == Feed.DayType
        ? $"day {entry.After!["day"].GetString()}"
        : $"{entry.ResourceType.Replace('_', ' ')} {entry.Slug ?? $"{entry.ResourceId}"}{(entry.Factory is { } factory && factory != entry.Slug ? $" of {factory}" : "")} {entry.Cause}";

    private static string Summary(FeedEntryView entry)
    {
        var lines = (entry.After ?? entry.Before ?? new Dictionary<string, System.Text.Json.JsonElement>()).Keys.Select(field =>
            $"{field}: {string.Join(" → ", new[] { entry.Before, entry.After }.Where(side => side is not null).Select(side => side!.TryGetValue(field, out var value) ? value.GetRawText() : "null"))}");
        return Clean(string.Join('\n', [.. lines, .. Names("Entered the filter", entry.Entered), .. Names("Left the filter", entry.Left)]));
    }

    private static IEnumerable<string> Names(string what, IReadOnlyList<string>? slugs) => slugs is null or [] ? [] : [$"{what}: {string.Join(", ", slugs)}"];

    // XML 1.0 has no way to write these, not even escaped.
    private static string Clean(string text) => string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '\uFFFD'));

    private static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString(TimestampConverter.Format, CultureInfo.InvariantCulture);

    private static void Element(XmlWriter xml, string name, string text) => xml.WriteElementString(name, Namespace, text);

    private static void Link(XmlWriter xml, string rel, string href, string type)
    {
        xml.WriteStartElement("link", Namespace);
        xml.WriteAttributeString("rel", rel);
        xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("href", href);
        xml.WriteEndElement();
    }

    private static void Category(XmlWriter xml, string scheme, string term)
    {
        xml.WriteStartElement("category", Namespace);
        xml.WriteAttributeString("scheme", $"urn:chantier:{scheme}");
        xml.WriteAttributeString("term", term);
        xml.WriteEndElement();
    }
}
