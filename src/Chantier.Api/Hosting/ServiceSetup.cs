using System.IO.Compression;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Chantier.Api.Hosting;

/// <summary>What the service is made of besides its nouns.</summary>
internal static class ServiceSetup
{
    public static void AddDatabase(this WebApplicationBuilder builder, string connectionString)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<CurrentDay>();
        builder.Services.AddSingleton(services => DataSources.Read(
            connectionString, TimeSpan.FromSeconds(services.GetRequiredService<IOptions<ChantierOptions>>().Value.StatementTimeoutSeconds)));
        builder.Services.AddSingleton(services => DataSources.Write(
            connectionString, TimeSpan.FromSeconds(services.GetRequiredService<IOptions<LimitOptions>>().Value.RequestTimeoutSeconds)));
        builder.Services.AddSingleton(_ => DataSources.Listen(connectionString));
        builder.Services.AddHostedService<DayChange>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: ["ready"]);
    }

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // Failures logs what it turns into problems, each at its own level.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
        // Exporting is on where the standard variable names a collector, and off otherwise.
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            builder.Services.AddOpenTelemetry()
                .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddNpgsql().AddOtlpExporter())
                .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddMeter("Npgsql").AddOtlpExporter());
        }
    }

    public static void AddHttp(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Any byte may stand in a header (RFC 9110 §5.5); what means nothing to us is then ignored, not refused without a word.
            kestrel.RequestHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
            // More than we take, so that what is too long meets our own refusal, which says so; beyond this the server's has no body.
            kestrel.Limits.MaxRequestLineSize = 4 * RequestSize.Longest;
            kestrel.Limits.MaxRequestHeadersTotalSize = 4 * RequestSize.Longest;
            kestrel.Limits.MaxRequestHeaderCount = 4 * RequestSize.MostHeaders;
        });
        builder.Services.AddOptions<StreamOptions>().BindConfiguration("Chantier:Changes").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<StreamLimit>();
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .AllowAnyOrigin().WithMethods("GET", "HEAD").AllowAnyHeader().WithExposedHeaders("Content-Crs", "ETag", "Link", "Location", "Retry-After")));
        builder.Services.AddResponseCompression(compression =>
        {
            // No secret shares an answer with what a caller sent, so compressing under TLS gives nothing away.
            compression.EnableForHttps = true;
            compression.MimeTypes = [Format.Json.MediaType, Format.GeoJson.MediaType, Format.Csv.MediaType, Format.NdJson.MediaType, Format.Atom.MediaType, Format.Mvt.MediaType, Problem.MediaType,
                "application/vnd.oai.openapi+json", "application/schema+json", Format.Html.MediaType, "text/css", "text/javascript", "application/javascript", "image/svg+xml"];
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
        });
        builder.Services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        builder.Services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
    }

    public static void UseHttp(this WebApplication app)
    {
        app.UseTrustedProxies();
        app.Use(HeadRequests.AnswerAsync);
        app.UseExceptionHandler(handler => handler.Run(Failures.HandleAsync));
        app.UseStatusCodePages(Failures.FillAsync);
        app.UseResponseCompression();
        app.UseCors();
        app.Use(RequestSize.CheckAsync);
        app.UseRouting();
        app.UseRequestTimeouts();
        app.Use(Access.IdentifyAsync);
        app.UseRateLimiter();
        app.Use(Access.CheckAsync);
        app.Use(Cursor.UnfoldAsync);
    }

    public static void MapHealth(this WebApplication app)
    {
        var health = app.MapGroup("/health").InRoom("Operation", "For those who run the service.").DisableRateLimiting().AllowAnonymous();

        health.MapGet("/live", () => TypedResults.Ok(HealthView.Healthy))
            .WithName("GetLiveness").WithSummary("Whether the process answers: restart it when it does not");
        health.MapGet("/ready", DatabaseHealth.HandleAsync)
            .WithName("GetReadiness").WithSummary("Whether the service and its database can answer: send no requests while they cannot")
            .Produces<HealthView>(StatusCodes.Status200OK).Produces<HealthView>(StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>How the service is, for those who run it.</summary>
internal sealed record HealthView
{
    public static readonly HealthView Healthy = new() { Status = "healthy" };
    public static readonly HealthView Unhealthy = new() { Status = "unhealthy" };

    public required string Status { get; init; }
}

/// <summary>Whether the database answers.</summary>
internal sealed class DatabaseHealth(ReadSource source) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = await source.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand(Head.Sql, connection);
            _ = await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.");
        }
    }

    public static async Task<IResult> HandleAsync(HealthCheckService checks, HttpResponse response, CancellationToken cancellation)
    {
        // An answer of a moment ago says nothing about now.
        response.Headers.CacheControl = "no-store";
        var report = await checks.CheckHealthAsync(check => check.Tags.Contains("ready"), cancellation);
        return report.Status == HealthStatus.Healthy
            ? TypedResults.Ok(HealthView.Healthy)
            : TypedResults.Json(HealthView.Unhealthy, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
