/** What the conditions of a Job say. Source: kubernetes/pkg/controller/job/util/utils.go */
import { type Condition, findCondition } from '../../meta/object.ts'

export const isConditionTrue = (status: { conditions?: Condition[] }, type: string): boolean =>
  findCondition(status.conditions, type)?.status === 'True'

/** `Complete` or `Failed`, once it is one of them; the interim conditions before them do not count. */
export function finishedCondition(status: { conditions?: Condition[] }): Condition | undefined {
  return status.conditions?.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True')
}
