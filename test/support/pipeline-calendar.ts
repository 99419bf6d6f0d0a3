/** A bakery with its pipeline, its API and a merchant who looks at the page in Chromium. */

import { createApiKey, type ApiScope } from '@holdfast/store';
import type { Locator, Page } from 'playwright-core';
import { ApiProcess } from './pipeline-api-process.js';
import { Browser, heard } from './pipeline-browser.js';
import { startPipeline, type Pipeline } from './pipeline.js';

export const STORE = 'bakery';
/** A December that is still to come. */
export const YEAR = String(new Date().getUTCFullYear() + 1);
export const day = (number: number): string => `${YEAR}-12-${String(number).padStart(2, '0')}`;

export class Bakery {
  private constructor(
    readonly shop: Pipeline,
    readonly api: ApiProcess,
    readonly browser: Browser,
  ) {}

  /** @param dated whether it uses fulfillment dates */
  static async open(options: { dated?: boolean; width?: number; height?: number } = {}): Promise<Bakery> {
    const { dated = true, width = 1280, height = 860 } = options;
    const shop = await startPipeline();
    try {
      await shop.store(STORE, { fulfillmentDates: dated, timeZone: 'Europe/Berlin' });
      await shop.product(STORE, 'stollen');
      await shop.product(STORE, 'cake', 'variant', ['small', 'medium', 'large']);
      const api = await ApiProcess.start(shop);
      return new Bakery(shop, api, await Browser.open({ width, height }));
    } catch (error) {
      await shop.close();
      throw error;
    }
  }

  async key(scope: ApiScope = 'merchant'): Promise<string> {
    const storeId = scope === 'operator' ? null : STORE;
    return (await createApiKey(this.shop.database, { scope, storeId, name: `${scope} of ${STORE}` })).key;
  }

  /** Signed in, and the page loaded. @param path after the store in the address, e.g. `calendar/2030-12` */
  async page(path: string, scope: ApiScope = 'merchant'): Promise<Page> {
    // Browsers report what is refused: a page that asks who is signed in before anyone is, and conflicts; and answers
    // that a test lets get lost.
    const page = await this.browser.page(`${this.api.url}/`, /status of 40[19]|ERR_FAILED/);
    const field = page.getByLabel('Your store’s key');
    await field.or(page.getByRole('banner')).first().waitFor();
    if (await field.isVisible()) {
      await field.fill(await this.key(scope));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('banner').waitFor();
    }
    await go(page, path);
    return page;
  }

  /** Ends everything, with the audit. @throws when it finds something, or a page has complained */
  async close(): Promise<void> {
    await this.browser.close();
    await this.api.stop();
    await this.shop.finish();
    const { complaints } = this.browser;
    if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join('\n')}`);
  }
}

export async function go(page: Page, path: string): Promise<void> {
  await page.evaluate(`window.location.hash = ${JSON.stringify(`#/${STORE}/${path}`)}`);
  if (path.startsWith('calendar') || path.startsWith('table')) {
    await page.locator('[role=grid][aria-busy=false]').waitFor();
  }
}

export function dayCell(page: Page, date: string): Locator {
  return page.locator(`[role=gridcell][data-date="${date}"]`);
}

/** Waits until a screen reader would say this of the day. */
export async function dayShows(page: Page, date: string, text: string): Promise<void> {
  const cell = dayCell(page, date);
  await page
    .locator(`[role=gridcell][data-date="${date}"][aria-label*="${text}"]`)
    .waitFor()
    .catch(async (error: unknown) => {
      throw new Error(`${date} does not show "${text}" but "${await cell.getAttribute('aria-label')}"`, {
        cause: error,
      });
    });
}

/** The field of a product or variant in the panel, in the form `cake/small`. */
export function field(page: Page, slot: string): Locator {
  return page.locator(`input[data-slot="${slot}"]`);
}

export async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
}

export async function chooseDays(page: Page, first: string, last = first): Promise<void> {
  await dayCell(page, first).click();
  if (last !== first) await dayCell(page, last).click({ modifiers: ['Shift'] });
}

/** Waits until a live region that a screen reader can reach says this, also while a dialog is open. */
export async function isSaid(page: Page, text: RegExp): Promise<void> {
  await page.getByTestId('announcer').getByText(text).first().waitFor();
  const { said } = await heard(page);
  if (!said.some((one) => text.test(one)))
    throw new Error(`${text} is not said, but ${JSON.stringify(said)}`);
}

export function notice(page: Page, text: string | RegExp): Promise<void> {
  return page.locator('.notice').filter({ hasText: text }).first().waitFor();
}
