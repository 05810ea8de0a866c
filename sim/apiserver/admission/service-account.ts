/**
 * ServiceAccount: a Pod without one gets `default`, and a volume with its token.
 * Source: kubernetes/plugin/pkg/admission/serviceaccount
 */
import { namespaces } from '../../api/core/namespace.ts'
import { namesSecrets } from '../../api/core/pod/api-references.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod, Volume } from '../../api/core/pod-types.ts'
import { serviceAccounts } from '../../api/core/service-account.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import type { AdmissionContext, AdmissionPlugin } from './admission.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const tokenPrefix = 'kube-api-access-'
/** Of a Pod made from a static manifest. */
const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** A new namespace's own account is on its way: the server looks for it ten times, 100 to 200 ms apart. */
const accountWaitMs = 150
const mostWaitMs = 1800

/** Simplified: it is taken to come; where no controller makes it the server refuses after the last look. */
function isNew(name: string, context: AdmissionContext): boolean {
  const { metadata } = context.find(namespaces, { namespace: '', name }) ?? {}
  const since = metadata?.creationTimestamp
  return since !== undefined && !metadata?.deletionTimestamp && context.nowEpochMs() - Date.parse(since) < mostWaitMs
}

export const serviceAccountAdmission: AdmissionPlugin = {
  name: 'ServiceAccount',
  admit(request, context) {
    if (request.kind !== pods || request.operation !== 'CREATE' || request.subresource) return
    const pod = request.object as Pod
    if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) {
      const why = mirrorRefusal(pod)
      if (why) throw forbidden('pods', pod.metadata.name || (pod.metadata.generateName ?? ''), why)
      return
    }
    pod.spec.serviceAccountName ||= 'default'
    pod.spec.serviceAccount = pod.spec.serviceAccountName
    const name = pod.spec.serviceAccountName
    const account = context.find(serviceAccounts, { namespace: request.namespace, name })
    if (!account && name === 'default' && isNew(request.namespace, context)) request.spend(accountWaitMs)
    else if (!account) {
      const who = pod.metadata.name || (pod.metadata.generateName ?? '')
      throw forbidden(
        'pods',
        who,
        `error looking up service account ${request.namespace}/${name}: serviceaccount "${name}" not found`,
      )
    }
    const mounts = pod.spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true
    if (mounts) mountToken(pod, () => `${tokenPrefix}${context.suffix()}`)
    if (account?.imagePullSecrets?.length && !pod.spec.imagePullSecrets?.length)
      pod.spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ name: secret.name }))
  },
}

/** What the Pod of a static manifest may not have, whoever makes it. */
function mirrorRefusal(pod: Pod): string | undefined {
  if (pod.spec.serviceAccountName) return 'a mirror pod may not reference service accounts'
  if (namesSecrets(pod)) return 'a mirror pod may not reference secrets'
  const isToken = (volume: Volume): boolean =>
    volume.projected?.sources?.some((source) => source.serviceAccountToken) === true
  return pod.spec.volumes?.some(isToken) ? 'a mirror pod may not use ServiceAccountToken volume projections' : undefined
}

function mountToken(pod: Pod, newName: () => string): void {
  const known = pod.spec.volumes?.find(({ name = '' }) => name.startsWith(tokenPrefix))
  const volumeName = known?.name ?? newName()
  let isUsed = false
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    container.volumeMounts ??= []
    if (container.volumeMounts.some((mount) => mount.mountPath === mountPath)) continue
    container.volumeMounts.push({ name: volumeName, readOnly: true, mountPath })
    isUsed = true
  }
  if (isUsed && !known) pod.spec.volumes = [...(pod.spec.volumes ?? []), tokenVolume(volumeName)]
}

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    sources: [
      // An hour and seven seconds: the seven tell these tokens from those that asked for an hour.
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
    defaultMode: 420,
  },
})
