/** What changes of numbers have in common, wherever they come in. */

import { InputFault, type StockChangeReport } from '@holdfast/store';
import type { Principal } from '../access/principal.js';
import { ApiProblem } from '../conventions/problem.js';
import { reportDto } from './change-report.dto.js';
import type { WhoAndWhyDto } from './changes.dto.js';

/** What is kept with a change. @param madeUp the change's id unless one is given */
export function whoAndWhy(
  storeId: string,
  { changeId, reason, actor }: WhoAndWhyDto,
  who: Principal,
  madeUp: string,
): { storeId: string; changeId: string; actor: string; reason?: string; source: 'api' } {
  return {
    storeId,
    changeId: changeId ?? madeUp,
    actor: actor ?? who.name,
    ...(reason !== undefined && { reason }),
    source: 'api',
  };
}

/** What libs/store finds wrong with a row is told by the names that the request has for it. */
export async function withCellFields<T>(work: () => Promise<T>, list: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputFault)) throw error;
    throw new InputFault(
      error.problems.map((problem) => ({
        ...problem,
        field: problem.field.replace(/^rows(?=\[|$)/, list).replace(/\.by$/, '.adjust'),
        problem: problem.problem.replace(/ rows(\[|$)/, ` ${list}$1`),
      })),
    );
  }
}

/** Settings came with numbers of which one was refused: neither is kept. */
export function numbersRefused(report: StockChangeReport | undefined): ApiProblem {
  const first = report?.rows.find((row) => row.kind === 'refused' && row.reason !== 'others-refused');
  const why = first?.kind === 'refused' ? ` ${first.message}.` : '';
  const detail = `Nothing was changed, because not every number can be set.${why}`;
  return new ApiProblem(409, 'numbers-refused', detail, report && { report: reportDto(report) });
}
