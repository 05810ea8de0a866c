/** Behaviour checks: traffic that is really sent in the cluster, and what must come back. */
import { replicaSets } from '../../api/apps/replica-set.ts'
import { pods } from '../../api/core/pod.ts'
import { findCondition, type KubeObject } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import { kinds } from '../../api/registry.ts'
import type { LiveCluster } from '../../cluster.ts'
import { said } from '../../engine/said.ts'
import type { HttpResult, NetworkNamespace, TcpResult } from '../../network/types.ts'
import type { ProbeAssertion } from '../types.ts'
import type { Verdict } from './verdict.ts'

const timeoutMs = 2000
const proberImage = 'busybox:1.36'

interface Answer {
  ok: boolean
  status?: number
  body?: string
  outcome: string
  server?: string
  ip?: string
  isOfOwner?: boolean
}

/** Sends the probe's requests now, letting virtual time pass, and judges the answers. What cannot be asked does not hold, not even as a failure. */
export function runProbe(cluster: LiveCluster, probe: ProbeAssertion): Verdict {
  const expected = describeExpectation(probe)
  const send = readTarget(probe)
  if (typeof send === 'string') return { holds: false, actual: send, expected }
  const from = namespaceOf(cluster, probe.from)
  if (typeof from === 'string') return { holds: false, actual: from, expected }
  const attempts = probe.attempts ?? 1
  const { by } = probe.expect
  const answers = Array.from({ length: attempts }, () => {
    const answer = ask(cluster, from, send)
    return by === undefined ? answer : { ...answer, isOfOwner: isMadeBy(cluster, answer, by) }
  })
  const good = answers.filter((answer) => isExpected(answer, probe))
  const share = good.length / attempts
  const servers = new Set(answers.flatMap(({ server }) => server ?? []))
  const isEnough = probe.expect.fails ? good.length === attempts : share >= (probe.expect.minShare ?? 1)
  const isSpread = probe.expect.servers === undefined || servers.size >= probe.expect.servers
  const outcomes = new Map<string, number>()
  for (const answer of answers) {
    const outcome = answer.ok && answer.isOfOwner === false ? said`${answer.outcome} of somebody else` : answer.outcome
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  const told = [...outcomes].map(([outcome, count]) => (attempts === 1 ? outcome : `${count} × ${outcome}`)).join(', ')
  const { target, from: asker } = probe
  const asked =
    probe.protocol === 'dns'
      ? said`resolving ${target} from ${asker}: ${told}`
      : said`asking ${target} from ${asker}: ${told}`
  return {
    holds: isEnough && isSpread,
    actual: isSpread ? asked : answeredBy(asked, servers.size),
    expected,
  }
}

const answeredBy = (asked: string, count: number): string =>
  count === 1 ? said`${asked}, answered by 1 Pod` : said`${asked}, answered by ${count} Pods`

function describeExpectation({ target, expect }: ProbeAssertion): string {
  if (expect.fails) return said`${target} must not answer`
  const wanted = [
    expect.status === undefined ? said`an answer` : said`status ${expect.status}`,
    ...(expect.body !== undefined ? [said`the body “${expect.body}” and nothing else`] : []),
    ...(expect.bodyIncludes ? [said`a body with “${expect.bodyIncludes}”`] : []),
    ...(expect.by ? [said`answers of Pods of ${expect.by} alone`] : []),
    ...(expect.servers === 1 ? [said`answers of at least 1 Pod`] : []),
    ...(expect.servers && expect.servers > 1 ? [said`answers of at least ${expect.servers} Pods`] : []),
    ...(expect.minShare === undefined
      ? []
      : [said`for at least ${Math.round(expect.minShare * 100)} % of the requests`]),
  ]
  return said`${target} must give ${wanted.join(', ')}`
}

function isExpected(answer: Answer, { expect }: ProbeAssertion): boolean {
  if (expect.fails) return !answer.ok
  if (!answer.ok) return false
  if (answer.isOfOwner === false) return false
  if (expect.status !== undefined && answer.status !== expect.status) return false
  if (expect.body !== undefined && answer.body?.trim() !== expect.body) return false
  return !expect.bodyIncludes || (answer.body ?? '').includes(expect.bodyIncludes)
}

/** Whether who answered is a Pod that this owner made, itself or by a ReplicaSet: another's may carry its labels, and say the same. */
function isMadeBy({ server, namespace }: LiveCluster, answer: Answer, by: string): boolean {
  const pod = answer.server === undefined ? undefined : server.stored(pods, { namespace, name: answer.server })
  const [kind = '', owner = ''] = by.split('/')
  const above = kinds.find((one) => one.kind === kind)
  const uid = above && server.stored(above, { namespace, name: owner })?.metadata.uid
  // Another namespace may have a Pod of that name.
  if (!pod?.status.podIPs?.some(({ ip }) => ip === answer.ip) || uid === undefined) return false
  const sets = server.select(replicaSets, { namespace }).items.filter((set) => isOwnedBy(set, uid))
  return [uid, ...sets.map(({ metadata }) => metadata.uid)].some((one) => isOwnedBy(pod, one))
}

const isOwnedBy = ({ metadata }: KubeObject, uid: string): boolean =>
  (metadata.ownerReferences ?? []).some((owner) => owner.uid === uid)

/** Sends one request; the answer may come later. */
type Send = (from: NetworkNamespace, done: (answer: Answer) => void) => void

/** A text when the target is none of its protocol's. */
function readTarget({ protocol, target }: ProbeAssertion): Send | string {
  if (protocol === 'dns')
    return (from, done) =>
      from.resolve(target, (addresses) =>
        done({
          ok: addresses.length > 0,
          outcome: addresses.length > 0 ? said`resolves to ${addresses.join(', ')}` : said`does not resolve`,
        }),
      )
  if (protocol === 'tcp') {
    const [, host, port] = /^(.+):(\d+)$/.exec(target) ?? []
    if (host === undefined) return said`${target} is no HOST:PORT`
    return (from, done) =>
      from.tcp({ host, port: Number(port) }, undefined, timeoutMs, (result) => done(tcpAnswer(result)))
  }
  const url = /^(https?):\/\/([^/:]+)(?::(\d+))?(\/.*)?$/.exec(target)
  if (!url) return said`${target} is no http:// or https:// address`
  const [, scheme, host, port, path = '/'] = url
  const request = {
    method: 'GET',
    path,
    host,
    headers: { 'User-Agent': 'podium-check' },
    scheme: scheme as 'http' | 'https',
  }
  return (from, done) =>
    from.http({ host, port: port ? Number(port) : scheme === 'https' ? 443 : 80 }, request, timeoutMs, (result) =>
      done(httpAnswer(result)),
    )
}

/** Runs the cluster until the answer is there. */
function ask(cluster: LiveCluster, from: NetworkNamespace, send: Send): Answer {
  let answer: Answer | undefined
  send(from, (given) => {
    answer = given
  })
  const limit = cluster.nowMs + timeoutMs + 1000
  while (!answer && cluster.nowMs < limit && cluster.step());
  return answer ?? { ok: false, outcome: 'timeout' }
}

const httpAnswer = (result: HttpResult): Answer =>
  result.ok
    ? {
        ok: true,
        status: result.response.status,
        body: result.response.body,
        outcome: `status ${result.response.status}${firstWords(result.response.body)}`,
        server: result.server?.pod ?? result.server?.ip,
        ip: result.server?.ip,
      }
    : { ok: false, outcome: failureText(result) }

/** The beginning of a short answer; pages say too little in too many words. */
const firstWords = (body: string): string => {
  const text = body.replace(/\s+/g, ' ').trim()
  return text === '' || text.startsWith('<') ? '' : ` “${text.length > 60 ? `${text.slice(0, 57)}...` : text}”`
}

const tcpAnswer = (result: TcpResult): Answer =>
  result.ok
    ? { ok: true, outcome: said`connected`, server: result.server?.pod ?? result.server?.ip, ip: result.server?.ip }
    : { ok: false, outcome: failureText(result) }

function failureText(result: { error: string; host?: string }): string {
  if (result.error === 'unknown-host') return said`${result.host ?? 'the name'} does not resolve`
  return result.error === 'refused' ? said`connection refused` : result.error
}

/** Where requests start; a text when there is no such place. */
function namespaceOf(cluster: LiveCluster, from: string): NetworkNamespace | string {
  if (from === 'outside') return cluster.network.outside
  if (from.startsWith('node/')) return cluster.network.node(from.slice('node/'.length))
  let name = from
  if (from === 'new-pod') {
    const prober = startProber(cluster)
    if ('refused' in prober) return said`a Pod to ask from was refused: ${prober.refused}`
    name = prober.name
  }
  return (
    cluster.network.sandbox({ namespace: cluster.namespace, name }) ?? said`there is no running Pod ${name} to ask from`
  )
}

/** The Pods of checks, by the cluster they were made in. A Pod of the learner's may have any name, and is not asked from. */
const probers = new WeakMap<LiveCluster, { name: string; uid: string }>()

/** A Pod of the check's own, in the learner's namespace; made once a run. It has no labels: a policy that asks for one lets no stranger in. */
function startProber(cluster: LiveCluster): { name: string } | { refused: string } {
  const stored = (name: string) => cluster.server.stored(pods, { namespace: cluster.namespace, name })
  const known = probers.get(cluster)
  if (known && stored(known.name)?.metadata.uid === known.uid) return known
  let name = 'podium-check'
  for (let n = 2; stored(name); n++) name = `podium-check-${n}`
  const draft = {
    metadata: { name, namespace: cluster.namespace },
    spec: {
      // It keeps to the restricted Pod Security Standard, so that a namespace which enforces that has room for it.
      securityContext: { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'check',
          image: proberImage,
          command: ['sleep', '3600'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      terminationGracePeriodSeconds: 0,
    },
  }
  try {
    const { metadata } = cluster.client.create(pods, draft)
    probers.set(cluster, { name, uid: metadata.uid })
  } catch (error) {
    // A quota of the learner's, for example, that has no room left.
    if (!(error instanceof StatusError)) throw error
    return { refused: error.message }
  }
  const limit = cluster.nowMs + 60_000
  while (cluster.nowMs < limit && cluster.step()) {
    if (findCondition(stored(name)?.status.conditions, 'Ready')?.status === 'True') break
  }
  return { name }
}
