import { FlashWatch } from './flash-watch.js';
import { LaneWatch } from './lane-watch.js';

const lane = (number: number, applied: number) => ({ lane: number, worker: 'w', applied, waiting: 0 });

describe('the watch on lanes of a killed worker', () => {
  it('measures from the kill until the last lane has applied something again', () => {
    const watch = new LaneWatch([lane(0, 10), lane(2, 20)], 1_000);
    watch.look([lane(0, 10), lane(1, 99), lane(2, 20)], 3_000);
    expect(watch.standing).toEqual([0, 2]);
    watch.look([lane(0, 11), lane(2, 20)], 6_000);
    expect(watch.standing).toEqual([2]);
    watch.look([lane(0, 12), lane(2, 21)], 7_500);
    expect(watch.standing).toEqual([]);
    expect(watch.lanes).toEqual([0, 2]);
    expect(watch.longestMs).toBe(6_500);
  });

  it('does not take the last commit before the kill for movement', () => {
    const watch = new LaneWatch([lane(0, 10)], 1_000);
    watch.look([lane(0, 15)], 1_200);
    watch.look([lane(0, 15)], 4_000);
    expect(watch.standing).toEqual([0]);
  });
});

describe('the watch on the flash sale', () => {
  it('remembers the most that was promised at once', () => {
    const watch = new FlashWatch(500);
    watch.look({ free: 0, held: 300, sold: 190, refunded: 10 });
    watch.look({ free: 20, held: 280, sold: 190, refunded: 10 });
    expect(watch.findings).toEqual({ looks: 2, mostPromised: 500, wrongLooks: 0 });
  });

  it('finds looks at which units appeared, vanished or were owed', () => {
    const watch = new FlashWatch(500);
    watch.look({ free: 0, held: 300, sold: 201, refunded: 0 });
    watch.look({ free: -1, held: 301, sold: 200, refunded: 0 });
    watch.look({ free: null, held: 0, sold: 0, refunded: 0 });
    expect(watch.findings).toEqual({ looks: 3, mostPromised: 501, wrongLooks: 3 });
  });
});
