import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Problem, isPassing, type Answer } from './api';
import { Link, changed, hrefOf, keptOf, stepsTaken } from './address';
import { tell } from './edtf';
import type { Evidence, Locator, Quantity, Source } from './views';
import { number, spelled, unitName, useWords, type Lang, type Words } from './words';

export function Loading() {
  const { t } = useWords();
  return <div class="loading" role="status"><span class="visually-hidden">{t.loading}</span><i /><i /><i /></div>;
}

let greeted = 0;

/** The name of a view. Who came by a link is taken to it, so that it is read out and the Tab key goes on from there. */
export function Heading({ class: name, children }: { class?: string; children: ComponentChildren }) {
  const box = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (greeted === stepsTaken()) return;
    greeted = stepsTaken();
    box.current!.focus({ preventScroll: true });
  });
  return <h1 ref={box} tabIndex={-1} class={name}>{children}</h1>;
}

type Kind = 'missing' | 'unknownThen' | 'refused' | 'unavailable' | 'unreachable';

function kindOf(problem: Error): Kind {
  if (!(problem instanceof Problem)) return 'unreachable';
  if (problem.type.endsWith(':not-known-then')) return 'unknownThen';
  return problem.status === 404 || problem.status === 410 ? 'missing' : isPassing(problem) ? 'unavailable' : 'refused';
}

/** What failed, in the reader's language, and the way on; `isWhole` where there is nothing else in the view. */
export function Failure({ problem, again, isWhole = false }: { problem: Error; again?: () => void; isWhole?: boolean }) {
  const { lang, t } = useWords();
  const params = new URLSearchParams(location.search);
  const kind = kindOf(problem);
  const [title, text] = t.failures[kind];
  return (
    <div class="failure" role="alert">
      {isWhole ? <Heading>{title}</Heading> : <h2>{title}</h2>}
      <p>{text}</p>
      {lang === 'en' && problem instanceof Problem && problem.detail && <p><small>{problem.detail}</small></p>}
      <p class="ways">
        {again && isPassing(problem) && <button type="button" onClick={again}>{t.tryAgain}</button>}
        {kind === 'unknownThen' && <Link href={hrefOf(location.pathname, changed(params, { known: null }), 'all')}>{t.asKnownNow}</Link>}
        {/* What the service refuses may be the date, which must not come along. */}
        <Link href={hrefOf('/', kind === 'refused' ? changed(keptOf(params), { asOf: null, known: null }) : params)}>{t.toSites}</Link>
      </p>
    </div>
  );
}

/** What an answer looks like in each of its states: not there yet, failed, empty, there, or there and not to be had anew. */
export function Show<T>({ answer, empty, isWhole = false, children }: { answer: Answer<T>; empty?: string; isWhole?: boolean; children: (data: T) => ComponentChildren }) {
  const { t } = useWords();
  const { data, problem, isLoading, again } = answer;
  if (data === null) return problem ? <Failure problem={problem} again={again} isWhole={isWhole} /> : <Loading />;
  return (
    <>
      <p role="status" class={problem ? 'notice' : 'visually-hidden'}>{problem && <>{t.notRenewed} <button type="button" class="plain" onClick={again}>{t.tryAgain}</button></>}</p>
      {empty && Array.isArray(data) && data.length === 0 ? <p class="empty">{empty}</p> : <div class={isLoading ? 'stale' : undefined} aria-busy={isLoading}>{children(data)}</div>}
    </>
  );
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
  return unit === 'jobs' ? `${number} ${t.properties['jobs']!.toLowerCase()}` : `${number} ${unit ? unitName(lang, unit) : ''}`.trim();
}

const locators: Record<Lang, Record<string, string>> = { en: {}, fr: { paragraph: 'paragraphe', row: 'ligne', character: 'caractère', page: 'page' } };

/** Where in a source. */
export const locatorWords = (lang: Lang, { kind, start, end }: Locator) => `${locators[lang][kind] ?? spelled(kind)} ${start}${end && end !== start ? `–${end}` : ''}`;

export const nameOfSource = ({ title, publisher, slug }: Pick<Source, 'title' | 'publisher' | 'slug'>) => title ?? publisher ?? slug;

/** The host of an address; null of what is none, as where it was redacted. */
export const hostOf = (url: string) => /^https?:/i.test(url) && URL.canParse(url) ? new URL(url).host : null;

/** What something rests on: each source with when it was published, where in it, and the way to the original. */
export function Sources({ evidence, params }: { evidence: Evidence[]; params: URLSearchParams }) {
  const { lang, t } = useWords();
  if (evidence.length === 0) return <p class="quiet">{t.notClaimed}</p>;
  return (
    <ul class="sources">
      {evidence.map(({ source, url, published, locator, note }, i) => (
        <li key={i}>
          <Link href={hrefOf(`/sources/${source.slug}`, params)}>{source.name}</Link>
          {published && <>, <time>{tell(published, lang)}</time></>}
          {locator && <>, {locatorWords(lang, locator)}</>}
          {url && <> <a class="origin" href={url} rel="noreferrer" target="_blank" aria-label={t.is(t.read, source.name)}>↗</a></>}
          {note && <> <span class="quiet">{note}</span></>}
        </li>
      ))}
    </ul>
  );
}
