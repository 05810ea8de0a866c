/** What volumes ask of their node: objects and tokens from the API, fields of the Pod, the node's files. */
import { configMaps } from '../api/core/config-map.ts'
import { attachmentName } from '../api/core/persistent-volume/attachment.ts'
import { persistentVolumes } from '../api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../api/core/persistent-volume-claim.ts'
import { secrets } from '../api/core/secret.ts'
import { serviceAccounts } from '../api/core/service-account.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../api/core/storage-types.ts'
import { bytesOfBase64 } from '../api/meta/base64.ts'
import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject, ResourceList } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import { volumeAttachments } from '../api/storage/volume-attachment.ts'
import type { Client } from '../client/client.ts'
import type { EventRecorder } from '../client/machinery.ts'
import type { Engine } from '../engine/engine.ts'
import { decodeBytes } from '../runtime/text-bytes.ts'
import { csiDisksOf } from '../storage/csi-disks.ts'
import type { CsiNode } from '../storage/csi-node.ts'
import type { SharedTrees } from '../storage/shared-trees.ts'
import type { VolumeHost } from '../storage/types.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { fieldValue, mostFor, resourceValue } from './downward.ts'
import type { StatusManager } from './status-manager.ts'

export interface VolumeHostOptions {
  engine: Engine
  client: Client
  runtime: ContainerRuntime
  statuses: StatusManager
  nodeIP: string
  allocatable(): ResourceList
  sharedTrees: SharedTrees
  csi: CsiNode
  recorder: EventRecorder
  /** The node's name. */
  node: string
}

export function createVolumeHost(options: VolumeHostOptions): VolumeHost {
  const { engine, client, runtime, statuses, nodeIP } = options
  // An API server that refuses or is away gives nothing: the mount fails and is tried again.
  const ask = <T>(call: () => T): T | undefined => {
    try {
      return call()
    } catch (error) {
      if (error instanceof StatusError) return undefined
      throw error
    } finally {
      client.takeChargedMs?.()
    }
  }
  const find = <T extends KubeObject>(kind: Kind<T>, namespace: string, name: string): T | undefined =>
    ask(() => client.find(kind, { namespace, name }))
  return {
    nowEpochMs: () => engine.epochMs,
    findConfigMap: (namespace, name) => find(configMaps, namespace, name),
    findSecret: (namespace, name) => find(secrets, namespace, name),
    findClaim: (namespace, name) => find(persistentVolumeClaims, namespace, name),
    findVolume: (name) => find(persistentVolumes, '', name),
    isAttached(volume) {
      const attachment = find(volumeAttachments, '', attachmentName(volume, options.node))
      return (
        attachment !== undefined && attachment.metadata.deletionTimestamp === undefined && attachment.status.attached
      )
    },
    csi: options.csi,
    reportGrown(claim, volume, pod) {
      const grown = ask(() =>
        client.updateStatus(persistentVolumeClaims, { ...claim, status: grownStatus(claim, volume) }),
      )
      if (!grown) return
      const message = `MountVolume.NodeExpandVolume succeeded for volume "${volume.metadata.name}" ${options.node}`
      for (const object of [pod, claim]) options.recorder.event(object, 'Normal', 'FileSystemResizeSuccessful', message)
    },
    diskBytes: (volume) => csiDisksOf(engine).sizeOf(volume),
    sharedTree: (name, capacityBytes) => options.sharedTrees.get(name, capacityBytes),
    fieldValue: (pod, path) =>
      fieldValue(pod, path, { podIP: statuses.get(pod.metadata.uid)?.podIP ?? '', hostIP: nodeIP }),
    resourceValue(pod, containerName, resource, divisor) {
      const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
      const container = all.find((c) => c.name === containerName)
      return container ? resourceValue(container, resource, divisor, mostFor(pod, options.allocatable())) : ''
    },
    token(pod, audience, expirationSeconds) {
      const key = { namespace: pod.metadata.namespace ?? '', name: pod.spec.serviceAccountName ?? 'default' }
      const body = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          ...(audience ? { audiences: [audience] } : {}),
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid },
        },
      }
      const answer = ask(() => client.createSubresource(serviceAccounts, key, 'token', body)) as
        | { status?: { token?: string } }
        | undefined
      return answer?.status?.token ?? ''
    },
    decodeBase64: (text) => decodeBytes(bytesOfBase64(text)),
    hostFiles: runtime.hostFiles,
    disk: runtime.disk,
  }
}

/** The claim's status once its file system has grown. Source: kubernetes/pkg/volume/util/resize_util.go, MarkFSResizeFinished */
function grownStatus({ status }: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaim['status'] {
  const { conditions = [], allocatedResourceStatuses = {}, ...rest } = status
  const { storage: _, ...others } = allocatedResourceStatuses
  const left = conditions.filter(({ type }) => type !== 'Resizing' && type !== 'FileSystemResizePending')
  return {
    ...rest,
    capacity: { ...status.capacity, storage: volume.spec.capacity?.storage ?? '0' },
    ...(left.length > 0 ? { conditions: left } : {}),
    ...(Object.keys(others).length > 0 ? { allocatedResourceStatuses: others } : {}),
  }
}
