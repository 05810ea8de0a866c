/** Releases in Secrets, one for each revision. Source: helm.sh/helm/v3/pkg/storage */
import { decodeBase64Lossy, encodeBase64Text } from '../../api/meta/base64.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import { HelmError } from '../errors.ts'
import type { Cluster } from './cluster.ts'
import { decodeRelease, encodeRelease } from './record.ts'
import type { Release, Status } from './release.ts'

const systemLabels = ['name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt']
const nameOf = (release: string, version: number): string => `sh.helm.release.v1.${release}.v${version}`

type ReleaseSecret = KubeObject & { data?: Record<string, string>; type?: string }

export class Releases {
  readonly #cluster: Cluster
  readonly #namespace: string

  constructor(cluster: Cluster, namespace = cluster.namespace) {
    this.#cluster = cluster
    this.#namespace = namespace
  }

  get #kind(): Kind {
    const kind = this.#cluster.findKind('v1', 'Secret')
    if (!kind) throw new Error('there are no Secrets')
    return kind
  }

  /** What this refuses names what was being done. */
  #asked<T>(doing: string, act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      throw new HelmError(`${doing}: ${error.message}`)
    }
  }

  /** Those that the labels name, by name and revision. */
  query(labels: Readonly<Record<string, string>> = {}): Release[] {
    const labelSelector = Object.entries({ owner: 'helm', ...labels })
      .map(([key, value]) => `${key}=${value}`)
      .join(',')
    const { items } = this.#asked('query: failed to query with labels', () =>
      this.#cluster.client.list(this.#kind, { namespace: this.#namespace, labelSelector }),
    )
    const found: Release[] = []
    for (const item of items as readonly ReleaseSecret[]) {
      try {
        found.push(this.#read(item))
      } catch (error) {
        // As Helm does: what somebody else has put there is passed over.
        if (!(error instanceof HelmError)) throw error
      }
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version - b.version))
  }

  #read({ data = {}, metadata }: ReleaseSecret): Release {
    const release = decodeRelease(decodeBase64Lossy(data.release ?? ''))
    const labels = Object.entries(metadata.labels ?? {}).filter(([key]) => !systemLabels.includes(key))
    return { ...release, labels: Object.fromEntries(labels) }
  }

  /** Every revision, the oldest first. */
  history(name: string): Release[] {
    return this.query({ name })
  }

  /** @throws HelmError `release: not found` */
  get(name: string, version: number): Release {
    const secret = this.#asked('get: failed to get', () =>
      this.#cluster.client.find(this.#kind, { namespace: this.#namespace, name: nameOf(name, version) }),
    )
    if (!secret) throw new HelmError('release: not found')
    return this.#read(secret as ReleaseSecret)
  }

  /** The newest revision. @throws HelmError `release: not found` */
  last(name: string): Release {
    const last = this.history(name).at(-1)
    if (!last) throw new HelmError('release: not found')
    return last
  }

  withStatus(name: string, status: Status): Release[] {
    return this.history(name).filter(({ info }) => info.status === status)
  }

  create(release: Release): void {
    try {
      this.#cluster.client.create(this.#kind, this.#secret(release, 'createdAt') as never, { fieldManager: 'helm' })
    } catch (error) {
      if (isStatus(error, 'AlreadyExists')) throw new HelmError('release: already exists')
      if (!(error instanceof StatusError)) throw error
      throw new HelmError(`create: failed to create: ${error.message}`)
    }
  }

  update(release: Release): void {
    this.#asked('update: failed to update', () =>
      this.#cluster.client.update(this.#kind, this.#secret(release, 'modifiedAt') as never, { fieldManager: 'helm' }),
    )
  }

  delete({ name, version }: Release): void {
    this.#asked('delete: failed to delete', () =>
      this.#cluster.client.delete(this.#kind, { namespace: this.#namespace, name: nameOf(name, version) }),
    )
  }

  /** Keeps the newest, and the one that is deployed. @param most 0 for as many as there are */
  trim(name: string, most: number): void {
    const all = this.history(name)
    if (most <= 0 || all.length < most) return
    const deployed = all.findLast(({ info }) => info.status === 'deployed')
    const dispensable = all.filter(({ version }) => version !== deployed?.version)
    for (const release of dispensable.slice(0, all.length - most + 1)) this.delete(release)
  }

  #secret(release: Release, stamp: 'createdAt' | 'modifiedAt'): object {
    const { name, version, info, labels } = release
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: nameOf(name, version),
        namespace: this.#namespace,
        labels: {
          ...labels,
          [stamp]: String(Math.floor(this.#cluster.context.nowEpochMs() / 1000)),
          name,
          owner: 'helm',
          status: info.status,
          version: String(version),
        },
      },
      type: 'helm.sh/release.v1',
      data: { release: encodeBase64Text(encodeRelease(release)) },
    }
  }
}

/** Labels that Helm keeps for itself. @throws HelmError for one of them */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  if (Object.keys(labels).some((key) => systemLabels.includes(key)))
    throw new HelmError(
      `user supplied labels contains system reserved label name. System labels: [${systemLabels.join(' ')}]`,
    )
}
