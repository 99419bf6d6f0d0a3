export * from './child-environment.js';
export * from './environment.js';
export * from './settings.js';
export * from './stack-environment.js';
