using Chantier.EmbeddedPostgres.Tests;
using Xunit.MicrosoftTestingPlatform;

return args is [OtherProgram.Verb, var dataFolder]
    ? await OtherProgram.RunAsync(dataFolder)
    : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
