/** kubectl version, api-resources, api-versions, cluster-info: what there is, and where. */
import { unreachable } from '../../api/meta/status-error.ts'
import type { Command, Invocation } from '../command.ts'
import { apiServerHost, KubectlError } from '../errors.ts'
import { printIndentedJson } from '../printers/json.ts'
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
    const gitVersion = invocation.context.serverVersion ?? 'v1.36.0'
    const [major, minor] = gitVersion.slice(1).split('.')
    const info = { major, minor, gitVersion, platform: 'linux/amd64' }
    const isClientOnly = invocation.flags.bool('client') || invocation.client.link?.failure !== undefined
    const value = { clientVersion: info, kustomizeVersion: 'v5.7.1', ...(isClientOnly ? {} : { serverVersion: info }) }
    const output = invocation.flags.string('output')
    if (output === 'json') invocation.out(`${printIndentedJson(value)}\n`)
    else if (output === 'yaml') invocation.out(printYaml(value))
    else if (output) throw new KubectlError(`--output must be 'yaml' or 'json'`)
    else {
      invocation.out(`Client Version: ${gitVersion}\nKustomize Version: v5.7.1\n`)
      if (!isClientOnly) invocation.out(`Server Version: ${gitVersion}\n`)
    }
    if (!invocation.flags.bool('client')) requireServer(invocation)
    return 0
  },
}

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
    const { flags, resources } = invocation
    const output = flags.string('output')
    const isWide = output === 'wide'
    const sortKey = flags.string('sort-by') === 'kind' ? 'kind' : 'plural'
    const kinds = resources.all
      .filter((kind) => !flags.has('api-group') || kind.group === flags.string('api-group'))
      .filter((kind) => !flags.has('namespaced') || kind.isNamespaced === flags.bool('namespaced'))
      .filter((kind) => flags.list('categories').every((category) => kind.categories.includes(category)))
      .toSorted((a, b) => {
        if (!flags.string('sort-by') && a.group !== b.group) return a.group < b.group ? -1 : 1
        return a[sortKey] < b[sortKey] ? -1 : 1
      })
    if (output === 'name') {
      for (const kind of kinds) invocation.out(`${kind.group ? `${kind.plural}.${kind.group}` : kind.plural}\n`)
      return 0
    }
    const rows = kinds.map((kind) =>
      [
        kind.plural,
        kind.shortNames.join(','),
        kind.apiVersion,
        String(kind.isNamespaced),
        kind.kind,
        ...(isWide ? ['create,delete,get,list,patch,update,watch', kind.categories.join(',')] : []),
      ].join('\t'),
    )
    const headers = [
      'NAME',
      'SHORTNAMES',
      'APIVERSION',
      'NAMESPACED',
      'KIND',
      ...(isWide ? ['VERBS', 'CATEGORIES'] : []),
    ]
    if (!flags.bool('no-headers')) rows.unshift(headers.join('\t'))
    invocation.out(layOut(`${rows.join('\n')}\n`, tableTabs))
    return 0
  },
}

export const apiVersions: Command = {
  name: 'api-versions',
  short: 'Print the supported API versions on the server, in the form of "group/version"',
  usage: '[options]',
  run(invocation) {
    if (invocation.args.length > 0) throw invocation.usageError(`unexpected arguments: [${invocation.args.join(' ')}]`)
    requireServer(invocation)
    const versions = new Set(invocation.resources.all.map(({ apiVersion }) => apiVersion))
    for (const apiVersion of [...versions].sort()) invocation.out(`${apiVersion}\n`)
    return 0
  },
}

export const clusterInfo: Command = {
  name: 'cluster-info',
  short: 'Display cluster information',
  usage: '[options]',
  run(invocation) {
    const isUp = invocation.client.link?.failure === undefined
    if (isUp) invocation.out(`Kubernetes control plane is running at https://${apiServerHost}\n`)
    invocation.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n")
    requireServer(invocation)
    return 0
  },
}
