import { isCalledOff, isPast } from './course';
import { daysOf, tell } from './edtf';
import { isHindsight } from './filter';
import { Sources, hostOf, quantity } from './parts';
import { StatusBadge, useTerms } from './terms';
import type { FactoryDetail, Slip } from './views';
import { countryName, spelled, useWords } from './words';

const day = 24 * 3600 * 1000;

/** The day that is looked at, from its start as every date is counted: no date has passed before its last day has. */
export const todayOf = (params: URLSearchParams) => {
  const asOf = params.get('asOf');
  return asOf ? daysOf(asOf)[1] : Math.floor(Date.now() / day) * day;
};

// What is no address is told and leads nowhere.
function Website({ url }: { url: string }) {
  const host = hostOf(url);
  return host ? <a href={url} rel="noreferrer" target="_blank">{host}</a> : <>{url}</>;
}

/** What became of the start that was announced. */
function Start({ slip }: { slip: Slip }) {
  const { lang, t } = useWords();
  const { label } = useTerms();
  const { firstExpected: first, latestExpected: latest, actual, slipMonths: months, isOverdue } = slip;
  const isMoved = latest !== null && latest !== first;
  const announced = <span class="quiet"> {first && (isMoved && !actual ? t.announcedThen(tell(first, lang), tell(latest, lang)) : t.announcedFor(tell(first, lang)))}{slip.postponements > 0 && `, ${t.postponements(slip.postponements)}`}</span>;
  const isOff = actual === null && isCalledOff(slip.status);
  if (months === null && !isOff && !isOverdue) return null;
  const moved = months === null || months === 0 ? null : months > 0 ? <strong>{t.later(t.months(months))}</strong> : t.earlier(t.months(-months));
  return (
    <div>
      <dt>{t.start}</dt>
      <dd>
        {isOff ? <><strong>{t.calledOff(label(slip.status!))}</strong>,</>
          : isOverdue ? <>{moved && <>{moved}, </>}<strong class="late">{t.isOverdue}</strong>,</>
          : <>{moved ?? t.onTime},</>}
        {announced}
      </dd>
    </div>
  );
}

/** The capacity of a site, one product and quantity a line. */
function Capacities({ factory }: { factory: FactoryDetail }) {
  const { lang, t } = useWords();
  // A site with a single phase has no other total.
  const marks = [factory.capacityBasis === 'site' && factory.phaseCount > 1 && t.siteTotal, factory.capacityIsPartial && t.partial];
  return (
    <ul>
      {factory.capacity.map((capacity, i) => {
        const { qualifier, product } = capacity;
        const more = [qualifier && (t.qualifiers[qualifier] ?? spelled(qualifier)), product && spelled(product), ...marks].filter(Boolean);
        return <li key={i}>{quantity(lang, t, capacity)}{more.length > 0 && <span class="quiet"> {more.join(', ')}</span>}</li>;
      })}
    </ul>
  );
}

/** What stands first of a site. */
export function Facts({ factory, slip, params }: { factory: FactoryDetail; slip: Slip | undefined; params: URLSearchParams }) {
  const { lang, t } = useWords();
  const { label } = useTerms();
  const { location } = factory;
  const today = todayOf(params);
  const located = factory.evidence.find(({ field }) => field === 'location');
  return (
    <>
      <dl class="facts">
        <div><dt>{t.status}</dt><dd><StatusBadge status={factory.status} basis={factory.statusBasis} isPast={params.has('asOf')} /> {factory.statusSince && <>{factory.statusDateMeaning === 'observed' ? t.seen : t.since} {tell(factory.statusSince, lang)}</>}</dd></div>
        {factory.lastConfirmedOn && <div><dt>{t.lastConfirmed}</dt><dd>{tell(factory.lastConfirmedOn, lang)}</dd></div>}
        {factory.capacity.length > 0 && <div><dt>{t.capacity}</dt><dd><Capacities factory={factory} /></dd></div>}
        {factory.expectedNext.map(next => <div key={next.statusEventId}><dt>{t.next}</dt><dd>{label(next.status)}, {tell(next.date, lang)}{isPast(next.date, today) && <>, <strong class="late">{t.isOverdue}</strong></>}</dd></div>)}
        {slip && <Start slip={slip} />}
        <div>
          <dt>{t.place}</dt>
          <dd>{[factory.locality, factory.region?.name, countryName(lang, factory.country)].filter(Boolean).join(', ')}
            {location && <span class="quiet"> {t.precision(t.precisions[location.precision] ?? spelled(location.precision), location.uncertaintyMetres)}</span>}
            {located && <Sources evidence={located.claim.evidence} params={params} />}</dd>
        </div>
        {factory.website && <div><dt>{t.website}</dt><dd><Website url={factory.website} /></dd></div>}
        {factory.names.length > 1 && <div><dt>{t.alsoNamed}</dt><dd>{[...new Set(factory.names.map(name => name.text))].filter(name => name !== factory.name).join(' · ')}</dd></div>}
        <div><dt>{t.sources}</dt><dd><a href="#sources">{t.sourcesCount(factory.sourceCount)}</a></dd></div>
      </dl>
      {isHindsight(params) && <p class="quiet">{t.hindsight}</p>}
    </>
  );
}
