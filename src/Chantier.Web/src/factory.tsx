import { useEffect, useRef, useState } from 'preact/hooks';
import { Link, hrefOf, keptOf } from './address';
import { both, urlOf, useAll, useAnswer, useChanges, type Answer, type Page } from './api';
import { Changes } from './changes';
import { coursesOf } from './course';
import { tell } from './edtf';
import { useEvidence, useReplaced } from './evidence';
import { Facts, todayOf } from './facts';
import { timeOf } from './filter';
import { FactoryMap } from './map';
import { Owners } from './ownership';
import { Heading, Section, Show, Sources, hostOf, nameOfSource, quantity } from './parts';
import { useTerms } from './terms';
import { Timeline } from './timeline';
import type { Change, Evidence, FactoryDetail, Figure, Medium, Slip, Source, StatusEvent } from './views';
import { spelled, useWords } from './words';

interface Props { slug: string; params: URLSearchParams }

/** Events of a site, drawn; and as a table for who cannot see the drawing, or wants to copy. */
function Course({ answer, params }: { answer: Answer<StatusEvent[]>; params: URLSearchParams }) {
  const { lang, t } = useWords();
  const { label } = useTerms();
  const today = todayOf(params);
  return (
    <Show answer={answer} empty={t.noEvents}>
      {events => (
        <>
          <Timeline events={events} today={today} params={params} />
          <details>
            <summary>{t.asTable}</summary>
            <div class="scroll" tabIndex={0} role="region" aria-label={t.asTable}>
              <table>
                <thead><tr><th>{t.date}</th><th>{t.what}</th><th>{t.basis}</th><th>{t.sources}</th></tr></thead>
                <tbody>
                  {coursesOf(events, today).flatMap(course => [...course.stretches, ...course.expectations.flatMap(expectation => expectation.told), ...course.milestones])
                    .sort((one, other) => one.days[0] - other.days[0])
                    .map(({ event, sense }) => (
                      <tr key={event.id}>
                        <td>{tell(event.date, lang)}</td><td>{label(event.status ?? event.milestone ?? '')}</td>
                        <td>{event.milestone && sense !== 'milestone' && `${t.milestone}, `}{sense === 'actual' && event.dateMeaning === 'observed' ? t.observed : t[sense]}</td>
                        <td><Sources evidence={event.evidence ?? []} params={params} /></td>
                      </tr>
                    ))}
                </tbody>
              </table>
            </div>
          </details>
        </>
      )}
    </Show>
  );
}

const keyOf = (figure: Figure) => [figure.property, figure.qualifier, figure.product, figure.phaseId, figure.unit].join('|');

/** The effective figure that another one lost to, or came before. A figure of a part of a site or of several sites has none. */
function effectiveOf(figure: Figure, effective: Figure[]): Figure | undefined {
  if (figure.inForce || figure.scope !== 'whole') return undefined;
  return effective.find(({ id }) => id === figure.weighedAgainst) ?? effective.find(one => keyOf(one) === keyOf(figure));
}

/** The effective figures, each with the others of the same thing below it. */
function Figures({ answer, params }: { answer: Answer<Figure[]>; params: URLSearchParams }) {
  const { lang, t } = useWords();
  // An installed figure holds from its date on; before that it is of no use.
  const ofThen = { ...answer, data: answer.data?.filter(figure => figure.rule !== 'not_yet') ?? null };
  const said = (figure: Figure) => (
    <>
      <strong>{quantity(lang, t, figure)}</strong> {figure.qualifier && (t.qualifiers[figure.qualifier] ?? spelled(figure.qualifier))}
      {figure.product && `, ${spelled(figure.product)}`}{figure.forDate && `, ${t.forDate(tell(figure.forDate, lang))}`}
      {figure.note && <span class="quiet"> — {figure.note}</span>}
      <Sources evidence={figure.evidence ?? []} params={params} />
    </>
  );
  const below = (title: string, figures: Figure[]) =>
    figures.length > 0 && <div class="disagreeing"><h4>{title}</h4>{figures.map(figure => <div key={figure.id}>{said(figure)}</div>)}</div>;
  return (
    <Show answer={ofThen} empty={t.noFigures}>
      {figures => {
        const effective = figures.filter(figure => figure.inForce);
        const byEffective = Map.groupBy(figures, figure => effectiveOf(figure, effective));
        return (
          <div class="figures">
            {(byEffective.get(undefined) ?? []).map(figure => {
              const others = byEffective.get(figure) ?? [];
              const marks = [figure.phaseName, t.scopes[figure.scope]].filter(Boolean).join(', ');
              return (
                <article key={figure.id}>
                  <h3>{t.properties[figure.property] ?? spelled(figure.property)}{marks && <small> {marks}</small>}</h3>
                  <div>{said(figure)}</div>
                  {below(t.alsoSaid, others.filter(other => other.rule !== 'other_period'))}
                  {below(t.earlierFigures, others.filter(other => other.rule === 'other_period'))}
                </article>
              );
            })}
          </div>
        );
      }}
    </Show>
  );
}

const drawn = ['image', 'satellite'];

function Picture({ medium, params, evidenceOf }: { medium: Medium; params: URLSearchParams; evidenceOf: (slug: string) => Evidence }) {
  const { lang, t } = useWords();
  // What may be shown freely is shown; whether the rest may, its reader decides, and its origin learns of the reader only then.
  const [isShown, setShown] = useState(medium.licence !== 'unknown');
  const [hasFailed, setFailed] = useState(false);
  const figure = useRef<HTMLElement>(null);
  const caption = medium.caption?.[lang] ?? medium.caption?.en ?? medium.caption?.fr ?? medium.title;
  const host = hostOf(medium.url);
  const show = () => {
    setShown(true);
    figure.current?.focus();
  };
  return (
    <figure ref={figure} tabIndex={-1}>
      {!host || hasFailed || !drawn.includes(medium.kind)
        ? <p class="empty">{hasFailed && <>{t.pictureFailed} </>}{host && <a href={medium.url} rel="noreferrer" target="_blank">{t.originalAt(t.media[medium.kind] ?? spelled(medium.kind), host)} ↗</a>}</p>
        : isShown ? <img src={medium.url} alt={medium.altText ?? caption ?? ''} loading="lazy" referrerpolicy="no-referrer" onError={() => setFailed(true)} />
        : <button type="button" onClick={show}><b>{t.showPicture}</b><span>{t.pictureFrom(host)}</span></button>}
      <figcaption>
        {caption && <>{caption} </>}<span class="quiet">{t.is(t.credit, medium.credit ?? '–')} · {medium.licence === 'unknown' ? t.licenceUnknown : t.is(t.licence, medium.licence)}</span>
        <Sources evidence={medium.sources.map(evidenceOf)} params={params} />
      </figcaption>
    </figure>
  );
}

function Pictures({ answer, params }: { answer: Answer<Medium[]>; params: URLSearchParams }) {
  const { t } = useWords();
  const [evidenceOf] = useEvidence(answer.data?.flatMap(({ sources }) => sources) ?? []);
  return <Show answer={answer} empty={t.noMedia}>{media => <div class="pictures">{media.map(medium => <Picture key={medium.id} medium={medium} params={params} evidenceOf={evidenceOf} />)}</div>}</Show>;
}

function SourceList({ sources, params }: { sources: Source[]; params: URLSearchParams }) {
  const { lang, t } = useWords();
  return (
    <ul class="sources many">
      {sources.map(source => (
        <li key={source.slug}>
          <Link href={hrefOf(`/sources/${source.slug}`, params)}>{nameOfSource(source)}</Link>
          {source.publisher && source.publisher !== nameOfSource(source) && `, ${source.publisher}`}{source.published && <>, <time>{tell(source.published, lang)}</time></>}
          <span class="quiet"> {t.sourceKinds[source.kind] ?? spelled(source.kind)}</span>
          {source.url && <> <a class="origin" href={source.url} rel="noreferrer" target="_blank" aria-label={t.is(t.read, nameOfSource(source))}>↗</a></>}
        </li>
      ))}
    </ul>
  );
}

/** One site: what it is, how it came to be so, and which source says so. */
export default function FactoryPage({ slug, params }: Props) {
  const { lang, t } = useWords();
  const path = `/v1/factories/${encodeURIComponent(slug)}`;
  const factory = useAnswer<FactoryDetail>(urlOf(path, timeOf(params), { lang, include: 'evidence' }));
  const rest = (sub: string, more = {}) => urlOf(path + sub, timeOf(params), { lang, limit: 1000, ...more });
  const events = both(useAll<StatusEvent>(rest('/status-events', { include: 'evidence' })), useReplaced(slug, params));
  const figures = useAll<Figure>(rest('/figures', { include: 'evidence' }));
  const media = useAll<Medium>(rest('/media'));
  const sources = useAll<Source>(rest('/sources'));
  const changes = useAll<Change>(urlOf(`${path}/changes`, { limit: 1000 }));
  const slips = useAnswer<Page<Slip>>(urlOf('/v1/stats/slippage', { slug }, timeOf(params)));
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    document.title = `${factory.data?.name ?? slug} – Chantier`;
  }, [factory.data]);
  useChanges(params.has('asOf') || !factory.data ? null : urlOf('/v1/changes/stream', { slug }), () => {
    setTurn(last => last + 1);
    for (const answer of [factory, events, figures, media, sources, changes, slips]) answer.again();
  });
  return (
    <main id="content" class="factory">
      <Show answer={factory} isWhole>
        {data => (
          <>
            <div class="head">
              <div>
                <Heading>{data.name}</Heading>
                {data.description && <p class="lead">{data.description[lang] ?? data.description.en ?? data.description.fr}</p>}
                <Facts factory={data} slip={slips.data?.items[0]} params={params} />
              </div>
              {data.location && <FactoryMap key={`${data.location.lon} ${data.location.lat} ${lang}`} params={keptOf(params)} at={data.location} />}
            </div>
            <Section id="timeline" title={t.timeline} aside={<a href={rest('/status-events', { format: 'csv', limit: 'all' })}>CSV</a>}><Course answer={events} params={params} /></Section>
            <Section id="figures" title={t.figures} aside={<a href={rest('/figures', { format: 'csv', limit: 'all' })}>CSV</a>}><Figures answer={figures} params={params} /></Section>
            <Section id="media" title={t.pictures}>
              <Pictures answer={media} params={params} />
            </Section>
            <Section id="ownership" title={t.ownership}>
              <Owners factory={data} params={params} turn={turn} />
            </Section>
            <Section id="sources" title={t.sources} aside={<a href={rest('/sources', { format: 'csv', limit: 'all' })}>CSV</a>}>
              <Show answer={sources} empty={t.notClaimed}>{all => <SourceList sources={all} params={params} />}</Show>
            </Section>
            <Section id="changes" title={t.changes} aside={<a href={urlOf('/v1/changes', { slug, format: 'atom' })}>Atom</a>}><Changes slug={slug} answer={changes} /></Section>
          </>
        )}
      </Show>
    </main>
  );
}
