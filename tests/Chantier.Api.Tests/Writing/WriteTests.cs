using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Chantier.Api.Keys;
using Chantier.Testing;

namespace Chantier.Api.Tests.Writing;

public sealed class WriteTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Tiamat = """{"name":"Tiamat Amiens","sector":"battery_cells","country":"FR","region":"hauts-de-france"}""";
    private const string Source = """[{"source":"vallee-de-la-batterie-2024-08","locator":{"kind":"paragraph","start":2}}]""";

    private TestApi _api = null!;
    private string _curator = "";
    private string _reader = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var connection = await postgres.SeededAsync("documents", Token);
        _curator = await CreateKey.RunAsync(connection, "curator", "curate", Token);
        _reader = await CreateKey.RunAsync(connection, "reader", "read", Token);
        _api = await TestApi.StartAsync(connection, Token);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Writing_needs_a_key_with_the_scope()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("POST", "/v1/factories", Tiamat, key: null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("POST", "/v1/factories", Tiamat, key: _curator[..^1] + (_curator[^1] == '0' ? '1' : '0'))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("POST", "/v1/factories", Tiamat, _reader)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("GET", "/v1/keys", null, _curator)).Status);
    }

    [Fact]
    public async Task The_same_keyed_request_gets_the_first_answer_again_byte_for_byte()
    {
        var first = await SendAsync("POST", "/v1/factories", Tiamat, _curator, ("Idempotency-Key", "one"));
        var again = await SendAsync("POST", "/v1/factories", Tiamat, _curator, ("Idempotency-Key", "one"));
        var other = await SendAsync("POST", "/v1/factories", Tiamat.Replace("Tiamat", "Other", StringComparison.Ordinal), _curator, ("Idempotency-Key", "one"));

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(first, again);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal(4, Json(await SendAsync("GET", "/v1/factories?count=exact", null, key: null)).GetProperty("page").GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_claim_moves_the_status_and_its_retraction_moves_it_back()
    {
        await SendAsync("POST", "/v1/factories", Tiamat, _curator);
        var claim = await SendAsync("POST", "/v1/factories/tiamat-amiens/status-events", $$"""{"status":"announced","date":"2023-10","dateMeaning":"began","sources":{{Source}}}""", _curator);
        Assert.Equal(HttpStatusCode.Created, claim.Status);
        Assert.Equal("announced", await StatusAsync());

        var odd = await SendAsync("POST", "/v1/factories/tiamat-amiens/status-events", $$"""{"status":"rumoured","date":"2024-02","dateMeaning":"began","sources":{{Source}}}""", _curator);
        Assert.Equal("improbable_step", Json(odd).GetProperty("warnings")[0].GetProperty("code").GetString());
        Assert.Equal("rumoured", await StatusAsync());

        var retracted = await SendAsync("POST", $"/v1/claims/{Json(odd).GetProperty("id")}/retraction", """{"reason":"error","note":"Misread."}""", _curator);
        Assert.Equal("retracted", Json(retracted).GetProperty("endCause").GetString());
        Assert.Equal("announced", await StatusAsync());
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("POST", $"/v1/claims/{Json(odd).GetProperty("id")}/retraction", """{"reason":"error"}""", _curator)).Status);
    }

    [Theory]
    [InlineData("""{"status":"announced","date":"2023-10","dateMeaning":"began"}""", "/sources")]
    [InlineData("""{"status":"open","date":"2023-10","dateMeaning":"began","basis":"inferred"}""", "/status")]
    [InlineData("""{"status":"operating","date":"2123","dateMeaning":"began","basis":"inferred"}""", "/date")]
    [InlineData("""{"status":"operating","date":"15/08/2024","dateMeaning":"began","basis":"inferred"}""", "/date")]
    [InlineData("""{"status":"operating","milestone":"filing","date":"2024","dateMeaning":"began","basis":"inferred"}""", "/status")]
    [InlineData("""{"status":"operating","date":"2024","dateMeaning":"began","sources":[{"source":"nobody"}]}""", "/sources/0/source")]
    [InlineData("""{"status":"operating","date":"2024","dateMeaning":"began","basis":"inferred","phase":999}""", "/phase")]
    public async Task A_claim_that_is_not_right_is_refused_with_its_place(string body, string place)
    {
        var refused = await SendAsync("POST", "/v1/factories/verkor-dunkerque/status-events", body, _curator);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal(place, Json(refused).GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Equal("under_construction", await StatusAsync("verkor-dunkerque"));
    }

    [Fact]
    public async Task An_edit_needs_the_present_version_and_the_past_keeps_the_old_text()
    {
        var before = await SendAsync("GET", "/v1/factories/verkor-dunkerque", null, key: null);
        Assert.Equal((HttpStatusCode)428, (await SendAsync("PATCH", "/v1/factories/verkor-dunkerque", """{"locality":"Bourbourg"}""", _curator)).Status);

        var edited = await SendAsync("PATCH", "/v1/factories/verkor-dunkerque", """{"locality":"Bourbourg"}""", _curator, ("If-Match", before.ETag!));
        Assert.Equal("Bourbourg", Json(edited).GetProperty("locality").GetString());
        Assert.Equal(edited.ETag, (await SendAsync("GET", "/v1/factories/verkor-dunkerque", null, key: null)).ETag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync("PATCH", "/v1/factories/verkor-dunkerque", """{"locality":"Dunkerque"}""", _curator, ("If-Match", before.ETag!))).Status);

        var knownAt = Json(before).GetProperty("updatedAt").GetString();
        Assert.Equal("Dunkerque", Json(await SendAsync("GET", $"/v1/factories/verkor-dunkerque?knownAt={knownAt}", null, key: null)).GetProperty("locality").GetString());
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_stays_readable_in_the_past()
    {
        var there = await SendAsync("GET", "/v1/factories/verkor-dunkerque", null, key: null);

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync("DELETE", "/v1/factories/verkor-dunkerque", null, _curator, ("If-Match", there.ETag!))).Status);
        Assert.Equal(HttpStatusCode.Gone, (await SendAsync("GET", "/v1/factories/verkor-dunkerque", null, key: null)).Status);
        Assert.Equal(HttpStatusCode.Gone, (await SendAsync("DELETE", "/v1/factories/verkor-dunkerque", null, _curator, ("If-Match", "*"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", $"/v1/factories/verkor-dunkerque?knownAt={Json(there).GetProperty("updatedAt").GetString()}", null, key: null)).Status);
    }

    private async Task<string?> StatusAsync(string slug = "tiamat-amiens") => Json(await SendAsync("GET", $"/v1/factories/{slug}", null, key: null)).GetProperty("status").GetString();

    private static JsonElement Json(Sent sent)
    {
        using var document = JsonDocument.Parse(sent.Body);
        return document.RootElement.Clone();
    }

    private async Task<Sent> SendAsync(string method, string path, string? body, string? key, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _api.Client.SendAsync(request, Token);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(Token), response.Headers.ETag?.ToString(), response.Headers.Location?.ToString());
    }

    private sealed record Sent(HttpStatusCode Status, string Body, string? ETag, string? Location);
}
