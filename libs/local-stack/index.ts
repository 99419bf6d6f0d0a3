export { isAbandoned } from './data-folder.js';
export { startEmbeddedStack } from './embedded-stack.js';
export type { ServerHandle } from './server-process.js';
export type { EmbeddedStack, Stack, StackEnvironment, StackOptions, StackSettings } from './stack.js';
export { StackError } from './stack-error.js';
export { startStack } from './start-stack.js';
