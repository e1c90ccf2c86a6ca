namespace Chantier.Api.Tests.Writing;

/// <summary>The same request sent again; CrashTests kills the service in between.</summary>
public sealed class IdempotencyTests(PostgresFixture postgres) : Curation(postgres)
{
    [Fact]
    public async Task Of_many_at_once_with_one_key_one_is_made_and_all_get_its_answer()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => SendAsync("POST", "/v1/operators", """{"name":"Une"}""", "curate", "Idempotency-Key: once")));

        Assert.Single(answers.Select(a => (a.Status, a.Text, a.Header("ETag"), a.Header("Location"))).Distinct());
        answers[0].Is(201);
        Assert.Single(await ItemsAsync("/v1/operators?q=une"));
    }

    [Fact]
    public async Task What_was_refused_is_tried_again_with_the_same_key()
    {
        (await SendAsync("POST", "/v1/operators", """{"name":""}""", "curate", "Idempotency-Key: a")).IsProblem(422);
        (await SendAsync("POST", "/v1/operators", """{"name":"Deux"}""", "curate", "Idempotency-Key: a")).Is(201);
        (await SendAsync("POST", "/v1/operators", """{"name":"Trois"}""", "curate", "Idempotency-Key: a")).IsProblem(422);
        (await SendAsync("POST", "/v1/sources", """{"name":"Deux"}""", "curate", "Idempotency-Key: a")).IsProblem(422);
    }

    [Fact]
    public async Task A_key_is_its_callers_own_and_must_be_one_printable_value()
    {
        (await SendAsync("POST", "/v1/operators", """{"name":"Quatre"}""", "curate", "Idempotency-Key: b")).Is(201);
        (await SendAsync("POST", "/v1/operators", """{"name":"Quatre"}""", "admin", "Idempotency-Key: b")).Is(201);
        Assert.Equal(2, (await ItemsAsync("/v1/operators?q=quatre")).Length);
        (await SendAsync("POST", "/v1/operators", """{"name":"Cinq"}""", "curate", "Idempotency-Key: " + new string('x', 256))).IsProblem(400);
    }
}
