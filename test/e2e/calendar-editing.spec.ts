/** How numbers are edited: table, keyboard, small screens, other people, settings. Real worker, API and browser. */

import { setProduct } from '@holdfast/store';
import type { Page, Request, Route } from 'playwright-core';
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

const EVE = day(24);

let bakery: Bakery;
let page: Page;

beforeAll(async () => {
  bakery = await Bakery.open();
  page = await bakery.page(`calendar/${YEAR}-12`);
});
afterAll(() => bakery.close());

const focusIsOn = (end: string) => page.locator(`[role=gridcell][data-date$="${end}"]:focus`).waitFor();
const cell = (key: string) => page.locator(`[data-cell="${key}"]`);
const others = (quantity: number) => bakery.shop.stock(STORE, { [`stollen/-/${EVE}`]: quantity });

describe('the month', () => {
  it('chooses a weekday by its name, single days with Control, and lets go', async () => {
    await page.getByRole('button', { name: /^Choose every Friday/ }).click();
    const fridays = await page.locator('[role=gridcell][aria-selected=true]').count();
    expect(fridays === 4 || fridays === 5).toBe(true);
    await dayCell(page, EVE).click();
    await dayCell(page, day(1)).click({ modifiers: ['Control'] });
    await page.getByText('Applies to 2 dates: 1, 24 Dec').waitFor();
    await dayCell(page, EVE).click();
    await page.getByRole('heading', { name: `24 December ${YEAR}` }).waitFor();
    expect(await page.getByText('Applies to').count()).toBe(0);
    await page.getByRole('button', { name: 'Clear selection' }).click();
    expect(await page.locator('[role=gridcell][aria-selected=true]').count()).toBe(0);
  });

  it('is used by keyboard alone', async () => {
    const keys = page.locator('#month-keys');
    expect((await keys.boundingBox())?.width).toBe(1);
    await dayCell(page, day(1)).focus();
    await page.keyboard.press('ArrowRight');
    expect((await keys.boundingBox())?.width).toBeGreaterThan(300);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByText('Applies to 3 dates: 9, 10, 11 Dec').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.set-panel input:focus').waitFor();
    // The first field is the first product's: cake's, all variants.
    await page.keyboard.type('8');
    await page.keyboard.press('Enter');
    await notice(page, 'Saved 9 numbers');
    await page.getByTestId('announcer').getByText('Saved 9 numbers').waitFor();
    await dayShows(page, day(11), 'cake: 24 left');
    await dayCell(page, day(11)).focus();
    await page.keyboard.press('PageDown');
    await page.getByRole('heading', { name: `January ${Number(YEAR) + 1}` }).waitFor();
    await focusIsOn('-01-11');
    await page.keyboard.press('PageUp');
    await focusIsOn('-12-11');
    await page.keyboard.press('Home');
    await page.keyboard.press('Escape');
    expect(await page.locator('[role=gridcell][aria-selected=true]').count()).toBe(0);
  });

  it('tells a screen reader what others change', async () => {
    await bakery.shop.publish.placed({
      storeId: STORE,
      orderId: 'said',
      lines: [line(`cake/small/${day(9)}`, 2)],
    });
    await dayShows(page, day(9), '2 held');
    await page
      .getByTestId('announcer')
      .getByText(/cake, small, .*: 6 left, 2 held/)
      .waitFor();
  });
});

describe('a number that someone else has set meanwhile', () => {
  it('is shown beside the merchant’s own, who keeps it', async () => {
    await others(40);
    await dayShows(page, EVE, 'stollen: 40 left');
    await chooseDays(page, EVE);
    await field(page, 'stollen/-').fill('50');
    await others(35);
    await dayShows(page, EVE, 'stollen: 35 left');
    await save(page);
    await page.getByText('You saw 40, it is 35 now.').waitFor();
    await page.getByLabel('Keep theirs: 35').check();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await bakery.shop.balance(STORE, `stollen/-/${EVE}`)).toEqual([35, 0, 0, 0]);
  });

  it('waits with what he typed when he decides later', async () => {
    await field(page, 'stollen/-').fill('45');
    await others(33);
    await dayShows(page, EVE, 'stollen: 33 left');
    const dialog = page.getByRole('dialog');
    for (const leave of [
      () => dialog.getByRole('button', { name: 'Not now' }).click(),
      () => page.keyboard.press('Escape'),
    ]) {
      await save(page);
      await page.getByText('You saw 35, it is 33 now.').waitFor();
      await leave();
      await dialog.waitFor({ state: 'detached' });
      expect(await field(page, 'stollen/-').inputValue()).toBe('45');
    }
    expect(await bakery.shop.balance(STORE, `stollen/-/${EVE}`)).toEqual([33, 0, 0, 0]);
    await page.getByRole('button', { name: 'Discard' }).click();
    await others(35);
    await dayShows(page, EVE, 'stollen: 35 left');
  });

  it('gives way when the merchant says so', async () => {
    await field(page, 'stollen/-').fill('50');
    await others(30);
    await dayShows(page, EVE, 'stollen: 30 left');
    await save(page);
    await page.getByText('You saw 35, it is 30 now.').waitFor();
    await page.getByLabel('Set mine: 50').check();
    await page.getByRole('button', { name: 'Apply' }).click();
    await dayShows(page, EVE, 'stollen: 50 left');
    expect(await bakery.shop.balance(STORE, `stollen/-/${EVE}`)).toEqual([50, 0, 0, 0]);
  });

  it('is not taken back by an undo, which says why', async () => {
    await field(page, 'stollen/-').fill('60');
    await save(page);
    await dayShows(page, EVE, 'stollen: 60 left');
    await others(61);
    await page.locator('.notice', { hasText: '→ 60' }).getByRole('button', { name: 'Undo' }).click();
    await page.locator('.notice-problem').getByText('changed or ordered since').waitFor();
    expect(await bakery.shop.balance(STORE, `stollen/-/${EVE}`)).toEqual([61, 0, 0, 0]);
    await page.locator('.notice-problem').getByRole('button', { name: 'Close' }).click();
  });
});

describe('a save whose answer gets lost', () => {
  const lost = async (route: Route): Promise<void> => {
    await route.fetch();
    await route.abort();
  };

  it('is done once when it is sent again', async () => {
    await others(60);
    await chooseDays(page, EVE);
    await dayShows(page, EVE, 'stollen: 60 left');
    await field(page, 'stollen/-').fill('+5');
    await page.route('**/stock/changes', lost, { times: 1 });
    await save(page);
    await notice(page, 'this may have been done or not');
    await dayShows(page, EVE, 'stollen: 65 left');
    await save(page);
    await notice(page, '60 → 65');
    expect(await bakery.shop.balance(STORE, `stollen/-/${EVE}`)).toEqual([65, 0, 0, 0]);
    await page.locator('.notice-problem').getByRole('button', { name: 'Close' }).click();
  });

  it('is done once for a product, whatever others have made of it meanwhile', async () => {
    await go(page, 'products');
    await page.getByRole('button', { name: 'Add a product' }).click();
    await page.getByLabel('Title', { exact: true }).fill('Spelt roll');
    await page.getByLabel('Later, in the calendar').check();
    await page.route('**/products/spelt-roll', lost, { times: 1 });
    await save(page);
    await page.locator('dialog').getByText('this may have been done or not').waitFor();
    await setProduct(bakery.shop.database, STORE, 'spelt-roll', { inventory: 'off' });
    await save(page);
    await notice(page, 'Spelt roll is unlimited on every date until you set a number in the calendar.');
    await page.locator('[data-product=spelt-roll]').getByText('Not counted').waitFor();
  });

  it('is done once for the settings', async () => {
    await go(page, 'settings');
    await page.getByLabel('Minutes that checkout holds').fill('45');
    await page.route(`**/stores/${STORE}`, lost, { times: 1 });
    const saveSettings = page.getByRole('button', { name: 'Save settings' });
    await saveSettings.click();
    await page.getByText('this may have been done or not').waitFor();
    await bakery.shop.store(STORE, { holdMs: 1_800_000 });
    await saveSettings.click();
    await notice(page, 'Settings are saved.');
    expect(await bakery.shop.database.stores.findOne({ _id: STORE })).toMatchObject({ holdMs: 1_800_000 });
  });
});

describe('an answer that is slow', () => {
  it('is waited for with a sign: of a month, and of an undo', async () => {
    /** Holds the next request back. @returns what lets it go */
    const held = async (url: string): Promise<() => void> => {
      let letGo = (): void => undefined;
      const gone = new Promise<void>((resolve) => (letGo = resolve));
      await page.route(url, (route) => gone.then(() => route.continue()), { times: 1 });
      return letGo;
    };
    await go(page, `calendar/${YEAR}-12`);
    const month = await held('**/calendar?*');
    await page.getByRole('button', { name: 'Next month' }).click();
    await page.getByText('Loading…').waitFor();
    month();
    await page.getByText('Loading…').waitFor({ state: 'detached' });
    await go(page, `calendar/${YEAR}-12`);
    await chooseDays(page, EVE);
    await field(page, 'stollen/-').fill('64');
    await save(page);
    const undo = await held('**/undo');
    await page.locator('.notice', { hasText: '→ 64' }).getByRole('button', { name: 'Undo' }).click();
    await notice(page, 'Undoing…');
    undo();
    await notice(page, 'Undone: 1 number is as before.');
  });
});

describe('a button that is pressed twice', () => {
  it('saves once', async () => {
    const sent: string[] = [];
    const note = (request: Request): void => {
      if (request.method() !== 'GET') sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    };
    page.on('request', note);
    await go(page, 'settings');
    await page.getByRole('button', { name: 'Save settings' }).dblclick();
    await notice(page, 'Settings are saved.');
    await go(page, 'products');
    await page.getByRole('button', { name: 'Change Spelt roll' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).dblclick();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await go(page, `calendar/${YEAR}-12`);
    await chooseDays(page, EVE);
    await field(page, 'stollen/-').fill('66');
    await page.getByRole('button', { name: 'Save', exact: true }).dblclick();
    await notice(page, '65 → 66');
    page.off('request', note);
    const own = `/v1/stores/${STORE}`;
    expect(sent).toEqual([`PATCH ${own}`, `PUT ${own}/products/spelt-roll`, `POST ${own}/stock/changes`]);
  });
});

describe('the table', () => {
  // As a spreadsheet leaves it on the clipboard, and Ctrl+V takes it.
  const pasted = async (text: string): Promise<void> => {
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    await page.keyboard.press('Control+V');
  };

  it('is edited by keys and saved at once', async () => {
    await go(page, `table/${YEAR}-12`);
    await cell(`stollen/-/${day(1)}`).click();
    await page.keyboard.type('30');
    await page.keyboard.press('Enter');
    await page.keyboard.type('31');
    await page.keyboard.press('Enter');
    await page.keyboard.type('99');
    await page.keyboard.press('Escape');
    await page.getByText('2 cells edited.').waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.type('98');
    await page.locator('.cell-editing input').and(page.locator('[value="98"]')).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Home');
    await page.keyboard.type('5');
    await page.keyboard.press('Tab');
    await page.keyboard.type('6');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Save 4' }).click();
    await notice(page, 'Saved 4 numbers');
    expect(await bakery.shop.balance(STORE, `stollen/-/${day(2)}`)).toEqual([31, 0, 0, 0]);
    expect(await bakery.shop.balance(STORE, `stollen/-/${day(3)}`)).toBeUndefined();
    expect(await bakery.shop.balance(STORE, `cake/small/${day(3)}`)).toEqual([5, 0, 0, 0]);
    expect(await bakery.shop.balance(STORE, `cake/medium/${day(3)}`)).toEqual([6, 0, 0, 0]);
  });

  it('takes a column and a block from a spreadsheet', async () => {
    await cell(`stollen/-/${day(12)}`).click();
    await pasted('41\r\n42\r\n\r\n0\r\n');
    await page.getByText('3 cells edited.').waitFor();
    await cell(`cake/small/${day(15)}`).click();
    await pasted('1\t2\n3\tx');
    await page.getByText('1 cell cannot be saved').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.getByText('Use a whole number from 0').waitFor();
    await page.keyboard.type('4');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Save 7' }).click();
    await notice(page, 'Saved 7 numbers');
    expect(await bakery.shop.balance(STORE, `stollen/-/${day(13)}`)).toEqual([42, 0, 0, 0]);
    expect(await bakery.shop.balance(STORE, `stollen/-/${day(15)}`)).toEqual([0, 0, 0, 0]);
    expect(await bakery.shop.balance(STORE, `cake/medium/${day(16)}`)).toEqual([4, 0, 0, 0]);
  });

  it('fills what is chosen, and keeps edits while other months are looked at', async () => {
    await cell(`stollen/-/${day(20)}`).click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.type('7');
    await page.keyboard.press('Control+Enter');
    await page.getByText('3 cells edited.').waitFor();
    await page.getByRole('button', { name: 'Next month' }).click();
    await page.getByText('3 cells edited, 3 of them in other months.').waitFor();
    await page.getByRole('button', { name: 'Save 3' }).click();
    await notice(page, 'Saved 3 numbers');
    expect(await bakery.shop.balance(STORE, `stollen/-/${day(22)}`)).toEqual([7, 0, 0, 0]);
    await go(page, `table/${YEAR}-12`);
  });

  it('asks cell by cell when others were faster', async () => {
    await cell(`stollen/-/${day(20)}`).click();
    await page.keyboard.type('70');
    await page.keyboard.press('Enter');
    await page.keyboard.type('71');
    await page.keyboard.press('Enter');
    await bakery.shop.stock(STORE, { [`stollen/-/${day(20)}`]: 9 });
    await page.getByRole('button', { name: 'Save 2' }).click();
    await page.getByText('You saw 7, it is 9 now.').waitFor();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Nothing is edited.').waitFor();
    expect(await bakery.shop.balance(STORE, `stollen/-/${day(20)}`)).toEqual([9, 0, 0, 0]);
    expect(await bakery.shop.balance(STORE, `stollen/-/${day(21)}`)).toEqual([71, 0, 0, 0]);
  });
});

describe('products and settings', () => {
  it('ask for the numbers of what a toggle counts anew, in the same step', async () => {
    await go(page, 'products');
    await page.getByRole('button', { name: 'Change stollen' }).click();
    await page.locator('dialog input:focus').waitFor();
    await page.getByLabel(/Counted by variant/).check();
    for (const [at, id] of ['plain', 'poppy'].entries()) {
      await page.getByRole('button', { name: 'Add a variant' }).click();
      await page.getByLabel(`Id of variant ${at + 1}`).fill(id);
    }
    await save(page);
    await page.getByText('Say a number, or unlimited, for: plain, poppy.').waitFor();
    await page.locator('[aria-invalid=true]:focus').waitFor();
    expect(await page.locator('.numbers-step [aria-invalid=true]').count()).toBe(2);
    await page.getByLabel('From').fill(day(1));
    await page.getByLabel('To', { exact: true }).fill(day(3));
    await page.getByLabel('plain', { exact: true }).fill('11');
    await page.getByLabel('poppy: unlimited').check();
    await save(page);
    await notice(page, 'stollen is saved.');
    expect(await bakery.shop.balance(STORE, `stollen/plain/${day(2)}`)).toEqual([11, 0, 0, 0]);
    expect(await bakery.shop.balance(STORE, `stollen/poppy/${day(3)}`)).toEqual([null, 0, 0, 0]);
  });

  it('take a new product by its title, and its numbers later', async () => {
    await page.getByRole('button', { name: 'Add a product' }).click();
    await save(page);
    await page.locator('[aria-invalid=true]:focus').waitFor();
    await page.getByText('Give the product the id').waitFor();
    await page.getByLabel('Title', { exact: true }).fill('Rye bread');
    expect(await page.getByLabel('Id', { exact: true }).inputValue()).toBe('rye-bread');
    await save(page);
    await page.getByText('Say a number, or unlimited, for: Rye bread.').waitFor();
    await page.getByLabel('Later, in the calendar').check();
    await save(page);
    await notice(page, 'Rye bread is unlimited on every date until you set a number in the calendar.');
    await page.getByRole('button', { name: 'Add a product' }).click();
    await page.getByLabel('Id', { exact: true }).fill('rye-bread');
    await save(page);
    await page.getByText('Another product has this id.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Change Rye bread' }).click();
    await page.getByLabel(/Not counted/).check();
    await save(page);
    await page.locator('[data-product=rye-bread]').getByText('Not counted').waitFor();
  });

  it('without fulfillment dates have one number for each variant', async () => {
    await go(page, 'settings');
    await page.getByLabel(/Fulfillment dates/).uncheck();
    await page.getByLabel('cake, small', { exact: true }).fill('5');
    for (const name of ['cake, medium', 'cake, large', 'stollen, plain', 'stollen, poppy']) {
      await page.getByLabel(`${name}: unlimited`).check();
    }
    await page.getByRole('button', { name: 'Save settings' }).click();
    await notice(page, 'Settings are saved.');
    await page.getByRole('link', { name: 'Products' }).click();
    const small = page.locator('[data-product=cake] .slot', { hasText: 'small' });
    await small.getByText('5 left').waitFor();
    await bakery.shop.publish.placed({ storeId: STORE, orderId: 'undated', lines: [line('cake/small', 2)] });
    await small.getByText('3 left').waitFor();
    await small.getByRole('button', { name: /2 held. Show the orders/ }).click();
    await page.locator('[data-order=undated]').waitFor();
    await page.keyboard.press('Escape');
    await field(page, 'cake/small').fill('+4');
    await page.getByText('cake, small: 3 → 7 left · 9 in all').waitFor();
    await save(page);
    await small.getByText('7 left').waitFor();
    expect(await bakery.shop.balance(STORE, 'cake/small')).toEqual([7, 2, 0, 0]);
    expect(await page.getByRole('link', { name: 'Calendar' }).count()).toBe(0);
  });

  it('go back to dates, with the numbers that were there', async () => {
    await go(page, 'settings');
    await page.getByLabel(/Fulfillment dates/).check();
    await page.getByLabel('From').fill(day(27));
    await page.getByLabel('To', { exact: true }).fill(day(28));
    for (const name of ['cake, small', 'cake, medium', 'cake, large', 'stollen, plain', 'stollen, poppy']) {
      await page.getByLabel(name, { exact: true }).fill('3');
    }
    await page.getByRole('button', { name: 'Save settings' }).click();
    await notice(page, 'Settings are saved.');
    await go(page, `calendar/${YEAR}-12`);
    await dayShows(page, day(28), 'cake: 9 left');
    await dayShows(page, day(1), 'stollen: 11 left (plain 11 left, poppy unlimited)');
  });
});
