/** A kind of fault: its form, its words, what it does. One file each in this folder; `registry.ts` has them all. */
import type { z } from 'zod'
import type { ControlPlane } from '../control-plane.ts'
import type { Engine } from '../engine/engine.ts'
import type { Told } from '../engine/told.ts'
import type { Nodes } from '../nodes.ts'
import type { PodAccess } from '../pod-access.ts'
import type { Fault } from '../scenario/types.ts'

/** What faults hit. */
export interface FaultTargets {
  readonly engine: Engine
  readonly nodes: Nodes
  readonly controlPlane: ControlPlane
  readonly pods: PodAccess
}

export type FaultOf<K extends Fault['kind']> = Extract<Fault, { kind: K }>

export interface FaultFamily<F extends Fault = Fault> {
  readonly kind: F['kind']
  /** Its form, read strictly. */
  readonly schema: z.ZodType<F>
  /** As the title of a step. */
  words(fault: F): Told
  /**
   * @param note puts what happens into the trace, as the cause of what comes of it
   * @throws CommandRefused when the fault names what is not there
   */
  inject(targets: FaultTargets, fault: F, note: (text: string) => void): void
}

/** The same family, of its own fault: so that each file says its kind once. */
export const defineFault = <K extends Fault['kind']>(family: FaultFamily<FaultOf<K>> & { kind: K }) => family
