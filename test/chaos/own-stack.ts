/** Servers of a test file's own, for tests that stop and start them. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackEnvironment } from '@holdfast/config';
import { startEmbeddedStack, type EmbeddedStack, type StackSettings } from '@holdfast/local-stack';

export interface OwnStack {
  stack: EmbeddedStack;
  servers: { brokers: string[]; mongoUri: string };
  stop: () => Promise<void>;
}

export async function startOwnStack(settings?: StackSettings): Promise<OwnStack> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-chaos-'));
  const { cacheHome } = stackEnvironment();
  const stack = await startEmbeddedStack({
    dataDir: folder,
    environment: { ...(cacheHome !== undefined && { cacheHome }) },
    ...(settings && { settings }),
  });
  return {
    stack,
    servers: { brokers: stack.brokers, mongoUri: stack.mongoUri },
    stop: async () => {
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
