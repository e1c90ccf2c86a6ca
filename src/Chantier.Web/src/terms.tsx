import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Term } from './views';
import { spelled, useWords } from './words';

/** The vocabulary of construction status, as /v1/statuses has it. */
export const Terms = createContext<Term[]>([]);

export const stages = ['planned', 'building', 'active', 'stopped', 'ended'] as const;

/** Of each stage, as it is on the map, in charts and in lists: a colour that can be told apart, and read under white or dark text. */
export const colours: Record<string, string> = { planned: '#2f7fc1', building: '#e08a00', active: '#1f8a5b', stopped: '#8a5fb0', ended: '#7b848a' };

/** Of each status: a shade of its stage's colour, so that one that follows another of the same stage can be told from it. */
export const shades: Record<string, string> = {
  rumoured: '#a9cbe8', announced: '#74abd9', planning: '#2f7fc1', permitted: '#174f80',
  site_preparation: '#f5bd62', under_construction: '#e08a00', commissioning: '#9c5a00',
  operating: '#1f8a5b', idled: '#b593d4', suspended: '#8a5fb0',
  cancelled: '#7b848a', never_commissioned: '#a2abb0', closed: '#5b656b', dismantled: '#3b4348',
};

export const unclaimed = '#b7bfc4';

export function useTerms() {
  const terms = useContext(Terms);
  const { lang } = useWords();
  const termOf = (code: string) => terms.find(term => term.code === code);
  return {
    statuses: terms.filter(term => term.kind === 'status'),
    label: (code: string) => termOf(code)?.labels[lang] ?? spelled(code),
    stageOf: (code: string | null) => code ? termOf(code)?.stage ?? null : null,
  };
}

/** A status, and that it was concluded where nobody says it; where there is none, that no source says one, or on a date that is past, that none says one of so long ago. */
export function StatusBadge({ status, basis = null, isPast = false }: { status: string | null; basis?: string | null; isPast?: boolean }) {
  const { label, stageOf } = useTerms();
  const { t } = useWords();
  const isInferred = status !== null && basis === 'inferred';
  return <span class={`badge ${stageOf(status) ?? 'none'}${isInferred ? ' inferred' : ''}`}>{status ? label(status) : isPast ? t.notYet : t.notClaimed}{isInferred && ` · ${t.inferred}`}</span>;
}
