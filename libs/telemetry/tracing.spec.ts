import { spanContextOf } from './tracing.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('a W3C traceparent', () => {
  it('names trace, span and whether it is sampled', () => {
    const found = { traceId: TRACE, spanId: '00f067aa0ba902b7', isRemote: true };
    expect(spanContextOf(`00-${TRACE}-00f067aa0ba902b7-01`)).toEqual({ ...found, traceFlags: 1 });
    expect(spanContextOf(`00-${TRACE}-00f067aa0ba902b7-00`)).toEqual({ ...found, traceFlags: 0 });
    expect(spanContextOf(`cc-${TRACE}-00f067aa0ba902b7-01-what-comes-later`)).toMatchObject(found);
  });

  it.each([
    '',
    'nonsense',
    `00-${TRACE}-00f067aa0ba902b7`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-00f067aa0ba902b7-012`,
  ])('that is none is passed over: %j', (text) => expect(spanContextOf(text)).toBeUndefined());
});
