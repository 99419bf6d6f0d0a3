/** The audit of what a measured worker left behind. */

import { audit, type Database } from '@holdfast/store';

const LISTED = 10;

/** @returns what does not add up, a line each, the first of them */
export async function auditScene(database: Database): Promise<string[]> {
  // The worker has come to rest: nothing may be left unpublished or overdue, however short a time.
  const report = await audit(database, { unpublishedAfterMs: 0, overdueAfterMs: 0, maxListed: LISTED });
  if (report.clean) return [];
  return [`${report.differences} differences, such as`, ...report.listed.map((one) => JSON.stringify(one))];
}
