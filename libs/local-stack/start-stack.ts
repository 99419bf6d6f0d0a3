import { startEmbeddedStack } from './embedded-stack.js';
import type { Stack, StackOptions } from './stack.js';
import { StackError } from './stack-error.js';

/**
 * A real broker and a real replica set: those that the environment names, else servers started here.
 * @throws StackError with the remedy when there is none to be had
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { brokers = [], mongoUri } = options.environment ?? {};
  if (brokers.length > 0 && mongoUri !== undefined) {
    return { kind: 'environment', brokers: [...brokers], mongoUri, stop: () => Promise.resolve() };
  }
  if (brokers.length > 0 || mongoUri !== undefined) {
    throw new StackError('only one of KAFKA_BROKERS and MONGODB_URI is set', 'set both, or neither');
  }
  return startEmbeddedStack(options);
}
