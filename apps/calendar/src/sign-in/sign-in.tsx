import { useId, useState } from 'react';
import { Problem } from '../api/client.js';
import { session } from '../api/holdfast.js';
import { problemText } from '../api/problem-text.js';
import type { Session } from '../api/types.js';
import { strings } from '../strings.js';

interface SignInProps {
  why?: string | undefined;
  signedIn: (session: Session) => void;
}

/** The key is sent once and not kept: the browser holds a session that no script can read. */
export function SignIn({ why, signedIn }: SignInProps) {
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const id = useId();

  async function submit(): Promise<void> {
    if (isBusy) return;
    if (key.trim() === '') {
      setProblem(strings.signIn.missing);
      return;
    }
    setBusy(true);
    setProblem('');
    try {
      const opened = await session.open(key.trim());
      setKey('');
      if (opened.scope === 'storefront') {
        await session.close();
        setProblem(strings.signIn.storefront);
      } else signedIn(opened);
    } catch (error) {
      const isWrong = error instanceof Problem && (error.status === 401 || error.status === 400);
      setProblem(isWrong ? strings.signIn.wrong : problemText(error).title);
    }
    setBusy(false);
  }

  return (
    <main className="sign-in">
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <img src="/icon.svg" width="44" height="44" alt="" />
        <h1>{strings.signIn.title}</h1>
        <p className="muted">{why ?? strings.signIn.intro}</p>
        <label htmlFor={id}>{strings.signIn.key}</label>
        <input
          id={id}
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          autoFocus
          value={key}
          onChange={(event) => setKey(event.target.value)}
          aria-invalid={problem !== ''}
          aria-describedby={`${id}-hint ${id}-problem`}
        />
        <p id={`${id}-hint`} className="hint">
          {strings.signIn.hint}
        </p>
        <p id={`${id}-problem`} className="field-problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="button button-main" aria-disabled={isBusy}>
          {isBusy ? strings.signIn.busy : strings.signIn.submit}
        </button>
      </form>
    </main>
  );
}
