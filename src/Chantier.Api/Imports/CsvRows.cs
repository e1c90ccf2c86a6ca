using System.Text;
using Chantier.Api.Http;

namespace Chantier.Api.Imports;

/// <summary>
/// RFC 4180 with any delimiter, read by hand: what is wrong with a row is told with its number and the rows behind it are still read, and
/// no cell, however long, is kept beyond the limit. Rows count as a spreadsheet does, the header being row 1.
/// </summary>
internal sealed class CsvRows : IRowReader
{
    private const int MostCells = 10_000;

    private readonly StreamReader _reader;
    private readonly char _delimiter;
    private readonly bool _isGuarded;
    private readonly int[] _place;
    private readonly string?[] _cells;
    private readonly int _width;
    private readonly int _named;
    private readonly char[] _buffer = new char[1 << 15];
    private readonly StringBuilder _cell = new();
    private int _at;
    private int _length;
    private int _number = 1;
    private bool _ended;

    public CsvRows(StreamReader reader, Mapping mapping, IReadOnlyList<string> wanted)
    {
        (_reader, _isGuarded) = (reader, mapping.Guarded);
        _cells = new string?[wanted.Count];
        Fill();
        _delimiter = mapping.Delimiter?[0] ?? Sniff(_buffer.AsSpan(0, _length));
        var header = new List<string>();
        var read = Read((column, cell) =>
        {
            while (header.Count <= column)
            {
                header.Add("");
            }

            header[column] = cell.Trim();
        });
        // Spreadsheets leave columns behind that have neither name nor content.
        _width = read.Cells;
        _named = header.FindLastIndex(h => h.Length > 0) + 1;
        _place = [.. header.Select(name => name.Length == 0 ? -1 : IndexOf(wanted, name))];
        for (var i = 0; i < _place.Length; i++)
        {
            if (_place[i] >= 0 && Array.IndexOf(_place, _place[i]) < i)
            {
                throw new ImportException($"The column '{header[i]}' stands twice in the header; which of the two is meant cannot be told.");
            }
        }

        Present = [.. Enumerable.Range(0, wanted.Count).Select(w => Array.IndexOf(_place, w) >= 0)];
        if (!Present.Any(p => p))
        {
            throw new ImportException(
                $"The file has none of the columns that the mapping names ({Some(wanted)}); its first line has {Some([.. header.Where(h => h.Length > 0)])}. Is it the right mapping, and is the delimiter '{_delimiter}'?");
        }
    }

    public IReadOnlyList<bool> Present { get; }

    public double Part => (double)_reader.BaseStream.Position / Math.Max(1, _reader.BaseStream.Length);

    public ValueTask<FileRow?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (_at == _length && !Fill())
            {
                return ValueTask.FromResult<FileRow?>(null);
            }

            _number++;
            Array.Clear(_cells);
            var extra = false;
            var read = Read((column, cell) =>
            {
                if (column < _place.Length)
                {
                    if (_place[column] is >= 0 and var w)
                    {
                        _cells[w] = _isGuarded ? CsvText.Unguarded(cell) : cell;
                    }
                }
                else
                {
                    extra |= !string.IsNullOrWhiteSpace(cell);
                }
            });
            if (read is { Cells: 1, IsBlank: true })
            {
                // Blank lines are no rows, but they count.
                continue;
            }

            if (_ended && !read.IsClosed && read.Cells < _named)
            {
                throw new ImportException($"Row {_number}, the last, has {read.Cells} of {_named} cells and no end of line: the file was cut short.");
            }

            var wrong = read.Wrong
                ?? (extra ? $"has {read.Cells} cells, and the header {_width}: is a delimiter in a cell that is not quoted?" : null)
                ?? (read.Cells < _named ? $"has {read.Cells} cells, and the header {_named}." : null);
            return ValueTask.FromResult<FileRow?>(new FileRow(_number, _cells, wrong));
        }
    }

    public void Dispose() => _reader.Dispose();

    internal static char Sniff(ReadOnlySpan<char> start)
    {
        Span<int> counts = stackalloc int[4];
        var quoted = false;
        foreach (var c in start)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && c is '\n' or '\r')
            {
                break;
            }
            else if (!quoted && ",;\t|".IndexOf(c, StringComparison.Ordinal) is >= 0 and var i)
            {
                counts[i]++;
            }
        }

        var best = 0;
        for (var i = 1; i < 4; i++)
        {
            best = counts[i] > counts[best] ? i : best;
        }

        return ",;\t|"[best];
    }

    private static int IndexOf(IReadOnlyList<string> wanted, string name)
    {
        for (var i = 0; i < wanted.Count; i++)
        {
            // A table shows the first item of a list under its name without the index.
            if (wanted[i].Trim() == name || wanted[i].Replace(".0.", ".", StringComparison.Ordinal) == name)
            {
                return i;
            }
        }

        return -1;
    }

    private static string Some(IReadOnlyList<string> names) => $"{string.Join(", ", names.Take(12))}{(names.Count > 12 ? ", …" : "")}";

    private bool Fill()
    {
        _at = 0;
        _length = _reader.Read(_buffer, 0, _buffer.Length);
        _ended = _length == 0;
        return !_ended;
    }

    private bool Peek(out char next)
    {
        if (_at == _length && !Fill())
        {
            next = '\0';
            return false;
        }

        next = _buffer[_at];
        return true;
    }

    // One record: how many cells, what is wrong with it, whether a line end closed it.
    private (int Cells, string? Wrong, bool IsClosed, bool IsBlank) Read(Action<int, string> take)
    {
        var (column, begun) = (0, _number);
        string? wrong = null;
        var blank = true;
        while (true)
        {
            _cell.Clear();
            var tooLong = false;
            var quoted = Peek(out var c) && c == '"';
            if (quoted)
            {
                _at++;
                while (true)
                {
                    if (!Peek(out c))
                    {
                        throw new ImportException($"The file ends inside a quoted cell that begins in row {begun}: it was cut short, or a quote there is not closed.");
                    }

                    _at++;
                    if (c == '"')
                    {
                        if (!Peek(out c) || c != '"')
                        {
                            break;
                        }

                        _at++;
                    }

                    Append(c, ref tooLong);
                }
            }

            // What follows a closing quote is taken as it stands.
            while (Peek(out c) && c != _delimiter && c is not ('\n' or '\r'))
            {
                _at++;
                Append(c, ref tooLong);
            }

            blank = blank && !quoted && _cell.Length == 0;
            if (tooLong)
            {
                wrong ??= $"has a cell of more than {RowFile.LongestCell} characters, in column {column + 1}.";
            }

            if (column < MostCells)
            {
                take(column, _cell.ToString());
            }

            column++;
            if (!Peek(out c))
            {
                return (column, wrong, false, blank);
            }

            _at++;
            if (c == _delimiter)
            {
                continue;
            }

            if (c == '\r' && Peek(out c) && c == '\n')
            {
                _at++;
            }

            return (column, wrong, true, blank);
        }
    }

    private void Append(char c, ref bool tooLong)
    {
        if (_cell.Length < RowFile.LongestCell)
        {
            _cell.Append(c);
        }
        else
        {
            tooLong = true;
        }
    }
}
