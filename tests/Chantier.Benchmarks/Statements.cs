using System.Diagnostics;
using System.Text.RegularExpressions;
using Chantier.Testing;

namespace Chantier.Benchmarks;

/// <summary>What the API sends to the database for a request, as pgbench can send it.</summary>
internal static partial class Statements
{
    /// <summary>Asks once and listens in; a request is one batch, or several in one transaction.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(string connectionString, Scenario scenario, CancellationToken cancellation)
    {
        var batches = new List<string>();
        // The service has other work beside the request (webhooks to send); the trace tells what was done for this one.
        using var question = new Activity("question");
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == question.TraceId && (activity.GetTagItem("db.query.text") ?? activity.GetTagItem("db.statement")) is string sql)
                {
                    batches.Add(sql);
                }
            },
        };
        await using var api = await TestApi.StartAsync(connectionString, cancellation);
        ActivitySource.AddActivityListener(listener);
        question.Start();
        using var response = await api.Client.GetAsync(new Uri(scenario.PathOf(1), UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        await response.Content.CopyToAsync(Stream.Null, cancellation);
        return batches.Count > 0 ? batches : throw new InvalidOperationException("The driver traced no statement.");
    }

    /// <summary>A pgbench script: each batch is a pipeline, as the driver sends it.</summary>
    public static string Script(Scenario scenario, IReadOnlyList<string> batches, int factories)
    {
        var body = string.Concat(batches.Select(batch => $"\\startpipeline\n{Bound(scenario, batch)}\n\\endpipeline\n"));
        var script = batches.Count > 1 ? $"begin isolation level repeatable read;\n{body}commit;\n" : body;
        return $"\\set n random(1, {factories})\n{script}";
    }

    /// <summary>The statement with the values of the scenario for its parameters.</summary>
    public static string Bound(Scenario scenario, string batch) => Parameter().Replace(batch.TrimEnd(), match =>
        (scenario.Values.GetValueOrDefault(match.Groups[1].Value) ?? Scenario.Common.GetValueOrDefault(match.Groups[1].Value)
            ?? throw new InvalidOperationException($"The scenario '{scenario.Name}' has no value for @{match.Groups[1].Value}."))).Replace("{n}", ":n", StringComparison.Ordinal);

    [GeneratedRegex("@(?<name>[a-zA-Z][a-zA-Z0-9]*)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}
