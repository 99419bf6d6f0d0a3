import { setImmediate as turn } from 'node:timers/promises';
import type { OutboxDoc } from '@holdfast/store';
import { Signal } from '../signal.js';
import { RelayWake } from './relay-wake.js';

const docs = (...counts: number[]): OutboxDoc[] => counts.map((count) => ({ count }) as OutboxDoc);

describe('the relay', () => {
  let signal: Signal;
  let wake: RelayWake;
  beforeEach(() => {
    signal = new Signal();
    wake = new RelayWake(signal);
  });

  it('is told of few messages at once, whatever else is under way', () => {
    wake.begun();
    wake.committed(docs(499));
    expect(signal.isRaised).toBe(true);
  });

  it('is told of many at once where no batch follows', async () => {
    wake.committed(docs(300, 200));
    expect(signal.isRaised).toBe(false);
    await turn();
    expect(signal.isRaised).toBe(true);
  });

  it('is told of many while the next batch is being written', async () => {
    wake.committed(docs(2_000));
    wake.begun();
    await turn();
    expect(signal.isRaised).toBe(false);
    wake.waits();
    expect(signal.isRaised).toBe(true);
  });

  it.each(['the next batch', 'another one'])(
    'is told when %s ends, though it wrote nothing',
    async (which) => {
      if (which === 'another one') wake.begun();
      wake.committed(docs(2_000));
      if (which === 'the next batch') wake.begun();
      await turn();
      expect(signal.isRaised).toBe(false);
      wake.ended();
      expect(signal.isRaised).toBe(true);
    },
  );

  it('is told once', async () => {
    wake.committed(docs(2_000));
    await turn();
    signal.lower();
    wake.begun();
    wake.waits();
    wake.ended();
    await turn();
    expect(signal.isRaised).toBe(false);
  });
});
