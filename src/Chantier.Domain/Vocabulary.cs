using System.Collections;

namespace Chantier.Domain;

/// <summary>A closed list of words under a name of its own: what validators accept, views show and the API's description tells.</summary>
public sealed class Vocabulary : IReadOnlyList<string>
{
    private readonly string[] _words;

    /// <summary>Makes a vocabulary of its words, in their own order.</summary>
    public Vocabulary(string name, params IEnumerable<string> words) => (Name, _words) = (name, [.. words]);

    /// <summary>What the list is called.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public int Count => _words.Length;

    /// <inheritdoc/>
    public string this[int index] => _words[index];

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_words).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
