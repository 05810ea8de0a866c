/** The control plane's processes: API server, controller manager and scheduler, each of which can be stopped and started. */
import { type ComponentStatus, componentStatuses } from './api/core/component-status.ts'
import { resourceName } from './api/meta/kind.ts'
import { notFound } from './api/meta/status-error.ts'
import type { ApiServer } from './apiserver/api-server.ts'
import { discoveryFailure, isAnswered } from './apiserver/api-services.ts'
import type { CallParts } from './apiserver/webhooks/call.ts'
import { masterStatus, workQueueFamilies } from './client/component-metrics.ts'
import { startLeaderElection } from './client/leader-election.ts'
import type { ComponentContext, RequestRate, RunningComponent } from './client/machinery.ts'
import { createComponentContext, serviceAccountUser } from './component-context.ts'
import type {
  ApiServerTls,
  ComponentName,
  ComponentProcess,
  ElectedName,
  ManagerSettings,
} from './components/process.ts'
import { startApiServiceController } from './controllers/api-services/controller.ts'
import { startRegistration } from './controllers/api-services/registration.ts'
import { startDefinitionControllers } from './controllers/custom-resource-definition/controller.ts'
import { controllers } from './controllers/registry.ts'
import { CommandRefused } from './engine/command-refused.ts'
import type { Timer } from './engine/engine.ts'
import { randomUuid } from './engine/random.ts'
import { apiServerIP, apiServerPort } from './network/address.ts'
import type { ClusterShape } from './scenario/types.ts'
import { startScheduler } from './scheduler/scheduler.ts'
import { WhyRecords } from './scheduler/why.ts'
import { releases } from './version.ts'

/** Where the control plane's processes run that are no Pods. */
const BESIDE_THE_NODES: ComponentProcess = { host: 'control-plane' }

/** As which the API server asks itself. */
const apiServerUser = { name: 'system:apiserver', groups: ['system:masters'] }

/** After a process has ended, until its static Pod's container runs again. */
const RESTART_MS = 1000

export interface ControlPlane {
  start(component: ComponentName): void
  stop(component: ComponentName): void
  isRunning(component: ComponentName): boolean
  /** Runs one more process of a component: of several API servers each answers, of the others one leads. */
  run(component: ComponentName, process: ComponentProcess): RunningComponent
  /** Of the API server that is a process of that node, of any of them unless told; undefined where it runs beside the nodes, or not at all. */
  apiServerTls(node?: string): ApiServerTls | undefined
  /** What the schedulers so far have tried. */
  readonly attempts: WhyRecords
}

/**
 * The control plane as it is while a cluster is set up: one process of each component. Where they are static Pods, only the API server is
 * there from the start, until the first one that is a Pod takes over.
 */
export function startControlPlane(
  server: ApiServer,
  shape: Pick<ClusterShape, 'schedulerProfiles' | 'hostPathProvisioner'>,
  areStaticPods: boolean,
): ControlPlane {
  const { schedulerProfiles: profiles, hostPathProvisioner = false } = shape
  const running = new Map<ComponentName, Set<RunningComponent>>()
  const besideTheNodes = new Map<ComponentName, RunningComponent>()
  const attempts = new WhyRecords()
  const startLeading: Record<ElectedName, (context: ComponentContext, process: ComponentProcess) => RunningComponent> =
    {
      'kube-controller-manager': (context, { manager }) =>
        startControllerManager(server, context, manager ?? { makesHostPaths: hostPathProvisioner }),
      'kube-scheduler': (context) => {
        const scheduler = startScheduler(context, profiles, attempts)
        context.informers.start()
        return {
          stop() {
            context.informers.stop()
            scheduler.stop()
          },
          families: scheduler.families,
        }
      },
    }
  const processesOf = (component: ComponentName): Set<RunningComponent> => {
    const found = running.get(component) ?? new Set<RunningComponent>()
    running.set(component, found)
    return found
  }
  // Whichever of them answers, it says the same: they stand for one.
  let apiServer: RunningComponent | undefined
  const serving = new Set<ComponentProcess>()
  const firstRelease = server.release
  /** Who asks may come to any of them: what the oldest has is what there is. */
  const followReleases = (): void => {
    const all = [...serving].map(({ release = firstRelease }) => release)
    if (all.length > 0) server.release = all.reduce((a, b) => (releases.indexOf(a) < releases.indexOf(b) ? a : b))
  }
  /** One that is trusted is enough. */
  const followTrust = (): void => {
    const failures = [...serving].map(({ link }) => link?.failure)
    if (failures.length === 0 || failures.includes(undefined)) server.trust.open()
    else server.trust.cut('not trusted', () => [...serving][0]?.link?.failure ?? '')
  }
  /** One that lets them in is enough. */
  server.admitsAnonymous = (path) =>
    serving.size === 0 || [...serving].some(({ admitsAnonymous }) => admitsAnonymous?.(path) ?? true)
  const starters: Record<ComponentName, (process: ComponentProcess) => RunningComponent> = {
    'kube-apiserver': (process) => {
      apiServer ??= startApiServer(server)
      serving.add(process)
      followReleases()
      const leave = process.link?.onChange(followTrust)
      followTrust()
      return {
        stop() {
          serving.delete(process)
          followReleases()
          leave?.()
          followTrust()
          if (processesOf('kube-apiserver').size > 0) return
          apiServer?.stop()
          apiServer = undefined
        },
      }
    },
    'kube-controller-manager': (process) =>
      startElected(server, 'kube-controller-manager', process, startLeading['kube-controller-manager']),
    'kube-scheduler': (process) => startElected(server, 'kube-scheduler', process, startLeading['kube-scheduler']),
  }

  const plane: ControlPlane = {
    start(component) {
      if (areStaticPods) throw new CommandRefused(inItsManifest(component))
      if (!besideTheNodes.has(component)) besideTheNodes.set(component, plane.run(component, BESIDE_THE_NODES))
    },
    stop(component) {
      if (areStaticPods) throw new CommandRefused(inItsManifest(component))
      besideTheNodes.get(component)?.stop()
      besideTheNodes.delete(component)
    },
    run(component, process) {
      const processes = processesOf(component)
      const started = starters[component](process)
      const handle: RunningComponent = {
        stop() {
          if (processes.delete(handle)) started.stop()
        },
        families: started.families,
      }
      processes.add(handle)
      if (process !== BESIDE_THE_NODES && besideTheNodes.has(component)) {
        besideTheNodes.get(component)!.stop()
        besideTheNodes.delete(component)
      }
      return handle
    },
    isRunning: (component) => processesOf(component).size > 0,
    apiServerTls: (node) => [...serving].find(({ host, tls }) => tls && (node === undefined || host === node))?.tls,
    attempts,
  }
  serveComponentStatuses(server, plane)
  const first: readonly ComponentName[] = areStaticPods
    ? ['kube-apiserver']
    : ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  for (const component of first) besideTheNodes.set(component, plane.run(component, BESIDE_THE_NODES))
  return plane
}

const inItsManifest = (component: ComponentName): string =>
  `${component} is a static Pod here: write or move /etc/kubernetes/manifests/${component}.yaml on its node`

/** What an API server does besides answering, and that it answers. */
function startApiServer(server: ApiServer): RunningComponent {
  server.process.open()
  const context = createComponentContext(server, {
    user: apiServerUser,
    fieldManager: 'kube-apiserver',
    isLoopback: true,
  })
  const definitions = startDefinitionControllers(context)
  const parts: CallParts = {
    find: (kind, key) => server.stored(kind, key),
    list: (kind, namespace) => server.storedList(kind, namespace),
    outgoing: server.outgoing,
  }
  const registration = startRegistration(context)
  const availability = startApiServiceController(context, {
    isAnswered: ({ spec: { group } }) => isAnswered(server, group),
    discoveryFailure: (service) => discoveryFailure(parts, service),
  })
  context.informers.start()
  return {
    stop() {
      context.informers.stop()
      definitions.stop()
      availability.stop()
      registration.stop()
      server.process.cut(`dial tcp ${apiServerIP}:${apiServerPort}: connect: connection refused`)
    },
  }
}

/** Where the API server asks on its own machine. Source: kubernetes/pkg/registry/core/rest/storage_core.go */
const ASKED: readonly { name: string; component: ElectedName; port: number }[] = [
  { name: 'scheduler', component: 'kube-scheduler', port: 10259 },
  { name: 'controller-manager', component: 'kube-controller-manager', port: 10257 },
]

function serveComponentStatuses(server: ApiServer, plane: Pick<ControlPlane, 'isRunning'>): void {
  const statusOf = (name: string, failure?: string): ComponentStatus => ({
    apiVersion: componentStatuses.apiVersion,
    kind: componentStatuses.kind,
    metadata: { name } as ComponentStatus['metadata'],
    conditions: [{ type: 'Healthy', status: failure ? 'False' : 'True', message: failure ?? 'ok' }],
  })
  const list = (): ComponentStatus[] => [
    ...ASKED.map(({ name, component, port }) => {
      const refused = `Get "https://127.0.0.1:${port}/healthz": dial tcp 127.0.0.1:${port}: connect: connection refused`
      return statusOf(name, plane.isRunning(component) ? undefined : refused)
    }),
    statusOf('etcd-0'),
  ]
  server.virtualResources.set(resourceName(componentStatuses), {
    list,
    get: ({ name }) => list().find(({ metadata }) => metadata.name === name),
    missing: ({ name }) => notFound(componentStatuses.singular, name),
  })
}

/** A process that works only while it holds its Lease. One that loses it ends, and is started again. */
function startElected(
  server: ApiServer,
  name: ElectedName,
  process: ComponentProcess,
  startLeading: (context: ComponentContext, process: ComponentProcess) => RunningComponent,
): RunningComponent {
  const { engine } = server
  const { host, link, onLeading, onLost, onRefused } = process
  // The stream keeps its name where there is one process of a kind.
  const draws = process === BESIDE_THE_NODES ? `leader election ${name}` : `leader election ${name} on ${host}`
  let election: RunningComponent | undefined
  let work: RunningComponent | undefined
  let restart: Timer | undefined

  const start = (): void => {
    const context = createComponentContext(server, {
      user: { name: `system:${name}`, groups: ['system:authenticated'] },
      fieldManager: name,
      link,
    })
    election = startLeaderElection({
      engine,
      client: context.client,
      recorder: context.recorder(name),
      lease: { namespace: 'kube-system', name },
      identity: `${host}_${randomUuid(engine.random(draws))}`,
      keepRenewed: (key, renewal) => server.keepRenewed(key, renewal),
      onTrouble(listener) {
        const leave = [server.members?.onTrouble(listener), server.store.space.onAlarm(listener)]
        return () => {
          for (const one of leave) one?.()
        }
      },
      isWritable: () => server.store.isWritable,
      onRefused,
      onStartedLeading() {
        work = startLeading(context, process)
        onLeading?.()
      },
      onStoppedLeading() {
        work?.stop()
        work = undefined
        engine.trace.record(name, 'lost its Lease')
        if (onLost) onLost()
        else restart = engine.after(RESTART_MS, `start ${name}`, start)
      },
    })
  }
  start()
  return {
    stop() {
      engine.cancel(restart)
      election?.stop()
      work?.stop()
    },
    families: () => [masterStatus(name, work !== undefined), ...(work?.families?.() ?? [])],
  }
}

/** Of each controller's own client: --kube-api-qps and --kube-api-burst, unless told. Source: kubernetes/pkg/controller/apis/config/v1alpha1 */
const CONTROLLER_RATE: RequestRate = { perSecond: 20, burst: 30 }

/** One process: its controllers share informers, and each writes under its own service account. */
function startControllerManager(
  server: ApiServer,
  manager: ComponentContext,
  settings: Pick<ManagerSettings, 'makesHostPaths'> & Partial<ManagerSettings>,
): RunningComponent {
  const running = controllers.filter(({ name }) => settings.runs?.(name) ?? true)
  const contexts = running.map(({ serviceAccount, requestRate = CONTROLLER_RATE }) =>
    createComponentContext(server, {
      user: serviceAccountUser('kube-system', serviceAccount),
      fieldManager: 'kube-controller-manager',
      informers: manager.informers,
      requestRate,
      signsWith: settings.signsWith,
      makesHostPaths: settings.makesHostPaths,
    }),
  )
  const started = running.map((controller, n) => controller.start(contexts[n]!))
  manager.informers.start()
  return {
    stop() {
      manager.informers.stop()
      for (const controller of started) controller.stop()
    },
    families: () => workQueueFamilies(contexts.flatMap(({ queues }) => queues.map(({ figures }) => figures))),
  }
}
