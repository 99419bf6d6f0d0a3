/**
 * The version of the messages (semantic versioning), apart from the program's: the first number rises when a
 * sender or a reader of today has to change, the second when something is added. CONTRIBUTING.md says how.
 */
export const MESSAGES_VERSION = '1.0.0';
