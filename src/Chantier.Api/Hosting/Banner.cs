using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Chantier.Api.Hosting;

/// <summary>What a person at the terminal wants to know once the service is up.</summary>
internal static class Banner
{
    public static void Print(WebApplication app, Connection connection, string? key)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "";
        Console.Out.WriteLine($"""

            Chantier listens on {address}
              data    {connection.Description}
              start   {address}/
              docs    {address}/docs{(key is null ? "" : $"""

              key     {key}
                      for 'Authorization: Bearer', with the scope admin; it is not shown again
            """)}
              stop    Ctrl+C

            """);
    }
}
