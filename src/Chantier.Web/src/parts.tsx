import type { ComponentChildren } from 'preact';
import { Problem, type Answer } from './api';
import { Link, hrefOf } from './address';
import { tell } from './edtf';
import type { Evidence, Locator, Quantity } from './views';
import { number, spelled, useWords, type Lang, type Words } from './words';

export function Loading() {
  const { t } = useWords();
  return <div class="loading" role="status"><span class="visually-hidden">{t.loading}</span><i /><i /><i /></div>;
}

export function Failure({ problem, again }: { problem: Error; again?: () => void }) {
  const { t } = useWords();
  const isMissing = problem instanceof Problem && (problem.status === 404 || problem.status === 410);
  return (
    <div class="failure" role="alert">
      <h2>{isMissing ? t.gone : t.failed}</h2>
      <p>{problem instanceof Problem ? problem.detail || problem.message : t.unreachable}</p>
      {again && !isMissing && <button type="button" onClick={again}>{t.tryAgain}</button>}
    </div>
  );
}

/** What an answer looks like in each of its states: not there yet, failed, empty, or there. */
export function Show<T>({ answer, empty, children }: { answer: Answer<T>; empty?: string; children: (data: T) => ComponentChildren }) {
  if (answer.problem) return <Failure problem={answer.problem} again={answer.again} />;
  if (answer.data === null) return <Loading />;
  if (empty && Array.isArray(answer.data) && answer.data.length === 0) return <p class="empty">{empty}</p>;
  return <div class={answer.isLoading ? 'stale' : undefined} aria-busy={answer.isLoading}>{children(answer.data)}</div>;
}

export function Section({ id, title, aside, children }: { id: string; title: string; aside?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section aria-labelledby={id}>
      <header><h2 id={id}>{title}</h2>{aside}</header>
      {children}
    </section>
  );
}

const large: Record<Lang, [number, string][]> = { en: [[1e9, 'bn'], [1e6, 'm']], fr: [[1e9, 'Md'], [1e6, 'M']] };

// Sums of money are told as newspapers tell them.
function amount(lang: Lang, value: number, unit: string | null): string {
  const [size, word] = (unit && /^[A-Z]{3}$/.test(unit) ? large[lang].find(([size]) => Math.abs(value) >= size) : undefined) ?? [1, ''];
  return number(lang, value / size) + (word && ` ${word}`);
}

/** A figure with its unit; a minimum or a word where a source has no number. */
export function quantity(lang: Lang, t: Words, { value, min, max, word, unit }: Quantity): string {
  if (value === null && min === null && max === null) return word ? `« ${word} »` : '–';
  const number = value !== null ? amount(lang, value, unit)
    : min !== null && max !== null ? `${amount(lang, min, unit)} – ${amount(lang, max, unit)}`
    : min !== null ? `≥ ${amount(lang, min, unit)}` : `≤ ${amount(lang, max!, unit)}`;
  return unit === 'jobs' ? `${number} ${t.properties['jobs']!.toLowerCase()}` : `${number} ${unit ?? ''}`.trim();
}

const locators: Record<Lang, Record<string, string>> = { en: {}, fr: { paragraph: 'paragraphe', row: 'ligne', character: 'caractère', page: 'page' } };

/** Where in a source. */
export const locatorWords = (lang: Lang, { kind, start, end }: Locator) => `${locators[lang][kind] ?? spelled(kind)} ${start}${end && end !== start ? `–${end}` : ''}`;

/** What something rests on: each source with when it was published, where in it, and the way to the original. */
export function Sources({ evidence, params }: { evidence: Evidence[]; params: URLSearchParams }) {
  const { lang, t } = useWords();
  if (evidence.length === 0) return <p class="quiet">{t.notClaimed}</p>;
  return (
    <ul class="sources">
      {evidence.map(({ source, url, published, locator, note }) => (
        <li key={source.slug}>
          <Link href={hrefOf(`/sources/${source.slug}`, params)}>{source.name}</Link>
          {published && <>, <time>{tell(published, lang)}</time></>}
          {locator && <>, {locatorWords(lang, locator)}</>}
          {url && <> <a class="origin" href={url} rel="noreferrer" target="_blank" aria-label={`${t.read}: ${source.name}`}>↗</a></>}
          {note && <> <span class="quiet">{note}</span></>}
        </li>
      ))}
    </ul>
  );
}
