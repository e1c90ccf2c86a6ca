import { urlOf, useAll, useAnswer, type Answer, type Page } from './api';
import { timeOf } from './filter';
import { nameOfSource } from './parts';
import type { EndedEvent, Evidence, Source, StatusEvent } from './views';

// As many as the service takes in one question.
const most = 100;

/** Of sources that are told by their slugs: what they are, as evidence without the place in them; and whether that is known by now, as far as it can be. */
export function useEvidence(slugs: string[]): [evidenceOf: (slug: string) => Evidence, isKnown: boolean] {
  const asked = [...new Set(slugs)].sort().slice(0, most);
  const found = useAnswer<Page<Source>>(asked.length > 0 ? urlOf('/v1/sources', { slug: asked.join(), fields: 'slug,title,publisher,url,published', limit: most }) : null);
  const evidenceOf = (slug: string) => {
    const source = found.data?.items.find(one => one.slug === slug);
    return { source: { slug, name: source ? nameOfSource(source) : slug }, url: source?.url ?? null, published: source?.published ?? null, locator: null, note: null };
  };
  return [evidenceOf, !found.isLoading];
}

/** What was expected of a site until news said otherwise. It was told all the same; what was recorded in error never was. */
export function useReplaced(slug: string, params: URLSearchParams): Answer<StatusEvent[]> {
  const ended = useAll<EndedEvent>(urlOf('/v1/claims', { factory: slug, kind: 'status_event', basis: 'expected', state: 'ended', limit: 1000 }, timeOf(params)));
  const replaced = ended.data?.filter(({ endReason }) => endReason === 'news') ?? [];
  const [evidenceOf, isKnown] = useEvidence(replaced.flatMap(({ sources }) => sources));
  const events = replaced.map(({ claimNote, sources, ...event }) => ({ ...event, phaseName: null, note: claimNote, isReplaced: true, evidence: sources.map(evidenceOf) }));
  return { ...ended, data: ended.data && isKnown ? events : null };
}
