/** The manifests of static Pods, as files of the node. Source: pkg/kubelet/config/{common,file,file_linux}.go */
import { apiReference } from '../api/core/pod/api-references.ts'
import { pods } from '../api/core/pod.ts'
import type { Pod } from '../api/core/pod-types.ts'
import { messageOf } from '../api/meta/field-error.ts'
import { toNormalForm } from '../api/schema/normal-form.ts'
import { checkFields } from '../api/schema/schema.ts'
import type { ContainerFiles } from '../runtime/file-system.ts'
import { FileError } from '../runtime/files.ts'
import { staticPodOf } from './static-pods.ts'

/** staticPodPath of the kubelet's configuration. */
export const manifestFolder = '/etc/kubernetes/manifests'

/** What stands in a file: the Pod as its kubelet runs it, or why it can't. */
export type ManifestFile = { pod: Pod } | { error: string }

/** Reads a text as YAML or JSON: the first document. @throws Error when it is neither */
export type ParseManifest = (text: string, source: string) => unknown

/** Every file of the folder that does not begin with a dot, by name. */
export function readManifests(files: ContainerFiles, node: string, parse: ParseManifest): Map<string, ManifestFile> {
  const found = new Map<string, ManifestFile>()
  if (!files.exists(manifestFolder)) return found
  for (const name of files.list(manifestFolder)) {
    const path = `${manifestFolder}/${name}`
    if (name.startsWith('.')) continue
    try {
      if (files.stat(path).type === 'directory') continue
      found.set(name, readManifest(files.read(path), path, node, parse))
    } catch (error) {
      // A link that leads nowhere: it is passed over.
      if (!(error instanceof FileError)) throw error
    }
  }
  return found
}

function readManifest(text: string, path: string, node: string, parse: ParseManifest): ManifestFile {
  const problem = (why: string): ManifestFile => ({
    error: `${path}: couldn't parse as pod(${why}), please check config file`,
  })
  let value: unknown
  try {
    value = parse(text, path)
  } catch (error) {
    if (!(error instanceof Error) || error instanceof FileError) throw error
    return problem(error.message)
  }
  const { kind, apiVersion } = (value ?? {}) as Partial<Pod>
  if (!kind) return problem(`Object 'Kind' is missing in '${text.trim().slice(0, 200)}'`)
  if (kind !== 'Pod' || apiVersion !== 'v1') return problem(`pod source does not expect ${apiVersion}, Kind=${kind}`)
  const { typeError } = checkFields(pods, value as Record<string, unknown>)
  if (typeError) return problem(typeError)
  const given = toNormalForm(pods, value as Record<string, unknown>) as unknown as Pod
  pods.applyDefaults(given)
  const pod = staticPodOf({ ...given, metadata: given.metadata ?? { name: '' } }, node)
  const errors = pods.validate(pod)
  if (errors.length > 0) return { error: `invalid pod: [${errors.map(messageOf).join(', ')}]` }
  const reference = apiReference(pod)
  return reference === undefined ? { pod } : { error: `static pods may not reference ${reference}` }
}
