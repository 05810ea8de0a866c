/**
 * Finds kinds by the names that people type, and the objects that a line names: `pods x y`, `deploy/web`, `deploy,rs`, `all`.
 * Source: k8s.io/cli-runtime/pkg/resource/builder.go
 */
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { isStatus, StatusError } from '../api/meta/status-error.ts'
import { currentApiVersion } from '../api/old-versions.ts'
import type { Client, ListOptions, ObjectList } from '../client/client.ts'
import type { Invocation } from './command.ts'
import type { ServedVersion } from './context.ts'
import { KubectlError } from './errors.ts'

/** An object that a line names. */
export interface Target {
  kind: Kind
  namespace: string
  name: string
}

export interface Selection {
  /** Kinds in the order they were asked for. */
  kinds: readonly Kind[]
  /** Objects by name; empty when all of the kinds' objects are meant. */
  targets: readonly Target[]
  /** Exactly one object was named: it is printed by itself rather than in a list. */
  isSingle: boolean
  /** Several types were asked for, so that names carry theirs. */
  isMixed: boolean
}

/** Who is told what comes up while names are looked up. */
interface Telling {
  /** Before a name is given up. */
  onUnknown(): void
  /** What is served, asked for anew; nothing where it is known already. */
  discover?(): readonly Kind[]
  /** A short name that is also another's. */
  onAmbiguous(name: string, other: Kind): void
}

const nobody: Telling = { onUnknown: () => {}, onAmbiguous: () => {} }

export class ResourceTypes {
  private kinds: readonly Kind[]
  private readonly versions: readonly ServedVersion[]
  private readonly telling: Telling

  /** @param versions those of the kinds that are served besides */
  constructor(kinds: readonly Kind[], versions: readonly ServedVersion[] = [], telling: Telling = nobody) {
    this.kinds = kinds
    this.versions = versions
    this.telling = telling
  }

  /** Every kind in every version, those first that a bare name means. */
  private get served(): readonly Kind[] {
    return [...this.kinds, ...this.versions.map(({ kind }) => kind)]
  }

  /** The kind in the version it is stored in. */
  storedOf(kind: Kind): Kind {
    return this.versions.find((version) => version.kind === kind)?.stored ?? kind
  }

  serves(apiVersion: string): boolean {
    return this.orAnew(() => this.served.some((kind) => kind.apiVersion === apiVersion))
  }

  inVersion(plural: string, apiVersion: string): Kind | undefined {
    return this.orAnew(() => this.served.find((kind) => kind.plural === plural && kind.apiVersion === apiVersion))
  }

  /** What is not found is looked for once more in what is served by now. */
  private orAnew<T>(find: () => T): T {
    const found = find()
    if (found) return found
    this.discover()
    return find()
  }

  /** Learns what is served by now. */
  discover(): void {
    this.kinds = this.telling.discover?.() ?? this.kinds
  }

  get all(): readonly Kind[] {
    return this.kinds
  }

  /** Every kind in the one version that a bare name means. */
  get preferred(): readonly Kind[] {
    const seen = new Set<string>()
    return this.kinds.filter((kind) => {
      if (!kind.custom) return true
      const name = resourceName(kind)
      return !seen.has(name) && seen.add(name)
    })
  }

  /**
   * The kind of a name: plural, singular, short, Kind; with a group or version and group behind dots.
   * @throws KubectlError `the server doesn't have a resource type "foo"`
   */
  find(text: string): Kind {
    const kind = this.lookUp(text)
    const others = this.served.filter((other) => other.shortNames.includes(text) && other.group !== kind?.group)
    if (kind?.shortNames.includes(text)) for (const other of others) this.telling.onAmbiguous(text, other)
    if (!kind) this.telling.onUnknown()
    if (!kind) throw new KubectlError(`the server doesn't have a resource type "${text.split('.')[0]}"`)
    return kind
  }

  /**
   * A version counts when something stands behind it, if only the dot of no group; a group may be told by its beginning.
   * Short names mean the preferred version, whatever is said. Source: k8s.io/apimachinery/pkg/api/meta/restmapper.go
   */
  lookUp(text: string): Kind | undefined {
    return this.orAnew(() => this.known(text))
  }

  private known(text: string): Kind | undefined {
    const [name, ...qualifiers] = text.toLowerCase().split('.')
    const [written] = text.split('.')
    const { served } = this
    const isNamed = (kind: Kind): boolean =>
      kind.plural === name || kind.singular === name || kind.kind.toLowerCase() === name
    const find = (group: string, version: string | undefined): Kind | undefined => {
      const inVersion = (kind: Kind): boolean => version === undefined || kind.version === version
      const named = served.filter((kind) => isNamed(kind) && inVersion(kind))
      const short = served.filter((kind) => kind.shortNames.includes(written))
      const inGroup = (kind: Kind): boolean => kind.group === group
      const among = (kinds: readonly Kind[]): Kind | undefined =>
        group === '' ? kinds[0] : (kinds.find(inGroup) ?? kinds.find((kind) => kind.group.startsWith(group)))
      return among(named) ?? (group === '' ? short[0] : short.find(inGroup))
    }
    const [version, ...groups] = qualifiers
    const versioned = qualifiers.length > 1 ? find(groups.join('.'), version) : undefined
    return versioned ?? find(qualifiers.join('.'), undefined)
  }

  /** Kinds behind a comma-separated list of names, in which a category stands for its members. */
  findMany(text: string): Kind[] {
    const found: Kind[] = []
    for (const part of text.split(',').filter(Boolean)) {
      const members = this.preferred.filter((kind) => kind.categories.includes(part))
      for (const kind of members.length > 0 ? members : [this.find(part)]) if (!found.includes(kind)) found.push(kind)
    }
    return found
  }

  forObject(apiVersion: string, kindName: string): Kind | undefined {
    const current = currentApiVersion(apiVersion)
    return this.orAnew(() => this.kinds.find((kind) => kind.kind === kindName && kind.apiVersion === current))
  }
}

export interface SelectOptions {
  /** What the message asks for when no type is given: `get`, `describe`. */
  verb?: string
  /** A name or a selector must be there. */
  needsNames?: boolean
  /** --all is a selector, which no names may be given beside; elsewhere names count, and it is passed over. */
  selectsAll?: boolean
  /** --selector means something else here. */
  ignoresSelector?: boolean
}

/**
 * What the arguments of a command name.
 * @throws KubectlError worded as the resource builder words it
 */
export function selectResources(
  invocation: Invocation,
  args: readonly string[],
  options: SelectOptions = {},
): Selection {
  const { resources } = invocation
  if (args.some((arg) => arg.includes('/'))) return selectTuples(invocation, args)
  if (args.length === 0) throw missingType(invocation, options)
  const kinds = resources.findMany(args[0])
  const names = args.slice(1)
  const isMixed =
    args[0].includes(',') || (kinds.length > 1 && resources.all.some((kind) => kind.categories.includes(args[0])))
  const selector = options.ignoresSelector ? '' : textOf(invocation, 'selector')
  if (names.length > 0) {
    if (selector !== '' || textOf(invocation, 'field-selector') !== '')
      throw new KubectlError('name cannot be provided when a selector is specified')
    if (isSet(invocation, 'all-namespaces')) {
      throw new KubectlError('a resource cannot be retrieved by name across all namespaces')
    }
    if (options.selectsAll && isSet(invocation, 'all'))
      throw new KubectlError('name cannot be provided when a selector is specified')
  }
  const targets = kinds.flatMap((kind) => names.map((name) => targetOf(invocation, kind, name)))
  if (options.needsNames && names.length === 0 && selector === '' && !isSet(invocation, 'all')) {
    throw new KubectlError('resource(s) were provided, but no name was specified')
  }
  return { kinds, targets, isSingle: kinds.length === 1 && names.length === 1, isMixed }
}

function missingType(invocation: Invocation, options: SelectOptions): KubectlError {
  if (options.verb === 'describe')
    return new KubectlError(
      'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.\n',
    )
  if (!options.verb) {
    const hasSelector = ['selector', 'field-selector'].some((flag) => textOf(invocation, flag) !== '')
    return hasSelector || isSet(invocation, 'all')
      ? new KubectlError('at least one resource must be specified to use a selector')
      : noResources()
  }
  const ask = `You must specify the type of resource to ${options.verb}. Use "kubectl api-resources" for a complete list of supported resources.`
  if (options.verb === 'describe') return new KubectlError(ask)
  invocation.err(`${ask}\n\n`)
  return invocation.usageError(
    'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
  )
}

/** What is said where neither arguments nor files name anything. */
export const noResources = (): KubectlError =>
  new KubectlError(
    'You must provide one or more resources by argument or filename.\nExample resource specifications include:\n' +
      "   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
  )

function selectTuples(invocation: Invocation, args: readonly string[]): Selection {
  if (args.some((arg) => !arg.includes('/'))) {
    throw new KubectlError(
      'there is no need to specify a resource type as a separate argument when passing arguments in resource/name form ' +
        "(e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
    )
  }
  if (isSet(invocation, 'all-namespaces')) {
    throw new KubectlError('a resource cannot be retrieved by name across all namespaces')
  }
  const targets = args.map((arg) => {
    const parts = arg.split('/')
    if (parts.length !== 2) throw new KubectlError('arguments in resource/name form may not have more than one slash')
    if (!parts[0] || !parts[1]) {
      throw new KubectlError('arguments in resource/name form must have a single resource and name')
    }
    return targetOf(invocation, invocation.resources.find(parts[0]), parts[1])
  })
  const kinds = [...new Set(targets.map((target) => target.kind))]
  return { kinds, targets, isSingle: targets.length === 1, isMixed: kinds.length > 1 }
}

const targetOf = (invocation: Invocation, kind: Kind, name: string): Target => ({
  kind,
  namespace: kind.isNamespaced ? invocation.namespace : '',
  name,
})

/** Flags that only some commands have: not set in the others. */
const isSet = ({ flags }: Invocation, flag: string): boolean => flags.knows(flag) && flags.bool(flag)
const textOf = ({ flags }: Invocation, flag: string): string => (flags.knows(flag) ? flags.string(flag) : '')

/** An object with the kind it was found under. */
export interface Found {
  kind: Kind
  object: KubeObject
}

/**
 * The objects of a selection: those named, or those of the kinds that the selectors let through.
 * @param onError gets each failure, so that the rest is still handled
 */
export function fetchSelection(
  invocation: Invocation,
  selection: Selection,
  onError: (error: unknown) => void,
): Found[] {
  const found: Found[] = []
  const attempt = (read: () => void): void => {
    try {
      read()
      invocation.showWarnings()
    } catch (error) {
      onError(error)
    }
  }
  if (selection.targets.length > 0) {
    for (const { kind, namespace, name } of selection.targets) {
      attempt(() => found.push({ kind, object: getNamed(invocation, { kind, namespace, name }) }))
    }
    return found
  }
  for (const kind of selection.kinds) {
    attempt(() => {
      for (const object of listSelected(invocation, kind).items) found.push({ kind, object })
    })
  }
  return found
}

/**
 * One object by its name.
 * @throws StatusError about the namespace when it is that which is missing. Source: Info.Get in k8s.io/cli-runtime/pkg/resource
 */
export function getNamed(invocation: Invocation, { kind, namespace, name }: Target): KubeObject {
  const { client, resources } = invocation
  try {
    return client.get(kind, { namespace, name })
  } catch (error) {
    // A refusal comes with warnings as well.
    invocation.showWarnings()
    if (isStatus(error, 'NotFound') && namespace !== '' && namespace !== 'default')
      checkNamespace(client, resources, namespace)
    throw error
  }
}

/** @throws StatusError when there is no such namespace; what else may be wrong is nobody's concern */
function checkNamespace(client: Client, resources: ResourceTypes, name: string): void {
  try {
    client.get(resources.find('namespaces'), { namespace: '', name })
  } catch (error) {
    if (isStatus(error, 'NotFound')) throw error
    if (!(error instanceof StatusError)) throw error
  }
}

/**
 * Objects of a kind that the line's selectors let through.
 * @throws StatusError that says, for a request that cannot be understood, what was looked for. Source: EnhanceListError in k8s.io/cli-runtime
 */
export function listSelected(invocation: Invocation, kind: Kind): ObjectList<KubeObject> {
  const { labelSelector = '', fieldSelector = '' } = listOptionsFor(invocation, kind)
  try {
    return listInChunks(invocation.client, kind, listOptionsFor(invocation, kind), chunkSizeOf(invocation))
  } catch (error) {
    if (!isStatus(error, 'BadRequest') && !isStatus(error, 'NotFound')) throw error
    const subject = JSON.stringify(`${kind.group}/${kind.version}, Resource=${kind.plural}`)
    const what =
      labelSelector || fieldSelector
        ? `find ${subject} that match label selector ${JSON.stringify(labelSelector)}, field selector ${JSON.stringify(fieldSelector)}`
        : `list ${subject}`
    throw new StatusError(error.code, error.reason, `Unable to ${what}: ${error.message}`, error.details)
  }
}

/** How many objects the line asks for at a time; 0: all. What is sorted is asked for at once. */
const chunkSizeOf = ({ flags }: Invocation): number =>
  !flags.knows('chunk-size') || (flags.knows('sort-by') && flags.string('sort-by') !== '')
    ? 0
    : flags.number('chunk-size')

/** All objects of a list, some at a time. @param size 0: all at once */
export function listInChunks<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  options: ListOptions,
  size: number,
): ObjectList<T> {
  const limit = size > 0 ? { limit: size } : {}
  let list = client.list(kind, { ...options, ...limit })
  const items = [...list.items]
  while (list.continue) {
    list = client.list(kind, { ...options, ...limit, continue: list.continue })
    items.push(...list.items)
  }
  return { items, resourceVersion: list.resourceVersion }
}

/** Namespace and selectors that the line gives for objects of a kind. */
export function listOptionsFor(invocation: Invocation, kind: Kind) {
  const labelSelector = textOf(invocation, 'selector')
  const fieldSelector = textOf(invocation, 'field-selector')
  return {
    namespace: kind.isNamespaced && !isSet(invocation, 'all-namespaces') ? invocation.namespace : '',
    ...(labelSelector ? { labelSelector } : {}),
    ...(fieldSelector ? { fieldSelector } : {}),
  }
}

/** `pod/web`, `deployment.apps/web`: how output lines name an object. */
export const shownName = (kind: Kind, name: string): string => `${shownKind(kind)}/${name}`
export const shownKind = ({ kind, singular, group }: Kind): string => {
  // The metrics' API has no singular names; what is printed is the kind.
  const name = singular || kind.toLowerCase()
  return group ? `${name}.${group}` : name
}
/** `pods "web"`, `deployments.apps "web"`: how errors name it. */
export const quotedName = (kind: Kind, name: string): string => `${resourceName(kind)} "${name}"`
