import { BarController, BarElement, CategoryScale, Chart, Filler, Legend, LineController, LineElement, LinearScale, PointElement, Tooltip, type ChartConfiguration } from 'chart.js';
import { useEffect, useRef } from 'preact/hooks';
import { locales, number, useWords, type Lang } from './words';

Chart.register(BarController, BarElement, CategoryScale, Filler, Legend, LineController, LineElement, LinearScale, PointElement, Tooltip);
Chart.defaults.font.family = 'system-ui, sans-serif';
Chart.defaults.color = '#44525a';

export interface Series { label: string; colour: string; values: number[]; most?: number[] }

/** A number, or a range where its ends differ. */
export const rangeOf = (lang: Lang, least: number, most: number) => most > least ? `${number(lang, least)} – ${number(lang, most)}` : number(lang, least);

interface Props { label: string; names: string[]; series: Series[] }

function Drawn({ label, height, config }: { label: string; height: number; config: ChartConfiguration }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart | null>(null);
  const { lang } = useWords();
  useEffect(() => {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const options = { ...config.options, locale: locales[lang], responsive: true, maintainAspectRatio: false, ...(still && { animation: false as const }) };
    if (chart.current) {
      chart.current.data = config.data;
      chart.current.options = options;
      chart.current.update();
    } else {
      chart.current = new Chart(canvas.current!, { ...config, options });
    }
  }, [JSON.stringify(config.data), label, lang]);
  useEffect(() => () => chart.current?.destroy(), []);
  return <div class="chart" style={{ height: `${height}px` }}><canvas ref={canvas} role="img" aria-label={label} /></div>;
}

/** Stacked bars, one a name, lying so that long names can be read. */
export function BarChart({ label, names, series }: Props) {
  return (
    <Drawn label={label} height={70 + names.length * 24} config={{
      type: 'bar',
      data: { labels: names, datasets: series.map(({ label, colour, values }) => ({ label, data: values, backgroundColor: colour })) },
      options: {
        indexAxis: 'y',
        scales: { x: { stacked: true, ticks: { precision: 0 }, grid: { color: '#eceff1' } }, y: { stacked: true, grid: { display: false }, ticks: { autoSkip: false } } },
        plugins: { legend: { position: 'bottom', labels: { boxWidth: 12 } } },
      },
    }} />
  );
}

/** Sums over time, stacked. */
export function LineChart({ label, names, series, unit }: Props & { unit: string }) {
  const { lang, t } = useWords();
  return (
    <Drawn label={label} height={340} config={{
      type: 'line',
      data: {
        labels: names,
        datasets: series.map(({ label, colour, values }, i) => ({ label, data: values, borderColor: colour, backgroundColor: `${colour}99`, fill: i === 0 ? 'origin' : '-1', pointRadius: 0, borderWidth: 1.5, stepped: true })),
      },
      options: {
        interaction: { mode: 'index', intersect: false },
        scales: { x: { ticks: { maxTicksLimit: 11 }, grid: { display: false } }, y: { stacked: true, beginAtZero: true, grid: { color: '#eceff1' }, ticks: { callback: value => number(lang, +value) } } },
        plugins: { legend: { position: 'bottom', labels: { boxWidth: 12 } }, tooltip: { callbacks: { label: item => t.is(item.dataset.label ?? '', `${rangeOf(lang, item.parsed.y ?? 0, series[item.datasetIndex]?.most?.[item.dataIndex] ?? 0)} ${unit}`) } } },
      },
    }} />
  );
}
