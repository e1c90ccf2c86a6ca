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
        ogc.MapGet("/tileMatrixSets", TileMatrices.List).Gives("ListTileMatrixSets", "List the tile matrix sets", OgcSchemas.Any);
        ogc.MapGet("/tileMatrixSets/WebMercatorQuad", TileMatrices.One).Gives("GetTileMatrixSet", "Get the tile matrix set WebMercatorQuad", OgcSchemas.Any);

        ogc.MapGet("/collections/factories/tiles", TileDocuments.FactorySets).Gives("ListFactoryTilesets", "List the tilesets of factories", OgcSchemas.Tilesets);
        ogc.MapGet("/collections/factories/tiles/WebMercatorQuad", TileDocuments.FactorySet).Gives("GetFactoryTileset", "Get the tileset of factories", OgcSchemas.Tileset);
        ogc.MapGet("/collections/factories/tiles/WebMercatorQuad/tilejson.json", TileDocuments.FactoryJson).Gives("GetFactoryTileJson", "Get the tileset of factories as TileJSON", OgcSchemas.TileJson);
        ogc.MapGet("/collections/factories/tiles/WebMercatorQuad/{z:int}/{y:int}/{x:int}.mvt", FactoryTile.Handle).Gives("GetFactoryTile", "Get the factories in a tile, those near each other as one point; with publishedUntil, at the places of today", OgcSchemas.Tile, Format.Mvt.MediaType);
        ogc.MapGet("/collections/factories/tiles/WebMercatorQuad/{z:int}/{y:int}/{x:int}.pbf", FactoryTile.Handle).Gives("GetFactoryTileAsPbf", "Get a tile of factories by another file name", OgcSchemas.Tile, Format.Mvt.MediaType);

        ogc.MapGet("/collections/regions/tiles", TileDocuments.RegionSets).Gives("ListRegionTilesets", "List the tilesets of regions", OgcSchemas.Tilesets);
        ogc.MapGet("/collections/regions/tiles/WebMercatorQuad", TileDocuments.RegionSet).Gives("GetRegionTileset", "Get the tileset of regions", OgcSchemas.Tileset);
        ogc.MapGet("/collections/regions/tiles/WebMercatorQuad/tilejson.json", TileDocuments.RegionJson).Gives("GetRegionTileJson", "Get the tileset of regions as TileJSON", OgcSchemas.TileJson);
        ogc.MapGet("/collections/regions/tiles/WebMercatorQuad/{z:int}/{y:int}/{x:int}.mvt", RegionTile.Handle).Gives("GetRegionTile", "Get the boundaries of regions in a tile", OgcSchemas.Tile, Format.Mvt.MediaType);
        ogc.MapGet("/collections/regions/tiles/WebMercatorQuad/{z:int}/{y:int}/{x:int}.pbf", RegionTile.Handle).Gives("GetRegionTileAsPbf", "Get a tile of regions by another file name", OgcSchemas.Tile, Format.Mvt.MediaType);
    }
}

/// <summary>The parameters of every tile.</summary>
internal sealed record TileQuery
{
    [Description("The format, which is always mvt.")]
    public Given<Codes>? F { get; init; }

    internal sealed class Validator : AbstractValidator<TileQuery>
    {
        public Validator() => RuleFor(q => q.F).IsOneOf(["mvt", "pbf"], "mvt");
    }
}
