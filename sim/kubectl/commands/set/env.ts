/** kubectl set env */
import type { Container, EnvVar } from '../../../api/core/pod-types.ts'
import { decodeBase64Lossy } from '../../../api/meta/base64.ts'
import { isMap } from '../../../api/meta/go-json.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import type { Command, Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { namesFiles } from '../../manifests.ts'
import type { Found } from '../../resources.ts'
import { changeFlags, findAllTargets, splitPairs } from '../../targets.ts'
import { envNameErrors } from '../create/sources.ts'
import { changeContainers, changePodSpecs, podSpecOf } from './pod-spec.ts'

const isSetting = (change: string): boolean => change.includes('=')

export const setEnv: Command = {
  name: 'env',
  short: 'Update environment variables on a pod template',
  readsTypes: true,
  usage: 'RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N [options]',
  flags: [
    ...changeFlags('kubectl-set'),
    {
      name: 'containers',
      short: 'c',
      type: 'string',
      default: '*',
      help: 'The names of containers in the selected pod templates to change.',
    },
    {
      name: 'env',
      short: 'e',
      type: 'array',
      help: 'Specify a key-value pair for an environment variable to set into each container.',
    },
    { name: 'from', type: 'string', help: 'The name of a resource from which to inject environment variables' },
    { name: 'keys', type: 'list', help: 'Comma-separated list of keys to import from specified resource' },
    { name: 'list', type: 'bool', help: 'If true, display the environment and any changes in the standard format.' },
    { name: 'overwrite', type: 'bool', default: true, help: 'If true, allow environment to be overwritten.' },
    { name: 'resolve', type: 'bool', help: 'If true, show secret or configmap references when listing variables' },
    { name: 'prefix', type: 'string', help: 'Prefix to append to variable names' },
  ],
  run(invocation) {
    const { flags } = invocation
    const { resources, pairs } = splitPairs(invocation.args, undefined, 'environment')
    if (invocation.args.length === 0 && !namesFiles(invocation))
      throw new KubectlError('one or more resources must be specified as <resource> <name> or <resource>/<name>')
    if (flags.bool('list')) return listEnvironment(invocation, resources)
    const changes = [...pairs, ...flags.list('env')]
    for (const change of changes) refuseBadName(change)
    const set = new Set(changes.filter(isSetting).map((change) => change.slice(0, change.indexOf('='))))
    if (changes.some((change) => !isSetting(change) && change.endsWith('-') && set.has(change.slice(0, -1))))
      throw new KubectlError('can not both modify and remove the same environment variable in the same command')
    const imported = flags.string('from') ? readSource(invocation, flags.string('from')) : []
    return changePodSpecs(invocation, resources, {
      operation: 'env updated',
      what: 'env update',
      apply: (spec, found) =>
        changeContainers(
          spec,
          flags.string('containers'),
          (container) => changeEnv(container, imported, changes, flags.bool('overwrite') ? undefined : found),
          () =>
            invocation.err(
              `Warning: ${found.kind.kind}/${found.object.metadata.name} does not have any containers matching ${JSON.stringify(flags.string('containers'))}\n`,
            ),
        ),
    })
  },
}

/** @param kept the object, when values that are there may not be overwritten */
function changeEnv(
  container: Container,
  imported: readonly EnvVar[],
  changes: readonly string[],
  kept: Found | undefined,
): Container {
  let env = container.env ?? []
  const put = (variable: EnvVar): void => {
    const at = env.findIndex(({ name }) => name === variable.name)
    if (at >= 0 && kept) {
      throw new KubectlError(
        `${kept.kind.plural}/${kept.object.metadata.name} '${variable.name}' already has a value (${env[at].value ?? ''}), and --overwrite is false`,
      )
    }
    env = at < 0 ? [...env, variable] : env.with(at, variable)
  }
  for (const variable of imported) put(variable)
  for (const change of changes) {
    const equals = change.indexOf('=')
    if (equals > 0) put({ name: change.slice(0, equals), value: change.slice(equals + 1) })
    else env = env.filter(({ name }) => name !== change.slice(0, -1))
  }
  const { env: _, ...rest } = container
  return env.length > 0 ? { ...rest, env } : rest
}

function refuseBadName(change: string): void {
  const equals = change.indexOf('=')
  const name = equals > 0 ? change.slice(0, equals) : change.replace(/-$/, '')
  const problems = envNameErrors(name)
  if (problems.length > 0)
    throw new KubectlError(`${JSON.stringify(name)} is not a valid key name: ${problems.join(';')}`)
}

/** A key as the name of a variable. */
const toName = (key: string): string => key.toUpperCase().replace(/[^A-Z0-9_]/g, '_')

/** Variables for the keys of a ConfigMap or Secret: `--from=configmap/c`. */
function readSource(invocation: Invocation, from: string): EnvVar[] {
  const [type, name] = from.split('/')
  const kind = invocation.resources.find(type)
  if (!name || (kind.kind !== 'ConfigMap' && kind.kind !== 'Secret')) {
    throw new KubectlError(`unsupported resource specified in --from`)
  }
  const object = invocation.client.get(kind, { namespace: invocation.namespace, name }) as { data?: unknown }
  const keys = invocation.flags.list('keys')
  const wanted = Object.keys(isMap(object.data) ? object.data : {})
    .sort()
    .filter((key) => keys.length === 0 || keys.includes(key))
  return wanted.map((key) => {
    const named = toName(key)
    if (named !== key) invocation.err(`Warning: key ${key} transferred to ${named}\n`)
    const variable = invocation.flags.string('prefix') + named
    const reference = { name, key }
    return {
      name: variable,
      valueFrom: kind.kind === 'Secret' ? { secretKeyRef: reference } : { configMapKeyRef: reference },
    }
  })
}

function listEnvironment(invocation: Invocation, resources: readonly string[]): number {
  for (const { kind, object } of findAllTargets(invocation, resources)) {
    const spec = podSpecOf(object)
    for (const container of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
      invocation.out(`# ${kind.kind} ${object.metadata.name}, container ${container.name}\n`)
      for (const { name, value, valueFrom } of container.env ?? []) {
        const reference = valueFrom?.configMapKeyRef ?? valueFrom?.secretKeyRef
        if (reference?.name && invocation.flags.bool('resolve')) {
          invocation.out(
            `${name}=${resolved(invocation, object, valueFrom?.secretKeyRef ? 'secrets' : 'configmaps', reference)}\n`,
          )
          continue
        }
        const what = valueFrom?.configMapKeyRef ? 'configmap' : 'secret'
        invocation.out(
          reference ? `# ${name} from ${what} ${reference.name}, key ${reference.key}\n` : `${name}=${value ?? ''}\n`,
        )
      }
    }
  }
  return 0
}

/** What a variable gets of a ConfigMap or Secret. */
function resolved(
  { client, resources }: Invocation,
  { metadata }: KubeObject,
  type: 'configmaps' | 'secrets',
  { name = '', key }: { name?: string; key: string },
): string {
  const { data } = client.get(resources.find(type), { namespace: metadata.namespace ?? '', name }) as {
    data?: Record<string, string>
  }
  const value = data?.[key] ?? ''
  return type === 'secrets' ? decodeBase64Lossy(value) : value
}
