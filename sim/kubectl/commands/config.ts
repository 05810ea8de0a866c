/** kubectl config: what is in a kubeconfig file, and changes of it. Source: k8s.io/kubectl/pkg/cmd/config */
import { encodeBase64Text } from '../../api/meta/base64.ts'
import { givenKeys, isMap, type JsonMap } from '../../api/meta/go-json.ts'
import { type Command, type Invocation, outputFlags } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { readText } from '../files.ts'
import { isFalse, isTrue } from '../flags.ts'
import { type Kubeconfig, kubeconfigObject, loadKubeconfig, saveKubeconfig } from '../kubeconfig.ts'
import { objectPrinter } from '../printers/objects.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'
import { printYaml } from '../printers/yaml.ts'

function load(invocation: Invocation): Kubeconfig {
  const config = loadKubeconfig(invocation.context, invocation.flags.string('kubeconfig'))
  invocation.tellConfig(config.path)
  return config
}

/** Reads, changes and writes the file. */
function change(invocation: Invocation, edit: (config: Kubeconfig) => Kubeconfig): void {
  const before = load(invocation)
  saveKubeconfig(invocation.context, before, edit(before))
}

function exactly({ args }: Invocation, count: number): readonly string[] {
  if (args.length !== count) throw new KubectlError(`Unexpected args: [${args.join(' ')}]`)
  return args
}

const without = <T>(map: Record<string, T>, name: string): Record<string, T> => {
  const { [name]: _, ...rest } = map
  return rest
}

const currentContext: Command = {
  name: 'current-context',
  short: 'Display the current-context',
  usage: '[options]',
  run(invocation) {
    const { currentContext } = load(invocation)
    if (!currentContext) throw new KubectlError('current-context is not set')
    invocation.out(`${currentContext}\n`)
    return 0
  },
}

const getContexts: Command = {
  name: 'get-contexts',
  short: 'Describe one or many contexts',
  usage: '[(-o|--output=)name)] [options]',
  flags: [
    {
      name: 'no-headers',
      type: 'bool',
      help: "When using the default or custom-column output format, don't print headers",
    },
    { name: 'output', short: 'o', type: 'string', help: 'Output format. One of: (name).' },
  ],
  run(invocation) {
    const { flags, args } = invocation
    const output = flags.string('output')
    if (output && output !== 'name')
      throw new KubectlError(
        `--output ${output} is not available in kubectl config get-contexts; resetting to default output format`,
      )
    const { contexts, currentContext } = load(invocation)
    const names = Object.keys(contexts).sort()
    const wanted = args.length > 0 ? args.filter((name) => names.includes(name)).sort() : names
    const rows = wanted.map((name) => {
      const { cluster = '', user = '', namespace = '' } = contexts[name]
      return output ? name : [name === currentContext ? '*' : '', name, cluster, user, namespace].join('\t')
    })
    if (!output && !flags.bool('no-headers')) rows.unshift('CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE')
    if (rows.length > 0) invocation.out(layOut(`${rows.join('\n')}\n`, tableTabs))
    const missing = args.filter((name) => !names.includes(name))
    if (missing.length > 0) throw new KubectlError(missing.map((name) => `context ${name} not found`).join('\n'))
    return 0
  },
}

const listOf = (name: string, short: string, part: 'clusters' | 'users'): Command => ({
  name,
  short,
  usage: '[options]',
  run(invocation) {
    invocation.out(
      `NAME\n${Object.keys(load(invocation)[part])
        .sort()
        .map((item) => `${item}\n`)
        .join('')}`,
    )
    return 0
  },
})

const useContext: Command = {
  name: 'use-context',
  aliases: ['use'],
  short: 'Set the current-context in a kubeconfig file',
  usage: 'CONTEXT_NAME [options]',
  run(invocation) {
    const [name] = exactly(invocation, 1)
    change(invocation, (config) => {
      if (!config.contexts[name]) throw new KubectlError(`no context exists with the name: "${name}"`)
      return { ...config, currentContext: name }
    })
    invocation.out(`Switched to context "${name}".\n`)
    return 0
  },
}

const setContext: Command = {
  name: 'set-context',
  short: 'Set a context entry in kubeconfig',
  usage: '[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace] [options]',
  flags: [{ name: 'current', type: 'bool', help: 'Modify the current context' }],
  run(invocation) {
    const { flags, args } = invocation
    if (args.length > 1) exactly(invocation, 1)
    const isCurrent = flags.bool('current')
    if (isCurrent && args.length > 0) throw new KubectlError('you cannot specify both a context name and --current')
    if (!isCurrent && !args[0]) throw new KubectlError('you must specify a non-empty context name or --current')
    const config = load(invocation)
    const name = isCurrent ? config.currentContext : args[0]
    if (!name) throw new KubectlError('no current context is set')
    const given = Object.fromEntries(
      ['cluster', 'user', 'namespace'].filter((flag) => flags.has(flag)).map((flag) => [flag, flags.string(flag)]),
    )
    const isNew = !config.contexts[name]
    const contexts = { ...config.contexts, [name]: withText(config.contexts[name], given) }
    saveKubeconfig(invocation.context, config, { ...config, contexts })
    invocation.out(`Context "${name}" ${isNew ? 'created' : 'modified'}.\n`)
    return 0
  },
}

/** With the fields that are given; an empty text takes one away. */
const withText = (item: JsonMap | undefined, fields: JsonMap): JsonMap =>
  Object.fromEntries(Object.entries({ ...item, ...fields }).filter(([, value]) => value !== '' && value !== false))

/** A file that is named, or its content when certificates are embedded: `certificate-authority` and its `-data`. */
function fileFields(invocation: Invocation, names: readonly string[]): JsonMap {
  const { flags, context } = invocation
  const fields: JsonMap = {}
  for (const name of names.filter((flag) => flags.has(flag))) {
    const path = flags.string(name)
    if (flags.bool('embed-certs')) {
      const text = readText(context, path)
      if (text === undefined)
        throw new KubectlError(`could not stat ${name} file ${path}: stat ${path}: no such file or directory`)
      Object.assign(fields, { [`${name}-data`]: encodeBase64Text(text), [name]: '' })
    } else
      Object.assign(fields, {
        [name]: path && context.files.resolve(path),
        [`${name}-data`]: '',
      })
  }
  return fields
}

const setCluster: Command = {
  name: 'set-cluster',
  short: 'Set a cluster entry in kubeconfig',
  usage: 'NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [options]',
  flags: [
    { name: 'embed-certs', type: 'bool', help: 'embed-certs for the cluster entry in kubeconfig' },
    { name: 'proxy-url', type: 'string', help: 'proxy-url for the cluster entry in kubeconfig' },
  ],
  run(invocation) {
    const { flags } = invocation
    const [name] = exactly(invocation, 1)
    const fields: JsonMap = fileFields(invocation, ['certificate-authority'])
    for (const flag of ['server', 'tls-server-name', 'proxy-url'])
      if (flags.has(flag)) fields[flag] = flags.string(flag)
    if (flags.has('insecure-skip-tls-verify'))
      fields['insecure-skip-tls-verify'] = flags.bool('insecure-skip-tls-verify')
    change(invocation, (config) => ({
      ...config,
      clusters: { ...config.clusters, [name]: withText(config.clusters[name], fields) },
    }))
    invocation.out(`Cluster "${name}" set.\n`)
    return 0
  },
}

const setCredentials: Command = {
  name: 'set-credentials',
  short: 'Set a user entry in kubeconfig',
  usage: 'NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [options]',
  flags: [{ name: 'embed-certs', type: 'bool', help: 'Embed client cert/key for the user entry in kubeconfig' }],
  run(invocation) {
    const { flags, args } = invocation
    if (args.length !== 1) throw new KubectlError(`unexpected args: [${args.join(' ')}]`)
    const [name] = args
    const isBasic = flags.has('username') || flags.has('password')
    if (flags.has('token') && isBasic)
      throw new KubectlError(
        'you cannot specify more than one authentication method at the same time: --token, --username/--password',
      )
    const fields: JsonMap = fileFields(invocation, ['client-certificate', 'client-key'])
    if (flags.has('token')) Object.assign(fields, { token: flags.string('token'), username: '', password: '' })
    for (const flag of ['username', 'password']) if (flags.has(flag)) fields[flag] = flags.string(flag)
    if (isBasic) fields.token = ''
    change(invocation, (config) => ({
      ...config,
      users: { ...config.users, [name]: withText(config.users[name], fields) },
    }))
    invocation.out(`User "${name}" set.\n`)
    return 0
  },
}

const renameContext: Command = {
  name: 'rename-context',
  short: 'Rename a context from the kubeconfig file',
  usage: 'CONTEXT_NAME NEW_NAME [options]',
  run(invocation) {
    const [from, to] = exactly(invocation, 2)
    change(invocation, (config) => {
      const { contexts, path } = config
      if (!contexts[from]) throw new KubectlError(`cannot rename the context "${from}", it's not in ${path}`)
      if (contexts[to])
        throw new KubectlError(`cannot rename the context "${from}", the context "${to}" already exists in ${path}`)
      return {
        ...config,
        contexts: { ...without(contexts, from), [to]: contexts[from] },
        currentContext: config.currentContext === from ? to : config.currentContext,
      }
    })
    invocation.out(`Context "${from}" renamed to "${to}".\n`)
    return 0
  },
}

const deletion = (what: 'cluster' | 'context' | 'user', part: 'clusters' | 'contexts' | 'users'): Command => ({
  name: `delete-${what}`,
  short: `Delete the specified ${what} from the kubeconfig`,
  usage: 'NAME [options]',
  run(invocation) {
    const [name] = exactly(invocation, 1)
    const config = load(invocation)
    if (!config[part][name]) throw new KubectlError(`cannot delete ${what} ${name}, not in ${config.path}`)
    if (what === 'context' && config.currentContext === name)
      invocation.err(
        'warning: this removed your active context, use "kubectl config use-context" to select a different one\n',
      )
    saveKubeconfig(invocation.context, config, { ...config, [part]: without(config[part], name) })
    invocation.out(`deleted ${what} ${name} from ${config.path}\n`)
    return 0
  },
})

/** The way to a property: `contexts.dev.namespace`. @throws KubectlError for one that a kubeconfig does not have */
function splitProperty(property: string): { part: 'clusters' | 'contexts' | 'users'; name: string; field: string } {
  const [part, ...rest] = property.split('.')
  if (part !== 'clusters' && part !== 'contexts' && part !== 'users')
    throw new KubectlError(`unable to parse ${property} after [] at api.Config`)
  // A name may hold dots; a field has none.
  return {
    part,
    name: rest.length > 1 ? rest.slice(0, -1).join('.') : (rest[0] ?? ''),
    field: rest.length > 1 ? rest.at(-1)! : '',
  }
}

const setProperty: Command = {
  name: 'set',
  short: 'Set an individual value in a kubeconfig file',
  usage: 'PROPERTY_NAME PROPERTY_VALUE [options]',
  flags: [{ name: 'set-raw-bytes', type: 'bool', help: 'Write the given text without base64 decoding.' }],
  run(invocation) {
    const [property, value] = exactly(invocation, 2)
    change(invocation, (config) => {
      if (property === 'current-context') return { ...config, currentContext: value }
      const { part, name, field } = splitProperty(property)
      if (!field) throw new KubectlError(`unable to parse ${property} after [${part}] at api.Config`)
      return {
        ...config,
        [part]: { ...config[part], [name]: withText(config[part][name], { [field]: typed(field, value) }) },
      }
    })
    invocation.out(`Property "${property}" set.\n`)
    return 0
  },
}

function typed(field: string, value: string): string | boolean {
  if (field !== 'insecure-skip-tls-verify' && field !== 'disable-compression') return value
  if (!isTrue(value) && !isFalse(value))
    throw new KubectlError(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`)
  return isTrue(value)
}

const unsetProperty: Command = {
  name: 'unset',
  short: 'Unset an individual value in a kubeconfig file',
  usage: 'PROPERTY_NAME [options]',
  run(invocation) {
    const [property] = exactly(invocation, 1)
    change(invocation, (config) => {
      if (property === 'current-context') return { ...config, currentContext: '' }
      const { part, name, field } = splitProperty(property)
      if (!name) return { ...config, [part]: {} }
      if (!field) return { ...config, [part]: without(config[part], name) }
      const item = config[part][name]
      return item ? { ...config, [part]: { ...config[part], [name]: without(item, field) } } : config
    })
    invocation.out(`Property "${property}" unset.\n`)
    return 0
  },
}

const view: Command = {
  name: 'view',
  short: 'Display merged kubeconfig settings or a specified kubeconfig file',
  usage: '[flags] [options]',
  flags: [
    ...outputFlags,
    { name: 'minify', type: 'bool', help: 'Remove all information not used by current-context from the output' },
    { name: 'raw', type: 'bool', help: 'Display raw byte data' },
    { name: 'flatten', type: 'bool', help: 'Flatten the resulting kubeconfig file into self-contained output' },
    { name: 'merge', type: 'bool', default: true, help: 'Merge the full hierarchy of kubeconfig files' },
  ],
  run(invocation) {
    const { flags, args } = invocation
    if (args.length > 0) throw invocation.usageError(`unexpected arguments: [${args.join(' ')}]`)
    const printer = objectPrinter(invocation, { keysOf: givenKeys })
    const config = load(invocation)
    const chosen = flags.bool('minify') ? minified(config, flags.string('context')) : config
    const isFlat = flags.bool('flatten')
    const shown = kubeconfigObject(isFlat ? flattened(invocation, chosen) : chosen)
    const object = isFlat || flags.bool('raw') ? shown : (redacted(shown) as JsonMap)
    invocation.out(printer ? printer.print(object, undefined) : printYaml(object))
    return 0
  },
}

function minified(config: Kubeconfig, given: string): Kubeconfig {
  const name = given || config.currentContext
  if (!name) throw new KubectlError('current-context must exist in order to minify')
  const context = config.contexts[name]
  if (!context) throw new KubectlError(`cannot locate context ${name}`)
  const only = (map: Record<string, JsonMap>, key: unknown): Record<string, JsonMap> =>
    typeof key === 'string' && map[key] ? { [key]: map[key] } : {}
  return {
    ...config,
    contexts: { [name]: context },
    clusters: only(config.clusters, context.cluster),
    users: only(config.users, context.user),
  }
}

/** What stands in files, in place of their paths. Source: FlattenConfig of k8s.io/client-go/tools/clientcmd/api/helpers.go */
function flattened({ context }: Invocation, config: Kubeconfig): Kubeconfig {
  const { path: place = '' } = config
  const base = place.slice(0, place.lastIndexOf('/') + 1)
  const inline = (item: JsonMap, fields: readonly string[]): JsonMap => {
    let flat = item
    for (const field of fields) {
      const path = flat[field]
      if (typeof path !== 'string' || path === '') continue
      if (flat[`${field}-data`]) throw new KubectlError('cannot have values for both path and contents')
      const full = path.startsWith('/') ? path : base + path
      const content = readText(context, full)
      if (content === undefined) throw new KubectlError(`open ${full}: no such file or directory`)
      flat = { ...without(flat, field), [`${field}-data`]: encodeBase64Text(content) }
    }
    return flat
  }
  const each = (map: Record<string, JsonMap>, ...fields: string[]): Record<string, JsonMap> =>
    Object.fromEntries(Object.entries(map).map(([name, item]) => [name, inline(item, fields)]))
  return {
    ...config,
    users: each(config.users, 'client-certificate', 'client-key'),
    clusters: each(config.clusters, 'certificate-authority'),
  }
}

const SECRETS: Readonly<Record<string, string>> = {
  token: 'REDACTED',
  password: 'REDACTED',
  'client-key-data': 'DATA+OMITTED',
  'client-certificate-data': 'DATA+OMITTED',
  'certificate-authority-data': 'DATA+OMITTED',
}

function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      typeof item === 'string' && SECRETS[key] ? SECRETS[key] : redacted(item),
    ]),
  )
}

export const config: Command = {
  name: 'config',
  short: 'Modify kubeconfig files',
  usage: 'SUBCOMMAND [options]',
  failsAlone: 'stderr',
  subcommands: [
    currentContext,
    deletion('cluster', 'clusters'),
    deletion('context', 'contexts'),
    deletion('user', 'users'),
    listOf('get-clusters', 'Display clusters defined in the kubeconfig', 'clusters'),
    getContexts,
    listOf('get-users', 'Display users defined in the kubeconfig', 'users'),
    renameContext,
    setProperty,
    setCluster,
    setContext,
    setCredentials,
    unsetProperty,
    useContext,
    view,
  ],
}
