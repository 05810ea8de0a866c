/**
 * What a member of etcd answers to HTTP at the addresses of --listen-metrics-urls: how it is, and its metrics. Simplified: no durations.
 * Sources: etcd v3.6 server/etcdserver/api/etcdhttp/{health,metrics}.go, server/etcdserver/metrics.go,
 * server/storage/{metrics.go,mvcc/metrics.go}
 */
import { printMetrics } from '../client/component-metrics.ts'
import { ETCD_VERSION } from '../kubeadm/places.ts'
import type { HttpRequest, HttpResponse } from '../network/types.ts'
import { counter, type Family, gauge } from '../text/metrics-text.ts'
import { type EtcdFigures, plainAnswer } from './component.ts'

/** What a part says is wrong; undefined where it is well. */
type Part = (figures: EtcdFigures | undefined) => string | undefined

const isWell: Part = () => undefined
/** A read that needs a majority waits for one as long as a request may. */
const linearizableRead: Part = (figures) =>
  figures?.member.leader === undefined || !figures.isServing ? 'etcdserver: request timed out' : undefined
const nonLearner: Part = (figures) => (figures?.member.isLearner ? 'not supported for learner' : undefined)

/** Parts that /livez and /readyz look at. */
const checks: Readonly<Record<string, Readonly<Record<string, Part>>>> = {
  '/livez': { serializable_read: isWell },
  '/readyz': {
    data_corruption: isWell,
    linearizable_read: linearizableRead,
    non_learner: nonLearner,
    serializable_read: isWell,
  },
}

/** At /version, which only the address of clients has. Source: etcdhttp/version.go */
export function versionAnswer({ path, method }: HttpRequest): HttpResponse | undefined {
  if (path.split('?', 1)[0] !== '/version') return undefined
  if (method !== 'GET') return plainAnswer(405, 'Method Not Allowed\n')
  const minor = `${ETCD_VERSION.replace(/\.\d+$/, '')}.0`
  const body = JSON.stringify({ etcdserver: ETCD_VERSION, etcdcluster: minor, storage: minor })
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body }
}

export function etcdAnswer({ path, method }: HttpRequest, figures: () => EtcdFigures | undefined): HttpResponse {
  const [place, query = ''] = path.split('?', 2) as [string, string?]
  const [, root = '', part] = /^(\/[a-z]+)(?:\/(\w+))?$/.exec(place) ?? []
  const isHealth = place === '/health' || (checks[root] !== undefined && (!part || Object.hasOwn(checks[root], part)))
  if (isHealth && method !== 'GET') return plainAnswer(405, 'Method Not Allowed\n')
  const asked = new URLSearchParams(query)
  if (place === '/health') return healthAnswer(figures(), asked)
  if (isHealth) {
    const excluded = part ? [] : asked.getAll('exclude')
    const names = (part ? [part] : Object.keys(checks[root]!)).filter((name) => !excluded.includes(name))
    return checkedAnswer(checks[root]!, names, figures(), asked.has('verbose'))
  }
  const found = figures()
  if (place === '/metrics' && found) return plainAnswer(200, printMetrics(etcdFamilies(found)))
  return plainAnswer(404, '404 page not found\n')
}

/** What is wrong is always told, with all that was looked at; what is well only to who asks. */
function checkedAnswer(
  parts: Readonly<Record<string, Part>>,
  names: readonly string[],
  figures: EtcdFigures | undefined,
  isVerbose: boolean,
): HttpResponse {
  const wrongs = names.map((name) => parts[name]!(figures))
  const told = names.map((name, n) => (wrongs[n] ? `[-]${name} failed: ${wrongs[n]}\n` : `[+]${name} ok\n`)).join('')
  return wrongs.some(Boolean) ? plainAnswer(503, `${told}\n`) : plainAnswer(200, `${isVerbose ? told : ''}ok\n`)
}

function healthAnswer(figures: EtcdFigures | undefined, asked: URLSearchParams): HttpResponse {
  const reason = unwellOf(figures, asked)
  const body = JSON.stringify({ health: reason === '' ? 'true' : 'false', reason })
  return reason === '' ? plainAnswer(200, body) : plainAnswer(503, `${body}\n`)
}

function unwellOf(figures: EtcdFigures | undefined, asked: URLSearchParams): string {
  if (figures && figures.alarms.length > 0 && !asked.getAll('exclude').includes('NOSPACE')) return 'ALARM NOSPACE'
  if (asked.get('serializable') === 'true') return ''
  if (figures?.member.leader === undefined) return 'RAFT NO LEADER'
  return figures.isServing ? '' : 'RANGE ERROR:etcdserver: request timed out'
}

function etcdFamilies(figures: EtcdFigures): Family[] {
  const { member, peers, quotaBytes } = figures
  const one = (value: number, labels: Readonly<Record<string, string>> = {}) => [{ labels, value }]
  const truth = (is: boolean) => one(is ? 1 : 0)
  return [
    gauge(
      'etcd_cluster_version',
      "Which version is running. 1 for 'cluster_version' label with current cluster version",
      one(1, { cluster_version: ETCD_VERSION.replace(/\.\d+$/, '') }),
    ),
    gauge(
      'etcd_debugging_mvcc_compact_revision',
      'The revision of the last compaction in store.',
      one(figures.compactRevision),
    ),
    gauge('etcd_debugging_mvcc_current_revision', 'The current revision of store.', one(figures.revision)),
    gauge('etcd_debugging_mvcc_keys_total', 'Total number of keys.', one(figures.keys)),
    gauge(
      'etcd_mvcc_db_total_size_in_bytes',
      'Total size of the underlying database physically allocated in bytes.',
      one(figures.sizeBytes),
    ),
    gauge(
      'etcd_mvcc_db_total_size_in_use_in_bytes',
      'Total size of the underlying database logically in use in bytes.',
      one(figures.inUseBytes),
    ),
    gauge(
      'etcd_network_known_peers',
      'The current number of known peers.',
      peers.map((peer) => ({ labels: { Local: member.id, Remote: peer }, value: 1 })),
    ),
    gauge(
      'etcd_server_has_leader',
      'Whether or not a leader exists. 1 is existence, 0 is not.',
      truth(member.leader !== undefined),
    ),
    gauge(
      'etcd_server_id',
      "Server or member ID in hexadecimal format. 1 for 'server_id' label with current ID.",
      one(1, { server_id: member.id }),
    ),
    gauge(
      'etcd_server_is_leader',
      'Whether or not this member is a leader. 1 if is, 0 otherwise.',
      truth(member.isLeader),
    ),
    gauge(
      'etcd_server_is_learner',
      'Whether or not this member is a learner. 1 if is, 0 otherwise.',
      truth(member.isLearner),
    ),
    counter('etcd_server_leader_changes_seen_total', 'The number of leader changes seen.', one(member.leaderChanges)),
    gauge(
      'etcd_server_proposals_applied_total',
      'The total number of consensus proposals applied.',
      one(member.appliedIndex),
    ),
    gauge(
      'etcd_server_proposals_committed_total',
      'The total number of consensus proposals committed.',
      one(member.appliedIndex),
    ),
    gauge(
      'etcd_server_quota_backend_bytes',
      'Current backend storage quota size in bytes.',
      one(Number.isFinite(quotaBytes) ? quotaBytes : -1),
    ),
    gauge(
      'etcd_server_version',
      "Which version is running. 1 for 'server_version' label with current version.",
      one(1, { server_version: ETCD_VERSION }),
    ),
  ]
}
