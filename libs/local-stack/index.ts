export { startClusterStack, type ClusterStack } from './cluster-stack.js';
export { isAbandoned } from './data-folder.js';
export { startEmbeddedStack } from './embedded-stack.js';
export { kafkaClientOptions } from './secure-clients.js';
export { SECURE_USERS, startSecureStack, type SecureStack, type SecureUser } from './secure-stack.js';
export type { ServerHandle } from './server-process.js';
export type { EmbeddedStack, Stack, StackEnvironment, StackOptions, StackSettings } from './stack.js';
export { StackError } from './stack-error.js';
export { startStack } from './start-stack.js';
