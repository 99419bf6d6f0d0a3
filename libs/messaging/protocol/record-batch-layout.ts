/** Where things stand in a record batch (magic 2), from its first byte. */

export const LENGTH_AT = 8;
/** The length counts what follows it. */
export const LEADER_EPOCH_AT = 12;
/** A message set, which came before it, has its number here, too. */
export const MAGIC_AT = 16;
export const CRC_AT = 17;
/** The CRC is of all from here on. */
export const ATTRIBUTES_AT = 21;
export const LAST_OFFSET_DELTA_AT = 23;
export const FIRST_TIMESTAMP_AT = 27;
export const MAX_TIMESTAMP_AT = 35;
export const PRODUCER_ID_AT = 43;
export const PRODUCER_EPOCH_AT = 51;
export const FIRST_SEQUENCE_AT = 53;
export const COUNT_AT = 57;
/** What is compressed, where it is. */
export const RECORDS_AT = 61;

export const MAGIC = 2;
