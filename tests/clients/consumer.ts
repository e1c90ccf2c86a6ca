// A small consumer of the generated types, compiled and not run: what it relies on must stay in the API's description.
import type { components, operations, paths } from "./generated/chantier.js";

type Factory = components["schemas"]["Factory"];
type Query = NonNullable<operations["ListFactories"]["parameters"]["query"]>;
type Problem = components["schemas"]["Problem"];
type Page = operations["ListFactories"]["responses"][200]["content"]["application/json"];
type Features = operations["ListRegionFactories"]["responses"][200]["content"]["application/geo+json"];
type NewOperator = operations["CreateOperator"]["requestBody"]["content"]["application/json"];
type Csv = paths["/v1/factories"]["get"]["responses"][200]["content"]["text/csv"];

// Words are checked while writing the query, not when the API refuses it.
const query: Query = {
  status: ["under_construction", "operating"],
  region: ["vallee-de-la-batterie"],
  bbox: [2, 50, 4, 51.1],
  sort: ["-statusSince", "name"],
  fields: ["slug", "status"],
  publishedUntil: "2024-12-31",
  limit: 20,
};

// @ts-expect-error "open" is no status.
const wrong: Query = { status: ["open"] };

function address(root: string, parameters: Query): URL {
  const url = new URL("/v1/factories", root);
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }

  return url;
}

// What the sources leave open is null, and the compiler makes the reader say what then.
export function describe(factory: Factory): string {
  const where = factory.locality ?? factory.region?.name ?? factory.country;
  const since = factory.statusSince === null ? "" : ` (${factory.statusDateMeaning ?? "observed"} ${factory.statusSince})`;
  const embedded = factory.media?.length ?? factory.mediaCount;
  return `${factory.name}, ${where}: ${factory.status ?? "not known"}${since}, ${embedded} media`;
}

// @ts-expect-error The region may be null.
export const region = (factory: Factory): string => factory.region.slug;

export async function* walk(root: string): AsyncGenerator<Factory> {
  let next: string | null = null;
  do {
    const answer = await fetch(address(root, next === null ? query : { cursor: next }));
    if (!answer.ok) {
      const problem = (await answer.json()) as Problem;
      throw new Error(problem.errors?.map((error) => `${error.parameter ?? ""} ${error.detail}`).join("\n") ?? problem.detail);
    }

    const page = (await answer.json()) as Page;
    yield* page.items;
    next = page.page.next;
  } while (next !== null);
}

// What must be given to write is known while writing it.
export const company: NewOperator = { name: "Example Cells", country: "FR", identifiers: [{ scheme: "siren", value: "732829320" }] };

// @ts-expect-error A company has a name.
export const nameless: NewOperator = { country: "FR" };

export async function create(root: string, key: string, body: NewOperator): Promise<components["schemas"]["Operator"]> {
  const answer = await fetch(new URL("/v1/operators", root), {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
    body: JSON.stringify(body),
  });
  if (answer.status !== 201) {
    throw new Error(((await answer.json()) as Problem).detail);
  }

  return (await answer.json()) as components["schemas"]["Operator"];
}

export const points = (features: Features): (readonly number[])[] =>
  features.features.flatMap((feature) => (feature.geometry === null ? [] : [feature.geometry.coordinates]));

export const columns = (csv: Csv): string[] => csv.split("\r\n", 1)[0]?.split(",") ?? [];

export { wrong };
