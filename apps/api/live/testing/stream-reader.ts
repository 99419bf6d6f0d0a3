/** A reader of server-sent events, as a browser is one, and as one that does not read. */

import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';

export interface StreamEvent {
  event: string;
  id: string | undefined;
  data: unknown;
}

export class StreamReader {
  readonly events: StreamEvent[] = [];
  /** comments, without the colon */
  readonly comments: string[] = [];
  /** of the last block that had one, whether it was an event or not */
  lastEventId: string | undefined;
  #text = '';
  #changed: () => void = () => {};
  ended = false;

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    const end = (): void => {
      this.ended = true;
      this.#changed();
    };
    response.once('end', end).once('close', end).once('error', end);
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<StreamReader> {
    const request = get(url, { headers, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new StreamReader(response);
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  read(): this {
    this.response.on('data', (text: string) => this.#take(text));
    return this;
  }

  close(): void {
    this.response.destroy();
  }

  async until(predicate: () => boolean): Promise<void> {
    while (!predicate()) {
      if (this.ended) throw new Error(`the stream ended after ${JSON.stringify(this.events)}`);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  async untilEnded(): Promise<void> {
    while (!this.ended) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  #take(text: string): void {
    this.#text += text;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) this.#block(block);
    this.#changed();
  }

  #block(block: string): void {
    let event = 'message';
    let id: string | undefined;
    let data: string | undefined;
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
      if (name === '') this.comments.push(value);
      if (name === 'event') event = value;
      if (name === 'id') this.lastEventId = id = value;
      if (name === 'data') data = value;
    }
    if (data !== undefined) this.events.push({ event, id, data: JSON.parse(data) });
  }
}
