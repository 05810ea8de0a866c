/** kubectl podium trace: the causal trace of an object, of a Pod with its volumes. */
import { claimNamesOf } from '../../api/core/pod/volume-claims.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { ObjectRef } from '../../engine/trace.ts'
import type { Command, Invocation } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'

export const trace: Command = {
  name: 'trace',
  short: 'Show who did what to an object: requests, and calls of runtimes, network and storage drivers',
  usage: 'TYPE/NAME [options]',
  run(invocation) {
    if (invocation.args.length !== 1 || !invocation.args[0].includes('/'))
      throw invocation.usageError('exactly one TYPE/NAME is required')
    const [type, name] = invocation.args[0].split('/', 2)
    const kind = invocation.resources.find(type)
    const namespace = kind.isNamespaced ? invocation.namespace : undefined
    const object = { kind: kind.kind, namespace, name }
    const { insight } = invocation.context
    if (!insight) throw new KubectlError('kubectl podium is available inside Podium only')
    const refs = kind.kind === 'Pod' ? [object, ...volumesOf(invocation, name)] : [object]
    const records = insight.trace(refs)
    if (records.length === 0) throw new KubectlError(`nothing is known of ${kind.kind} ${name}`)
    const rows = records.map(({ atMs, actor, action, object: about }) => [
      (atMs / 1000).toFixed(3),
      actor,
      action,
      `${about?.kind} ${about?.name}`,
    ])
    const lines = [['SECONDS', 'WHO', 'WHAT', 'OBJECT'], ...rows].map((row) => `${row.join('\t')}\n`)
    invocation.out(layOut(lines.join(''), tableTabs))
    return 0
  },
}

/** The claims of a Pod with the volumes that they got, and the attachments of these; without a Pod of that name there are none. */
function volumesOf({ client, namespace, resources }: Invocation, name: string): ObjectRef[] {
  const pod = client.find(resources.find('pods'), { namespace, name }) as unknown as Pod | undefined
  const claims = pod ? claimNamesOf(pod) : []
  return claims.flatMap((claim) => {
    const found = client.find(resources.find('persistentvolumeclaims'), { namespace, name: claim })
    const { volumeName } = (found as unknown as { spec: { volumeName?: string } } | undefined)?.spec ?? {}
    const own: ObjectRef[] = [{ kind: 'PersistentVolumeClaim', namespace, name: claim }]
    if (!volumeName) return own
    const attachments = client.list(resources.find('volumeattachments')).items as unknown as AttachmentOfVolume[]
    return [
      ...own,
      { kind: 'PersistentVolume', name: volumeName },
      ...attachments
        .filter(({ spec }) => spec.source.persistentVolumeName === volumeName)
        .map(({ metadata }) => ({ kind: 'VolumeAttachment', name: metadata.name })),
    ]
  })
}

interface AttachmentOfVolume {
  metadata: { name: string }
  spec: { source: { persistentVolumeName?: string } }
}
