/** The control plane's processes: API server, controller manager and scheduler, each of which can be stopped and started. */
import { type ComponentStatus, componentStatuses } from './api/core/component-status.ts'
import { resourceName } from './api/meta/kind.ts'
import { notFound } from './api/meta/status-error.ts'
import type { ApiServer } from './apiserver/api-server.ts'
import { discoveryFailure, isAnswered } from './apiserver/api-services.ts'
import type { CallParts } from './apiserver/webhooks/call.ts'
import { startLeaderElection } from './client/leader-election.ts'
import type { ComponentContext, RunningComponent } from './client/machinery.ts'
import { createComponentContext, serviceAccountUser } from './component-context.ts'
import { startApiServiceController } from './controllers/api-services/controller.ts'
import { startRegistration } from './controllers/api-services/registration.ts'
import { startDefinitionControllers } from './controllers/custom-resource-definition/controller.ts'
import { controllers } from './controllers/registry.ts'
import type { Timer } from './engine/engine.ts'
import { randomUuid } from './engine/random.ts'
import { apiServerIP, apiServerPort } from './network/address.ts'
import type { SchedulerProfile } from './scenario/types.ts'
import { startScheduler } from './scheduler/scheduler.ts'
import { WhyRecords } from './scheduler/why.ts'

export type ComponentName = 'kube-apiserver' | ElectedName
type ElectedName = 'kube-controller-manager' | 'kube-scheduler'

/** As which the API server asks itself. */
const apiServerUser = { name: 'system:apiserver', groups: ['system:masters'] }

/** After a process has ended, until its static Pod's container runs again. */
const RESTART_MS = 1000

export interface ControlPlane {
  start(component: ComponentName): void
  stop(component: ComponentName): void
  isRunning(component: ComponentName): boolean
  /** What the schedulers so far have tried. */
  readonly attempts: WhyRecords
}

export function startControlPlane(server: ApiServer, profiles?: readonly SchedulerProfile[]): ControlPlane {
  const running = new Map<ComponentName, RunningComponent>()
  const attempts = new WhyRecords()

  const startLeading: Record<ElectedName, (context: ComponentContext) => RunningComponent> = {
    'kube-controller-manager': (context) => startControllerManager(server, context),
    'kube-scheduler': (context) => {
      const scheduler = startScheduler(context, profiles, attempts)
      context.informers.start()
      return {
        stop() {
          context.informers.stop()
          scheduler.stop()
        },
      }
    },
  }
  const starters: Record<ComponentName, () => RunningComponent> = {
    'kube-apiserver': () => {
      server.link.open()
      const context = createComponentContext(server, { user: apiServerUser, fieldManager: 'kube-apiserver' })
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
          server.link.cut(`dial tcp ${apiServerIP}:${apiServerPort}: connect: connection refused`)
        },
      }
    },
    'kube-controller-manager': () =>
      startElected(server, 'kube-controller-manager', startLeading['kube-controller-manager']),
    'kube-scheduler': () => startElected(server, 'kube-scheduler', startLeading['kube-scheduler']),
  }

  const plane: ControlPlane = {
    start(component) {
      if (!running.has(component)) running.set(component, starters[component]())
    },
    stop(component) {
      running.get(component)?.stop()
      running.delete(component)
    },
    isRunning: (component) => running.has(component),
    attempts,
  }
  serveComponentStatuses(server, plane)
  plane.start('kube-apiserver')
  plane.start('kube-controller-manager')
  plane.start('kube-scheduler')
  return plane
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
  startLeading: (context: ComponentContext) => RunningComponent,
): RunningComponent {
  const { engine } = server
  let election: RunningComponent | undefined
  let work: RunningComponent | undefined
  let restart: Timer | undefined

  const start = (): void => {
    const context = createComponentContext(server, {
      user: { name: `system:${name}`, groups: ['system:authenticated'] },
      fieldManager: name,
    })
    election = startLeaderElection({
      engine,
      client: context.client,
      recorder: context.recorder(name),
      lease: { namespace: 'kube-system', name },
      identity: `control-plane_${randomUuid(engine.random(`leader election ${name}`))}`,
      keepRenewed: (key, renewal) => server.keepRenewed(key, renewal),
      onTrouble: (listener) => server.members?.onTrouble(listener) ?? (() => undefined),
      isWritable: () => server.members?.isServing !== false,
      onStartedLeading() {
        work = startLeading(context)
      },
      onStoppedLeading() {
        work?.stop()
        work = undefined
        engine.trace.record(name, 'lost its Lease')
        restart = engine.after(RESTART_MS, `start ${name}`, start)
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
  }
}

/** One process: its controllers share informers, and each writes under its own service account. */
function startControllerManager(server: ApiServer, manager: ComponentContext): RunningComponent {
  const started = controllers.map((controller) =>
    controller.start(
      createComponentContext(server, {
        user: serviceAccountUser('kube-system', controller.serviceAccount),
        fieldManager: 'kube-controller-manager',
        informers: manager.informers,
      }),
    ),
  )
  manager.informers.start()
  return {
    stop() {
      manager.informers.stop()
      for (const controller of started) controller.stop()
    },
  }
}
