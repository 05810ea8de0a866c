/** What the runtime holds of a Pod, as values: the kubelet decides on these, never on the live containers. */

import type { ResourceRequirements } from '../api/core/pod-types.ts'

export type RuntimeState = 'created' | 'running' | 'exited'

export interface RuntimeContainerStatus {
  /** 64 hexadecimal digits. */
  readonly id: string
  readonly name: string
  readonly state: RuntimeState
  /** Virtual milliseconds. */
  readonly createdMs: number
  readonly startedMs: number
  readonly finishedMs: number
  readonly exitCode: number
  readonly reason: string
  readonly message: string
  readonly image: string
  readonly imageID: string
  readonly restartCount: number
  /** Of the container's spec when it was created. */
  readonly hash: number
  /** In effect now; left out when not known. */
  readonly resources?: ResourceRequirements
  /** As whom its first process runs. */
  readonly user?: { readonly uid: number; readonly gid: number; readonly groups?: readonly number[] }
}

export interface RuntimeSandboxStatus {
  readonly id: string
  readonly attempt: number
  readonly isReady: boolean
  readonly ip: string
}

export interface RuntimePodStatus {
  /** Newest first. */
  readonly containers: readonly RuntimeContainerStatus[]
  /** The newest one. */
  readonly sandbox: RuntimeSandboxStatus | undefined
}

export const emptyPodStatus: RuntimePodStatus = { containers: [], sandbox: undefined }

/** The newest container of that name. */
export const newestOf = (status: RuntimePodStatus, name: string): RuntimeContainerStatus | undefined =>
  status.containers.find((container) => container.name === name)
