/** Wrong input of people and programs, told apart from what the shop's state refuses. */

export interface InputProblem {
  /** path of the field as the caller named it, e.g. `rows[3].quantity` */
  field: string;
  problem: string;
  /** what to give instead */
  remedy: string;
}

/** Nothing was changed; every wrong field is named. Never retried. */
export class InputFault extends Error {
  override name = 'InputFault';
  constructor(readonly problems: readonly InputProblem[]) {
    super(problems.map(({ field, problem, remedy }) => `${field}: ${problem}; ${remedy}`).join('\n'));
  }
}
