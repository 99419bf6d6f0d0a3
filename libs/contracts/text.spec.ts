import { isDate, isId, isTime, timeOf } from './text.js';

describe('isId', () => {
  it.each([
    ['one character', 'a'],
    ['what shops use', 'SKU-10.5_b:7 (blue)#x'],
    ['128 bytes of ASCII', 'a'.repeat(128)],
    ['64 two-byte characters', 'é'.repeat(64)],
    ['32 four-byte characters', '🥖'.repeat(32)],
    ['126 bytes and a two-byte character', 'a'.repeat(126) + 'é'],
    ['two dashes', '--'],
    ['a dash among others', 'a-b'],
    ['quotes and backslashes', '"\\"'],
    ['names of the prototype', '__proto__'],
    ['the replacement character', '\ufffd'],
  ])('takes %s', (_, text) => expect(isId(text)).toBe(true));

  it.each([
    ['nothing', ''],
    ['the dash that means none', '-'],
    ['129 bytes of ASCII', 'a'.repeat(129)],
    ['65 two-byte characters', 'é'.repeat(65)],
    ['127 bytes and a two-byte character', 'a'.repeat(127) + 'é'],
    ['33 four-byte characters', '🥖'.repeat(33)],
    ['a slash', 'a/b'],
    ['a slash behind other letters', 'é/b'],
    ['a line feed', 'a\n'],
    ['NUL', '\0'],
    ['DEL', 'a\x7f'],
    ['a control character above ASCII', 'a\x85'],
    ['a control character behind other letters', 'é\x01'],
    ['half a character', 'a\ud83e'],
    ['the other half', '\udd56a'],
  ])('refuses %s', (_, text) => expect(isId(text)).toBe(false));
});

describe('timeOf', () => {
  it.each([
    '2026-03-14T09:26:53Z',
    '2026-03-14T09:26:53.5Z',
    '2026-03-14T09:26:53.589Z',
    '2026-03-14T09:26:53.589+01:00',
    '2026-03-14T09:26:53-11:30',
    '2026-03-14T09:26Z',
    '2026-03-14T09:26+05:45',
    '2024-02-29T00:00:00Z',
    '2000-02-29T23:59:59.999+14:00',
    '2026-12-31T23:59:59Z',
    '1970-01-01T00:00:00Z',
    '1970-01-01T00:00:00+14:00',
    '9998-12-31T23:59:59.999-12:00',
    '2026-03-14T09:26:53-00:00',
  ])('reads %s as Date.parse does', (text) => {
    expect(timeOf(text)).toBe(Date.parse(text));
    expect(isTime(text)).toBe(true);
  });

  it('agrees with Date.parse on every day of four centuries', () => {
    for (let day = Date.UTC(1970, 0, 1); day < Date.UTC(2371, 0, 1); day += 86_400_000) {
      const text = new Date(day + 45_296_789).toISOString();
      if (timeOf(text) !== day + 45_296_789) throw new Error(`${text} is read as ${timeOf(text)}`);
    }
  });

  it('drops what is finer than a millisecond', () => {
    expect(timeOf('2026-03-14T09:26:53.589999999Z')).toBe(Date.parse('2026-03-14T09:26:53.589Z'));
  });

  it.each([
    ['no offset', '2026-03-14T09:26:53'],
    ['a date alone', '2026-03-14'],
    ['a space for the T', '2026-03-14 09:26:53Z'],
    ['lower case', '2026-03-14t09:26:53z'],
    ['February 30', '2026-02-30T00:00:00Z'],
    ['February 29 of a common year', '2026-02-29T00:00:00Z'],
    ['February 29 of 2100', '2100-02-29T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['month 0', '2026-00-01T00:00:00Z'],
    ['day 0', '2026-01-00T00:00:00Z'],
    ['hour 24', '2026-01-01T24:00:00Z'],
    ['minute 60', '2026-01-01T00:60:00Z'],
    ['second 60', '2026-01-01T23:59:60Z'],
    ['an offset of 24 hours', '2026-01-01T00:00:00+24:00'],
    ['an offset without its colon', '2026-01-01T00:00:00+0100'],
    ['an offset of hours alone', '2026-01-01T00:00:00+01'],
    ['a fraction without digits', '2026-01-01T00:00:00.Z'],
    ['a comma before the fraction', '2026-01-01T00:00:00,5Z'],
    ['something behind it', '2026-01-01T00:00:00Zx'],
    ['something behind the offset', '2026-01-01T00:00:00+01:000'],
    ['a year before 1970, as an empty .NET date', '0001-01-01T00:00:00Z'],
    ['the year 9999', '9999-12-31T23:59:59Z'],
    ['five digits of year', '+012026-01-01T00:00:00Z'],
    ['epoch milliseconds', '1773476813589'],
    ['words', 'Sat, 14 Mar 2026 09:26:53 GMT'],
    ['letters for digits', '2026-0x-14T09:26:53Z'],
    ['digits of another script', '٢٠٢٦-03-14T09:26:53Z'],
    ['an endless fraction', `2026-01-01T00:00:00.${'1'.repeat(60)}Z`],
    ['nothing', ''],
  ])('refuses %s', (_, text) => expect(isTime(text)).toBe(false));
});

describe('isDate', () => {
  it.each(['2026-03-20', '2024-02-29', '2000-02-29', '1970-01-01', '9998-12-31'])('takes %s', (text) =>
    expect(isDate(text)).toBe(true),
  );
  it.each([
    '2026-02-29',
    '2100-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-3-20',
    '20260320',
    '2026-03-20T00:00:00Z',
    '2026/03/20',
    '20.03.2026',
    '-',
    '',
    '0000-00-00',
    '9999-12-31',
  ])('refuses "%s"', (text) => expect(isDate(text)).toBe(false));
});
