import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Term } from './views';
import { spelled, useWords } from './words';

/** The vocabulary of construction status, as /v1/statuses has it. */
export const Terms = createContext<Term[]>([]);

export const stages = ['planned', 'building', 'active', 'stopped', 'ended'] as const;

/** Of each stage, as it is on the map, in charts and in lists: a colour that can be told apart, and read under white or dark text. */
export const colours: Record<string, string> = { planned: '#2f7fc1', building: '#e08a00', active: '#1f8a5b', stopped: '#8a5fb0', ended: '#7b848a' };

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

export function StatusBadge({ status }: { status: string | null }) {
  const { label, stageOf } = useTerms();
  const { t } = useWords();
  return <span class={`badge ${stageOf(status) ?? 'none'}`}>{status ? label(status) : t.notClaimed}</span>;
}
