using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;
using Npgsql;

namespace Chantier.Api.Jobs;

/// <summary>GET /v1/jobs, one of them, and its progress as it happens. A caller sees the kinds that he may start.</summary>
internal static class ListJobs
{
    internal sealed record JobFilter
    {
        [Description("What is done, such as archive.")]
        public Given<Codes>? Kind { get; init; }

        [Description("How far it is.")]
        public Given<Codes>? State { get; init; }

        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<JobFilter>
        {
            public Validator()
            {
                RuleFor(f => f.Kind).EachFits(new Shape("^[a-z][a-z-]*$", "kinds of jobs, such as archive", "archive"));
                RuleFor(f => f.State).AreAmong(Vocabularies.JobState);
                RuleFor(f => f.Sort).AreKeysOf(JobView.Sorts);
            }
        }
    }

    public static Task<IResult> Handle([AsParameters] JobFilter filter, [AsParameters] ListQuery query, Reading reading, JobKinds kinds)
    {
        var sql = JobView.Seen(kinds, reading.Caller)
            .AndAny("j.kind = @kind", "j.kind = any (@kind)", "kind", filter.Kind?.Value.Values)
            .AndAny("j.state = @state", "j.state = any (@state)", "state", filter.State?.Value.Values)
            .OrderBy(JobView.Sorts.For(filter.Sort, reading.Cursor));
        return reading.ListAsync(new ListSpec<JobView> { Axes = reading.Present, Query = query, Sql = sql, Page = sql.Page(JobView.Columns, query.PageSize) });
    }

    public static Task<IResult> One([Description("The number of the job.")] string id, [AsParameters] ItemQuery query, Reading reading, JobKinds kinds) =>
        reading.ItemAsync(reading.Present, query, JobView.Spec(kinds, reading.Caller, NumberOf(id)), _ => Task.FromResult(Problem.NotFound("job", id).ToResult()));

    public static async Task<IResult> Stream([Description("The number of the job.")] string id, HttpContext http, JobKinds kinds, Signal signal, ReadSource source)
    {
        if (EventStream.Unacceptable(http, "GET /v1/jobs/{id} is JSON.") is { } unacceptable)
        {
            return unacceptable;
        }

        var spec = JobView.Spec(kinds, Caller.Of(http), NumberOf(id));
        await using (var connection = await source.OpenAsync(http.RequestAborted))
        {
            if (await new Snapshot(connection, null, http.RequestAborted).QueryAsync<JobView>(spec.Sql, spec.Parameters) is [])
            {
                return Problem.NotFound("job", id).ToResult();
            }
        }

        var type = (JsonTypeInfo<JobView>)JsonDefaults.Options(http).GetTypeInfo(typeof(JobView));
        return new EventStream("poll GET /v1/jobs/{id}", events => TellAsync(events, spec, signal, source, type));
    }

    // Until there is nothing more to come.
    private static async Task TellAsync(EventWriter events, ItemSpec<JobView> spec, Signal signal, ReadSource source, JsonTypeInfo<JobView> type)
    {
        var told = 0;
        while (true)
        {
            var woken = signal.Next;
            var job = await TryReadAsync(spec, source, events.Ending);
            if (job is not null && job.Version != told)
            {
                await events.WriteAsync($"{job.Version}", "job", job, type);
                told = job.Version;
            }

            await events.FlushAsync();
            if (job?.EndedAt is not null)
            {
                return;
            }

            if (!await events.WaitAsync(woken))
            {
                events.Say(": still here\n\n");
            }
        }
    }

    // Null while the database does not answer; the stream waits for it.
    private static async Task<JobView?> TryReadAsync(ItemSpec<JobView> spec, ReadSource source, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await source.OpenAsync(cancellation);
            return (await new Snapshot(connection, null, cancellation).QueryAsync<JobView>(spec.Sql, spec.Parameters)).FirstOrDefault();
        }
        catch (NpgsqlException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static long NumberOf(string id) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
