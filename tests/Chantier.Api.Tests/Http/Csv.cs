using System.Text;

namespace Chantier.Api.Tests.Http;

/// <summary>A table read by the grammar of RFC 4180 and nothing more lenient.</summary>
internal sealed record Csv(string[] Header, List<string[]> Rows)
{
    public static Csv Read(string text)
    {
        var records = new List<string[]>();
        var at = 0;
        while (at < text.Length)
        {
            var record = new List<string> { Field(text, ref at) };
            while (at < text.Length && text[at] == ',')
            {
                at++;
                record.Add(Field(text, ref at));
            }

            Assert.True(text.AsSpan(at).StartsWith("\r\n"), $"A record must end in CRLF, at {at}: {text[Math.Max(0, at - 20)..Math.Min(text.Length, at + 20)]}");
            at += 2;
            records.Add([.. record]);
        }

        Assert.All(records, record => Assert.Equal(records[0].Length, record.Length));
        return new(records[0], records[1..]);
    }

    /// <summary>The column of a name.</summary>
    public string[] this[string column] => [.. Rows.Select(row => row[Array.IndexOf(Header, column)])];

    private static string Field(string text, ref int at)
    {
        var field = new StringBuilder();
        if (at < text.Length && text[at] == '"')
        {
            for (at++; text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"'); at++)
            {
                if (text[at] == '"')
                {
                    at++;
                }

                field.Append(text[at]);
            }

            at++;
            return field.ToString();
        }

        for (; at < text.Length && text[at] is not (',' or '\r' or '\n'); at++)
        {
            Assert.NotEqual('"', text[at]);
            field.Append(text[at]);
        }

        return field.ToString();
    }
}
