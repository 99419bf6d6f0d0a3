/** The stack cannot start, and a person can do something about it. */
export class StackError extends Error {
  override name = 'StackError';

  /**
   * @param problem what is wrong, without a full stop
   * @param remedy what to do about it
   */
  constructor(
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`${problem}: ${remedy}`);
  }

  /** Both problems in one. */
  and(other: StackError): StackError {
    return new StackError(`${this.message}\n${other.problem}`, other.remedy);
  }
}
