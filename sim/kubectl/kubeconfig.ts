/** The kubeconfig of the one who types: read, changed and written as clientcmd does. Source: k8s.io/client-go/tools/clientcmd */

import { isMap, type JsonMap, sorted } from '../api/meta/go-json.ts'
import type { KubectlContext } from './context.ts'
import { apiServerHost, KubectlError } from './errors.ts'
import { readText } from './files.ts'
import { printYaml } from './printers/yaml.ts'
import { parseYamlValue } from './yaml.ts'

export interface Kubeconfig {
  /** Where it is; undefined for the one that stands in where there are no files. */
  path: string | undefined
  clusters: Record<string, JsonMap>
  contexts: Record<string, JsonMap>
  users: Record<string, JsonMap>
  currentContext: string
}

/** What a line says besides the file. */
export interface KubeconfigOverrides {
  kubeconfig: string
  context: string
  cluster: string
  user: string
}

const STAND_IN = 'podium'
const OMITTED = 'DATA+OMITTED'

/**
 * @param path what --kubeconfig names; else $KUBECONFIG, else ~/.kube/config
 * @throws KubectlError for a file that holds no object
 */
export function loadKubeconfig(context: KubectlContext, path: string): Kubeconfig {
  const { HOME, KUBECONFIG } = context.environment
  const chain = path
    ? [path]
    : KUBECONFIG
      ? KUBECONFIG.split(':').filter(Boolean)
      : HOME
        ? [`${HOME}/.kube/config`]
        : []
  const kept = context.keptKubeconfig?.text
  const found = chain.find((candidate) => context.files.read(candidate) !== undefined)
  const place = found ?? chain[chain.length - 1]
  // Somebody outside of the cluster has access to it: that is what the default file holds until it is written.
  const isGiven = chain.length === 0 || (!path && !KUBECONFIG && !found && context.keptKubeconfig !== undefined)
  if (isGiven && kept === undefined) return { ...standIn(context), path: place }
  const text = place === undefined || isGiven ? kept : readText(context, place)
  const value = text === undefined || text.trim() === '' ? {} : parseYamlValue(text)
  if (!isMap(value)) throw new KubectlError(`error loading config file "${place}": it holds no object`)
  return {
    path: place,
    clusters: byName(value.clusters, 'cluster'),
    contexts: byName(value.contexts, 'context'),
    users: byName(value.users, 'user'),
    currentContext: typeof value['current-context'] === 'string' ? value['current-context'] : '',
  }
}

function standIn({ client, namespace }: KubectlContext): Kubeconfig {
  const user = client.user.name
  return {
    path: undefined,
    clusters: {
      [STAND_IN]: { 'certificate-authority-data': OMITTED, server: `https://${apiServerHost}` },
    },
    contexts: { [STAND_IN]: { cluster: STAND_IN, namespace, user } },
    users: { [user]: {} },
    currentContext: STAND_IN,
  }
}

function byName(list: unknown, field: string): Record<string, JsonMap> {
  if (!Array.isArray(list)) return {}
  const entries = list.filter(isMap).map((item) => [String(item.name ?? ''), isMap(item[field]) ? item[field] : {}])
  return Object.fromEntries(entries) as Record<string, JsonMap>
}

/** The file's object, its fields in the order that the Go type declares them. */
export function kubeconfigObject({ clusters, contexts, users, currentContext }: Kubeconfig): JsonMap {
  const list = (map: Record<string, JsonMap>, field: string, always: JsonMap): JsonMap[] | null => {
    const items = Object.entries(sorted(map)).map(([name, item]) => ({ name, [field]: { ...always, ...item } }))
    return items.length > 0 ? items : null
  }
  return {
    kind: 'Config',
    apiVersion: 'v1',
    clusters: list(clusters, 'cluster', { server: '' }),
    users: list(users, 'user', {}),
    contexts: list(contexts, 'context', { cluster: '', user: '' }),
    'current-context': currentContext,
  }
}

/** What is only shown in the place of a certificate is none to keep. */
function withoutOmitted(cluster: JsonMap): JsonMap {
  const { 'certificate-authority-data': data, ...others } = cluster
  return data === OMITTED ? others : cluster
}

/** Writes the file when it says something new; without a place for files it is kept for the lines that follow. */
export function saveKubeconfig(context: KubectlContext, before: Kubeconfig, after: Kubeconfig): void {
  if (printYaml(kubeconfigObject(after)) === printYaml(kubeconfigObject(before))) return
  const clusters = Object.fromEntries(
    Object.entries(after.clusters).map(([name, cluster]) => [name, withoutOmitted(cluster)]),
  )
  const text = printYaml(kubeconfigObject({ ...after, clusters }))
  if (after.path !== undefined) context.files.write(after.path, text)
  else if (context.keptKubeconfig) context.keptKubeconfig.text = text
  else throw new KubectlError('there is no kubeconfig file here: there is one cluster; name the namespace with -n')
}

/**
 * The namespace and the user's name of the context in use.
 * @throws KubectlError for a context, cluster or user that does not exist
 */
export function contextInUse(context: KubectlContext, given: KubeconfigOverrides): { namespace: string; user: string } {
  const { HOME, KUBECONFIG } = context.environment
  if (given.kubeconfig && context.files.read(given.kubeconfig) === undefined)
    throw new KubectlError(`stat ${given.kubeconfig}: no such file or directory`)
  const isAsGiven = !HOME && !KUBECONFIG && context.keptKubeconfig?.text === undefined
  if (isAsGiven && !given.kubeconfig && !given.context && !given.cluster && !given.user)
    return { namespace: context.namespace, user: context.client.user.name }
  const config = loadKubeconfig(context, given.kubeconfig)
  const name = given.context || config.currentContext
  const current = config.contexts[name]
  if (name && !current)
    throw new KubectlError(`Error in configuration: context was not found for specified context: ${name}`)
  if (given.user && !config.users[given.user]) throw new KubectlError(`auth info "${given.user}" does not exist`)
  if (given.cluster && !config.clusters[given.cluster])
    throw new KubectlError(`no server found for cluster "${given.cluster}"`)
  return {
    namespace: typeof current?.namespace === 'string' && current.namespace ? current.namespace : 'default',
    user: given.user || (typeof current?.user === 'string' ? current.user : ''),
  }
}

/** The address of the server that the line speaks to. */
export function serverInUse(context: KubectlContext, given: KubeconfigOverrides): string {
  const config = loadKubeconfig(context, given.kubeconfig)
  const current = config.contexts[given.context || config.currentContext]
  const { server } = config.clusters[given.cluster || String(current?.cluster)] ?? {}
  return typeof server === 'string' ? server : `https://${apiServerHost}`
}
