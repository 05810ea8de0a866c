/** Every kind of fault. */
import { z } from 'zod'
import type { Told } from '../engine/told.ts'
import type { Fault } from '../scenario/types.ts'
import { cniFault } from './cni.ts'
import { componentFault } from './component.ts'
import { diskFault } from './disk.ts'
import { etcdFault } from './etcd.ts'
import type { FaultFamily, FaultOf, FaultTargets } from './fault.ts'
import { imageRegistryFault } from './image-registry.ts'
import { joinFault } from './join.ts'
import { kubeletFault } from './kubelet.ts'
import { memoryFault } from './memory.ts'
import { nodeFault } from './node.ts'
import { partitionFault } from './partition.ts'
import { pidsFault } from './pids.ts'
import { podFault } from './pod.ts'
import { runtimeFault } from './runtime.ts'

const families: { readonly [K in Fault['kind']]: FaultFamily<FaultOf<K>> } = {
  node: nodeFault,
  join: joinFault,
  partition: partitionFault,
  runtime: runtimeFault,
  cni: cniFault,
  disk: diskFault,
  memory: memoryFault,
  pids: pidsFault,
  kubelet: kubeletFault,
  registry: imageRegistryFault,
  etcd: etcdFault,
  pod: podFault,
  component: componentFault,
}

/** `{node: worker-2, state: down}`, the short form of the recordings. */
const shortForm = z
  .strictObject({ node: z.string(), state: z.enum(['down', 'up']) })
  .transform(({ node, state }): Fault => ({ kind: 'node', node, state }))

/** A fault as content, scenario files and logs write it, read strictly. */
export const faultSchema: z.ZodType<Fault> = z.union([
  ...Object.values(families).map(({ schema }) => schema),
  shortForm,
])

const familyOf = (fault: Fault): FaultFamily => families[fault.kind] as unknown as FaultFamily

/** A fault as the title of a step. */
export const wordsOfFault = (fault: Fault): Told => familyOf(fault).words(fault)

/** Does it; it is a cause of its own in the trace. @throws CommandRefused when the fault names what is not there */
export function injectFault(targets: FaultTargets, fault: Fault): void {
  const { trace } = targets.engine
  trace.current = 0
  familyOf(fault).inject(targets, fault, (text) => trace.record('fault', text))
}
