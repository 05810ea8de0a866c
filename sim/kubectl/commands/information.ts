/** kubectl version, api-resources, api-versions, cluster-info: what there is, and where. */
import type { Service } from '../../api/core/types.ts'
import { givenKeys, type JsonMap, printIndentedJson } from '../../api/meta/go-json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { unreachable } from '../../api/meta/status-error.ts'
import { goVersion, serverVersion as simulatedVersion } from '../../version.ts'
import { askServer, discover, type ServedResource } from '../ask.ts'
import type { Command, Invocation } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { serverInUse } from '../kubeconfig.ts'
import { printKyaml } from '../printers/kyaml.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'
import { printYaml } from '../printers/yaml.ts'

export const version: Command = {
  name: 'version',
  short: 'Print the client and server version information',
  usage: '[options]',
  flags: [
    { name: 'client', type: 'bool', help: 'If true, shows client version only (no server required).' },
    { name: 'output', short: 'o', type: 'string', help: "One of 'yaml' or 'json'." },
  ],
  run(invocation) {
    const { args, flags } = invocation
    if (args.length > 0 && !flags.bool('client')) throw new KubectlError(`extra arguments: [${args.join(' ')}]`)
    const output = flags.string('output')
    if (output && output !== 'json' && output !== 'yaml') throw new KubectlError(`--output must be 'yaml' or 'json'`)
    const isClientOnly = flags.bool('client') || invocation.client.link?.failure !== undefined
    const clientVersion = versionInfo(
      invocation.context.release ?? invocation.context.serverVersion ?? simulatedVersion,
    )
    const serverVersion = isClientOnly ? undefined : askVersion(invocation, clientVersion)
    const value = { clientVersion, kustomizeVersion, ...(serverVersion ? { serverVersion } : {}) }
    if (output === 'json') invocation.out(`${printIndentedJson(value, givenKeys, '', '  ')}\n`)
    else if (output === 'yaml') invocation.out(`${printYaml(value)}\n`)
    else {
      invocation.out(`Client Version: ${clientVersion.gitVersion}\nKustomize Version: ${kustomizeVersion}\n`)
      if (serverVersion) invocation.out(`Server Version: ${serverVersion.gitVersion}\n`)
    }
    if (!flags.bool('client')) requireServer(invocation)
    return 0
  },
}

/** The kustomize that kubectl v1.36 holds. */
const kustomizeVersion = 'v5.8.1'

interface VersionInfo {
  major: string
  minor: string
  gitVersion: string
}

/** A release as its own build tells it. */
function versionInfo(gitVersion: string): VersionInfo {
  const [major, minor] = gitVersion.slice(1).split('.')
  return {
    ...{ major, minor, gitVersion, gitCommit: '', gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z' },
    ...{ goVersion, compiler: 'gc', platform: 'linux/amd64' },
  }
}

const askVersion = (invocation: Invocation, own: VersionInfo): VersionInfo =>
  invocation.context.ask ? (JSON.parse(askServer(invocation, '/version?timeout=32s')) as VersionInfo) : own

/** For what would be discovered anew. @throws StatusError when the server does not answer */
function requireServer({ client }: Invocation): void {
  const failure = client.link?.failure
  if (failure !== undefined) throw unreachable(failure)
}

export const apiResources: Command = {
  name: 'api-resources',
  short: 'Print the supported API resources on the server',
  usage: '[options]',
  flags: [
    { name: 'api-group', type: 'string', help: 'Limit to resources in the specified API group.' },
    { name: 'cached', type: 'bool', help: 'Use the cached list of resources if available.' },
    { name: 'categories', type: 'list', help: 'Limit to resources that belong to the specified categories.' },
    { name: 'namespaced', type: 'bool', default: true, help: 'If false, non-namespaced resources will be returned.' },
    {
      name: 'no-headers',
      type: 'bool',
      help: "When using the default or custom-column output format, don't print headers.",
    },
    { name: 'output', short: 'o', type: 'string', help: 'Output format. One of: (wide, name).' },
    {
      name: 'sort-by',
      type: 'string',
      help: "If non-empty, sort list of resources using specified field: 'name' or 'kind'.",
    },
    { name: 'verbs', type: 'list', help: 'Limit to resources that support the specified verbs.' },
  ],
  run(invocation) {
    if (invocation.args.length > 0) throw invocation.usageError(`unexpected arguments: [${invocation.args.join(' ')}]`)
    requireServer(invocation)
    const { flags } = invocation
    const sortBy = flags.string('sort-by')
    if (!['', 'name', 'kind'].includes(sortBy)) throw new KubectlError('--sort-by accepts only name or kind')
    const output = flags.string('output')
    const printer = ['', 'name', 'wide'].includes(output) ? undefined : resourcePrinter(output)
    const hasAll = (given: readonly string[] | undefined, asked: string): boolean =>
      flags.list(asked).every((one) => given?.includes(one))
    const found = preferredResources(invocation)
      .filter(({ group }) => !flags.has('api-group') || group === flags.string('api-group'))
      .filter(({ namespaced }) => !flags.has('namespaced') || namespaced === flags.bool('namespaced'))
      .filter(({ verbs }) => hasAll(verbs, 'verbs'))
      .filter(({ categories }) => hasAll(categories, 'categories'))
    const order = (one: ServedResource): string[] =>
      sortBy === 'kind' ? [one.kind] : sortBy === 'name' ? [one.name] : [one.group, one.name]
    const resources = found.toSorted((a, b) => compareTexts(order(a), order(b)))
    if (printer) invocation.out(printer({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: '', resources }))
    else if (output === 'name')
      invocation.out(resources.map(({ name, group }) => `${group ? `${name}.${group}` : name}\n`).join(''))
    else invocation.out(resourceTable(resources, output === 'wide', !flags.bool('no-headers')))
    return 0
  },
}

function compareTexts(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((text, index) => text !== b[index])
  return at < 0 ? 0 : a[at] < b[at] ? -1 : 1
}

/** Those of the version that the server prefers in each group. */
function preferredResources(invocation: Invocation): ServedResource[] {
  if (!invocation.flags.bool('cached')) invocation.resources.discover()
  if (invocation.context.ask) return discover(invocation).flatMap(({ versions }) => versions[0].resources)
  return invocation.resources.preferred.map(
    ({ plural, singular, isNamespaced, group, version, kind, shortNames, categories }) => ({
      ...{ name: plural, singularName: singular, namespaced: isNamespaced, group, version, kind },
      ...{ verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] },
      ...{ shortNames, categories },
    }),
  )
}

/** @throws KubectlError for a format that is none */
function resourcePrinter(output: string): (list: JsonMap) => string {
  switch (output) {
    case 'json':
      return (list) => `${printIndentedJson(list, givenKeys)}\n`
    case 'yaml':
      return printYaml
    case 'kyaml':
      return (list) => printKyaml(list, givenKeys)
  }
  throw new KubectlError(
    `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: json,kyaml,name,wide,yaml`,
  )
}

function resourceTable(resources: readonly ServedResource[], isWide: boolean, hasHeaders: boolean): string {
  const rows = resources.map(({ name, shortNames, group, version, namespaced, kind, verbs, categories }) => [
    ...[name, shortNames?.join(',') ?? '', group ? `${group}/${version}` : version, String(namespaced), kind],
    ...(isWide ? [verbs.join(','), categories?.join(',') ?? ''] : []),
  ])
  const headers = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(isWide ? ['VERBS', 'CATEGORIES'] : [])]
  const shown = hasHeaders ? [headers, ...rows] : rows
  return layOut(shown.map((row) => `${row.join('\t')}\n`).join(''), tableTabs)
}

export const apiVersions: Command = {
  name: 'api-versions',
  short: 'Print the supported API versions on the server, in the form of "group/version"',
  usage: '[options]',
  run(invocation) {
    if (invocation.args.length > 0) throw invocation.usageError(`unexpected arguments: [${invocation.args.join(' ')}]`)
    requireServer(invocation)
    invocation.resources.discover()
    const versions = invocation.context.ask
      ? discover(invocation).flatMap(({ group, versions }) =>
          versions.map(({ version }) => (group ? `${group}/${version}` : version)),
        )
      : new Set(invocation.resources.all.map(({ apiVersion }) => apiVersion))
    for (const apiVersion of [...versions].sort()) invocation.out(`${apiVersion}\n`)
    return 0
  },
}

export const clusterInfo: Command = {
  name: 'cluster-info',
  short: 'Display cluster information',
  usage: '[options]',
  run(invocation) {
    const { flags, context } = invocation
    const given = (name: string): string => flags.string(name)
    const server = serverInUse(context, {
      ...{ kubeconfig: given('kubeconfig'), context: given('context'), cluster: given('cluster'), user: given('user') },
    })
    const isUp = invocation.client.link?.failure === undefined
    if (isUp) {
      invocation.out(`Kubernetes control plane is running at ${server}\n`)
      for (const { name, place } of clusterServices(invocation, server))
        invocation.out(`${name} is running at ${place}\n`)
    }
    invocation.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n")
    requireServer(invocation)
    return 0
  },
}

/** Services that say they are the cluster's own. Source: k8s.io/kubectl/pkg/cmd/clusterinfo */
function clusterServices({ client, resources }: Invocation, server: string): { name: string; place: string }[] {
  const namespace = 'kube-system'
  const labelSelector = 'kubernetes.io/cluster-service=true'
  const services = client.list(resources.find('services') as unknown as Kind<Service>, { namespace, labelSelector })
  return services.items.map(({ metadata, spec, status }) => {
    const [ingress] = status.loadBalancer?.ingress ?? []
    const [port] = spec.ports ?? []
    const scheme = port && (port.name === 'https' || port.port === 443) ? 'https' : ''
    const asked = scheme || port?.name ? `${scheme}:${metadata.name}:${port?.name ?? ''}` : metadata.name
    return {
      name: metadata.labels?.['kubernetes.io/name'] || metadata.name,
      place: ingress
        ? (spec.ports ?? []).map((each) => `http://${ingress.ip || ingress.hostname}:${each.port} `).join('')
        : `${server}/api/v1/namespaces/${namespace}/services/${asked}/proxy`,
    }
  })
}
