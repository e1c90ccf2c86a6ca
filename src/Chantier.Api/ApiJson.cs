using System.Text.Json.Serialization;
using Chantier.Api.Archives;
using Chantier.Api.Changes;
using Chantier.Api.Factories;
using Chantier.Api.Hosting;
using Chantier.Api.Http;
using Chantier.Api.Imports;
using Chantier.Api.Jobs;
using Chantier.Api.Keys;
using Chantier.Api.Landing;
using Chantier.Api.Lookups;
using Chantier.Api.Matching;
using Chantier.Api.Media;
using Chantier.Api.Ogc;
using Chantier.Api.Operators;
using Chantier.Api.Proposals;
using Chantier.Api.Recording;
using Chantier.Api.Redactions;
using Chantier.Api.Regions;
using Chantier.Api.Search;
using Chantier.Api.Sources;
using Chantier.Api.Stats;
using Chantier.Api.Statuses;
using Chantier.Api.Tiles;
using Chantier.Api.Views;
using Chantier.Api.Webhooks;

namespace Chantier.Api;

/// <summary>Every type that is written as JSON, so that the compiler writes the writers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Page<FactoryView>))]
[JsonSerializable(typeof(FactoryDetail))]
[JsonSerializable(typeof(Page<DifferenceView>))]
[JsonSerializable(typeof(IReadOnlyList<FactoryName>))]
[JsonSerializable(typeof(IReadOnlyList<CapacityView>))]
[JsonSerializable(typeof(IReadOnlyList<CapacityPartRow>))]
[JsonSerializable(typeof(Page<StatusEventView>))]
[JsonSerializable(typeof(Page<FigureView>))]
[JsonSerializable(typeof(Page<PhaseView>))]
[JsonSerializable(typeof(Page<MediaView>))]
[JsonSerializable(typeof(Page<SourceView>))]
[JsonSerializable(typeof(Page<ChangeView>))]
[JsonSerializable(typeof(Page<FeedEntryView>))]
[JsonSerializable(typeof(Page<OperatorView>))]
[JsonSerializable(typeof(OwnershipView))]
[JsonSerializable(typeof(Page<RegionView>))]
[JsonSerializable(typeof(RegionDetail))]
[JsonSerializable(typeof(Page<StatusView>))]
[JsonSerializable(typeof(Page<LookupView>))]
[JsonSerializable(typeof(Page<FactoryStat>))]
[JsonSerializable(typeof(Page<TimelineStat>))]
[JsonSerializable(typeof(Page<SlippageView>))]
[JsonSerializable(typeof(Page<SlippageStat>))]
[JsonSerializable(typeof(Page<StageStat>))]
[JsonSerializable(typeof(SearchView))]
[JsonSerializable(typeof(Page<ClaimRecordView>))]
[JsonSerializable(typeof(Page<SourceClaimView>))]
[JsonSerializable(typeof(SourceDetail))]
[JsonSerializable(typeof(LandingView))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(LikelyDuplicate))]
[JsonSerializable(typeof(MatchRequest))]
[JsonSerializable(typeof(MatchView))]
[JsonSerializable(typeof(ClaimDetail))]
[JsonSerializable(typeof(RetractionRequest))]
[JsonSerializable(typeof(Page<JobView>))]
[JsonSerializable(typeof(CancellationRequest))]
[JsonSerializable(typeof(ArchiveRequest))]
[JsonSerializable(typeof(Page<ImportView>))]
[JsonSerializable(typeof(Page<KeyView>))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(RevocationRequest))]
[JsonSerializable(typeof(Page<WebhookView>))]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(PingRequest))]
[JsonSerializable(typeof(Page<DeliveryView>))]
[JsonSerializable(typeof(StatusEventRequest))]
[JsonSerializable(typeof(FigureRequest))]
[JsonSerializable(typeof(RoleRequest))]
[JsonSerializable(typeof(LocationRequest))]
[JsonSerializable(typeof(DepictionRequest))]
[JsonSerializable(typeof(MergeRequest))]
[JsonSerializable(typeof(FactoryRequest))]
[JsonSerializable(typeof(List<NameRequest>))]
[JsonSerializable(typeof(PhaseRequest))]
[JsonSerializable(typeof(OperatorRequest))]
[JsonSerializable(typeof(OwnershipRequest))]
[JsonSerializable(typeof(RegionRequest))]
[JsonSerializable(typeof(MembershipRequest))]
[JsonSerializable(typeof(MediumRequest))]
[JsonSerializable(typeof(SourceRequest))]
[JsonSerializable(typeof(EvidenceRequest))]
[JsonSerializable(typeof(RetractedSource))]
[JsonSerializable(typeof(RedactionRequest))]
[JsonSerializable(typeof(RedactionView))]
[JsonSerializable(typeof(Filed))]
[JsonSerializable(typeof(Page<ProposalView>))]
[JsonSerializable(typeof(ProposalChangesView))]
[JsonSerializable(typeof(AcceptanceRequest))]
[JsonSerializable(typeof(RejectionRequest))]
[JsonSerializable(typeof(WithdrawalRequest))]
[JsonSerializable(typeof(OgcLanding))]
[JsonSerializable(typeof(OgcConformance))]
[JsonSerializable(typeof(OgcCollections))]
[JsonSerializable(typeof(TilesetsView))]
[JsonSerializable(typeof(TileJsonView))]
[JsonSerializable(typeof(MatrixSetsView))]
[JsonSerializable(typeof(MatrixSetView))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class ApiJson : JsonSerializerContext;
