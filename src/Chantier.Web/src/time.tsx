import { useEffect, useState } from 'preact/hooks';
import { refine } from './address';
import { tell } from './edtf';
import { useWords } from './words';

const first = 2010;

const now = new Date();

const months = (now.getUTCFullYear() - first) * 12 + now.getUTCMonth();

const monthAt = (step: number) => `${first + Math.floor(step / 12)}-${String(step % 12 + 1).padStart(2, '0')}`;

function stepAt(asOf: string | null): number {
  const [, year, month] = /^(\d{4})(?:-(\d{2}))?/.exec(asOf ?? '') ?? [];
  return year ? Math.min(months, Math.max(0, (+year - first) * 12 + (month ? +month - 1 : 11))) : months;
}

/** The date in the world that every view tells of, month by month; its end is today. */
export function TimeSlider({ params }: { params: URLSearchParams }) {
  const { lang, t } = useWords();
  const asOf = params.get('asOf');
  const [step, setStep] = useState(stepAt(asOf));
  useEffect(() => setStep(stepAt(asOf)), [asOf]);
  const isToday = step === months && !asOf;
  useEffect(() => {
    if (step === stepAt(asOf)) return;
    // One asks when the slider rests, not for each month that it passes.
    const timer = setTimeout(() => refine(step === months ? { asOf: null, known: null } : { asOf: monthAt(step) }), 150);
    return () => clearTimeout(timer);
  }, [step]);
  const shown = isToday || step === months ? t.today : tell(asOf && step === stepAt(asOf) ? asOf : monthAt(step), lang);
  return (
    <div class={`time${isToday ? '' : ' past'}`}>
      <label for="as-of">{t.asOf}</label>
      <input id="as-of" type="range" min={0} max={months} value={step} aria-valuetext={shown} onInput={event => setStep(+event.currentTarget.value)} />
      <output for="as-of">{shown}</output>
      {asOf && <label class="known"><input type="checkbox" checked={params.get('known') === 'then'} onChange={event => refine({ known: event.currentTarget.checked ? 'then' : null })} /> {t.asKnownThen}</label>}
      {!isToday && <button type="button" class="plain" aria-label={t.backToToday} title={t.backToToday} onClick={() => { setStep(months); refine({ asOf: null, known: null }); }}>↺</button>}
    </div>
  );
}
