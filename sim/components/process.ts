/** Processes of the control plane's components, whoever starts them. */
import type { Link } from '../client/link.ts'

export type ComponentName = 'kube-apiserver' | ElectedName
export type ElectedName = 'kube-controller-manager' | 'kube-scheduler'

/** What is particular to one process of a component. */
export interface ComponentProcess {
  /** The machine that it runs on, as it names itself. */
  readonly host: string
  /** Its way to the API server; open unless told. */
  readonly link?: Link
  /** Who leads no more has to end: it is started again by whoever started it. Without it, it starts again by itself. */
  readonly onLost?: () => void
  readonly onLeading?: () => void
  /** Why it could not ask for its Lease. */
  readonly onRefused?: (why: string) => void
}
