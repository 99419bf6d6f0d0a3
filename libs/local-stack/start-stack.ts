import { dockerAnswers } from './docker-engine.js';
import { startDockerStack } from './docker-stack.js';
import { startEmbeddedStack } from './embedded-stack.js';
import { useEnvironmentStack } from './environment-stack.js';
import type { Stack, StackOptions } from './stack.js';
import { StackError } from './stack-error.js';

/**
 * A real broker and a real replica set: those that the environment names; else containers, where a Docker engine
 * answers; else child processes.
 * @throws StackError with the remedy when there is none to be had
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { brokers = [], mongoUri, kind, dockerHost } = options.environment ?? {};
  if (brokers.length > 0 && mongoUri !== undefined) {
    return useEnvironmentStack(brokers, mongoUri, options.environment);
  }
  if (brokers.length > 0 || mongoUri !== undefined) {
    throw new StackError('only one of KAFKA_BROKERS and MONGODB_URI is set', 'set both, or neither');
  }
  if (kind === 'embedded') return startEmbeddedStack(options);
  if (kind === 'docker') return startDockerStack(options);
  if (!(await dockerAnswers(dockerHost))) return startEmbeddedStack(options);
  try {
    return await startDockerStack(options);
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    options.log?.(`${error.message}\ngoing on without Docker`);
    return startEmbeddedStack(options);
  }
}
