using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SpreadCheetah;
using SpreadCheetah.Styling;
using SpreadCheetah.Worksheets;

namespace Chantier.Api.Http;

/// <summary>Writes the items of a list in one format, as many at a time as there are: those of a page, or part after part of the whole.</summary>
internal abstract class RowWriter<T> : IAsyncDisposable
{
    public abstract Task WriteAsync(IReadOnlyList<T> items, CancellationToken cancellation);

    /// <summary>What comes after the last item.</summary>
    public abstract Task EndAsync(Page<T> page, CancellationToken cancellation);

    public abstract ValueTask DisposeAsync();

    public static RowWriter<T> Of(Format format, FieldSet<T> fields, HttpContext http)
    {
        var options = JsonDefaults.Options(http);
        return format switch
        {
            _ when format == Format.Csv => new CsvRows<T>(http.Response, new FlatTable<T>(options, fields)),
            _ when format == Format.Xlsx => new XlsxRows<T>(http.Response, new FlatTable<T>(options, fields)),
            _ when format == Format.NdJson => new JsonLines<T>(http.Response, options, fields),
            _ => new JsonItems<T>(http.Response, options, fields, isMap: format == Format.GeoJson),
        };
    }
}

/// <summary>One document: a page of JSON, or a collection of GeoJSON.</summary>
internal sealed class JsonItems<T> : RowWriter<T>
{
    private const int Enough = 256 * 1024;

    private readonly Utf8JsonWriter _writer;
    private readonly HttpResponse _response;
    private readonly JsonSerializerOptions _options;
    private readonly FieldSet<T> _fields;
    private readonly bool _isMap;
    private long _flushed;

    public JsonItems(HttpResponse response, JsonSerializerOptions options, FieldSet<T> fields, bool isMap)
    {
        (_response, _options, _fields, _isMap) = (response, options, fields, isMap);
        _writer = new(response.BodyWriter, new JsonWriterOptions { Encoder = options.Encoder, SkipValidation = true });
        _writer.WriteStartObject();
        if (isMap)
        {
            _writer.WriteString("type"u8, "FeatureCollection"u8);
        }

        _writer.WriteStartArray(isMap ? "features"u8 : "items"u8);
    }

    public override async Task WriteAsync(IReadOnlyList<T> items, CancellationToken cancellation)
    {
        foreach (var item in items)
        {
            if (_isMap)
            {
                WriteFeature(item);
            }
            else
            {
                _fields.Write(_writer, item);
            }
        }

        // A page goes out at once, with what comes after it.
        if (_writer.BytesPending + _writer.BytesCommitted - _flushed > Enough)
        {
            await FlushAsync(cancellation);
        }
    }

    public override async Task EndAsync(Page<T> page, CancellationToken cancellation)
    {
        _writer.WriteEndArray();
        _writer.WritePropertyName("page"u8);
        JsonSerializer.Serialize(_writer, page.Info, _options.GetTypeInfo(typeof(PageInfo)));
        _writer.WritePropertyName("asOf"u8);
        JsonSerializer.Serialize(_writer, page.AsOf, _options.GetTypeInfo(typeof(DateOnly)));
        _writer.WritePropertyName("knownAt"u8);
        JsonSerializer.Serialize(_writer, page.KnownAt, _options.GetTypeInfo(typeof(DateTimeOffset)));
        if (page.PublishedUntil is { } published)
        {
            _writer.WritePropertyName("publishedUntil"u8);
            JsonSerializer.Serialize(_writer, published, _options.GetTypeInfo(typeof(DateOnly)));
        }

        _writer.WriteEndObject();
        await FlushAsync(cancellation);
    }

    public override ValueTask DisposeAsync()
    {
        // What was not flushed stays unsaid: an answer that was cut off must not look whole.
        _writer.Reset(Stream.Null);
        return _writer.DisposeAsync();
    }

    private void WriteFeature(T item)
    {
        var place = (IPlaced)(object)item!;
        _writer.WriteStartObject();
        _writer.WriteString("type"u8, "Feature"u8);
        _writer.WriteString("id"u8, place.FeatureId);
        _writer.WritePropertyName("geometry"u8);
        place.WriteGeometry(_writer);
        _writer.WritePropertyName("properties"u8);
        _fields.Write(_writer, item);
        _writer.WriteEndObject();
    }

    private async Task FlushAsync(CancellationToken cancellation)
    {
        await _writer.FlushAsync(cancellation);
        await _response.BodyWriter.FlushAsync(cancellation);
        _flushed = _writer.BytesCommitted;
    }
}

/// <summary>One item on each line.</summary>
internal sealed class JsonLines<T>(HttpResponse response, JsonSerializerOptions options, FieldSet<T> fields) : RowWriter<T>
{
    private readonly Utf8JsonWriter _writer = new(response.BodyWriter, new JsonWriterOptions { Encoder = options.Encoder, SkipValidation = true });

    public override async Task WriteAsync(IReadOnlyList<T> items, CancellationToken cancellation)
    {
        WriteLines(items);
        await response.BodyWriter.FlushAsync(cancellation);
    }

    public override Task EndAsync(Page<T> page, CancellationToken cancellation) => Task.CompletedTask;

    public override ValueTask DisposeAsync() => _writer.DisposeAsync();

    // Into memory alone.
    private void WriteLines(IReadOnlyList<T> items)
    {
        foreach (var item in items)
        {
            fields.Write(_writer, item);
            _writer.Flush();
            response.BodyWriter.Write("\n"u8);
            _writer.Reset();
        }
    }
}

/// <summary>RFC 4180, with a header line.</summary>
internal sealed class CsvRows<T> : RowWriter<T>
{
    private readonly StreamWriter _writer;
    private readonly FlatTable<T> _table;
    private bool _isBegun;

    public CsvRows(HttpResponse response, FlatTable<T> table)
    {
        _table = table;
        _writer = new(response.BodyWriter.AsStream(leaveOpen: true), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
    }

    public override async Task WriteAsync(IReadOnlyList<T> items, CancellationToken cancellation)
    {
        await BeginAsync(cancellation);
        foreach (var item in items)
        {
            await _writer.WriteLineAsync(string.Join(',', _table.Values(item).Select(Cell)).AsMemory(), cancellation);
        }

        await _writer.FlushAsync(cancellation);
    }

    public override Task EndAsync(Page<T> page, CancellationToken cancellation) => Task.CompletedTask;

    public override ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task BeginAsync(CancellationToken cancellation)
    {
        if (!_isBegun)
        {
            _isBegun = true;
            await _writer.WriteLineAsync(string.Join(',', _table.Names).AsMemory(), cancellation);
        }
    }

    private static string Cell(object? value)
    {
        var text = FlatTable<T>.Text(value);
        // A number begins with - where it is negative, and is no formula.
        return CsvText.Escaped(value is IFormattable ? text : CsvText.Guarded(text));
    }
}

/// <summary>
/// A workbook with a frozen header. Numbers, days and stamps are that, not text; a text is never a formula. Days that a
/// workbook cannot count, which are those before 1900, are text; a text ends where a cell does.
/// </summary>
internal sealed class XlsxRows<T>(HttpResponse response, FlatTable<T> table) : RowWriter<T>
{
    // Of Excel: rows of a sheet, the header among them, and characters of a cell.
    private const int MostRows = 1_048_576;
    private const int MostCharacters = 32_767;

    private static readonly SpreadCheetahOptions Options = new() { DocumentProperties = null, PreserveStringWhitespace = true };
    private static readonly WorksheetOptions Frozen = new() { FrozenRows = 1 };
    private static readonly Style Day = new() { Format = NumberFormat.Custom("yyyy-mm-dd") };
    private static readonly DateTime First = new(1900, 3, 1, 0, 0, 0, DateTimeKind.Utc);

    private Spreadsheet? _book;
    private StyleId? _day;
    private int _sheets;
    private int _rows;

    public override async Task WriteAsync(IReadOnlyList<T> items, CancellationToken cancellation)
    {
        await BeginAsync(cancellation);
        foreach (var item in items)
        {
            if (_rows == MostRows)
            {
                await BeginSheetAsync(cancellation);
            }

            await AddAsync(table.Values(item).Select(Cell), cancellation);
        }

        await response.BodyWriter.FlushAsync(cancellation);
    }

    public override async Task EndAsync(Page<T> page, CancellationToken cancellation)
    {
        await _book!.FinishAsync(cancellation);
        await response.BodyWriter.FlushAsync(cancellation);
    }

    public override ValueTask DisposeAsync() => _book?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task BeginAsync(CancellationToken cancellation)
    {
        if (_book is null)
        {
            _book = await Spreadsheet.CreateNewAsync(response.BodyWriter.AsStream(leaveOpen: true), Options, cancellation);
            _day = _book.AddStyle(Day);
            await BeginSheetAsync(cancellation);
        }
    }

    private async Task BeginSheetAsync(CancellationToken cancellation)
    {
        _sheets++;
        _rows = 0;
        await _book!.StartWorksheetAsync(_sheets.ToString(CultureInfo.InvariantCulture), Frozen, cancellation);
        await AddAsync(table.Names.Select(name => new StyledCell(name, null)), cancellation);
    }

    private async Task AddAsync(IEnumerable<StyledCell> cells, CancellationToken cancellation)
    {
        _rows++;
        await _book!.AddRowAsync(cells.ToArray(), cancellation);
    }

    private StyledCell Cell(object? value) => value switch
    {
        null => default,
        bool flag => new(flag, null),
        int number => new(number, null),
        long number => new(number, null),
        double number => new(number, null),
        decimal number => new(number, null),
        DateOnly day when day.ToDateTime(TimeOnly.MinValue) >= First => new(day.ToDateTime(TimeOnly.MinValue), _day),
        DateTimeOffset at when at.UtcDateTime >= First => new(at.UtcDateTime, null),
        _ => new(Held(FlatTable<T>.Text(value)), null),
    };

    // XML 1.0 §2.2 has most control characters not at all, and makes a line feed of a carriage return: a workbook spells them _x000D_
    // (ECMA-376 part 1, §22.9.2.19), and so what only looks like it.
    private static string Held(string text) => XlsxText.Unspellable().Replace(
        text.Length <= MostCharacters ? text : text[..MostCharacters],
        found => found.Value[0] == '_' ? "_x005F_" : string.Create(CultureInfo.InvariantCulture, $"_x{(int)found.Value[0]:X4}_"));
}

/// <summary>What a workbook cannot say as it is.</summary>
internal static partial class XlsxText
{
    [GeneratedRegex(@"[\x00-\x08\x0B-\x1F\uFFFE\uFFFF]|_(?=x[0-9A-Fa-f]{4}_)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    public static partial Regex Unspellable();
}
