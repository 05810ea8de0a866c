/**
 * What a machine is told of the cluster that it joins: by flags, or in a JoinConfiguration. Sources: cmd/kubeadm/app/cmd/join.go newJoinData,
 * util/config/joinconfiguration.go, apis/kubeadm/validation
 */
import { isRecord, jsonTypeName } from '../../../api/meta/json.ts'
import { bootstrapTokenPattern } from '../../../apiserver/bootstrap-tokens.ts'
import { klogOf, listOf, openFile } from '../../../components/component.ts'
import { KubectlError } from '../../../kubectl/errors.ts'
import { parseManifest } from '../../../kubectl/yaml.ts'
import type { Process } from '../../../runtime/process.ts'
import { type Invocation, KubeadmError } from './command-line.ts'

export interface JoinConfiguration {
  /** Where the cluster says who it is, and a token by which that is known; or else a file that says so. */
  readonly bootstrapToken?: {
    readonly apiServerEndpoint: string
    readonly token: string
    readonly caCertHashes: readonly string[]
    readonly unsafeSkipCAVerification: boolean
  }
  readonly file?: { readonly kubeConfigPath: string }
  /** With what the kubelet asks for its first certificate; '' where the file has something for that. */
  readonly tlsBootstrapToken: string
  readonly nodeName?: string
  readonly ignorePreflightErrors: readonly string[]
}

/** @throws KubeadmError with everything that is wrong */
export function joinConfigurationOf(invocation: Invocation): JoinConfiguration {
  const path = invocation.flags.get('config')
  const read = path === undefined ? fromFlags(invocation) : fromFile(invocation, path)
  const problems = problemsOf(invocation, read)
  if (problems.length > 0) throw new KubeadmError(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`)
  return read
}

function fromFlags({ flags, args: [endpoint] }: Invocation): JoinConfiguration {
  const token = flags.get('discovery-token') ?? flags.get('token') ?? ''
  const kubeConfigPath = flags.get('discovery-file')
  return {
    ...(endpoint === undefined
      ? {}
      : {
          bootstrapToken: {
            apiServerEndpoint: endpoint,
            token,
            caCertHashes: listOf(flags.get('discovery-token-ca-cert-hash')),
            unsafeSkipCAVerification: flags.get('discovery-token-unsafe-skip-ca-verification') === 'true',
          },
        }),
    ...(kubeConfigPath ? { file: { kubeConfigPath: pathOf(kubeConfigPath) } } : {}),
    tlsBootstrapToken: flags.get('tls-bootstrap-token') ?? flags.get('token') ?? (endpoint === undefined ? '' : token),
    nodeName: flags.get('node-name'),
    ignorePreflightErrors: listOf(flags.get('ignore-preflight-errors')),
  }
}

/** Flags that may stand beside a file; others say what belongs into it. */
const besideFile = /^(?:config|ignore-preflight-errors|dry-run|node-name|v|rootfs|log-file|yes|skip-.*)$/

/** @throws KubeadmError */
function fromFile({ process, flags }: Invocation, path: string): JoinConfiguration {
  const mixed = [...flags.keys()].filter((name) => !besideFile.test(name)).sort()
  if (mixed.length > 0) throw new KubeadmError(`can not mix '--config' with arguments [${mixed.join(' ')}]`)
  const text = openFile(process, path, (why) => `unable to read config from ${JSON.stringify(path)} : ${why}`)
  const { discovery, nodeRegistration } = readFields(documentIn(process, text))
  const nodeName = flags.get('node-name') ?? nodeRegistration.name
  return {
    ...discovery,
    tlsBootstrapToken: discovery.tlsBootstrapToken || (discovery.bootstrapToken?.token ?? ''),
    ...(nodeName ? { nodeName } : {}),
    ignorePreflightErrors: [...listOf(flags.get('ignore-preflight-errors')), ...nodeRegistration.ignorePreflightErrors],
  }
}

type Fields = Record<string, unknown>

/** The one document of a file that is a JoinConfiguration; of what is not taken up it warns. @throws KubeadmError */
function documentIn(process: Process, text: string): Fields {
  let documents: unknown[]
  try {
    documents = parseManifest(text, 'the file').map(({ value }) => value)
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    throw new KubeadmError(error.message.replace('error parsing the file: error converting YAML to JSON: ', ''))
  }
  const kinds = new Set<string>()
  let found: Fields | undefined
  for (const value of documents) {
    const { apiVersion = '', kind = '' } = isRecord(value) ? value : {}
    const [, group = '', version = ''] = /^([^/]+)\/(.+)$/.exec(String(apiVersion)) ?? []
    if (!group || !version || !kind)
      throw new KubeadmError(
        `invalid configuration for GroupVersionKind ${group || version ? `${group}/${version}` : `/${String(apiVersion)}`}, Kind=${String(kind)}: kind and apiVersion is mandatory information that must be specified`,
      )
    if (kinds.has(String(kind)))
      throw new KubeadmError(`invalid configuration: kind ${JSON.stringify(kind)} is specified twice in YAML file`)
    kinds.add(String(kind))
    if (kind !== 'JoinConfiguration') {
      const gvk = `${group}/${version}, Kind=${String(kind)}`
      klogOf(process).print(
        'W',
        'joinconfiguration.go:112',
        `[config] WARNING: Ignored configuration document with GroupVersionKind ${gvk}`,
      )
      continue
    }
    checkVersion(process, group, version)
    found = value as Fields
    const unknown = unknownFields(found).map((field) => `unknown field ${JSON.stringify(field)}`)
    if (unknown.length > 0)
      klogOf(process).print(
        'W',
        'joinconfiguration.go:124',
        `error unmarshaling configuration schema.GroupVersionKind{Group:"${group}", Version:"${version}", Kind:"JoinConfiguration"}: strict decoding error: ${unknown.join(', ')}`,
      )
  }
  if (!found) throw new KubeadmError('no JoinConfiguration found in the supplied config')
  return found
}

/** Versions of before, and with which kubeadm they went. */
const formerVersions: Readonly<Record<string, string>> = {
  v1alpha1: 'v1.11',
  v1alpha2: 'v1.12',
  v1alpha3: 'v1.14',
  v1beta1: 'v1.15',
  v1beta2: 'v1.22',
}

const knownFields: Readonly<Record<string, readonly string[]>> = {
  '': 'apiVersion kind caCertPath controlPlane discovery dryRun nodeRegistration patches skipPhases timeouts'.split(
    ' ',
  ),
  discovery: ['bootstrapToken', 'file', 'tlsBootstrapToken'],
  'discovery.bootstrapToken': ['apiServerEndpoint', 'caCertHashes', 'token', 'unsafeSkipCAVerification'],
  'discovery.file': ['kubeConfigPath'],
  nodeRegistration:
    'criSocket ignorePreflightErrors imagePullPolicy imagePullSerial kubeletExtraArgs name taints'.split(' '),
}

const unknownFields = (value: Fields, path = ''): string[] =>
  Object.entries(value).flatMap(([name, part]) => {
    const own = path === '' ? name : `${path}.${name}`
    if (!knownFields[path]!.includes(name)) return [own]
    return Object.hasOwn(knownFields, own) && isRecord(part) ? unknownFields(part, own) : []
  })

/** @throws KubeadmError for one that this kubeadm does not read */
function checkVersion(process: Process, group: string, version: string): void {
  const isOurs = group === 'kubeadm.k8s.io'
  if (isOurs && version === 'v1beta3')
    klogOf(process).print(
      'W',
      'common.go:100',
      `your configuration file uses a deprecated API spec: "${group}/${version}" (kind: "JoinConfiguration"). Please use 'kubeadm config migrate --old-config old-config-file --new-config new-config-file', which will write the new, similar spec using a newer API version.`,
    )
  if (isOurs && Object.hasOwn(formerVersions, version))
    throw new KubeadmError(
      `your configuration file uses an old API spec: "${group}/${version}" (kind: "JoinConfiguration"). Please use kubeadm ${formerVersions[version]} instead and run 'kubeadm config migrate --old-config old-config-file --new-config new-config-file', which will write the new, similar spec using a newer API version.`,
    )
  if (!isOurs || !['v1beta3', 'v1beta4'].includes(version))
    throw new KubeadmError(
      `no kind "JoinConfiguration" is registered for version "${group}/${version}" in scheme "k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm/scheme/scheme.go:32"`,
    )
}

/** What podium's kubeadm does not do: better said than passed over. How images of the control plane are pulled is nothing to a worker. */
const notSimulated = ['caCertPath', 'controlPlane', 'dryRun', 'patches', 'skipPhases', 'timeouts']
const notSimulatedOfNode = ['criSocket', 'kubeletExtraArgs', 'taints']
/** What they are anyway may be said. */
const asItIs: readonly unknown[] = [
  '/etc/kubernetes/pki/ca.crt',
  'unix:///run/containerd/containerd.sock',
  'unix:///var/run/containerd/containerd.sock',
]

/** @throws KubeadmError for a field of another type */
function readFields(value: Fields) {
  const typed = <T>(of: Fields, path: string, type: string, isIt: (found: unknown) => boolean): T | undefined => {
    const found = of[path.slice(path.lastIndexOf('.') + 1)]
    if (found === undefined || found === null) return undefined
    if (isIt(found)) return found as T
    throw new KubeadmError(
      `json: cannot unmarshal ${jsonTypeName(found)} into Go struct field JoinConfiguration.${path} of type ${type}`,
    )
  }
  const textAt = (of: Fields, path: string) => typed<string>(of, path, 'string', (found) => typeof found === 'string')
  const flagAt = (of: Fields, path: string) => typed<boolean>(of, path, 'bool', (found) => typeof found === 'boolean')
  const objectAt = (of: Fields, path: string, type: string) => typed<Fields>(of, path, type, isRecord)
  const textsAt = (of: Fields, path: string) =>
    typed<string[]>(
      of,
      path,
      '[]string',
      (found) => Array.isArray(found) && found.every((item) => typeof item === 'string'),
    ) ?? []
  const node = objectAt(value, 'nodeRegistration', 'v1beta4.NodeRegistrationOptions') ?? {}
  for (const [of, names, before] of [
    [value, notSimulated, ''],
    [node, notSimulatedOfNode, 'nodeRegistration.'],
  ] as const)
    for (const name of names) {
      const given = of[name]
      const isEmpty = !given || asItIs.includes(given) || (typeof given === 'object' && Object.keys(given).length === 0)
      if (!isEmpty) throw new KubeadmError(`podium: ${before}${name} of a JoinConfiguration is not simulated`)
    }
  const discovery = objectAt(value, 'discovery', 'v1beta4.Discovery') ?? {}
  const token = objectAt(discovery, 'discovery.bootstrapToken', 'v1beta4.BootstrapTokenDiscovery')
  const file = objectAt(discovery, 'discovery.file', 'v1beta4.FileDiscovery')
  const inToken = 'discovery.bootstrapToken'
  return {
    discovery: {
      ...(token
        ? {
            bootstrapToken: {
              apiServerEndpoint: textAt(token, `${inToken}.apiServerEndpoint`) ?? '',
              token: textAt(token, `${inToken}.token`) ?? '',
              caCertHashes: textsAt(token, `${inToken}.caCertHashes`),
              unsafeSkipCAVerification: flagAt(token, `${inToken}.unsafeSkipCAVerification`) ?? false,
            },
          }
        : {}),
      ...(file ? { file: { kubeConfigPath: pathOf(textAt(file, 'discovery.file.kubeConfigPath') ?? '') } } : {}),
      tlsBootstrapToken: textAt(discovery, 'discovery.tlsBootstrapToken') ?? '',
    },
    nodeRegistration: {
      name: textAt(node, 'nodeRegistration.name') ?? '',
      ignorePreflightErrors: textsAt(node, 'nodeRegistration.ignorePreflightErrors'),
    },
  }
}

/** A URL of a file is its path. */
const pathOf = (text: string): string => text.replace(/^file:\/\/(?=\/)/, '')

/** Each as kubeadm words it, in its order. */
function problemsOf({ process }: Invocation, { bootstrapToken, file, tlsBootstrapToken }: JoinConfiguration): string[] {
  const problems: string[] = []
  const invalid = (path: string, value: string, why: string): void =>
    void problems.push(`${path}: Invalid value: ${JSON.stringify(value)}: ${why}`)
  const checkToken = (path: string, token: string): void => {
    if (!bootstrapTokenPattern.test(token)) invalid(path, token, 'the bootstrap token is invalid')
  }
  if (!bootstrapToken && !file) invalid('discovery', '', 'bootstrapToken or file must be set')
  if (bootstrapToken && file) invalid('discovery', '', 'bootstrapToken and file cannot both be set')
  if (bootstrapToken) {
    const { apiServerEndpoint: endpoint, caCertHashes, token, unsafeSkipCAVerification } = bootstrapToken
    const path = 'discovery.bootstrapToken'
    if (endpoint === '') problems.push(`${path}: Required value: APIServerEndpoint is not set`)
    if (caCertHashes.length === 0 && !unsafeSkipCAVerification)
      invalid(
        `${path}.caCertHashes`,
        '',
        'using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue',
      )
    checkToken(`${path}.token`, token)
    const why = hostPortProblem(endpoint)
    if (why !== undefined) invalid(`${path}.apiServerEndpoint`, endpoint, why)
    checkToken('discovery.tlsBootstrapToken', tlsBootstrapToken)
  }
  if (file) {
    const { kubeConfigPath: path } = file
    const [, scheme] = /^([a-z][a-z0-9+.-]*):/i.exec(path) ?? []
    if (scheme === undefined && !process.files.exists(path))
      invalid('discovery.file.kubeConfigPath', path, 'not a valid HTTPS URL or a file on disk')
    else if (scheme !== undefined && scheme !== 'https')
      invalid('discovery.file.kubeConfigPath', path, 'if a URL is used, the scheme must be https')
    if (tlsBootstrapToken !== '') checkToken('discovery.tlsBootstrapToken', tlsBootstrapToken)
  }
  return problems
}

/** Why a text is no host with a port, as Go's net.SplitHostPort says. */
function hostPortProblem(text: string): string | undefined {
  const told = (why: string): string => `address ${text}: ${why}`
  const bare = text.replace(/^\[[^\]]*\]/, '')
  const colons = bare.split(':').length - 1
  if (text === '') return 'missing port in address'
  return colons === 0 ? told('missing port in address') : colons > 1 ? told('too many colons in address') : undefined
}
