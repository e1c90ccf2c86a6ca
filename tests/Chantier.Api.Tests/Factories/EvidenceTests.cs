using System.Text.Json;

namespace Chantier.Api.Tests.Factories;

/// <summary>include=evidence: what each value rests on, and who says otherwise, at any pair of moments.</summary>
public sealed class EvidenceTests(PostgresFixture postgres) : World(postgres)
{
    [Theory]
    [InlineData("", "1504 suspended", "1501 operating", "1502 idled", "1503 closed")]
    [InlineData("&knownAt=2025-02-20", "1502 idled", "1501 operating", "1503 closed")]
    [InlineData("&asOf=2022-09-01", "1504 suspended", "1501 operating", "1502 idled", "1503 closed")]
    public async Task A_status_shows_the_claim_in_force_and_those_of_its_day_that_say_otherwise(string at, string claim, params string[] disagreeing)
    {
        var value = Assert.Single(await ValuesAsync("contradictoire", at), v => v.Text("field") == "status");

        Assert.Equal(claim, Said(value.GetProperty("claim")));
        Assert.Equal(disagreeing, value.List("disagreeing").Select(Said));
    }

    [Fact]
    public async Task Event_that_only_confirms_is_no_value() =>
        Assert.DoesNotContain(await ValuesAsync("contradictoire", "&asOf=2022-03-01"), value => value.Text("field") == "status");

    [Fact]
    public async Task Later_publications_are_not_shown()
    {
        var values = await ValuesAsync("acierie-elan", "&publishedUntil=2023-12-31");

        Assert.Equal(["gazette-2020", "registre-2023"], values.SelectMany(value => value.GetProperty("claim").List("evidence"))
            .Select(evidence => evidence.Text("source.slug")).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_claim_shows_its_sources_where_in_them_who_recorded_it_and_when()
    {
        var status = (await ValuesAsync("contradictoire", "")).Single(v => v.Text("field") == "status");
        var claim = status.GetProperty("claim");
        var evidence = claim.List("evidence").Single();

        Assert.Equal(("inventor", "2025-03-10T10:00:00.000000Z", "high", "actual"), (claim.Text("recordedBy"), claim.Text("recordedAt"), claim.Text("confidence"), claim.Text("basis")));
        Assert.Equal(("registre-2023", "paragraph", "4", "Invented."), (evidence.Text("source.slug"), evidence.Text("locator.kind"), evidence.Text("locator.start"), evidence.Text("note")));
        // What is inferred rests on no source.
        Assert.Empty(status.List("disagreeing").Single(d => d.Text("id") == "1503").List("evidence"));
    }

    [Fact]
    public async Task Every_current_value_is_there_and_those_of_what_was_merged_too()
    {
        var values = await ValuesAsync("acierie-elan", "");

        Assert.Equal(
            [
                "status 101", "status 103", "status 801", "location 112", "role 121", "role 123", "role 821",
                "figure 141", "figure 142", "figure 143", "figure 144", "figure 841", "depiction 151", "depiction 152", "depiction 851",
            ],
            values.Select(v => $"{v.Text("field")} {v.Text("claim.id")}"));
    }

    [Fact]
    public async Task A_place_farther_away_than_both_leave_uncertain_disagrees()
    {
        var place = (await ValuesAsync("acierie-elan", "")).Single(v => v.Text("field") == "location");

        Assert.Equal(("2.38", "site"), (place.Text("claim.location.lon"), place.Text("claim.location.precision")));
        Assert.Equal("111", place.List("disagreeing").Single().Text("id"));
    }

    [Fact]
    public async Task A_figure_of_another_value_for_a_time_that_overlaps_disagrees()
    {
        await WriteAsync("""
            create temp table stamp on commit drop as select last_seq, recorded_at as at from begin_write();
            insert into claim (id, kind, factory_id, recorded_by, known_from) select x, 'figure', 1, 'inventor', at from stamp, unnest(array[20001, 20002]) x;
            insert into evidence (claim_id, source_id, recorded_by, known_from) select x, 3, 'inventor', at from stamp, unnest(array[20001, 20002]) x;
            insert into figure (claim_id, phase_id, property, value, unit, qualifier, for_date, for_date_earliest, for_date_latest) values
              (20001, 1, 'capacity', 90, 'MW', 'installed', '2015-06', '2015-06-01', '2015-06-30'), (20002, 1, 'capacity', 80, 'MW', 'installed', '2012', '2012-01-01', '2012-12-31');
            insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
            select last_seq + 1, at, 'inventor', 'created', 'figure', 20001, 1, 1 from stamp;
            """);

        var capacity = (await ValuesAsync("acierie-elan", "")).Single(v => v.Text("claim.id") == "20001");

        Assert.Equal("141", capacity.List("disagreeing").Single().Text("id"));
        Assert.Equal(("capacity", "90", "MW"), (capacity.Text("claim.property"), capacity.Text("claim.value"), capacity.Text("claim.unit")));
    }

    [Fact]
    public async Task Lists_have_it_too()
    {
        var listed = (await Ask.ItemsAsync("/v1/factories?include=evidence")).Single(f => f.Text("slug") == "contradictoire");

        Assert.Equal((await Ask.JsonAsync("/v1/factories/contradictoire?include=evidence")).Text("evidence"), listed.Text("evidence"));
    }

    private static string Said(JsonElement claim) => $"{claim.Text("id")} {claim.Text("status")}";

    private async Task<JsonElement[]> ValuesAsync(string slug, string at) => (await Ask.JsonAsync($"/v1/factories/{slug}?include=evidence{at}")).List("evidence");
}
