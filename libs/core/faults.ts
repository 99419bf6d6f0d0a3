/**
 * What went wrong, by what to do about it. The type of an error alone says whether to wait, to give the lane
 * up, to single a record out, or to stop; whatever is none of these is unknown, and treated with suspicion.
 */

/** A server is away or changing its primary. Wait, then do the same thing again; nothing is lost. */
export class TransientFault extends Error {
  override name = 'TransientFault';
}

/**
 * A statement's guard does not hold, however often its batch is read and decided again: what is stored does not agree
 * with itself, and people have to mend it. Wait, then do the same thing again, and keep nobody else back meanwhile.
 */
export class GuardFault extends Error {
  override name = 'GuardFault';
}

/**
 * A server does not let this process in, or not do what it has to do. Nobody can wait for that, and no record is to
 * blame: stop, and say what is missing.
 */
export class RefusedFault extends Error {
  override name = 'RefusedFault';
}

/** Another process owns this lane now. Drop what was read of it: the new owner reads it again. */
export class LaneLostFault extends Error {
  override name = 'LaneLostFault';
}

/** Something in a record's content can never be applied. Single the record out, then dead-letter it. */
export class ContentFault extends Error {
  override name = 'ContentFault';
  constructor(
    /** kebab-case name of the fault, as it goes into the dead letter's headers */
    readonly errorClass: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
