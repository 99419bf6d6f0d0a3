// Preloaded by a worker whose machine's clock is wrong: ten minutes ahead.
const AHEAD_MS = 600_000;
const RealDate = Date;
const realNow = RealDate.now;

global.Date = class Date extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(realNow() + AHEAD_MS);
    else super(...parts);
  }
  static now() {
    return realNow() + AHEAD_MS;
  }
};
