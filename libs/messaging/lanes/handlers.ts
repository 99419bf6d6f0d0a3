/** The handlers that Nest found, checked against the topics, and called once per topic and batch. */

import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { ConsumedRecord, Translated } from '../records.js';

type Handlers = ReadonlyMap<string, MessageHandler>;

/** @throws Error that names every topic without a handler or with two, and every handler without a topic */
export function checkHandlers(topics: readonly string[], handlers: Handlers): void {
  const mistakes: string[] = [];
  for (const topic of topics) {
    const handler = handlers.get(topic);
    if (!handler) mistakes.push(`topic ${topic} has no handler: mark one with @FromTopic('${topic}')`);
    else if (!handler.isEventHandler)
      mistakes.push(`the handler of topic ${topic} is not marked with @FromTopic`);
    else if (handler.next) mistakes.push(`topic ${topic} has more than one handler`);
  }
  for (const topic of handlers.keys()) {
    if (!topics.includes(topic))
      mistakes.push(`a handler is marked for topic ${topic}, which is not consumed`);
  }
  if (mistakes.length > 0) throw new Error(mistakes.join('; '));
}

/** @returns turns records of any of the topics into items, in the same order */
export function translator<E>(
  topics: readonly string[],
  topicPrefix: string,
  handlers: Handlers,
): (records: ConsumedRecord[]) => Promise<Translated<E>[]> {
  const byName = new Map(topics.map((topic) => [topicPrefix + topic, handlers.get(topic) as MessageHandler]));
  return async (records) => {
    const items = new Array<Translated<E>>(records.length);
    for (const [topic, { own, places }] of byTopic(records)) {
      const handler = byName.get(topic) as MessageHandler;
      const translated = await unwrapped<Translated<E>[]>(topic, handler(own, undefined));
      if (translated.length !== own.length) {
        throw new Error(`the handler of ${topic} made ${translated.length} items of ${own.length} records`);
      }
      for (let at = 0; at < places.length; at++)
        items[places[at] as number] = translated[at] as Translated<E>;
    }
    return items;
  };
}

interface OfTopic {
  own: ConsumedRecord[];
  /** where each stood */
  places: number[];
}

function byTopic(records: readonly ConsumedRecord[]): Map<string, OfTopic> {
  const topics = new Map<string, OfTopic>();
  for (let at = 0; at < records.length; at++) {
    const record = records[at] as ConsumedRecord;
    let ofTopic = topics.get(record.topic);
    if (!ofTopic) topics.set(record.topic, (ofTopic = { own: [], places: [] }));
    ofTopic.own.push(record);
    ofTopic.places.push(at);
  }
  return topics;
}

/** Nest makes a promise of a handler's result, and an observable of its failure. */
async function unwrapped<T>(topic: string, result: unknown): Promise<T> {
  try {
    const value = await result;
    return (isObservable(value) ? await lastValueFrom(value) : value) as T;
  } catch (error) {
    if (error instanceof Error) throw error;
    throw new Error(`the handler of ${topic} failed; the line above says how`, { cause: error });
  }
}
