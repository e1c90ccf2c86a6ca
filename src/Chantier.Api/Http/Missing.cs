namespace Chantier.Api.Http;

/// <summary>
/// What a slug that answers nothing is: an old name, something deleted or not known at the time, or no name at all.
/// </summary>
internal sealed record Missing
{
    /// <summary>The slug that the thing has now.</summary>
    public required string Now { get; init; }

    /// <summary>When it was deleted; null while it is there.</summary>
    public DateTimeOffset? Until { get; init; }

    private bool IsGone(TimeAxes axes) => Until is { } until && (axes.IsPublished || until <= axes.Known);

    /// <param name="snapshot">Where to look.</param>
    /// <param name="sql">Gives at most one row, (now, until), for @slug.</param>
    /// <param name="kind">The kind of thing, as a word for people.</param>
    /// <param name="list">The path of the list of its kind.</param>
    /// <param name="slug">The slug that was asked for.</param>
    /// <param name="rest">What follows the slug in the path.</param>
    /// <param name="axes">The moment of knowledge that was asked for.</param>
    public static async Task<IResult> AnswerAsync(
        Snapshot snapshot, string sql, string kind, string list, string slug, string rest, TimeAxes axes) =>
        await snapshot.QueryAsync<Missing>(sql, new { slug, knownBy = axes.Sense, knownAt = axes.Known }) switch
        {
            [] => Problem.NotFound(kind, slug).ToResult(),
            // Where it led at the moment asked for, as long as that was there then: a past answer stays what it was.
            [var row] when row.Now != slug && !row.IsGone(axes) => new MovedResult($"{list}/{row.Now}{rest}"),
            [var row] when row.IsGone(axes) => Problem.Gone(kind, slug).ToResult(),
            _ => Problem.Of(
                StatusCodes.Status404NotFound,
                "not-known-then",
                $"The {kind} was not known then",
                axes.StatedPublished is { } published
                    ? $"Nothing about the {kind} '{Shown.Of(slug)}' had been published by {published:yyyy-MM-dd}."
                    : $"The {kind} '{Shown.Of(slug)}' had not been recorded by {axes.Known:yyyy-MM-ddTHH:mm:ssZ}.").ToResult(),
        };
}
