using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chantier.Clients;

/// <summary>What somebody who patches tells the generated client: what is null is left out, since in a merge patch null takes away.</summary>
public partial class ChantierClient
{
    static partial void UpdateJsonSerializerSettings(JsonSerializerOptions settings) => settings.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
}
