import { urlOf, useAnswer, type Page } from './api';
import { nameOfSource } from './parts';
import type { Evidence, Source } from './views';

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
