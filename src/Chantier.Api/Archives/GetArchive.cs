using System.ComponentModel;
using System.Globalization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Jobs;
using Dapper;
using Microsoft.Net.Http.Headers;

namespace Chantier.Api.Archives;

/// <summary>GET /v1/archives/{id}: the file that the job of this number made.</summary>
internal static class GetArchive
{
    private const string FindSql = """
        select j.state, j.ended_at, (j.result ->> 'bytes')::bigint as bytes, j.result ->> 'sha256' as sha256, j.result ->> 'fileName' as file_name,
          exists (select from job_part p where p.job_id = j.id and p.file = 'archive') and not exists (select from change c where c.cause = 'redacted' and c.seq > (j.result ->> 'seq')::bigint) as is_there
        from job j where j.id = @id and j.kind = 'archive'
        """;

    public static async Task<IResult> Handle([Description("The number of the job that made it.")] string id, HttpContext http, ReadSource source)
    {
        var number = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var found) ? found : 0;
        Found? archive;
        await using (var connection = await source.OpenAsync(http.RequestAborted))
        {
            archive = await connection.QueryFirstOrDefaultAsync<Found>(new CommandDefinition(FindSql, new { id = number }, cancellationToken: http.RequestAborted));
        }

        if (archive is null)
        {
            return Problem.NotFound("archive", id).ToResult();
        }

        if (archive.State != "finished")
        {
            return Problem.Of(409, "no-archive", "There is no archive yet, or none will come", $"The job that makes the archive is {archive.State}; GET /v1/jobs/{number} tells more.").ToResult();
        }

        if (!archive.IsThere)
        {
            return Problem.Of(410, "gone", "The archive is kept no more", "Newer archives took its place, or something was redacted since. POST /v1/archives makes a new one.").ToResult();
        }

        http.Response.Headers.CacheControl = "no-store";
#pragma warning disable CA2000 // The answer disposes of what it sends.
        return new Ranged(TypedResults.Stream(
            new PartStream(source, number, JobParts.Archive, archive.Bytes!.Value), Format.Zip.MediaType, archive.FileName, archive.EndedAt, new EntityTagHeaderValue($"\"{archive.Sha256}\""), enableRangeProcessing: true));
#pragma warning restore CA2000
    }

    /// <summary>Tells of a range that lies behind the end as of any other failure.</summary>
    private sealed class Ranged(IResult file) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await file.ExecuteAsync(httpContext);
            if (httpContext.Response.StatusCode == StatusCodes.Status416RangeNotSatisfiable)
            {
                httpContext.Response.ContentLength = null;
                await Problem.ForStatus(416).ToResult().ExecuteAsync(httpContext);
            }
        }
    }

    private sealed record Found
    {
        public required string State { get; init; }

        public DateTimeOffset? EndedAt { get; init; }

        public long? Bytes { get; init; }

        public string? Sha256 { get; init; }

        public string? FileName { get; init; }

        public required bool IsThere { get; init; }
    }
}
