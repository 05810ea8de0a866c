/** The volumes of a Pod or template. */
import type { Volume, VolumeProjection } from '../../api/core/pod-types.ts'
import type { DescribeWriter } from './writer.ts'

/** @param space two spaces inside a template, '' in a Pod */
export function writeVolumes(w: DescribeWriter, volumes: readonly Volume[] | undefined, space: string): void {
  if (!volumes?.length) {
    w.line(0, `${space}Volumes:\t<none>`)
    return
  }
  w.line(0, `${space}Volumes:`)
  for (const volume of volumes) {
    w.line(1, `${space ? ' ' : ''}${volume.name}:`)
    for (const [name, value] of describeSource(volume)) w.line(2, value === undefined ? name : `${name}:\t${value}`)
  }
}

type Line = readonly [string, string?]

/** The lines below a volume's name, told by its source. */
function describeSource(volume: Volume): Line[] {
  const { emptyDir, hostPath, configMap, secret, downwardAPI, projected, persistentVolumeClaim, nfs, csi } = volume
  if (hostPath) {
    return [
      ['Type', 'HostPath (bare host directory volume)'],
      ['Path', hostPath.path],
      ['HostPathType', hostPath.type ?? '<none>'],
    ]
  }
  if (emptyDir) {
    return [
      ['Type', "EmptyDir (a temporary directory that shares a pod's lifetime)"],
      ['Medium', emptyDir.medium ?? ''],
      ['SizeLimit', emptyDir.sizeLimit && emptyDir.sizeLimit !== '0' ? emptyDir.sizeLimit : '<unset>'],
    ]
  }
  if (secret) {
    return [
      ['Type', 'Secret (a volume populated by a Secret)'],
      ['SecretName', secret.secretName],
      ['Optional', String(secret.optional ?? false)],
    ]
  }
  if (configMap) {
    return [
      ['Type', 'ConfigMap (a volume populated by a ConfigMap)'],
      ['Name', configMap.name],
      ['Optional', String(configMap.optional ?? false)],
    ]
  }
  if (nfs) {
    return [
      ['Type', 'NFS (an NFS mount that lasts the lifetime of a pod)'],
      ['Server', nfs.server],
      ['Path', nfs.path],
      ['ReadOnly', String(nfs.readOnly ?? false)],
    ]
  }
  if (persistentVolumeClaim) {
    return [
      ['Type', 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)'],
      ['ClaimName', persistentVolumeClaim.claimName],
      ['ReadOnly', String(persistentVolumeClaim.readOnly ?? false)],
    ]
  }
  if (downwardAPI) {
    const items = (downwardAPI.items ?? []).map(
      (item): Line => [`  ${item.fieldRef?.fieldPath ?? item.resourceFieldRef?.resource} -> ${item.path}`],
    )
    return [['Type', 'DownwardAPI (a volume populated by information about the pod)'], ['Items:'], ...items]
  }
  if (projected) {
    return [
      ['Type', 'Projected (a volume that contains injected data from multiple sources)'],
      ...(projected.sources ?? []).flatMap(describeProjection),
    ]
  }
  if (csi) {
    return [
      ['Type', 'CSI (a Container Storage Interface (CSI) volume source)'],
      ['Driver', csi.driver],
      ['FSType', csi.fsType ?? ''],
      ['ReadOnly', String(csi.readOnly ?? false)],
      ['VolumeAttributes', '<none>'],
    ]
  }
  return [['<unknown>']]
}

function describeProjection({ secret, downwardAPI, configMap, serviceAccountToken }: VolumeProjection): Line[] {
  if (secret)
    return [
      ['SecretName', secret.name],
      ['Optional', String(secret.optional ?? false)],
    ]
  if (downwardAPI) return [['DownwardAPI', 'true']]
  if (configMap)
    return [
      ['ConfigMapName', configMap.name],
      ['Optional', String(configMap.optional ?? false)],
    ]
  return serviceAccountToken ? [['TokenExpirationSeconds', String(serviceAccountToken.expirationSeconds ?? 3600)]] : []
}
