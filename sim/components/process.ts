/** Processes of the control plane's components, whoever starts them. */
import type { Link } from '../client/link.ts'

export type ComponentName = 'kube-apiserver' | ElectedName
export type ElectedName = 'kube-controller-manager' | 'kube-scheduler'

/** What an API server shows, and whose certificates it takes, each in PEM. */
export interface ApiServerTls {
  certificate(): string
  clientAuthorities(): string
  /** What it shows to kubelets; '' for nothing. */
  kubeletClient(): string
}

/** What the flags of a controller manager say of its controllers. */
export interface ManagerSettings {
  /** By the name of the controller. */
  runs(controller: string): boolean
  /** The certificate with which it signs for that signer, in PEM; undefined where it does not. */
  signsWith(signer: string): string | undefined
  /** `--enable-hostpath-provisioner` */
  readonly makesHostPaths: boolean
}

/** What is particular to one process of a component. */
export interface ComponentProcess {
  /** The machine that it runs on, as it names itself. */
  readonly host: string
  /** Its way to the API server, or of an API server the clients' trust in it; open unless told. */
  readonly link?: Link
  /** Of an API server that is a process of a node. */
  readonly tls?: ApiServerTls
  /** Of an API server: whether it answers a request at that path of somebody who shows nothing; it does unless told. */
  readonly admitsAnonymous?: (path: string) => boolean
  /** Of an API server: what it says it is, the simulated release unless told. */
  readonly release?: string
  /** Of a controller manager; all that there is, by the cluster's authority, unless told. */
  readonly manager?: ManagerSettings
  /** Who leads no more has to end: it is started again by whoever started it. Without it, it starts again by itself. */
  readonly onLost?: () => void
  readonly onLeading?: () => void
  /** Why it could not ask for its Lease. */
  readonly onRefused?: (why: string) => void
}
