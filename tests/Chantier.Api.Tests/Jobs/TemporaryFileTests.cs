using Chantier.Api.Jobs;

namespace Chantier.Api.Tests.Jobs;

public sealed class TemporaryFileTests
{
    [Fact]
    public async Task It_keeps_what_is_written_and_has_no_name_that_could_be_left_behind()
    {
        byte[] content = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i % 251))];
        await using var file = TemporaryFile.Open();
        await file.WriteAsync(content, TestContext.Current.CancellationToken);
        Assert.Equal(OperatingSystem.IsWindows(), File.Exists(file.Name));

        file.Position = 0;
        var read = new byte[content.Length];
        await file.ReadExactlyAsync(read, TestContext.Current.CancellationToken);
        Assert.Equal(content, read);
        Assert.Equal(content.Length, file.Length);
    }
}
