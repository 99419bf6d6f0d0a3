export * from './child-environment.js';
export * from './environment.js';
export { redactedUri, redacted } from './redaction.js';
export type { KafkaSecurity, MongoSecurity, TlsMaterial } from './security.js';
export * from './security-settings.js';
export * from './setting.js';
export * from './settings.js';
export * from './stack-environment.js';
export * from './unknown-settings.js';
