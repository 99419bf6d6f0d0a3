import { Logger } from '@nestjs/common';
import { JsonLogger, programLogger } from './program-logger.js';

function lines(levels: string[], say: (log: Logger) => void): unknown[] {
  const said: string[] = [];
  Logger.overrideLogger(new JsonLogger(new Set(levels), (line) => said.push(line)));
  say(new Logger('consume'));
  Logger.overrideLogger(false);
  return said.map((line) => JSON.parse(line) as unknown);
}

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string;

describe('lines as JSON', () => {
  it('have time, level, context, text, and what they are about', () => {
    const said = lines(['log', 'warn'], (log) => {
      log.log('ready');
      log.warn('dead letter', { topic: 'OrderPlaced', partition: 3, offset: 55 });
      log.debug('not asked for');
    });
    expect(said).toEqual([
      { time, level: 'info', context: 'consume', message: 'ready' },
      { time, level: 'warn', context: 'consume', message: 'dead letter', topic: 'OrderPlaced', partition: 3, offset: 55 }, // prettier-ignore
    ]);
  });

  it('are one line each, whatever is in them', () => {
    const said = lines(['error'], (log) => {
      log.error('one\ntwo "three"');
      log.error('failed', 'Error: failed\n    at somewhere');
      log.error(new Error('thrown'));
    });
    expect(said).toEqual([
      { time, level: 'error', context: 'consume', message: 'one\ntwo "three"' },
      {
        time,
        level: 'error',
        context: 'consume',
        message: 'failed',
        stack: 'Error: failed\n    at somewhere',
      },
      {
        time,
        level: 'error',
        context: 'consume',
        message: 'thrown',
        stack: expect.stringContaining('at ') as string,
      },
    ]);
  });
});

describe('lines as text', () => {
  it('do not repeat what they are about', () => {
    const written: string[] = [];
    const spy = jest
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => written.push(String(text)) > 0);
    Logger.overrideLogger(programLogger({ format: 'text', level: 'log', colors: false }));
    new Logger('lanes').warn('lane 3 waits', { lane: 3 });
    Logger.overrideLogger(false);
    spy.mockRestore();
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^\[holdfast\].* WARN \[lanes\] lane 3 waits\n$/);
  });
});
