/**
 * The id of what is sent. When no answer comes, nobody knows whether it was done: the same sent again has the same id,
 * so that it is done once, and is answered as if the first answer had arrived.
 */

import { useCallback, useRef } from 'react';
import { isUnanswered } from './client.js';

export type SendOnce = <Answer>(content: unknown, send: (id: string) => Promise<Answer>) => Promise<Answer>;

export function useSendOnce(): SendOnce {
  const unanswered = useRef<{ content: string; id: string }>(undefined);
  return useCallback(async (content, send) => {
    const asked = JSON.stringify(content);
    const before = unanswered.current;
    const id = before?.content === asked ? before.id : crypto.randomUUID();
    unanswered.current = undefined;
    try {
      return await send(id);
    } catch (error) {
      if (isUnanswered(error)) unanswered.current = { content: asked, id };
      throw error;
    }
  }, []);
}
