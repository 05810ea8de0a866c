/** What of the API a Pod refers to, that a Pod which runs without the API may not have. Source: kubernetes/pkg/api/pod/util.go */
import type { Container, Pod, Volume } from '../pod-types.ts'

/** The secrets of a volume, in whatever field its source names them. */
const namesSecret = (volume: Volume): boolean => {
  const { secret, projected, azureFile, csi, cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos } =
    volume as Pick<Volume, 'secret' | 'projected'> &
      Record<string, { secretRef?: object; nodePublishSecretRef?: object }>
  return (
    secret !== undefined ||
    azureFile !== undefined ||
    projected?.sources?.some((source) => source.secret !== undefined) === true ||
    csi?.nodePublishSecretRef !== undefined ||
    [cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos].some((source) => source?.secretRef !== undefined)
  )
}

const containersOf = ({ spec }: Pod): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...(spec.ephemeralContainers ?? []),
]

/** Whether a container or a volume of the Pod names a Secret, or it pulls its images with one. Source: VisitPodSecretNames */
export const namesSecrets = (pod: Pod): boolean =>
  (pod.spec.imagePullSecrets ?? []).some(({ name }) => name) ||
  containersOf(pod).some(
    ({ env = [], envFrom = [] }) =>
      envFrom.some(({ secretRef }) => secretRef?.name) || env.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
  ) ||
  (pod.spec.volumes ?? []).some(namesSecret)

/** Source: VisitPodConfigmapNames */
const namesConfigMaps = (pod: Pod): boolean =>
  containersOf(pod).some(
    ({ env = [], envFrom = [] }) =>
      envFrom.some(({ configMapRef }) => configMapRef?.name) ||
      env.some(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
  ) ||
  (pod.spec.volumes ?? []).some(
    ({ configMap, projected }) => configMap || projected?.sources?.some((source) => source.configMap),
  )

/** What the first reference is to, in the words of the messages that forbid it; undefined without one. Source: HasAPIObjectReference */
export function apiReference(pod: Pod): string | undefined {
  if (pod.spec.serviceAccountName) return 'serviceaccounts'
  if (namesSecrets(pod)) return 'secrets'
  if (namesConfigMaps(pod)) return 'configmaps'
  if (pod.spec.resourceClaims?.length) return 'resourceclaims'
  for (const volume of pod.spec.volumes ?? []) {
    const { csi, glusterfs, persistentVolumeClaim, ephemeral, projected } = volume as Volume & { glusterfs?: object }
    if (csi) return 'csidrivers (via CSI volumes)'
    if (glusterfs) return 'endpoints (via glusterFS volumes)'
    if (persistentVolumeClaim) return 'persistentvolumeclaims'
    if (ephemeral) return 'persistentvolumeclaims (via ephemeral volumes)'
    for (const source of (projected?.sources ?? []) as readonly object[] as readonly Record<string, unknown>[]) {
      if (source.serviceAccountToken) return 'serviceaccounts (via projected volumes)'
      if (source.clusterTrustBundle) return 'clustertrustbundles'
      if (source.podCertificate) return 'podcertificates'
    }
  }
  return undefined
}
