/** kubectl describe namespace, configmap, secret and serviceaccount */

import type { LimitRange, ResourceQuota } from '../../api/core/policy-types.ts'
import type { ConfigMap, Namespace, Secret, ServiceAccount } from '../../api/core/types.ts'
import { decodeBase64Text, utf8Length } from '../../api/meta/base64.ts'
import { listInChunks } from '../resources.ts'
import {
  type Describer,
  findEvents,
  kindOf,
  listEvents,
  printTime,
  writeAnnotations,
  writeEvents,
  writeHeader,
  writeLabels,
} from './common.ts'
import { writeLimitRanges, writeResourceQuotas } from './policy.ts'

export const describeNamespace: Describer<Namespace> = ({ metadata, status }, w, context) => {
  w.field(0, 'Name', metadata.name)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.field(0, 'Status', status.phase)
  if (status.conditions?.length) {
    w.line(0, 'Conditions:')
    w.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage')
    w.line(1, '----\t------\t------------------\t------\t-------')
    for (const { type, lastTransitionTime, status: value, reason, message } of status.conditions) {
      w.line(1, [type, value, printTime(lastTransitionTime), reason ?? '', message ?? ''].join('\t'))
    }
  }
  const { client, chunkSize } = context
  const inside = { namespace: metadata.name }
  w.line(0, '')
  writeResourceQuotas(
    w,
    listInChunks(client, kindOf<ResourceQuota>(context, 'resourcequotas'), inside, chunkSize).items,
  )
  w.line(0, '')
  writeLimitRanges(w, listInChunks(client, kindOf<LimitRange>(context, 'limitranges'), inside, chunkSize).items)
}

export const describeConfigMap: Describer<ConfigMap> = (configMap, w, context) => {
  writeHeader(w, configMap)
  w.write(0, '\nData\n====\n')
  for (const [key, value] of sorted(configMap.data)) w.write(0, `${key}:\n----\n${value}\n\n`)
  w.write(0, '\nBinaryData\n====\n')
  for (const [key, value] of sorted(configMap.binaryData)) w.write(0, `${key}: ${byteLength(value)} bytes\n`)
  w.line(0, '')
  writeEvents(w, context, listEvents(context, configMap))
}

export const describeSecret: Describer<Secret> = (secret, w) => {
  writeHeader(w, secret)
  w.write(0, `\nType:\t${secret.type}\n`)
  w.write(0, '\nData\n====\n')
  for (const [key, value] of sorted(secret.data)) {
    const isToken = key === 'token' && secret.type === 'kubernetes.io/service-account-token'
    w.field(0, key, isToken ? (decodeBase64Text(value) ?? '') : `${byteLength(value)} bytes`)
  }
}

export const describeServiceAccount: Describer<ServiceAccount> = (account, w, context) => {
  writeHeader(w, account)
  const names = (account.imagePullSecrets ?? []).map(({ name }) => name)
  const title = 'Image pull secrets:'
  if (names.length === 0) w.line(0, `${title}\t<none>`)
  names.forEach((name, at) => {
    w.line(0, `${at === 0 ? title : ' '.repeat(title.length)}\t${name}`)
  })
  writeEvents(w, context, findEvents(context, account))
}

const sorted = (data: Record<string, string> | undefined): [string, string][] =>
  Object.entries(data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))

/** Bytes behind a base64 text. */
const byteLength = (base64: string): number => {
  const text = decodeBase64Text(base64)
  if (text !== undefined) return utf8Length(text)
  return Math.floor((base64.replace(/=+$/, '').length * 3) / 4)
}
