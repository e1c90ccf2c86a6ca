using Chantier.Api.Http;
using Chantier.Api.Views;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>What of a factory is built and has a status of its own.</summary>
internal sealed record PhaseRequest
{
    /// <summary>Null only where it stands for the plant as a whole.</summary>
    public string? Name { get; init; }

    public string? Product { get; init; }

    /// <summary>Its place among the phases; without it, the last.</summary>
    public int? Order { get; init; }

    internal sealed class Validator : AbstractValidator<PhaseRequest>
    {
        public Validator()
        {
            RuleFor(p => p.Name).IsText(200);
            RuleFor(p => p.Product).IsText(200);
            RuleFor(p => p.Order).InclusiveBetween(1, 100_000).WithErrorCode("not_accepted").WithMessage("is out of range; it accepts a whole number from 1 to 100000.");
        }
    }
}

/// <summary>POST /v1/factories/{slug}/phases, and PUT, PATCH and DELETE /v1/phases/{id}. A new phase moves no claim: those of the plant stay with its first phase.</summary>
internal sealed class EditPhase : Editing<PhaseRequest, PhaseView>
{
    private const string FindSql = """
        select h.id, h.factory_id, v.version, v.name, v.product, v.position
        from phase h
        join phase_version v on v.phase_id = h.id and v.known_to = 'infinity'
        join factory_version f on f.factory_id = h.factory_id and f.known_to = 'infinity'
        where h.id = @id
        """;

    private const string MakeSql = "insert into phase (factory_id) values (@factory) returning id";

    private const string SaveSql = """
        update phase_version set known_to = @at where phase_id = @id and known_to = 'infinity';
        insert into phase_version (phase_id, version, name, product, position, recorded_by, known_from)
        values (@id, @version, @name, @product, coalesce(@order, (
          select max(v.position) + 1 from phase h join phase_version v on v.phase_id = h.id and v.known_to = 'infinity' where h.factory_id = @factory)), @by, @at);
        """;

    private const string RestingSql = """
        select format('claims (%s), such as /v1/claims/%s', count(*), min(c.id))
        from claim c
        where c.known_to = 'infinity' and c.id in (select claim_id from status_event where phase_id = @id union all select claim_id from figure where phase_id = @id)
        having count(*) > 0
        union all
        select 'the factory itself, which has no other phase; it can be renamed, or the factory be deleted'
        from phase h
        where h.id = @id and not exists (
          select from phase o join phase_version v on v.phase_id = o.id and v.known_to = 'infinity' where o.factory_id = h.factory_id and o.id <> h.id)
        """;

    private const string CloseSql = "update phase_version set known_to = @at where phase_id = @id and known_to = 'infinity'";

    internal override bool MayBeTaken => false;

    protected override string Type => "phase";

    protected override async Task<long?> FactoryOfAsync(Write write, long id) => (await FactoryThere.FindAsync(write, "/phases")).Id;

    protected override async Task<(long Id, string Location)> MakeAsync(Write write, PhaseRequest content)
    {
        if (content.Name is null)
        {
            throw Refusal.Of("/name", "required", "is missing; only the first phase of a factory may have no name.");
        }

        var factory = (await FactoryThere.FindAsync(write, "/phases")).Id;
        var id = (await write.QueryAsync<long>(MakeSql, new { factory }))[0];
        await SaveAsync(write, id, factory, 1, content);
        return (id, $"/v1/phases/{id}");
    }

    protected override async Task<Present<PhaseRequest>> FindAsync(Write write)
    {
        var id = write.RouteId("phase");
        return await write.FindAsync<Row>(FindSql, new { id }) is { } row
            ? new(row.Id, row.Version, new() { Name = row.Name, Product = row.Product, Order = row.Position }, row.FactoryId)
            : throw new Refusal(await GetPhase.MissingAsync(write.Snapshot, id, new TimeAxes()));
    }

    protected override Task SaveAsync(Write write, Present<PhaseRequest> there, PhaseRequest content) => SaveAsync(write, there.Id, there.Factory!.Value, there.Version + 1, content with { Order = content.Order ?? there.Content.Order });

    protected override async Task CloseAsync(Write write, Present<PhaseRequest> there)
    {
        await RefuseWhileRestingAsync(write, RestingSql, there.Id);
        await write.ExecuteAsync(CloseSql, new { id = there.Id, at = write.At });
    }

    protected override ItemSpec<PhaseView> Shown(Write write, long id) => GetPhase.Spec(new TimeAxes(), id);

    private static Task SaveAsync(Write write, long id, long factory, int version, PhaseRequest content) => write.ExecuteAsync(
        SaveSql, new { id, factory, version, name = content.Name, product = content.Product, order = content.Order, by = write.RecordedBy, at = write.At });

    private sealed record Row
    {
        public required long Id { get; init; }

        public required long FactoryId { get; init; }

        public required int Version { get; init; }

        public string? Name { get; init; }

        public string? Product { get; init; }

        public required int Position { get; init; }
    }
}
