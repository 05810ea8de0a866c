/** What each command of etcdctl is given, and how it is refused. Source: etcd pkg/cobrautl/error.go */
import type { MemberStatus } from '../../../etcd/members.ts'
import { refusals } from '../../../etcd/roster.ts'
import type { Process, Wait } from '../../../runtime/process.ts'
import type { NodeMachine } from '../../machine.ts'

export type Run = Generator<Wait, number, unknown>

export type Output = 'simple' | 'fields' | 'json' | 'table'

export interface Call {
  machine: NodeMachine
  etcd: NonNullable<NodeMachine['etcd']>
  process: Process
  flags: ReadonlyMap<string, string>
  args: readonly string[]
  output: Output
  /** As they were given, each with the member that is there. */
  endpoints: readonly { text: string; member: MemberStatus | undefined }[]
}

export const exit = { error: 1, badConnection: 2, invalidInput: 3, badFeature: 4, interrupted: 5, badArgs: 128 }

export const COMMAND_TIMEOUT_MS = 5000
export const EXCEEDED = 'context deadline exceeded'
/** What etcd takes at least for an answer, and for one that others agree on. */
export const ANSWER_MS = 2
export const AGREED_MS = 4

/** Refused as etcdctl refuses, after the time that it took. */
export class Failure extends Error {
  readonly afterMs: number
  readonly code: number
  constructor(message: string, { code = exit.error, afterMs = 0 }: { code?: number; afterMs?: number } = {}) {
    super(message)
    this.afterMs = afterMs
    this.code = code
  }
}

/** @throws Failure for a command that was given something wrong */
export const refuseArgs = (message: string): never => {
  throw new Failure(message, { code: exit.badArgs })
}

/** The first endpoint that answers. @param isAgreed a majority has to be behind what it says @throws Failure when none does */
export function answering({ endpoints, etcd }: Call, isAgreed: boolean): MemberStatus {
  const first = endpoints.find(({ member }) => member)?.member
  if (isAgreed && first?.isLearner) throw new Failure(refusals.learnerAsked, { afterMs: ANSWER_MS })
  const found = endpoints.find(({ member }) => member && (!isAgreed || etcd.members.isServingAt(member.name)))?.member
  if (!found) throw new Failure(EXCEEDED, { afterMs: COMMAND_TIMEOUT_MS })
  return found
}
