/**
 * A file for `--config`: the one document of the kind that a command reads, and what is said of the others.
 * Sources: cmd/kubeadm/app/util/config/{joinconfiguration,upgradeconfiguration,common}.go, util/marshal.go SplitConfigDocuments
 */
import { isRecord, jsonTypeName } from '../../../api/meta/json.ts'
import { klogOf } from '../../../components/component.ts'
import { KubectlError } from '../../../kubectl/errors.ts'
import { parseManifest } from '../../../kubectl/yaml.ts'
import type { Process } from '../../../runtime/process.ts'
import { KubeadmError } from './command-line.ts'

export type Fields = Record<string, unknown>

export interface ConfigurationKind {
  readonly name: string
  /** Where kubeadm's source warns of other documents, and of fields that nobody knows: `joinconfiguration.go:112`. */
  readonly warnsAt: { readonly ignored: string; readonly unknown: string }
  /** Of `kubeadm.k8s.io`. */
  readonly versions: readonly string[]
  /** Names of fields by the path of the object that they are in; '' is the document. */
  readonly fields: Readonly<Record<string, readonly string[]>>
}

/** The document of a kind; of what is not taken up it warns. @throws KubeadmError */
export function documentOf(process: Process, text: string, kind: ConfigurationKind): Fields {
  const kinds = new Set<string>()
  let found: Fields | undefined
  for (const value of documentsIn(text)) {
    const { apiVersion = '', kind: given = '' } = isRecord(value) ? value : {}
    const name = String(given)
    const [, group = '', version = ''] = /^([^/]+)\/(.+)$/.exec(String(apiVersion)) ?? []
    if (!group || !version || !name)
      throw new KubeadmError(
        `invalid configuration for GroupVersionKind ${group || version ? `${group}/${version}` : `/${String(apiVersion)}`}, Kind=${name}: kind and apiVersion is mandatory information that must be specified`,
      )
    if (kinds.has(name))
      throw new KubeadmError(`invalid configuration: kind ${JSON.stringify(name)} is specified twice in YAML file`)
    kinds.add(name)
    if (name !== kind.name) {
      const gvk = `${group}/${version}, Kind=${name}`
      klogOf(process).print(
        'W',
        kind.warnsAt.ignored,
        `[config] WARNING: Ignored configuration document with GroupVersionKind ${gvk}`,
      )
      continue
    }
    checkVersion(process, group, version, kind)
    found = value as Fields
    const unknown = unknownFields(found, kind.fields).map((field) => `unknown field ${JSON.stringify(field)}`)
    if (unknown.length > 0)
      klogOf(process).print(
        'W',
        kind.warnsAt.unknown,
        `error unmarshaling configuration schema.GroupVersionKind{Group:"${group}", Version:"${version}", Kind:"${kind.name}"}: strict decoding error: ${unknown.join(', ')}`,
      )
  }
  if (!found) throw new KubeadmError(`no ${kind.name} found in the supplied config`)
  return found
}

/** @throws KubeadmError */
function documentsIn(text: string): unknown[] {
  try {
    return parseManifest(text, 'the file').map(({ value }) => value)
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    throw new KubeadmError(error.message.replace('error parsing the file: error converting YAML to JSON: ', ''))
  }
}

/** Versions of before, and with which kubeadm they went. */
const formerVersions: Readonly<Record<string, string>> = {
  v1alpha1: 'v1.11',
  v1alpha2: 'v1.12',
  v1alpha3: 'v1.14',
  v1beta1: 'v1.15',
  v1beta2: 'v1.22',
}

const unknownFields = (value: Fields, known: ConfigurationKind['fields'], path = ''): string[] =>
  Object.entries(value).flatMap(([name, part]) => {
    const own = path === '' ? name : `${path}.${name}`
    if (!known[path]!.includes(name)) return [own]
    return Object.hasOwn(known, own) && isRecord(part) ? unknownFields(part, known, own) : []
  })

/** @throws KubeadmError for one that this kubeadm does not read */
function checkVersion(process: Process, group: string, version: string, { name, versions }: ConfigurationKind): void {
  const isOurs = group === 'kubeadm.k8s.io'
  if (isOurs && version === 'v1beta3')
    klogOf(process).print(
      'W',
      'common.go:100',
      `your configuration file uses a deprecated API spec: "${group}/${version}" (kind: "${name}"). Please use 'kubeadm config migrate --old-config old-config-file --new-config new-config-file', which will write the new, similar spec using a newer API version.`,
    )
  if (isOurs && Object.hasOwn(formerVersions, version))
    throw new KubeadmError(
      `your configuration file uses an old API spec: "${group}/${version}" (kind: "${name}"). Please use kubeadm ${formerVersions[version]} instead and run 'kubeadm config migrate --old-config old-config-file --new-config new-config-file', which will write the new, similar spec using a newer API version.`,
    )
  if (!isOurs || !versions.includes(version))
    throw new KubeadmError(
      `no kind "${name}" is registered for version "${group}/${version}" in scheme "k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm/scheme/scheme.go:32"`,
    )
}

/**
 * A field of a type, undefined where it is not set.
 * @param path from the document: `discovery.tlsBootstrapToken` @param struct in which Go decodes it @throws KubeadmError for another type
 */
export function fieldOf<T>(
  of: Fields,
  struct: string,
  path: string,
  type: string,
  isIt: (found: unknown) => boolean,
): T | undefined {
  const found = of[path.slice(path.lastIndexOf('.') + 1)]
  if (found === undefined || found === null) return undefined
  if (isIt(found)) return found as T
  throw new KubeadmError(
    `json: cannot unmarshal ${jsonTypeName(found)} into Go struct field ${struct}.${path} of type ${type}`,
  )
}

export const isText = (value: unknown): boolean => typeof value === 'string'
export const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
export const isFlag = (value: unknown): boolean => typeof value === 'boolean'

/** Flags that may stand beside a file; others say what belongs into it. Source: isAllowedFlag in apis/kubeadm/validation/validation.go */
const besideFile =
  /^(?:config|ignore-preflight-errors|dry-run|kubeconfig|kubeconfig-dir|node-name|output|v|rootfs|log-file|yes|skip-.*)$/

/** @throws KubeadmError */
export function refuseMixed(flags: ReadonlyMap<string, string>): void {
  if (!flags.has('config')) return
  const mixed = [...flags.keys()].filter((name) => !besideFile.test(name)).sort()
  if (mixed.length > 0) throw new KubeadmError(`can not mix '--config' with arguments [${mixed.join(' ')}]`)
}
