import { urlOf, useAnswer, type Page } from './api';
import type { Ref } from './views';
import { spelled, useWords } from './words';

// As many as the service takes in one question; the rest is told by its slug.
const most = 100;

/** The names of those that are only known by their slugs. */
export function useNames(of: 'operators' | 'regions', slugs: (string | null | undefined)[]): (slug: string) => string {
  const { lang } = useWords();
  const asked = [...new Set(slugs.filter(slug => slug !== null && slug !== undefined))].sort().slice(0, most);
  const named = useAnswer<Page<Ref>>(asked.length > 0 ? urlOf(`/v1/${of}`, { slug: asked.join(), fields: 'slug,name', limit: most, lang }) : null);
  return slug => named.data?.items.find(one => one.slug === slug)?.name ?? spelled(slug).replaceAll('-', ' ');
}
