/** @param partitions by topic; 0 = the broker does not have it. @throws Error that names what is wrong with each */
export function checkTopics(partitions: ReadonlyMap<string, number>): void {
  const missing = [...partitions].filter(([, count]) => count === 0).map(([topic]) => topic);
  if (missing.length > 0) {
    throw new Error(
      `the broker has no topic ${missing.join(', ')}: create what is missing with \`ops topics apply\`, ` +
        'or, where brokers have ACLs, let this user read it: `ops topics acl` prints how',
    );
  }
  if (new Set(partitions.values()).size <= 1) return;
  const counts = [...partitions].map(([topic, count]) => `${topic} has ${count}`).join(', ');
  throw new Error(
    `consumed topics must have the same number of partitions, so that one worker has a store's events of all of ` +
      `them: ${counts}`,
  );
}
