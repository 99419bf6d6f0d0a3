import type { TrafficRecord } from './record.js';
import { Schedule } from './schedule.js';

function record(name: string, sendAt: number): TrafficRecord {
  return { name, sendAt, topic: 'OrderPlaced', key: 's', value: null };
}

const names = (records: TrafficRecord[]): string[] => records.map(({ name }) => name);

describe('the schedule', () => {
  it('gives what is due, in order of time, and keeps the rest', () => {
    const schedule = new Schedule([record('late', 30), record('early', 10)]);
    schedule.add(record('between', 20));
    expect(names(schedule.take(20, 10))).toEqual(['early', 'between']);
    expect(schedule.size).toBe(1);
    expect(names(schedule.take(29, 10))).toEqual([]);
    expect(names(schedule.take(30, 10))).toEqual(['late']);
  });

  it('gives at most as many as are asked for', () => {
    const schedule = new Schedule([record('a', 1), record('b', 2), record('c', 3)]);
    expect(names(schedule.take(9, 2))).toEqual(['a', 'b']);
    expect(names(schedule.take(9, 2))).toEqual(['c']);
  });

  it('gives records of the same time in the order in which they were added', () => {
    const schedule = new Schedule();
    for (const name of ['a', 'b', 'c']) schedule.add(record(name, 5));
    expect(names(schedule.take(5, 10))).toEqual(['a', 'b', 'c']);
  });
});
