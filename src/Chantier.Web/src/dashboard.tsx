import { useEffect, useState } from 'preact/hooks';
import { refine } from './address';
import { urlOf, useAll, useAnswer, useChanges, type Answer, type Page } from './api';
import { BarChart, LineChart, rangeOf } from './charts';
import { Data } from './data';
import { daysOf, tell } from './edtf';
import { Filter, SearchBox, filterOf, timeOf } from './filter';
import { Heading, Section, Show } from './parts';
import { Slips } from './slips';
import { StatusBadge, colours, stages, useTerms } from './terms';
import type { Slip, SlipGroup, Stat } from './views';
import { alphabet, countryName, number, spelled, unitName, useWords } from './words';

// A range counts by its ends; one that is open above, by what it is at least.
const leastOf = (stats: Stat[]) => stats.reduce((sum, { value, min, max }) => sum + (value ?? min ?? max ?? 0), 0);
const mostOf = (stats: Stat[]) => stats.reduce((sum, { value, min, max }) => sum + (value ?? max ?? min ?? 0), 0);

const some = 20;

function StatusBy({ what, answer, csv, params }: { what: string; answer: Answer<Stat[]>; csv: string; params: URLSearchParams }) {
  const { lang, t } = useWords();
  const { stageOf } = useTerms();
  return (
    <Show answer={answer} empty={t.nothingToShow}>
      {stats => {
        const groups = [...Map.groupBy(stats, ({ country, region }) => region?.slug ?? country ?? '').values()]
          .map(own => ({ name: own[0]!.region?.name ?? (own[0]!.country ? countryName(lang, own[0]!.country) : t.noRegion), of: stages.map(stage => leastOf(own.filter(stat => stageOf(stat.status) === stage))) }))
          .map(group => ({ ...group, all: group.of.reduce((sum, count) => sum + count, 0) }))
          .filter(group => group.all > 0).sort((one, other) => other.all - one.all || alphabet(lang).compare(one.name, other.name));
        const without = leastOf(stats.filter(stat => stageOf(stat.status) === null));
        const shown = groups.slice(0, some);
        return (
          <>
            {shown.length === 0 ? <p class="empty">{t.nothingToShow}</p>
              : <BarChart label={what} names={shown.map(group => group.name)} series={stages.map((stage, i) => ({ label: t.stages[stage]!, colour: colours[stage]!, values: shown.map(group => group.of[i]!) }))} />}
            <p class="quiet">{[groups.length > some && t.onlyLargest(some, groups.length), without > 0 && (params.has('asOf') ? t.notYetCount(without) : t.noStatusCount(without))].filter(Boolean).join(' ')}</p>
            {groups.length > 0 && <Data csv={csv} columns={[what, ...stages.map(stage => t.stages[stage]!)]} rows={groups.map(group => [group.name, ...group.of])} />}
          </>
        );
      }}
    </Show>
  );
}

// Unlike units and unlike products are never added.
const keyOf = ({ unit, product }: Stat) => product ? `${unit}|${product}` : unit ?? '';

interface Wanted { unit: string; product: string | null }

interface OverTimeProps { answer: Answer<Stat[]>; csv: string; wanted: Wanted }

function OverTime({ answer, csv, wanted }: OverTimeProps) {
  const { lang, t } = useWords();
  const { stageOf } = useTerms();
  const choose = ({ unit, product }: Wanted) => refine({ unit, product });
  return (
    <Show answer={answer} empty={t.nothingToShow}>
      {stats => {
        // What ended makes nothing any more.
        const standing = stats.filter(stat => stat.status && stageOf(stat.status) !== 'ended');
        const days = [...new Set(stats.map(stat => stat.on!))].sort();
        const last = standing.filter(stat => stat.on === days.at(-1));
        const withFigure = (stats: Stat[]) => stats.reduce((sum, stat) => sum + (stat.unit === null ? 0 : stat.withFigure ?? 0), 0);
        // One unit and product is shown, first the one that most sites have at the end.
        const kinds = [...Map.groupBy(standing.filter(({ unit }) => unit !== null), keyOf)]
          .map(([key, [stat]]) => ({ key, unit: stat!.unit!, product: stat!.product ?? null, sites: withFigure(last.filter(stat => keyOf(stat) === key)) }))
          .sort((one, other) => other.sites - one.sites);
        const ofUnit = kinds.filter(({ unit }) => unit === wanted.unit);
        const kind = ofUnit.find(({ product }) => product === wanted.product) ?? ofUnit[0] ?? kinds[0];
        if (!kind) return <p class="empty">{t.nothingToShow}</p>;
        const nameOf = ({ unit, product }: Wanted) => unitName(lang, unit) + (product ? ` (${spelled(product)})` : '');
        const [name, unit] = [nameOf(kind), unitName(lang, kind.unit)];
        const own = standing.filter(stat => keyOf(stat) === kind.key);
        const byDay = Map.groupBy(own, stat => stat.on!);
        const shown = stages.filter(stage => own.some(stat => stageOf(stat.status) === stage));
        const series = shown.map(stage => {
          const each = days.map(day => (byDay.get(day) ?? []).filter(stat => stageOf(stat.status) === stage));
          return { label: t.stages[stage]!, colour: colours[stage]!, values: each.map(leastOf), most: each.map(mostOf) };
        });
        // Said once for each status, whatever the units.
        const without = [...new Map(last.map(stat => [stat.status, stat.withoutFigure ?? 0])).values()].reduce((sum, count) => sum + count, 0);
        const [atEnd, others] = [own.filter(stat => stat.on === days.at(-1)), last.filter(stat => keyOf(stat) !== kind.key)];
        const active = atEnd.filter(stat => stageOf(stat.status) === 'active');
        const installed = active.reduce((sum, stat) => sum + (stat.installed ?? 0), 0);
        const isRange = series.some(one => one.values.some((least, i) => one.most[i]! > least));
        return (
          <>
            {kinds.length > 1 && (
              <label>{t.unit}{' '}
                <select value={kind.key} onChange={event => choose(kinds.find(({ key }) => key === event.currentTarget.value)!)}>
                  {kinds.map(one => <option key={one.key} value={one.key}>{nameOf(one)}</option>)}
                </select>
              </label>
            )}
            <LineChart label={`${t.capacityOverTime}, ${name}`} unit={unit} names={days.map(day => tell(day.slice(0, 7), lang, true))} series={series} />
            <p class="quiet">
              {t.behind(name, withFigure(atEnd), withFigure(others), without)}
              {active.length > 0 && ` ${t.ofItInstalled(number(lang, installed), unit)}`}{isRange && ` ${t.drawnByLeast}`}
            </p>
            <Data csv={csv} columns={[t.date, ...series.map(one => `${one.label} (${name})`)]} rows={days.map((day, i) => [tell(day, lang), ...series.map(one => rangeOf(lang, one.values[i]!, one.most[i]!))])} />
          </>
        );
      }}
    </Show>
  );
}

/** The same sites as numbers: by country, over time, and how their starts slipped. */
export default function Dashboard({ params }: { params: URLSearchParams }) {
  const { lang, t } = useWords();
  const [turn, setTurn] = useState(0);
  const stats = (path: string, ...more: Parameters<typeof urlOf>[1][]) => urlOf(`/v1/stats/${path}`, ...more, filterOf(params), timeOf(params));
  const asOf = params.get('asOf');
  const until = new Date(asOf ? daysOf(asOf)[1] : Date.now());
  const from = `${until.getUTCFullYear() - 10}-01-01`;
  // The regions of a country that was chosen, else the countries, until the other is wanted.
  const by = params.get('by') ?? (params.has('country') ? 'region' : 'country');
  const urls = {
    groups: { ...(by === 'region' ? { groupBy: 'region,status', regionLevel: 'subdivision' } : { groupBy: 'country,status' }), limit: 1000, lang },
    timeline: { groupBy: 'status', measure: 'capacity', interval: 'quarter', from, limit: 1000 },
    slips: { sort: '-slipMonths', limit: 1000 },
  };
  const statuses = useAll<Stat>(stats('factories', { groupBy: 'status', limit: 1000 }));
  const groups = useAll<Stat>(stats('factories', urls.groups));
  const timeline = useAll<Stat>(stats('timeline', urls.timeline));
  const slips = useAnswer<Page<Slip>>(stats('slippage', urls.slips));
  const slip = useAnswer<Page<SlipGroup>>(stats('slippage/groups'));
  useEffect(() => {
    document.title = `${t.dashboard} – Chantier`;
  }, [lang]);
  useChanges(asOf || !statuses.data ? null : urlOf('/v1/changes/stream', filterOf(params)), () => {
    setTurn(last => last + 1);
    for (const answer of [statuses, groups, timeline, slips, slip]) answer.again();
  });
  const csv = { format: 'csv', limit: 'all' };
  const group = slip.data?.items[0];
  const median = group?.medianMonths;
  return (
    <main id="content" class="dashboard">
      <Heading>{t.dashboard}</Heading>
      <div class="panel"><SearchBox params={params} /><Filter params={params} turn={turn} /></div>
      <Section id="glance" title={t.figuresToday}>
        <Show answer={statuses} empty={t.nothingToShow}>
          {all => (
            <ul class="numbers">
              <li><b>{number(lang, leastOf(all))}</b> {t.sitesInAll}</li>
              {median !== null && median !== undefined && <li><b>{t.months(median)}</b> {t.medianSlip}</li>}
              {[...all].sort((one, other) => other.factories - one.factories).map(stat => <li key={stat.status}><b>{number(lang, stat.factories)}</b> <StatusBadge status={stat.status} isPast={asOf !== null} /></li>)}
            </ul>
          )}
        </Show>
      </Section>
      <div class="charts">
        <Section id="groups" title={by === 'region' ? t.statusByRegion : t.statusByCountry} aside={
          <select aria-label={t.groupBy} value={by} onChange={event => refine({ by: event.currentTarget.value })}><option value="country">{t.byCountry}</option><option value="region">{t.byRegion}</option></select>
        }><StatusBy what={by === 'region' ? t.region : t.country} answer={groups} csv={stats('factories', urls.groups, csv)} params={params} /></Section>
        <Section id="capacity" title={t.capacityOverTime}><OverTime answer={timeline} wanted={{ unit: params.get('unit') ?? '', product: params.get('product') }} csv={stats('timeline', urls.timeline, csv)} /></Section>
      </div>
      <Section id="slippage" title={t.slippage}><Slips answer={slips} group={group} params={params} csv={stats('slippage', urls.slips, csv)} /></Section>
    </main>
  );
}
