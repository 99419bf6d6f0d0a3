/** Chromium as a merchant has it, on a profile of its own; what the page complains about is kept. */

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export class Browser {
  /** errors and broken content policies that pages have told, and exceptions that nobody caught */
  readonly complaints: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    private readonly profile: string,
  ) {}

  static async open(
    size: { width: number; height: number } = { width: 1280, height: 860 },
  ): Promise<Browser> {
    if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is not there: run \`npm run chromium\` first`);
    const profile = await mkdtemp(join(tmpdir(), 'holdfast-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      args: ARGUMENTS,
      viewport: size,
      locale: 'en-GB',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(15_000);
    return new Browser(context, profile);
  }

  /** @param expected complaints that the test makes on purpose, as of a wrong key */
  async page(url: string, expected = /$^/): Promise<Page> {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      const text = `${message.text()} (${message.location().url})`;
      if (message.type() === 'error' && !expected.test(text)) this.complaints.push(text);
    });
    await page.goto(url);
    return page;
  }

  async close(): Promise<void> {
    await this.context.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}

const MUST_BE_NAMED =
  /^(button|link|textbox|checkbox|radio|combobox|searchbox|grid|gridcell|row|columnheader|rowheader|dialog|region|complementary|navigation)$/;

interface Heard {
  /** of fields: what is said of each besides its name */
  fields: string[];
  /** of groups that are described: their names, with the description */
  groups: string[];
  /** what live regions say that a screen reader can reach */
  said: string[];
}

/** What Chromium tells a screen reader of the page. */
export async function heard(page: Page): Promise<Heard> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const textOf = (nodeId: string): string => {
    const node = byId.get(nodeId);
    if (node?.role?.value === 'StaticText') return String(node.name?.value);
    return (node?.childIds ?? []).map(textOf).join('');
  };
  const found: Heard = { fields: [], groups: [], said: [] };
  for (const { nodeId, ignored, role, name, description } of nodes) {
    if (ignored) continue;
    const about = String(description?.value ?? '');
    if (role?.value === 'textbox' && about !== '') found.fields.push(about);
    if (role?.value === 'group' && about !== '') found.groups.push(`${name?.value}: ${about}`);
    if (role?.value === 'log') found.said.push(textOf(nodeId));
  }
  return found;
}

/** What a screen reader could not name, of what Chromium tells it of the page; each by role and place. */
export async function unnamed(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  const named = nodes.filter(({ ignored, role }) => !ignored && MUST_BE_NAMED.test(String(role?.value)));
  if (named.length === 0) throw new Error('Chromium tells nothing of the page');
  return named
    .filter(({ name }) => String(name?.value ?? '').trim() === '')
    .map(({ role, backendDOMNodeId }) => `${role?.value} (node ${backendDOMNodeId})`);
}
