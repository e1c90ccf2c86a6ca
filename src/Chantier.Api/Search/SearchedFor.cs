using Chantier.Api.Http;

namespace Chantier.Api.Search;

/// <summary>
/// The words of a list's q as the entries of search have them, those taken for mistyped included. They are today's: a list of a recorded
/// past, whose answer is final, is looked through as it was, and only how that is done follows from them.
/// </summary>
internal sealed record SearchedFor
{
    private const string Sql = "select query::text as query, is_frequent from search_query(@kind, @text);";

    private const string PastSql = "select null as query, coalesce((select is_frequent from search_query(@kind, @text)), false) as is_frequent;";

    /// <summary>A tsquery; where nothing answers, the empty one, which nothing does. Null where the list is not told as it is today.</summary>
    public string? Query { get; init; }

    /// <summary>Whether so many answer that a page is found sooner by looking at one after the other.</summary>
    public required bool IsFrequent { get; init; }

    /// <summary>Null where there is no q.</summary>
    public static async Task<SearchedFor?> OfAsync(string kind, Given<Words>? q, TimeAxes axes, Reading reading) =>
        q is null ? null : await reading.FirstAsync<SearchedFor>(axes.IsToldToday ? Sql : PastSql, new { kind, text = q.Value.Text }) ?? new() { Query = "", IsFrequent = false };
}
