using System.ComponentModel;
using Chantier.Api.Http;
using Chantier.Api.Ogc;
using FluentValidation;

namespace Chantier.Api.Tiles;

/// <summary>The routes of vector tiles, below those of features.</summary>
internal static class TileEndpoints
{
    public static void MapTiles(this IEndpointRouteBuilder ogc)
    {
        ogc.MapGet("/tileMatrixSets", TileMatrices.List).Gives("ListTileMatrixSets", "The ways that tiles are cut", OgcSchemas.Any);
        ogc.MapGet("/tileMatrixSets/WebMercatorQuad", TileMatrices.One).Gives("GetTileMatrixSet", "How WebMercatorQuad cuts tiles", OgcSchemas.Any);

        ogc.MapGet("/collections/factories/tiles", TileDocuments.FactorySets).Gives("ListFactoryTilesets", "The tilesets of factories", OgcSchemas.Tilesets);
        ogc.MapGet("/collections/factories/tiles/WebMercatorQuad", TileDocuments.FactorySet).Gives("GetFactoryTileset", "The tileset of factories", OgcSchemas.Tileset);
        ogc.MapGet("/collections/factories/tiles/WebMercatorQuad/tilejson.json", TileDocuments.FactoryJson).Gives("GetFactoryTileJson", "The same as TileJSON", OgcSchemas.TileJson);
        ogc.MapGet("/collections/factories/tiles/WebMercatorQuad/{z:int}/{y:int}/{x:int}.mvt", FactoryTile.Handle).Gives("GetFactoryTile", "Factories in a tile, those that stand near each other taken together; what was published by a moment, at the places of today", OgcSchemas.Tile, Format.Mvt.MediaType);
        ogc.MapGet("/collections/factories/tiles/WebMercatorQuad/{z:int}/{y:int}/{x:int}.pbf", FactoryTile.Handle).Gives("GetFactoryTileAsPbf", "The same by another name", OgcSchemas.Tile, Format.Mvt.MediaType);

        ogc.MapGet("/collections/regions/tiles", TileDocuments.RegionSets).Gives("ListRegionTilesets", "The tilesets of regions", OgcSchemas.Tilesets);
        ogc.MapGet("/collections/regions/tiles/WebMercatorQuad", TileDocuments.RegionSet).Gives("GetRegionTileset", "The tileset of regions", OgcSchemas.Tileset);
        ogc.MapGet("/collections/regions/tiles/WebMercatorQuad/tilejson.json", TileDocuments.RegionJson).Gives("GetRegionTileJson", "The same as TileJSON", OgcSchemas.TileJson);
        ogc.MapGet("/collections/regions/tiles/WebMercatorQuad/{z:int}/{y:int}/{x:int}.mvt", RegionTile.Handle).Gives("GetRegionTile", "The boundaries of regions in a tile", OgcSchemas.Tile, Format.Mvt.MediaType);
        ogc.MapGet("/collections/regions/tiles/WebMercatorQuad/{z:int}/{y:int}/{x:int}.pbf", RegionTile.Handle).Gives("GetRegionTileAsPbf", "The same by another name", OgcSchemas.Tile, Format.Mvt.MediaType);
    }
}

/// <summary>What every tile takes.</summary>
internal sealed record TileQuery
{
    [Description("The format: mvt, the only one there is.")]
    public Given<Codes>? F { get; init; }

    internal sealed class Validator : AbstractValidator<TileQuery>
    {
        public Validator() => RuleFor(q => q.F).IsOneOf(["mvt", "pbf"], "mvt");
    }
}
