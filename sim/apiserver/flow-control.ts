/**
 * Priority and fairness: which FlowSchema a request belongs to, the schemas' conditions, and the objects that are always there.
 * Sources: k8s.io/apiserver/pkg/util/flowcontrol (apf_controller.go, rule.go), kubernetes/pkg/registry/flowcontrol/ensurer.
 * Simplified: a request never waits, as answering takes no time.
 */
import { bootstrapFlowSchemas, bootstrapPriorityLevels } from '../api/flowcontrol/defaults.ts'
import { DANGLING, flowSchemas, inOrderOfMatching } from '../api/flowcontrol/flow-schema.ts'
import { priorityLevelConfigurations } from '../api/flowcontrol/priority-level-configuration.ts'
import type {
  FlowCondition,
  FlowPathRule,
  FlowResourceRule,
  FlowSchema,
  FlowSubject,
  PriorityLevelConfiguration,
} from '../api/flowcontrol/types.ts'
import { equalJson } from '../api/meta/json.ts'
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { Draft, KubeObject } from '../api/meta/object.ts'
import type { UserInfo } from '../client/client.ts'
import type { ApiServer } from './api-server.ts'
import type { Caller } from './caller.ts'
import type { RequestInfo } from './request.ts'

/** A request for a resource, or for a path that is none. */
export type FlowRequest = { user: UserInfo } & (
  | { resource: Omit<RequestInfo, 'user'>; path?: undefined }
  | { resource?: undefined; verb: string; path: string }
)

export interface FlowClass {
  schema: FlowSchema
  level: PriorityLevelConfiguration
}

const AUTO_UPDATE = 'apf.kubernetes.io/autoupdate-spec'
const CONSIDER_MS = 5
/** How often what belongs there is put right again. */
const ENSURE_MS = 60_000
const BUCKETS = new Set([resourceName(flowSchemas), resourceName(priorityLevelConfigurations)])
const producer: Caller = {
  user: { name: 'system:apiserver', groups: ['system:masters'] },
  fieldManager: 'api-priority-and-fairness-config-producer-v1',
  isTrusted: true,
  warn: () => undefined,
}
const consumer: Caller = { ...producer, fieldManager: 'api-priority-and-fairness-config-consumer-v1' }

const bootstrapped = <S>(name: string, spec: S) => ({
  metadata: { name, annotations: { [AUTO_UPDATE]: 'true' } },
  spec,
})

/** What every cluster has from the start. */
export function bootstrapFlowControl(server: ApiServer): void {
  for (const [name, spec] of Object.entries(bootstrapPriorityLevels)) {
    const { metadata } = bootstrapped(name, spec)
    server.seed(priorityLevelConfigurations, { metadata: { ...metadata, generation: 1 }, spec, status: {} })
  }
  for (const [name, spec] of Object.entries(bootstrapFlowSchemas)) {
    const { metadata } = bootstrapped(name, spec)
    const conditions = [danglingCondition(spec.priorityLevelConfiguration.name, true, server.engine.timestamp())]
    server.seed(flowSchemas, { metadata: { ...metadata, generation: 1 }, spec, status: { conditions } })
  }
}

function danglingCondition(level: string, exists: boolean, lastTransitionTime: string): FlowCondition {
  const named = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`
  return {
    type: DANGLING,
    status: exists ? 'False' : 'True',
    lastTransitionTime,
    reason: exists ? 'Found' : 'NotFound',
    message: exists ? `${named} and it exists` : `${named} but there is no such object`,
  }
}

export class FlowControl {
  private readonly server: ApiServer
  private classes: readonly FlowClass[] | undefined
  private isDue = false
  private isEnsuring = false

  constructor(server: ApiServer) {
    this.server = server
  }

  /** Told of every change of the store. */
  noteChange(bucket: string): void {
    if (!BUCKETS.has(bucket)) return
    this.classes = undefined
    const { engine } = this.server
    if (!this.isDue) {
      this.isDue = true
      engine.after(CONSIDER_MS, 'flow control', () => this.consider(), { background: true })
    }
    if (!this.isEnsuring) {
      this.isEnsuring = true
      engine.after(ENSURE_MS, 'flow control bootstrap', () => this.ensure(), { background: true })
    }
  }

  /** The schema of the lowest precedence that matches, and its level; undefined when even those for all are gone. */
  classify(request: FlowRequest): FlowClass | undefined {
    this.classes ??= this.readClasses()
    return this.classes.find(({ schema }) => matches(schema, request))
  }

  private readClasses(): readonly FlowClass[] {
    const levels = new Map(
      this.server.storedList(priorityLevelConfigurations).map((level) => [level.metadata.name, level]),
    )
    return this.server
      .storedList(flowSchemas)
      .toSorted(inOrderOfMatching)
      .flatMap((schema) => {
        const level = levels.get(schema.spec.priorityLevelConfiguration.name)
        return level ? [{ schema, level }] : []
      })
  }

  /** Writes into each schema whether its level exists. */
  private consider(): void {
    this.isDue = false
    const { server } = this
    for (const schema of server.storedList(flowSchemas)) {
      const { name } = schema.spec.priorityLevelConfiguration
      const exists = server.stored(priorityLevelConfigurations, { namespace: '', name }) !== undefined
      const condition = danglingCondition(name, exists, server.engine.timestamp())
      const conditions = schema.status.conditions ?? []
      const known = conditions.find(({ type }) => type === DANGLING)
      if (known?.status === condition.status && known.message === condition.message) continue
      const others = conditions.filter(({ type }) => type !== DANGLING)
      server.updateStatus(consumer, flowSchemas, { ...schema, status: { conditions: [...others, condition] } }, {})
    }
  }

  /** Makes what is missing, and undoes changes of what says that it is the server's. */
  private ensure(): void {
    this.isEnsuring = false
    for (const [name, spec] of Object.entries(bootstrapPriorityLevels))
      this.ensureOne(priorityLevelConfigurations, bootstrapped(name, spec) as Draft<PriorityLevelConfiguration>)
    for (const [name, spec] of Object.entries(bootstrapFlowSchemas))
      this.ensureOne(flowSchemas, bootstrapped(name, spec) as Draft<FlowSchema>)
  }

  private ensureOne<T extends KubeObject & { spec: unknown }>(kind: Kind<T>, wanted: Draft<T>): void {
    const key = { namespace: '', name: wanted.metadata.name ?? '' }
    const found = this.server.stored(kind, key)
    const { spec } = wanted as unknown as { spec: unknown }
    if (!found) this.server.create(producer, kind, wanted, {})
    else if (found.metadata.annotations?.[AUTO_UPDATE] === 'true' && !equalJson(found.spec, spec))
      this.server.update(producer, kind, { ...found, spec }, {})
  }
}

const holds = (list: readonly string[] | undefined, value: string): boolean =>
  list?.some((one) => one === '*' || one === value) ?? false

const matches = ({ spec }: FlowSchema, request: FlowRequest): boolean =>
  spec.rules?.some(
    ({ subjects, resourceRules, nonResourceRules }) =>
      subjects.some((subject) => isSubject(subject, request.user)) &&
      (request.resource
        ? resourceRules?.some((rule) => matchesResource(rule, request.resource))
        : nonResourceRules?.some((rule) => matchesPath(rule, request.verb, request.path))),
  ) ?? false

function isSubject({ user, group, serviceAccount }: FlowSubject, { name, groups }: UserInfo): boolean {
  if (user) return holds([user.name], name)
  if (group) return group.name === '*' || groups.includes(group.name)
  if (!serviceAccount) return false
  const prefix = `system:serviceaccount:${serviceAccount.namespace}:`
  return serviceAccount.name === '*' ? name.startsWith(prefix) : name === prefix + serviceAccount.name
}

function matchesResource(rule: FlowResourceRule, request: Omit<RequestInfo, 'user'>): boolean {
  const { verb, group, resource, subresource, namespace } = request
  return (
    holds(rule.verbs, verb) &&
    holds(rule.apiGroups, group) &&
    holds(rule.resources, subresource ? `${resource}/${subresource}` : resource) &&
    (namespace ? holds(rule.namespaces, namespace) : rule.clusterScope === true)
  )
}

const matchesPath = ({ verbs, nonResourceURLs }: FlowPathRule, verb: string, path: string): boolean =>
  holds(verbs, verb) &&
  nonResourceURLs.some(
    (url) => url === '*' || url === path || (url.endsWith('/*') && path.startsWith(url.slice(0, -1))),
  )
