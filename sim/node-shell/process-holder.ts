/** Whose a process of a node is: a container's, a sandbox's, or the node's own. */
import type { RuntimeContainer, Sandbox } from '../kubelet/container-runtime.ts'
import type { ProcessRow } from '../runtime/process-files.ts'
import type { NodeMachine } from './machine.ts'

export interface HeldProcess {
  row: ProcessRow
  sandbox: Sandbox | undefined
  container: RuntimeContainer | undefined
}

/** Undefined when there is no such process. */
export function findProcess({ kubelet: { runtime } }: NodeMachine, pid: number): HeldProcess | undefined {
  const row = runtime.processes.pids.processes().find((one) => one.pid === pid)
  if (!row) return undefined
  for (const { sandbox, containers } of runtime.allPods.values()) {
    if (!sandbox?.isReady) continue
    const container = containers.find(({ handle }) => handle?.nodePids.includes(pid))
    if (container) return { row, sandbox, container }
    if (sandbox.processes.pause === pid || sandbox.pause?.nodePids.includes(pid))
      return { row, sandbox, container: undefined }
  }
  return { row, sandbox: undefined, container: undefined }
}
