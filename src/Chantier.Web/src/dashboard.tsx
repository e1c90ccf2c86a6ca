import { useEffect, useState } from 'preact/hooks';
import { Link, hrefOf } from './address';
import { urlOf, useAll, useAnswer, useChanges, type Answer, type Page } from './api';
import { BarChart, LineChart } from './charts';
import { daysOf, tell } from './edtf';
import { Filter, SearchBox, filterOf, timeOf } from './filter';
import { Heading, Section, Show } from './parts';
import { StatusBadge, colours, stages, useTerms } from './terms';
import type { Slip, SlipGroup, Stat } from './views';
import { countryName, number, useWords } from './words';

const sumOf = (stats: Stat[]) => stats.reduce((sum, stat) => sum + (stat.value ?? stat.min ?? 0), 0);

// What a chart shows, for who cannot see it or wants to take it along.
function Data({ columns, rows, csv }: { columns: string[]; rows: (string | number)[][]; csv: string }) {
  const { t } = useWords();
  return (
    <details>
      <summary>{t.asTable}</summary>
      <p><a href={csv}>CSV</a></p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t.asTable}>
        <table>
          <thead><tr>{columns.map(column => <th key={column}>{column}</th>)}</tr></thead>
          <tbody>{rows.map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j} class={typeof cell === 'number' ? 'number' : undefined}>{cell}</td>)}</tr>)}</tbody>
        </table>
      </div>
    </details>
  );
}

function StatusByCountry({ answer, csv }: { answer: Answer<Stat[]>; csv: string }) {
  const { lang, t } = useWords();
  const { stageOf } = useTerms();
  return (
    <Show answer={answer} empty={t.nothingToShow}>
      {stats => {
        const countries = [...Map.groupBy(stats, stat => stat.country ?? '')]
          .map(([code, own]) => ({ name: code && countryName(lang, code), of: stages.map(stage => sumOf(own.filter(stat => stageOf(stat.status) === stage))), all: sumOf(own) }))
          .sort((one, other) => other.all - one.all).slice(0, 20);
        return (
          <>
            <BarChart label={t.statusByRegion} names={countries.map(country => country.name)}
              series={stages.map((stage, i) => ({ label: t.stages[stage]!, colour: colours[stage]!, values: countries.map(country => country.of[i]!) }))} />
            <Data csv={csv} columns={[t.country, ...stages.map(stage => t.stages[stage]!)]} rows={countries.map(country => [country.name, ...country.of])} />
          </>
        );
      }}
    </Show>
  );
}

function OverTime({ answer, csv }: { answer: Answer<Stat[]>; csv: string }) {
  const { t } = useWords();
  const { stageOf } = useTerms();
  const [wanted, setUnit] = useState<string | null>(null);
  return (
    <Show answer={answer} empty={t.nothingToShow}>
      {stats => {
        // Unlike units are never added: one is shown, first the one that most sites have.
        const units = [...Map.groupBy(stats.filter(stat => stat.unit), stat => stat.unit!)].sort((one, other) => other[1].length - one[1].length).map(([unit]) => unit);
        const unit = wanted && units.includes(wanted) ? wanted : units[0];
        if (!unit) return <p class="empty">{t.nothingToShow}</p>;
        const own = stats.filter(stat => stat.unit === unit);
        const days = [...new Set(stats.map(stat => stat.on!))].sort();
        const byDay = Map.groupBy(own, stat => stat.on!);
        const shown = stages.filter(stage => stage !== 'ended' && own.some(stat => stageOf(stat.status) === stage));
        const series = shown.map(stage => ({ label: t.stages[stage]!, colour: colours[stage]!, values: days.map(day => sumOf((byDay.get(day) ?? []).filter(stat => stageOf(stat.status) === stage))) }));
        const last = byDay.get(days.at(-1)!) ?? [];
        const count = (key: 'withFigure' | 'withoutFigure') => last.reduce((sum, stat) => sum + (stat[key] ?? 0), 0);
        return (
          <>
            {units.length > 1 && <label>{t.unit} <select value={unit} onChange={event => setUnit(event.currentTarget.value)}>{units.map(one => <option key={one}>{one}</option>)}</select></label>}
            <LineChart label={`${t.capacityOverTime}, ${unit}`} unit={unit} names={days.map(day => day.slice(0, 7))} series={series} />
            <p class="quiet">{unit}. {t.behind(count('withFigure'), count('withoutFigure'))}</p>
            <Data csv={csv} columns={[t.date, ...series.map(one => one.label)]} rows={days.map((day, i) => [day, ...series.map(one => one.values[i]!)])} />
          </>
        );
      }}
    </Show>
  );
}

// Each site as a line from the start that was announced first to the one that is expected now, or that was.
function Slips({ answer, params, csv }: { answer: Answer<Page<Slip>>; params: URLSearchParams; csv: string }) {
  const { lang, t } = useWords();
  return (
    <Show answer={answer}>
      {({ items }) => {
        const late = items.filter(slip => slip.slipMonths !== null && slip.slipMonths > 0 && slip.firstExpected);
        if (late.length === 0) return <p class="empty">{t.nothingToShow}</p>;
        const middle = (date: string) => daysOf(date).reduce((sum, day) => sum + day, 0) / 2;
        const ends = late.map(slip => [middle(slip.firstExpected!), middle(slip.actual ?? slip.latestExpected!)] as const);
        const first = Math.min(...ends.map(([from]) => from));
        const long = Math.max(...ends.map(([, to]) => to)) - first;
        const at = (day: number) => `${(day - first) / long * 100}%`;
        return (
          <>
            <p class="quiet">{t.slippageHint}</p>
            <ol class="slips">
              {late.map((slip, i) => (
                <li key={slip.factory.slug}>
                  <Link href={hrefOf(`/factories/${slip.factory.slug}`, params)}>{slip.factory.name}</Link>
                  <span class="track" aria-hidden="true"><i class="from" style={{ left: at(ends[i]![0]) }} /><i class="way" style={{ left: at(ends[i]![0]), width: `${(ends[i]![1] - ends[i]![0]) / long * 100}%` }} /><i class={slip.actual ? 'to started' : 'to'} style={{ left: at(ends[i]![1]) }} /></span>
                  <span>{tell(slip.firstExpected, lang)} → {tell(slip.actual ?? slip.latestExpected, lang)}</span>
                  <b>{t.months(slip.slipMonths!)}</b>
                </li>
              ))}
            </ol>
            <Data csv={csv} columns={[t.site, t.status, t.firstExpected, t.latestExpected, t.started, t.slip]}
              rows={items.map(slip => [slip.factory.name, slip.status ?? '', slip.firstExpected ?? '', slip.latestExpected ?? '', slip.actual ?? '', slip.slipMonths ?? ''])} />
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
  const urls = {
    countries: { groupBy: 'country,status', limit: 1000 },
    timeline: { groupBy: 'status', measure: 'capacity', interval: 'quarter', from, limit: 1000 },
    slips: { sort: '-slipMonths', limit: 25 },
  };
  const statuses = useAll<Stat>(stats('factories', { groupBy: 'status', limit: 1000 }));
  const countries = useAll<Stat>(stats('factories', urls.countries));
  const timeline = useAll<Stat>(stats('timeline', urls.timeline));
  const slips = useAnswer<Page<Slip>>(stats('slippage', urls.slips));
  const slip = useAnswer<Page<SlipGroup>>(stats('slippage/groups'));
  useEffect(() => {
    document.title = `${t.dashboard} – Chantier`;
  }, [lang]);
  useChanges(asOf ? null : urlOf('/v1/changes/stream', filterOf(params)), () => {
    setTurn(last => last + 1);
    for (const answer of [statuses, countries, timeline, slips, slip]) answer.again();
  });
  const csv = { format: 'csv' };
  const median = slip.data?.items[0]?.medianMonths;
  return (
    <main id="content" class="dashboard">
      <Heading>{t.dashboard}</Heading>
      <div class="panel"><SearchBox params={params} /><Filter params={params} turn={turn} /></div>
      <Section id="glance" title={t.figuresToday}>
        <Show answer={statuses} empty={t.nothingToShow}>
          {all => (
            <ul class="numbers">
              <li><b>{number(lang, sumOf(all))}</b> {t.sitesInAll}</li>
              {median !== null && median !== undefined && <li><b>{t.months(median)}</b> {t.medianSlip}</li>}
              {all.filter(stat => stat.status).sort((one, other) => other.factories - one.factories).map(stat => <li key={stat.status}><b>{number(lang, stat.factories)}</b> <StatusBadge status={stat.status} /></li>)}
            </ul>
          )}
        </Show>
      </Section>
      <div class="charts">
        <Section id="countries" title={t.statusByRegion}><StatusByCountry answer={countries} csv={stats('factories', urls.countries, csv)} /></Section>
        <Section id="capacity" title={t.capacityOverTime}><OverTime answer={timeline} csv={stats('timeline', urls.timeline, csv)} /></Section>
      </div>
      <Section id="slippage" title={t.slippage}><Slips answer={slips} params={params} csv={stats('slippage', urls.slips, csv)} /></Section>
    </main>
  );
}
