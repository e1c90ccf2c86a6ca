import { number, useWords } from './words';

/** What a chart shows, for who cannot see it or wants to take it along. */
export function Data({ columns, rows, csv }: { columns: string[]; rows: (string | number)[][]; csv: string }) {
  const { lang, t } = useWords();
  return (
    <details>
      <summary>{t.asTable}</summary>
      <p><a href={csv}>CSV</a></p>
      <div class="scroll" tabIndex={0} role="group" aria-label={t.asTable}>
        <table>
          <thead><tr>{columns.map(column => <th key={column} scope="col">{column}</th>)}</tr></thead>
          <tbody>{rows.map((row, i) => <tr key={i}>{row.map((cell, j) => typeof cell === 'number' ? <td key={j} class="number">{number(lang, cell)}</td> : <td key={j}>{cell}</td>)}</tr>)}</tbody>
        </table>
      </div>
    </details>
  );
}
