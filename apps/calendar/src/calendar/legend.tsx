import { strings } from '../strings.js';

/** What bars and marks mean. */
export function Legend() {
  return (
    <section className="legend" aria-label={strings.legend.title}>
      <h2>{strings.legend.title}</h2>
      <ul>
        {(['sold', 'refunded', 'held', 'left'] as const).map((kind) => (
          <li key={kind}>
            <span className="bar" aria-hidden="true">
              <span className={`bar-${kind}`} style={{ flexGrow: 1 }} />
            </span>
            <span>{strings.legend[kind]}</span>
          </li>
        ))}
        <li className="legend-words">{strings.legend.unlimited}</li>
      </ul>
    </section>
  );
}
