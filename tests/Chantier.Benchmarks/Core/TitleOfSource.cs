namespace Chantier.Benchmarks.Core;

/// <summary>Times a new title for a source that has very many claims.</summary>
internal static class TitleOfSource
{
    private const double GoalMilliseconds = 50;

    private const string ClaimsSql = """
        select count(*) from evidence e join source s on s.id = e.source_id
        where s.slug = @slug and e.known_to = 'infinity'
        """;

    public static async Task MeasureAsync(Tracker tracker, CostTable table, CancellationToken cancellation)
    {
        const string Slug = LongHistories.LargeSource;
        var claims = (await tracker.QueryAsync<long>(ClaimsSql, cancellation, new { slug = Slug }))[0];
        await using var api = await tracker.StartAsync(cancellation);
        using var connection = await HttpConnection.OpenAsync(api.Address, cancellation);
        var times = new List<double>();
        for (var turn = -3; turn < tracker.Effort.Samples; turn++)
        {
            var body = $$"""{"title":"A new title {{turn}}"}""";
            var time = await HttpConnection.TimeAsync(
                () => connection.PatchAsync($"/v1/sources/{Slug}", body, tracker.Key, cancellation));
            if (turn >= 0)
            {
                times.Add(time);
            }
        }

        var median = Timing.Median(times);
        table.Add(
            $"new title for a source with {claims} claims",
            Timing.Text(median),
            $"≤ {Timing.Text(GoalMilliseconds)}",
            median <= GoalMilliseconds);
    }
}
