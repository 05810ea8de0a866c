/** Objects of releases in the cluster: created, compared in three ways, waited for, removed. Source: helm.sh/helm/v3/pkg/kube */
import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { Client } from '../../client/client.ts'
import { globalFlags, Invocation, validateFlag } from '../../kubectl/command.ts'
import type { KubectlContext } from '../../kubectl/context.ts'
import { isReportable } from '../../kubectl/errors.ts'
import { parseFlags } from '../../kubectl/flags.ts'
import { type ManifestObject, objectsIn, resolveManifest } from '../../kubectl/manifests.ts'
import { threeWayPatch } from '../../kubectl/patch/three-way.ts'
import { parseManifest } from '../../kubectl/yaml.ts'
import type { Wait } from '../../runtime/process.ts'
import { HelmError } from '../errors.ts'
import { isReady, jobProblem } from './readiness.ts'

const manager = 'helm'
/** How often what is waited for is looked at. */
const pollMs = 2000

export interface Updated {
  created: ManifestObject[]
  updated: ManifestObject[]
  deleted: ManifestObject[]
}

export interface ClusterIdentity {
  namespace: string
  kubeContext: string
  kubeconfig: string
  user: string
  groups: readonly string[]
}

/** A cluster as one line of Helm speaks to it. */
export class Cluster {
  readonly context: KubectlContext
  readonly namespace: string
  readonly #invocation: Invocation
  readonly #warned = new Set<string>()

  constructor(context: KubectlContext, { namespace, kubeContext, kubeconfig, user, groups }: ClusterIdentity) {
    this.context = context
    const words = [
      ...(namespace ? [`--namespace=${namespace}`] : []),
      ...(kubeContext ? [`--context=${kubeContext}`] : []),
      ...(kubeconfig ? [`--kubeconfig=${kubeconfig}`] : []),
      ...(user ? [`--as=${user}`] : []),
      ...groups.map((group) => `--as-group=${group}`),
    ]
    this.#invocation = new Invocation(
      context,
      {},
      'helm',
      parseFlags(words, [...globalFlags, validateFlag], 'helm'),
      [],
    )
    this.namespace = this.#invocation.namespace
  }

  get client(): Client {
    return this.#invocation.client
  }

  findKind(apiVersion: string, kind: string): Kind | undefined {
    return this.#invocation.resources.forObject(apiVersion, kind)
  }

  /** The objects of manifests. @throws HelmError for what the cluster does not know */
  build(text: string): ManifestObject[] {
    try {
      return parseManifest(text, '').flatMap(({ value }) =>
        objectsIn(value).map((one) => resolveManifest(this.#invocation, one, '')),
      )
    } catch (error) {
      if (!isReportable(error)) throw error
      throw new HelmError((error as Error).message)
    }
  }

  /** What is there by that name, in the version that it is stored in. */
  find({ kind, namespace, name }: ManifestObject): KubeObject | undefined {
    return this.client.find(kind, { namespace, name })
  }

  create(object: ManifestObject): void {
    this.client.create(object.kind, object.object as never, { fieldManager: manager })
    this.#showWarnings()
  }

  /** Every object, also when others are refused. @throws HelmError with all that was refused */
  createAll(objects: readonly ManifestObject[]): void {
    const problems: string[] = []
    for (const object of objects)
      try {
        this.create(object)
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        problems.push(error.message)
      }
    if (problems.length > 0) throw new HelmError(manyErrors(problems))
  }

  /**
   * Takes the cluster from what was installed to what is wanted.
   * @param force deletes nothing, but replaces
   */
  update(
    current: readonly ManifestObject[],
    target: readonly ManifestObject[],
    force: boolean,
  ): Updated & { problem?: string } {
    const done: Updated = { created: [], updated: [], deleted: [] }
    const problems: string[] = []
    for (const object of target) {
      try {
        const live = this.find(object)
        if (!live) {
          done.created.push(object)
          this.#tell(() => this.create(object), 'failed to create resource')
          continue
        }
        const original = current.find((one) => isSame(one, object))
        if (!original)
          return { ...done, problem: `no ${object.kind.kind} with the name ${JSON.stringify(object.name)} found` }
        done.updated.push(object)
        this.#updateOne(object, original, live, force)
      } catch (error) {
        if (error instanceof HelmError) return { ...done, problem: error.message }
        if (!(error instanceof StatusError)) throw error
        const doing = force
          ? 'failed to replace object'
          : `cannot patch ${JSON.stringify(object.name)} with kind ${object.kind.kind}`
        problems.push(`${doing}: ${error.message}`)
      }
    }
    if (problems.length > 0) return { ...done, problem: problems.join(' && ') }
    for (const object of current) {
      if (target.some((one) => isSame(one, object))) continue
      const live = this.find(object)
      if (!live || live.metadata.annotations?.['helm.sh/resource-policy'] === 'keep') continue
      try {
        this.client.delete(object.kind, object, { propagationPolicy: 'Background' })
        done.deleted.push(object)
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
      }
    }
    return done
  }

  #updateOne(target: ManifestObject, original: ManifestObject, live: KubeObject, force: boolean): void {
    const key = { namespace: target.namespace, name: target.name }
    const options = { fieldManager: manager }
    if (force) {
      const metadata = { ...(target.object.metadata as JsonMap), resourceVersion: live.metadata.resourceVersion }
      this.client.update(target.kind, { ...target.object, metadata } as never, options)
    } else {
      const isCustom = target.kind.schema === undefined || !target.kind.schema.startsWith('io.k8s')
      const patch = isCustom
        ? mergePatch(original.object, target.object)
        : threeWayPatch(target.kind.schema, original.object, target.object, live as unknown as JsonMap)
      if (Object.keys(patch).length === 0) return
      this.client.patch(target.kind, key, isCustom ? 'merge' : 'strategic', patch, options)
    }
    this.#showWarnings()
  }

  #tell(act: () => void, context: string): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      throw new HelmError(`${context}: ${error.message}`)
    }
  }

  /** Removes what is there. @returns what was refused */
  remove(
    objects: readonly ManifestObject[],
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan' = 'Background',
  ): string[] {
    const problems: string[] = []
    for (const { kind, namespace, name } of objects)
      try {
        this.client.delete(kind, { namespace, name }, { propagationPolicy })
      } catch (error) {
        if (isStatus(error, 'NotFound')) continue
        if (!(error instanceof StatusError)) throw error
        problems.push(error.message)
      }
    return problems
  }

  /** @throws HelmError when the time is over, or a Job has failed */
  *waitUntilReady(
    objects: readonly ManifestObject[],
    timeoutMs: number,
    withJobs: boolean,
  ): Generator<Wait, void, unknown> {
    const deadline = this.context.nowEpochMs() + timeoutMs
    for (;;) {
      let areReady = true
      for (const object of objects) {
        const live = this.find(object)
        if (withJobs && live && object.kind.kind === 'Job') {
          const problem = jobProblem(live)
          if (problem) throw new HelmError(`job is failed: ${object.namespace}/${object.name}`)
        }
        if (!live || !isReady(this.client, this.findKind.bind(this), object.kind, live, withJobs)) {
          areReady = false
          break
        }
      }
      if (areReady) return
      yield* this.#pause(deadline, 'context deadline exceeded')
    }
  }

  *waitUntilGone(objects: readonly ManifestObject[], timeoutMs: number): Generator<Wait, void, unknown> {
    const deadline = this.context.nowEpochMs() + timeoutMs
    while (objects.some((object) => this.find(object))) yield* this.#pause(deadline, 'context deadline exceeded')
  }

  /** Pods and Jobs of hooks run to their end; what else hooks create is ready when it is there. */
  *waitUntilComplete(objects: readonly ManifestObject[], timeoutMs: number): Generator<Wait, void, unknown> {
    const deadline = this.context.nowEpochMs() + timeoutMs
    for (const object of objects) {
      const { kind } = object.kind
      if (kind !== 'Job' && kind !== 'Pod') continue
      for (;;) {
        const live = this.find(object)
        if (!live) break
        const status = ((live as { status?: object }).status ?? {}) as {
          phase?: string
          conditions?: { type: string; status: string }[]
        }
        if (kind === 'Pod' && status.phase === 'Succeeded') break
        const failed = kind === 'Pod' ? status.phase === 'Failed' && `pod ${object.name} failed` : jobProblem(live)
        if (failed) throw new HelmError(manyErrors([kind === 'Job' ? `job ${object.name} failed: ${failed}` : failed]))
        if (kind === 'Job' && status.conditions?.some(({ type, status: is }) => type === 'Complete' && is === 'True'))
          break
        yield* this.#pause(deadline, manyErrors(['timed out waiting for the condition']), 500)
      }
    }
  }

  *#pause(deadline: number, tooLate: string, stepMs = pollMs): Generator<Wait, void, unknown> {
    const leftMs = deadline - this.context.nowEpochMs()
    if (leftMs <= 0) throw new HelmError(tooLate)
    yield this.context.sleep(Math.min(stepMs, leftMs))
  }

  #showWarnings(): void {
    for (const warning of this.client.warnings) {
      if (this.#warned.has(warning)) continue
      this.#warned.add(warning)
      this.#invocation.logWarning('warnings.go:70', warning)
    }
  }
}

export const isSame = (a: ManifestObject, b: ManifestObject): boolean =>
  a.kind.kind === b.kind.kind && a.kind.group === b.kind.group && a.namespace === b.namespace && a.name === b.name

/** Source: github.com/hashicorp/go-multierror, ListFormatFunc */
const manyErrors = (problems: readonly string[]): string =>
  `${problems.length === 1 ? '1 error' : `${problems.length} errors`} occurred:\n${problems.map((one) => `\t* ${one}\n`).join('')}\n`

/** What takes one map to another: of custom resources, whose lists are replaced as a whole. */
function mergePatch(from: JsonMap, to: JsonMap): JsonMap {
  const patch: JsonMap = {}
  for (const key of Object.keys(to)) {
    const [old, wanted] = [from[key], to[key]]
    if (isMap(wanted)) {
      const inner = mergePatch(isMap(old) ? old : {}, wanted)
      patch[key] = inner
    } else patch[key] = wanted
  }
  for (const key of Object.keys(from)) if (!(key in to)) patch[key] = null
  return patch
}
