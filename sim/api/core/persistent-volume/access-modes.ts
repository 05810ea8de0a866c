/** How a volume may be used, in short and in long. Source: kubernetes/pkg/apis/core/helper */
import type { KubeObject } from '../../meta/object.ts'
import type { AccessMode } from '../storage-types.ts'

const SHORT: Readonly<Record<AccessMode, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

/** All of them, in the order of tables. */
export const ACCESS_MODES = Object.keys(SHORT) as readonly AccessMode[]

/** `RWO,RWX` */
export const printAccessModes = (modes: readonly AccessMode[] | undefined): string =>
  ACCESS_MODES.filter((mode) => modes?.includes(mode))
    .map((mode) => SHORT[mode])
    .join(',')

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** The class of a volume or claim: '' for none. */
export const classOf = (object: KubeObject & { spec: { storageClassName?: string } }): string =>
  object.metadata.annotations?.[CLASS_ANNOTATION] ?? object.spec.storageClassName ?? ''

/** Whether a claim says anything of its class, be it that it wants none. */
export const namesClass = (object: KubeObject & { spec: { storageClassName?: string } }): boolean =>
  object.metadata.annotations?.[CLASS_ANNOTATION] !== undefined || object.spec.storageClassName !== undefined

/** `Terminating` while it waits for its finalizers. */
export const printPhase = ({ metadata }: KubeObject, phase: string | undefined): string =>
  metadata.deletionTimestamp === undefined ? (phase ?? '') : 'Terminating'
