using Chantier.Api.Database;
using Chantier.Api.Http;

namespace Chantier.Api.Keys;

/// <summary>The routes of keys, for admins alone.</summary>
internal static class KeyEndpoints
{
    private const string RevokeSql = "update api_key set revoked_at = @at where id = @id and revoked_at is null returning id";

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/keys").InRoom("Keys", "Who may write, for admins.");

        keys.MapGet("/", ListAsync).ListsOf<KeyView>("ListKeys", "Every key, without its secret, and when it was last used").Needs(Scope.Admin);
        keys.MapWrite<KeyRequest>("POST", "/", "CreateKey", "Make a key; the answer shows it once", CreateKey.Handle, Scope.Admin).Creates<KeyView>().MayConflict();
        keys.MapWrite<RevocationRequest>("POST", "/{id}/revocation", "RevokeKey", "Revoke a key at once and for good", RevokeAsync, Scope.Admin).Revises<KeyView>();
    }

    private static Task<IResult> ListAsync([AsParameters] ListQuery query, Reading reading)
    {
        var sql = new SelectSql().From(KeyView.From).OrderBy(KeyView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(new ListSpec<KeyView> { Axes = new TimeAxes(), Query = query, Sql = sql, Page = sql.Page(KeyView.Columns, query.PageSize) });
    }

    private static async Task<Outcome> RevokeAsync(Write write, RevocationRequest request)
    {
        var id = write.RouteId("key");
        return await write.QueryAsync<long>(RevokeSql, new { id, at = write.At }) is [_]
            ? Outcome.Ok(KeyView.Spec(id))
            : throw new Refusal(Problem.NotFound("valid key", $"{id}"));
    }
}

/// <summary>There is nothing to say.</summary>
internal sealed record RevocationRequest;
