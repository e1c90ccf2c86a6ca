import { useEffect, useRef, useState } from 'preact/hooks';
import { changed, refine } from './address';
import { stages, useTerms } from './terms';
import { useNames } from './names';
import { useAnswer, urlOf, type Page, type Params } from './api';
import type { Found, Stat } from './views';
import { alphabet, countryName, spelled, useWords } from './words';

const names = ['q', 'status', 'stage', 'country', 'sector', 'region', 'operator'] as const;

/** What the address says of which sites are meant, as every list, statistic and tile of the service takes it. */
export function filterOf(params: URLSearchParams): Params {
  return Object.fromEntries(names.map(name => [name, params.get(name)]));
}

/** The date in the world; where it is asked for, nothing counts that was published after that date. */
export function timeOf(params: URLSearchParams): Params {
  const asOf = params.get('asOf');
  return { asOf, publishedUntil: params.get('known') === 'then' ? asOf : null };
}

/** Whether of a day that is past more is told than was known by then. */
export const isHindsight = (params: URLSearchParams) => params.has('asOf') && params.get('known') !== 'then';

export const hasFilter = (params: URLSearchParams) => names.some(name => params.has(name));

const cleared = Object.fromEntries(names.map(name => [name, null]));

// A control that goes when it was used leads on to the search; not where that would bring up a keyboard.
function leadOn(changes: Parameters<typeof refine>[0]): void {
  refine(changes);
  if (!matchMedia('(hover: none)').matches) document.querySelector<HTMLInputElement>('.search input')?.focus();
}

// How many sites there are of each kind, in what the rest of the filter leaves.
function useCounts(by: 'status' | 'country' | 'sector', params: URLSearchParams, lang: string, turn: number): Stat[] | null {
  const rest = changed(params, by === 'status' ? { status: null, stage: null } : { [by]: null });
  const counts = useAnswer<Page<Stat>>(urlOf('/v1/stats/factories', { groupBy: by, limit: 1000, lang }, filterOf(rest), timeOf(params)));
  useEffect(() => {
    if (turn > 0) counts.again();
  }, [turn]);
  return counts.data?.items ?? null;
}

interface SelectProps { name: 'status' | 'country' | 'sector'; label: string; value: string | null; counts: Stat[] | null; nameOf: (code: string) => string }

function Select({ name, label, value, counts, nameOf }: SelectProps) {
  const { lang, t } = useWords();
  const choices = (counts ?? []).flatMap(stat => stat[name] ? [{ code: stat[name], label: nameOf(stat[name]), count: stat.factories }] : [])
    .sort((one, other) => alphabet(lang).compare(one.label, other.label));
  return (
    <label>
      <span>{label}</span>
      <select value={value ?? ''} onChange={event => refine({ [name]: event.currentTarget.value, ...(name === 'status' && { stage: null }) })}>
        <option value="">{t.all}</option>
        {value && !choices.some(choice => choice.code === value) && <option value={value}>{value.split(',').map(nameOf).join(', ')}</option>}
        {choices.map(({ code, label, count }) => <option key={code} value={code}>{label} ({count})</option>)}
      </select>
    </label>
  );
}

/** Which sites: by stage and status, country and sector, each with how many there are. `turn` grows when they may have changed. */
export function Filter({ params, turn }: { params: URLSearchParams; turn: number }) {
  const { lang, t } = useWords();
  const { label, stageOf } = useTerms();
  const statuses = useCounts('status', params, lang, turn);
  const countries = useCounts('country', params, lang, turn);
  const sectors = useCounts('sector', params, lang, turn);
  const stage = params.get('stage');
  // Nothing is not none: until they are counted, no number is shown.
  const ofStage = (code: string) => statuses?.filter(stat => stageOf(stat.status) === code).reduce((sum, stat) => sum + stat.factories, 0);
  const notYet = statuses?.find(stat => stat.status === null)?.factories ?? 0;
  return (
    <div class="filter">
      <div class="stages" role="group" aria-label={t.status}>
        {stages.map(code => (
          <button key={code} type="button" class={code} aria-pressed={stage === code} onClick={() => refine({ stage: stage === code ? null : code, status: null })}>
            {t.stages[code]} <b>{ofStage(code)}</b>
          </button>
        ))}
      </div>
      <div class="selects">
        <Select name="status" label={t.status} value={params.get('status')} counts={statuses} nameOf={label} />
        <Select name="country" label={t.country} value={params.get('country')} counts={countries} nameOf={code => countryName(lang, code)} />
        <Select name="sector" label={t.sector} value={params.get('sector')} counts={sectors} nameOf={code => t.sectors[code] ?? spelled(code)} />
      </div>
      {params.has('asOf') && notYet > 0 && <p class="quiet">{t.notYetCount(notYet)}</p>}
      {hasFilter(params) && <button type="button" class="plain" onClick={() => leadOn(cleared)}>{t.clear}</button>}
    </div>
  );
}

/** Finds while one types; what is typed stands in the address as soon as a pause is made. */
export function SearchBox({ params }: { params: URLSearchParams }) {
  const { lang, t } = useWords();
  const q = params.get('q') ?? '';
  const [text, setText] = useState(q);
  // What this box itself asked for comes back while more is typed already, and must not take that away.
  const asked = useRef(q);
  useEffect(() => {
    if (q === asked.current) return;
    asked.current = q;
    setText(q);
  }, [q]);
  useEffect(() => {
    if (text.trim() === asked.current) return;
    const timer = setTimeout(() => refine({ q: asked.current = text.trim() }), 200);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useAnswer<{ items: Found[] }>(q.length > 1 ? urlOf('/v1/search', { q, type: 'region,operator', limit: 3, lang }) : null);
  const [region, operator] = [params.get('region'), params.get('operator')];
  const [regionName, operatorName] = [useNames('regions', [region]), useNames('operators', [operator])];
  const chip = (name: string, word: string, value: string) => (
    <button type="button" class="chip on" onClick={() => leadOn({ [name]: null })}>{t.is(word, value)} <span aria-hidden="true">✕</span><span class="visually-hidden">, {t.drop}</span></button>
  );
  return (
    <search>
      <label class="search">
        <span>{t.search}</span>
        <input type="search" value={text} placeholder={t.searchHint} autocomplete="off" spellcheck={false} onInput={event => setText(event.currentTarget.value)} />
      </label>
      <div class="chips">
        {region && chip('region', t.onlyIn, regionName(region))}
        {operator && chip('operator', t.onlyOf, operatorName(operator))}
        {(found.data?.items ?? []).map(({ type, slug, name }) => (
          <button key={type + slug} type="button" class="chip" onClick={() => leadOn({ q: null, [type]: slug })}>
            {t.is(type === 'region' ? t.onlyIn : t.onlyOf, '')}<b>{name}</b>
          </button>
        ))}
      </div>
    </search>
  );
}
