import { useCallback, useEffect, useState } from 'react';
import { Problem, SIGNED_OUT } from './api/client.js';
import { session as sessionRoutes } from './api/holdfast.js';
import { problemText } from './api/problem-text.js';
import type { Session } from './api/types.js';
import { Shell } from './shell.js';
import { SignIn } from './sign-in/sign-in.js';
import { strings } from './strings.js';
import { NoticesProvider } from './ui/notices.js';

type State =
  | { kind: 'looking' }
  | { kind: 'out'; why?: string }
  | { kind: 'in'; session: Session }
  | { kind: 'failed'; why: string };

export function App() {
  const [state, setState] = useState<State>({ kind: 'looking' });

  const look = useCallback(async () => {
    try {
      setState({ kind: 'in', session: await sessionRoutes.get() });
    } catch (error) {
      const isOut = error instanceof Problem && error.status === 401;
      setState(isOut ? { kind: 'out' } : { kind: 'failed', why: problemText(error).title });
    }
  }, []);
  useEffect(() => void look(), [look]);
  useEffect(() => {
    const ended = (): void => setState({ kind: 'out', why: strings.signIn.ended });
    window.addEventListener(SIGNED_OUT, ended);
    return () => window.removeEventListener(SIGNED_OUT, ended);
  }, []);

  const signOut = useCallback(async () => {
    await sessionRoutes.close().catch(() => undefined);
    window.location.hash = '';
    setState({ kind: 'out' });
  }, []);

  if (state.kind === 'looking') return <p className="page-message">{strings.loading}</p>;
  if (state.kind === 'failed') {
    return (
      <div className="page-message" role="alert">
        <p>{state.why}</p>
        <button type="button" className="button" onClick={() => void look()}>
          {strings.tryAgain}
        </button>
      </div>
    );
  }
  if (state.kind === 'out') {
    return <SignIn why={state.why} signedIn={(session) => setState({ kind: 'in', session })} />;
  }
  return (
    <NoticesProvider>
      <Shell session={state.session} signOut={() => void signOut()} />
    </NoticesProvider>
  );
}
