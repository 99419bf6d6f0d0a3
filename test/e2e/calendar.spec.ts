/** What the shop owner was promised, step by step, in the page: with a real worker, API and browser. */

import type { Page } from 'playwright-core';
import { line } from '../support/pipeline.js';
import { heard } from '../support/pipeline-browser.js';
import {
  Bakery,
  chooseDays,
  day,
  dayCell,
  dayShows,
  field,
  go,
  isSaid,
  notice,
  save,
  STORE,
  YEAR,
} from '../support/pipeline-calendar.js';

const MINUTE_MS = 60_000;
const EVE = day(24);

let bakery: Bakery;
let page: Page;

beforeAll(async () => {
  bakery = await Bakery.open();
});
afterAll(() => bakery.close());

const place = (orderId: string, quantity: number, agoMs = 0): Promise<void> =>
  bakery.shop.publish.placed({
    storeId: STORE,
    orderId,
    customerId: `customer-${orderId}`,
    occurredAt: new Date(Date.now() - agoMs).toISOString(),
    lines: [line(`stollen/-/${EVE}`, quantity)],
  });

it('lets nobody in with a wrong key, and keeps the right one nowhere', async () => {
  page = await bakery.browser.page(`${bakery.api.url}/`, /status of 401/);
  await page.getByLabel('Your store’s key').fill('hf_aaaaaaaaaaaa_wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('This key is not known, or was revoked.').waitFor();
  const key = await bakery.key();
  await page.getByLabel('Your store’s key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('grid').waitFor();
  const kept = await page.evaluate<string>(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])',
  );
  expect(kept).not.toContain(key.split('_')[2]);
  expect(kept).not.toContain('holdfast_session');
  await page.reload();
  await page.getByRole('grid').waitFor();
  await go(page, `calendar/${YEAR}-12`);
});

it('sets 40 for three dates at once, says what will change, and offers to undo it', async () => {
  await dayShows(page, EVE, 'stollen: unlimited');
  await chooseDays(page, day(22), EVE);
  await page.getByText('Applies to 3 dates: 22, 23, 24 Dec').waitFor();
  await page.getByText('Blank = unlimited, 0 = unavailable').first().waitFor();
  await field(page, 'stollen/-').fill('40');
  await page.getByText('Save will change 3 numbers').waitFor();
  await page.getByText(`stollen: unlimited → 40 (22, 23, 24 Dec ${YEAR})`).waitFor();
  await save(page);
  await notice(page, 'Saved 3 numbers');
  for (const date of [day(22), day(23), EVE]) {
    await dayShows(page, date, 'stollen: 40 left');
    expect(await bakery.shop.balance(STORE, `stollen/-/${date}`)).toEqual([40, 0, 0, 0]);
  }
  await page.locator('.notice').getByRole('button', { name: 'Undo' }).click();
  await notice(page, 'Undone');
  await isSaid(page, /Undone: 3 numbers are as before/);
  await dayShows(page, EVE, 'stollen: unlimited');
  expect(await bakery.shop.balance(STORE, `stollen/-/${EVE}`)).toEqual([null, 0, 0, 0]);
  await field(page, 'stollen/-').fill('40');
  await save(page);
  await dayShows(page, EVE, 'stollen: 40 left');
});

it('sets numbers by variant, the same for all of them or each its own', async () => {
  await page.getByLabel('cake, all variants: can be ordered').fill('6');
  await page.getByLabel('cake, large: can be ordered').fill('2');
  await save(page);
  await dayShows(page, day(22), 'cake: 14 left (small 6 left, medium 6 left, large 2 left)');
  expect(await bakery.shop.balance(STORE, `cake/large/${EVE}`)).toEqual([2, 0, 0, 0]);
  expect(await bakery.shop.balance(STORE, `cake/small/${day(23)}`)).toEqual([6, 0, 0, 0]);
});

it('shows a hold as soon as the order is placed, with the order behind it and its time left', async () => {
  const from = performance.now();
  await place('A-1', 3);
  await dayShows(page, EVE, 'stollen: 37 left, 3 held');
  const tookMs = performance.now() - from;
  process.stderr.write(`a hold was seen ${Math.round(tookMs)} ms after its order was published\n`);
  expect(tookMs).toBeLessThan(5_000);
  await chooseDays(page, EVE);
  await page.getByRole('button', { name: /3 held. Show the orders/ }).click();
  const order = page.locator('[data-order="A-1"]');
  await order.getByText('Customer customer-A-1').waitFor();
  expect(await order.getByRole('timer').textContent()).toMatch(/^(30:00|29:\d\d) left$/);
  await page.keyboard.press('Escape');
  await go(page, 'orders');
  await page.getByText('Waiting for payment').waitFor();
  await page.locator('section', { hasText: 'Waiting for payment' }).locator('[data-order="A-1"]').waitFor();
  await page.getByText('There are no orders here yet.').waitFor();
  await go(page, `calendar/${YEAR}-12`);
});

it('shows it sold when it is paid', async () => {
  await bakery.shop.publish.paid({ storeId: STORE, orderId: 'A-1', paymentId: 'p-1' });
  await dayShows(page, EVE, 'stollen: 37 left, 3 sold');
  await chooseDays(page, EVE);
  await page.getByRole('button', { name: /3 sold. Show the orders/ }).click();
  await page.locator('[data-order="A-1"]').getByText('paid', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
});

it('shows the units back when nobody pays in time', async () => {
  await place('A-2', 5, 30 * MINUTE_MS - 6_000);
  await dayShows(page, EVE, 'stollen: 32 left, 5 held, 3 sold');
  await dayShows(page, EVE, 'stollen: 37 left, 3 sold');
  expect(bakery.shop.outcomes().told(STORE, 'A-2')).toEqual(['order-expired']);
  await page.getByRole('link', { name: 'Orders' }).click();
  await page.locator('[data-order="A-2"]').getByText('not paid in time').waitFor();
  await page.getByRole('link', { name: 'Calendar' }).click();
  await page.getByRole('heading', { name: `December ${YEAR}` }).waitFor();
});

it('takes an order back that the merchant rejects, and has the customer told', async () => {
  await place('A-3', 4);
  await dayShows(page, EVE, 'stollen: 33 left, 4 held');
  await chooseDays(page, EVE);
  await page.getByRole('button', { name: /4 held. Show the orders/ }).click();
  await page.getByRole('button', { name: 'Reject order A-3' }).click();
  await page.getByLabel('Reason for the customer').fill('the oven is broken');
  await page.getByRole('button', { name: 'Reject order', exact: true }).click();
  await isSaid(page, /Order A-3 is being rejected/);
  await page.getByText('No order holds any of it.').waitFor();
  await page.keyboard.press('Escape');
  await dayShows(page, EVE, 'stollen: 37 left, 3 sold');
  await bakery.shop.until(({ told }) => told(STORE, 'A-3').length > 0, 'the customer is told');
  const told = bakery.shop.outcomes().notifications.find(({ orderId }) => orderId === 'A-3');
  expect(told).toMatchObject({ template: 'order-rejected', reason: 'the oven is broken' });
});

it('does not put refunded units back by itself; the merchant does, in one step', async () => {
  await bakery.shop.publish.refunded({ storeId: STORE, orderId: 'A-1', refundId: 'r-1' });
  await dayShows(page, EVE, 'stollen: 37 left, 3 refunded');
  await chooseDays(page, EVE);
  await page.getByRole('button', { name: /3 refunded. Show the orders/ }).click();
  await page.getByText('not for sale again until you put them back').waitFor();
  await page.getByRole('button', { name: 'Reject order A-1' }).click();
  await page.getByText('What still waits to be put back can be ordered again').waitFor();
  await page.getByRole('button', { name: 'Keep the order' }).click();
  await page.getByRole('button', { name: 'Put 3 of order A-1 back' }).click();
  await isSaid(page, /3 units are for sale again/);
  await page.getByText('Nothing waits to be put back.').waitFor();
  await page.keyboard.press('Escape');
  await dayShows(page, EVE, 'stollen: 40 left');
  expect(await bakery.shop.balance(STORE, `stollen/-/${EVE}`)).toEqual([40, 0, 0, 0]);
});

it('says once what blank and 0 mean, not again with each field', async () => {
  await chooseDays(page, EVE);
  const { fields, groups } = await heard(page);
  expect(fields).toEqual([]);
  expect(groups).toEqual([expect.stringMatching(/24 December.*: .*Blank = unlimited, 0 = unavailable/)]);
});

it('takes blank for unlimited and 0 for unavailable', async () => {
  await chooseDays(page, EVE);
  await field(page, 'stollen/-').fill('0');
  await save(page);
  await dayShows(page, EVE, 'stollen: unavailable');
  await place('A-4', 1);
  await bakery.shop.until(({ story }) => story(STORE, 'A-4').length > 0, 'the order is decided');
  expect(bakery.shop.outcomes().story(STORE, 'A-4')).toEqual(['Refused']);
  await field(page, 'stollen/-').fill('');
  await page
    .getByText(/0 → unlimited/)
    .first()
    .waitFor();
  await save(page);
  await dayShows(page, EVE, 'stollen: unlimited');
  await place('A-5', 500);
  await dayShows(page, EVE, 'stollen: unlimited, 500 held');
});

it('refuses what is no number before it is sent, and says what to do', async () => {
  await field(page, 'stollen/-').fill('12.5');
  await page.getByText('Use a whole number, without point or comma.').waitFor();
  await field(page, 'stollen/-').fill('-3');
  await page.getByText('+5 needs a number to add to').waitFor();
  await field(page, 'stollen/-').press('Escape');
  expect(await field(page, 'stollen/-').inputValue()).toBe('');
});

it('signs out, and shows nothing after that', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Your store’s key').waitFor();
  await page.goto(`${bakery.api.url}/#/${STORE}/calendar/${YEAR}-12`);
  await page.reload();
  await page.getByLabel('Your store’s key').waitFor();
  expect(await dayCell(page, EVE).count()).toBe(0);
});
