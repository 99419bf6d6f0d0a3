/** The consumed messages' schemas, compiled once when the module loads. */

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import {
  OrderPlacedSchema,
  OrderRefundedSchema,
  OrderRejectedSchema,
  PaymentReceivedSchema,
  type OrderPlaced,
  type OrderRefunded,
  type OrderRejected,
  type PaymentReceived,
} from './consumed.js';
import { isDate, isId, isTime } from './text.js';

const ajv = new Ajv({
  // The first mistake is enough to set a record aside, and stopping there is what makes a bad one cheap.
  allErrors: false,
  strict: true,
  allowUnionTypes: true,
  ownProperties: false,
  code: { optimize: 2 },
});
ajv.addFormat('holdfast-id', { type: 'string', validate: isId });
ajv.addFormat('holdfast-time', { type: 'string', validate: isTime });
ajv.addFormat('date', { type: 'string', validate: isDate });
// The formats above imply these, and cost a tenth of them. The specs hold both against each other.
for (const implied of ['pattern', 'minLength', 'maxLength']) {
  ajv.removeKeyword(implied);
  ajv.addKeyword(implied);
}

function compile<Message>(schema: TSchema): ValidateFunction<Message> {
  return ajv.compile<Message>(schema);
}

export const isOrderPlaced = compile<OrderPlaced>(OrderPlacedSchema);
export const isPaymentReceived = compile<PaymentReceived>(PaymentReceivedSchema);
export const isOrderRejected = compile<OrderRejected>(OrderRejectedSchema);
export const isOrderRefunded = compile<OrderRefunded>(OrderRefundedSchema);

export type { ErrorObject };
