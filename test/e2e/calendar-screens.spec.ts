/**
 * The page as people have it: small and large, light and dark, with a key that only looks, and with the network
 * gone. Pictures of all views go to dist/images, and those that the documents show to docs/images when
 * HOLDFAST_IMAGES is set.
 */

import { mkdir } from 'node:fs/promises';
import { setProduct } from '@holdfast/store';
import type { Page } from 'playwright-core';
import { unnamed } from '../support/pipeline-browser.js';
import { line } from '../support/pipeline.js';
import {
  Bakery,
  chooseDays,
  day,
  dayCell,
  dayShows,
  field,
  go,
  notice,
  save,
  STORE,
  YEAR,
} from '../support/pipeline-calendar.js';

const KEPT = [
  'month-large-light',
  'month-small-light',
  'orders-behind-large-light',
  'panel-small-dark',
  'table-large-dark',
];
const keeps = process.env['HOLDFAST_IMAGES'] !== undefined;
const folderOf = (name: string): string => (keeps && KEPT.includes(name) ? 'docs/images' : 'dist/images');
const MOST_BYTES = 200_000;
const EVE = day(24);

let bakery: Bakery;

beforeAll(async () => {
  await mkdir('dist/images', { recursive: true });
  await mkdir('docs/images', { recursive: true });
  bakery = await Bakery.open();
  await fill(bakery);
});
afterAll(() => bakery.close());

/** A December as a bakery has it. */
async function fill({ shop }: Bakery): Promise<void> {
  await setProduct(shop.database, STORE, 'stollen', { inventory: 'product', title: 'Stollen' });
  await setProduct(shop.database, STORE, 'bread', { inventory: 'off', title: 'Bread' });
  await setProduct(shop.database, STORE, 'roast-goose', { inventory: 'product', title: 'Roast goose' });
  await setProduct(shop.database, STORE, 'cake', {
    inventory: 'variant',
    title: 'Chocolate cake',
    variantTitles: [
      { variantId: 'small', title: 'Small' },
      { variantId: 'medium', title: 'Medium' },
      { variantId: 'large', title: 'Large' },
    ],
  });
  const stock: Record<string, number | null> = {};
  for (let number = 1; number <= 24; number++) {
    stock[`stollen/-/${day(number)}`] = 40;
    if (number >= 15) stock[`cake/small/${day(number)}`] = 12;
    if (number >= 15) stock[`cake/medium/${day(number)}`] = number % 3 === 0 ? 0 : 8;
    if (number >= 15) stock[`cake/large/${day(number)}`] = 5;
    if (number >= 20) stock[`roast-goose/-/${day(number)}`] = 18;
  }
  for (const number of [25, 26]) stock[`stollen/-/${day(number)}`] = 0;
  await shop.stock(STORE, stock);
  const orders: { orderId: string; lines: ReturnType<typeof line>[]; isPaid: boolean }[] = [];
  for (let number = 1; number <= 24; number++) {
    const lines = [line(`stollen/-/${day(number)}`, number < 20 ? number + 4 : number + 14)];
    if (number >= 20) lines.push(line(`roast-goose/-/${day(number)}`, number === 23 ? 17 : number - 9));
    if (number >= 15) lines.push(line(`cake/small/${day(number)}`, 3));
    orders.push({ orderId: `A-${1000 + number}`, lines, isPaid: true });
  }
  orders.push({ orderId: 'A-1041', lines: [line(`stollen/-/${EVE}`, 2)], isPaid: false });
  orders.push({
    orderId: 'A-1042',
    lines: [line(`roast-goose/-/${day(23)}`, 1), line(`cake/large/${day(23)}`, 2)],
    isPaid: false,
  });
  await shop.publish.placed(
    orders.map(({ orderId, lines }) => ({ storeId: STORE, orderId, customerId: `c-${orderId}`, lines })),
  );
  const paid = orders.filter(({ isPaid }) => isPaid);
  await shop.publish.paid(
    paid.map(({ orderId }) => ({ storeId: STORE, orderId, paymentId: `p-${orderId}` })),
  );
  await shop.publish.refunded({
    storeId: STORE,
    orderId: 'A-1022',
    refundId: 'r-1',
    lines: [line(`roast-goose/-/${day(22)}`, 2)],
  });
  await shop.drained();
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${folderOf(name)}/${name}.png` });
}

const isTooWide = (page: Page) =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth');

/** What came over the network, and from where. */
const loaded = (page: Page) =>
  page.evaluate<{ name: string; encodedBodySize: number }[]>(
    `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .map(({ name, encodedBodySize }) => ({ name, encodedBodySize }))`,
  );

it('loads with less than 200 kB, compressed, from this server alone', async () => {
  const page = await bakery.browser.page(`${bakery.api.url}/`, /status of 401/);
  await page.getByLabel('Your store’s key').waitFor();
  const entries = await loaded(page);
  const bytes = entries.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  process.stderr.write(`the first load took ${Math.round(bytes / 1_000)} kB\n`);
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes).toBeLessThan(MOST_BYTES);
  const origins = new Set(entries.map(({ name }) => new URL(name).origin));
  expect(origins).toEqual(new Set([bakery.api.url]));
  await page.close();
});

describe.each([
  ['light', 1280],
  ['light', 360],
  ['dark', 1280],
  ['dark', 360],
] as const)('%s, %i pixels wide', (colorScheme, width) => {
  const isSmall = width < 700;
  let page: Page;

  beforeAll(async () => {
    page = await bakery.page(`calendar/${YEAR}-12`);
    await page.setViewportSize({ width, height: isSmall ? 780 : 860 });
    await page.emulateMedia({ colorScheme });
    await dayShows(page, EVE, 'Stollen: none left, 2 held, 38 sold');
  });
  afterAll(() => page.close());

  const shot = (name: string) => picture(page, `${name}-${isSmall ? 'small' : 'large'}-${colorScheme}`);

  it('shows the month and the numbers of the chosen days', async () => {
    await chooseDays(page, day(22), EVE);
    expect(await isTooWide(page)).toBe(false);
    if (isSmall) {
      await shot('month');
      await page.getByRole('button', { name: 'Set numbers' }).click();
    }
    await page.getByLabel('All variants').fill('15');
    await page.getByText('Save will change 9 numbers').waitFor();
    await shot(isSmall ? 'panel' : 'month');
    expect(await unnamed(page)).toEqual([]);
    await page.getByRole('button', { name: 'Discard' }).click();
    if (isSmall) await page.keyboard.press('Escape');
  });

  it('shows the orders behind a number', async () => {
    if (isSmall) await page.getByRole('button', { name: 'Clear selection' }).click();
    await chooseDays(page, day(23));
    if (isSmall) await page.getByRole('button', { name: 'Set numbers' }).click();
    await page.getByRole('button', { name: 'Roast goose: 1 held. Show the orders' }).click();
    await page.locator('[data-order="A-1042"]').waitFor();
    await shot('orders-behind');
    expect(await unnamed(page)).toEqual([]);
    await page.keyboard.press('Escape');
    if (isSmall) await page.keyboard.press('Escape');
  });

  it('shows the table, orders, products and settings, none wider than the screen', async () => {
    for (const path of [`table/${YEAR}-12`, 'orders', 'products', 'settings']) {
      await go(page, path);
      if (path === 'orders') await page.locator('[data-order="A-1042"]').waitFor();
      if (path === 'products') await page.getByText('Counted by variant').first().waitFor();
      await shot(path.split('/')[0] as string);
      expect(await isTooWide(page)).toBe(false);
      expect(await unnamed(page)).toEqual([]);
    }
  });

  it('says above filled fields what they are of', async () => {
    // A sheet that slides in has no place yet.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await go(page, 'products');
    await page.getByRole('button', { name: 'Change Chocolate cake' }).click();
    const variants = page.getByRole('group', { name: 'Variants' });
    for (const name of ['Title', 'Id']) {
      const [head, filled] = await Promise.all([
        variants.getByText(name, { exact: true }).boundingBox(),
        variants.getByLabel(`${name} of variant 1`).boundingBox(),
      ]);
      if (!head || !filled) throw new Error(`${name} is not to be seen`);
      expect(Math.abs(head.x - filled.x)).toBeLessThan(2);
      expect(head.y + head.height).toBeLessThanOrEqual(filled.y);
    }
    await shot('variants');
    expect(await isTooWide(page)).toBe(false);
    expect(await unnamed(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await go(page, `calendar/${YEAR}-12`);
    await chooseDays(page, EVE);
    if (isSmall) await page.getByRole('button', { name: 'Set numbers' }).click();
    const cake = page.getByRole('group', { name: 'Chocolate cake' });
    await cake.getByText('Can be ordered', { exact: true }).waitFor();
    expect(await cake.getByLabel('Chocolate cake, Small: can be ordered').inputValue()).toBe('9');
    await shot('panel-variants');
    if (isSmall) await page.keyboard.press('Escape');
  });
});

it('sets a number on a small screen, with the panel as a sheet at the foot', async () => {
  const page = await bakery.page(`calendar/${YEAR}-12`);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('button', { name: 'Select several' }).click();
  await dayCell(page, day(28)).click();
  await dayCell(page, day(30)).click();
  await page.getByText('2 dates').waitFor();
  await page.getByRole('button', { name: 'Set numbers' }).click();
  await page.getByText('Bread is not counted: it can always be ordered').waitFor();
  await field(page, 'stollen/-').fill('9');
  await save(page);
  await notice(page, 'Saved 2 numbers');
  await dayShows(page, day(30), 'Stollen: 9 left');
  expect(await bakery.shop.balance(STORE, `stollen/-/${day(28)}`)).toEqual([9, 0, 0, 0]);
  await page.close();
});

it('keeps the focus on a small screen where sheets have lain over each other', async () => {
  const page = await bakery.page(`calendar/${YEAR}-12`);
  await page.setViewportSize({ width: 360, height: 740 });
  await bakery.shop.stock(STORE, { [`stollen/-/${day(29)}`]: 9 });
  await bakery.shop.publish.placed({
    storeId: STORE,
    orderId: 'gone',
    lines: [line(`stollen/-/${day(29)}`, 1)],
  });
  await dayShows(page, day(29), 'Stollen: 8 left, 1 held');
  await dayCell(page, day(29)).click();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Stollen: 1 held. Show the orders' }).click();
  await page.getByRole('button', { name: 'Reject order gone' }).click();
  await page.keyboard.press('Enter');
  await page.getByText('No order holds any of it.').waitFor();
  await dayShows(page, day(29), 'Stollen: 9 left');
  await page.keyboard.press('Escape');
  // What opened it is gone with the hold.
  await page.locator('.sheet-head h2:focus', { hasText: `29 December ${YEAR}` }).waitFor();
  await bakery.shop.publish.placed({
    storeId: STORE,
    orderId: 'gone-too',
    lines: [line(`stollen/-/${day(29)}`, 1)],
  });
  await page.getByRole('button', { name: 'Stollen: 1 held. Show the orders' }).focus();
  await bakery.shop.publish.rejected({ storeId: STORE, orderId: 'gone-too' });
  await dayShows(page, day(29), 'Stollen: 9 left');
  await page.locator('.sheet-head h2:focus').waitFor();
  await field(page, 'stollen/-').fill('20');
  await bakery.shop.stock(STORE, { [`stollen/-/${day(29)}`]: 7 });
  await save(page);
  await page.getByText('You saw 9, it is 7 now.').waitFor();
  await page.getByLabel('Set mine: 20').check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await notice(page, '7 → 20');
  await page.locator(`[role=gridcell][data-date="${day(29)}"]:focus`).waitFor();
  await page.close();
});

it('keeps the theme that was chosen', async () => {
  const page = await bakery.page('settings');
  const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const light = await background();
  await page.getByRole('button', { name: /^Colours: as the device/ }).click();
  await page.getByRole('button', { name: /^Colours: light/ }).click();
  const dark = await background();
  expect(dark).not.toBe(light);
  await page.reload();
  await page.getByRole('button', { name: /^Colours: dark/ }).waitFor();
  expect(await background()).toBe(dark);
  await page.getByRole('button', { name: /^Colours: dark/ }).click();
  await page.close();
});

it('says quietly that the connection is lost, and goes on when it is back', async () => {
  const page = await bakery.browser.page(
    `${bakery.api.url}/#/${STORE}/calendar/${YEAR}-12`,
    /ERR_|Failed to load/,
  );
  await page.getByText('Live', { exact: true }).waitFor();
  await bakery.api.stop();
  await page.getByText('Reconnecting…').waitFor();
  await bakery.api.startAgain();
  await page.getByText('Live', { exact: true }).waitFor();
  await bakery.shop.publish.placed({
    storeId: STORE,
    orderId: 'back',
    lines: [line(`stollen/-/${day(2)}`, 1)],
  });
  await dayShows(page, day(2), '1 held');
  await page.close();
});

it('lets a key that may only look change nothing', async () => {
  await bakery.browser.context.clearCookies();
  const page = await bakery.page(`calendar/${YEAR}-12`, 'read-only');
  await chooseDays(page, EVE);
  await page.getByRole('button', { name: /2 held. Show the orders/ }).click();
  await page.locator('[data-order="A-1041"]').waitFor();
  expect(await page.getByRole('button', { name: /Reject/ }).count()).toBe(0);
  await page.keyboard.press('Escape');
  expect(await page.getByRole('button', { name: 'Save', exact: true }).count()).toBe(0);
  expect(await field(page, 'stollen/-').count()).toBe(0);
  await page.close();
});

it('lets an operator choose the store', async () => {
  await bakery.browser.context.clearCookies();
  const page = await bakery.browser.page(`${bakery.api.url}/`, /status of 401/);
  await page.getByLabel('Your store’s key').fill(await bakery.key('operator'));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: /bakery/ }).click();
  await page.getByRole('grid').waitFor();
  await page.getByRole('link', { name: 'Other store' }).click();
  await page.getByRole('heading', { name: 'Choose a store' }).waitFor();
  await page.close();
});
