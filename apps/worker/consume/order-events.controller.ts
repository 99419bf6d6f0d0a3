/** The four consumed topics: a record's bytes to an event of the order's life, or to why it cannot be one. */

import { Controller } from '@nestjs/common';
import {
  parseOrderPlaced,
  parseOrderRefunded,
  parseOrderRejected,
  parsePaymentReceived,
  type Parsed,
  type RecordMeta,
} from '@holdfast/contracts';
import type { OrderEvent } from '@holdfast/core';
import { FromTopic, type ConsumedRecord, type Translated } from '@holdfast/messaging';

@Controller()
export class OrderEventsController {
  @FromTopic('OrderPlaced')
  placed(records: ConsumedRecord[]): Translated<OrderEvent>[] {
    return records.map((record) => translated(record, parseOrderPlaced));
  }

  @FromTopic('PaymentReceived')
  paid(records: ConsumedRecord[]): Translated<OrderEvent>[] {
    return records.map((record) => translated(record, parsePaymentReceived));
  }

  @FromTopic('OrderRejected')
  rejected(records: ConsumedRecord[]): Translated<OrderEvent>[] {
    return records.map((record) => translated(record, parseOrderRejected));
  }

  @FromTopic('OrderRefunded')
  refunded(records: ConsumedRecord[]): Translated<OrderEvent>[] {
    return records.map((record) => translated(record, parseOrderRefunded));
  }
}

function translated(
  record: ConsumedRecord,
  parse: (value: Buffer | null, meta: RecordMeta) => Parsed,
): Translated<OrderEvent> {
  const { event, poison } = parse(record.value, record);
  return event ? { record, event } : { record, poison };
}
