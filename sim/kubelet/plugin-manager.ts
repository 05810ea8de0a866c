/**
 * Plugins that register with the kubelet, each by a socket that it puts into a folder: the kubelet asks there who it is, and goes on at the
 * place that it names. Simplified: folders in the folder are not looked into. Source: pkg/kubelet/pluginmanager
 */
import { isRecord } from '../api/meta/json.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import { type FileTree, nodeAt } from '../runtime/file-tree.ts'
import type { FileSystem, Listener, RpcResult } from '../runtime/files.ts'
import { Backoff } from './backoff.ts'
import type { Journal } from './journal.ts'
import { callSocket } from './sockets.ts'

const pluginFolder = '/var/lib/kubelet/plugins_registry'

/** loopSleepDuration: how often what was seen in the folder is acted on. */
const LOOP_MS = 1000
const CALL_TIMEOUT_MS = 1000
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 122_000

/** What a plugin says of itself. */
export interface PluginInfo {
  readonly type: string
  readonly name: string
  /** The socket at which it does its work. */
  readonly endpoint: string
  readonly supportedVersions: readonly string[]
}

/** What becomes of plugins of one type. */
export interface PluginHandler {
  /** Why the kubelet has no use for it. */
  refuse(plugin: PluginInfo): string | undefined
  register(plugin: PluginInfo): void
  deregister(plugin: PluginInfo): void
}

export interface PluginManagerOptions {
  engine: Engine
  hostFiles: { readonly files: FileSystem; readonly tree: FileTree }
  journal: Journal
  /** By type of plugin. */
  handlers: Readonly<Record<string, PluginHandler>>
}

export class PluginManager {
  private readonly options: PluginManagerOptions
  private readonly startedMs: number
  /** By the path of the socket; without a plugin where none is registered. */
  private readonly known = new Map<string, { listener: Listener; plugin?: PluginInfo }>()
  private readonly calls = new Set<() => void>()
  private readonly backoff: Backoff
  private timer: Timer | undefined
  private isStopped = false

  constructor(options: PluginManagerOptions) {
    const { engine, hostFiles } = options
    this.options = options
    this.startedMs = engine.nowMs
    this.backoff = new Backoff(FIRST_RETRY_MS, LAST_RETRY_MS, () => engine.nowMs)
    const { files, tree } = hostFiles
    if (!files.exists(pluginFolder)) files.mkdir(pluginFolder, { parents: true, mode: 0o750 })
    const parts = pluginFolder.split('/').filter(Boolean)
    tree.own(tree.root, parts)
    // Told before it is changed.
    tree.watches.set(nodeAt(tree.root, parts)!, () => this.lookSoon(0))
    if (files.list(pluginFolder).length > 0) this.lookSoon(0)
  }

  stop(): void {
    this.isStopped = true
    this.options.engine.cancel(this.timer)
    for (const cancel of this.calls) cancel()
    const { tree } = this.options.hostFiles
    const folder = nodeAt(tree.root, pluginFolder.split('/').filter(Boolean))
    if (folder) tree.watches.delete(folder)
  }

  /** At the next turn of its loop. */
  private lookSoon(delayMs: number): void {
    const { engine } = this.options
    if (this.isStopped || this.timer) return
    const turns = Math.floor((engine.nowMs + delayMs - this.startedMs) / LOOP_MS) + 1
    const dueMs = this.startedMs + turns * LOOP_MS
    this.timer = engine.at(dueMs, 'kubelet plugins', () => {
      this.timer = undefined
      this.look()
    })
  }

  private look(): void {
    const { files } = this.options.hostFiles
    const names = files.exists(pluginFolder) ? files.list(pluginFolder) : []
    const found = new Map<string, Listener>()
    for (const name of names) {
      const path = `${pluginFolder}/${name}`
      const isSocket = !name.startsWith('.') && files.lstat(path).type === 'socket'
      const listener = isSocket ? files.listenerAt(path) : undefined
      if (listener) found.set(path, listener)
    }
    for (const [path, { listener, plugin }] of this.known) {
      if (found.get(path) === listener) continue
      this.known.delete(path)
      this.backoff.forget((key) => key === path)
      if (plugin) this.options.handlers[plugin.type].deregister(plugin)
    }
    for (const [path, listener] of found) if (!this.known.has(path)) this.register(path, listener)
  }

  private register(path: string, listener: Listener): void {
    this.known.set(path, { listener })
    this.call(path, 'GetInfo', {}, (result) => {
      if (this.known.get(path)?.listener !== listener) return
      const dialled = 'error' in result ? result.error : undefined
      const plugin = 'value' in result ? pluginIn(result.value, path) : undefined
      const handler = plugin && this.options.handlers[plugin.type]
      const why =
        dialled !== undefined
          ? `failed to get plugin info using RPC GetInfo at socket ${path}, err: ${dialled}`
          : !plugin || !handler
            ? `no handler registered for plugin type: ${plugin?.type ?? ''} at socket ${path}`
            : undefined
      if (why !== undefined || !plugin || !handler) return this.fail(path, `RegisterPlugin error -- ${why}`)
      const refusal = handler.refuse(plugin)
      const notify = { pluginRegistered: refusal === undefined, error: refusal ?? '' }
      if (refusal === undefined) {
        this.known.set(path, { listener, plugin })
        this.backoff.forget((key) => key === path)
        handler.register(plugin)
      } else this.fail(path, `RegisterPlugin error -- plugin validation failed with err: ${refusal}`)
      this.call(path, 'NotifyRegistrationStatus', notify, () => undefined)
    })
  }

  /** Tells the journal, and tries again later. */
  private fail(path: string, error: string): void {
    const { engine, journal } = this.options
    this.backoff.next(path, engine.nowMs)
    const delayMs = this.backoff.delayMs(path)
    journal.error(
      'goroutinemap.go:150',
      `Operation for ${JSON.stringify(path)} failed. No retries permitted until ${engine.timestamp()} (durationBeforeRetry ${delayMs}ms). Error: ${error}`,
      undefined,
    )
    const again = (): void => {
      if (this.isStopped || this.known.get(path)?.plugin) return
      this.known.delete(path)
      this.lookSoon(0)
    }
    engine.after(delayMs, 'kubelet plugins', again, { background: true })
  }

  private call(path: string, method: string, request: unknown, done: (result: RpcResult) => void): void {
    const { engine, hostFiles } = this.options
    const wait = callSocket(engine, hostFiles.files, path, { method, request, timeoutMs: CALL_TIMEOUT_MS })
    const cancel = wait.start((result) => {
      this.calls.delete(cancel)
      if (!this.isStopped) done(result)
    })
    this.calls.add(cancel)
  }
}

function pluginIn(value: unknown, path: string): PluginInfo | undefined {
  if (!isRecord(value)) return undefined
  const { type, name, endpoint, supportedVersions } = value as Partial<PluginInfo>
  return {
    ...{ type: type ?? '', name: name ?? '', endpoint: endpoint || path },
    supportedVersions: supportedVersions ?? [],
  }
}
