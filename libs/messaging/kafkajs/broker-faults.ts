/** Which of the broker's errors are an outage, to be waited out. */

interface KafkaError extends Error {
  type?: string;
  cause?: unknown;
  originalError?: unknown;
}

function chain(error: unknown): KafkaError[] {
  const errors: KafkaError[] = [];
  for (let at: unknown = error; at instanceof Error && errors.length < 10;) {
    const current = at as KafkaError;
    errors.push(current);
    at = current.cause ?? current.originalError;
  }
  return errors;
}

/** Everything that the Kafka client says: brokers away, leaders moving, topics not there yet. */
export function isBrokerFault(error: unknown): boolean {
  return chain(error).some((fault) => fault.name.startsWith('KafkaJS'));
}

export function isMessageTooLarge(error: unknown): boolean {
  return chain(error).some(
    (fault) => fault.type === 'MESSAGE_TOO_LARGE' || fault.type === 'RECORD_LIST_TOO_LARGE',
  );
}
