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

/** Beyond so many, what is looked up by name or id is found through a map. */
const fewContainers = 8

/** Finds the first of a key. */
export function finderOf<T>(all: readonly T[], keyOf: (one: T) => string): (key: string) => T | undefined {
  if (all.length <= fewContainers) return (key) => all.find((one) => keyOf(one) === key)
  const first = new Map<string, T>()
  for (const one of all) if (!first.has(keyOf(one))) first.set(keyOf(one), one)
  return (key) => first.get(key)
}

const named = new WeakMap<RuntimePodStatus, ReadonlyMap<string, readonly RuntimeContainerStatus[]>>()

/** The containers of that name, newest first. */
export function containersNamed(status: RuntimePodStatus, name: string): readonly RuntimeContainerStatus[] {
  const { containers } = status
  if (containers.length <= fewContainers) return containers.filter((container) => container.name === name)
  let known = named.get(status)
  if (!known) {
    const made = new Map<string, RuntimeContainerStatus[]>()
    for (const container of containers) {
      const others = made.get(container.name)
      if (others) others.push(container)
      else made.set(container.name, [container])
    }
    known = made
    named.set(status, known)
  }
  return known.get(name) ?? []
}

/** The newest container of that name. */
export const newestOf = (status: RuntimePodStatus, name: string): RuntimeContainerStatus | undefined =>
  status.containers.length <= fewContainers
    ? status.containers.find((container) => container.name === name)
    : containersNamed(status, name)[0]
