import type { ProblemText } from '../api/problem-text.js';

/** What went wrong, where it was tried. */
export function ProblemLines({ problem }: { problem: ProblemText | undefined }) {
  return (
    <div role="alert" className="problem-lines">
      {problem && (
        <>
          <p>{problem.title}</p>
          <ul>
            {problem.lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
