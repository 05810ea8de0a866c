/** The control plane's processes besides the API server: controller manager and scheduler, each of which can be stopped and started. */
import type { ApiServer } from './apiserver/api-server.ts'
import type { RunningComponent } from './client/machinery.ts'
import { createComponentContext, serviceAccountUser } from './component-context.ts'
import { controllers } from './controllers/registry.ts'
import { apiServerIP, apiServerPort } from './network/address.ts'
import type { SchedulerProfile } from './scenario/types.ts'
import { type Scheduler, startScheduler } from './scheduler/scheduler.ts'

export type ComponentName = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler'

export interface ControlPlane {
  start(component: ComponentName): void
  stop(component: ComponentName): void
  isRunning(component: ComponentName): boolean
  /** The scheduler that runs now. */
  readonly scheduler: Scheduler | undefined
}

export function startControlPlane(server: ApiServer, profiles?: readonly SchedulerProfile[]): ControlPlane {
  const running = new Map<ComponentName, RunningComponent>()

  const starters: Record<ComponentName, () => RunningComponent> = {
    'kube-apiserver': () => {
      server.link.open()
      return { stop: () => server.link.cut(`dial tcp ${apiServerIP}:${apiServerPort}: connect: connection refused`) }
    },
    'kube-controller-manager': () => startControllerManager(server),
    'kube-scheduler': () => {
      const context = createComponentContext(server, {
        user: { name: 'system:kube-scheduler', groups: ['system:authenticated'] },
        fieldManager: 'kube-scheduler',
      })
      const scheduler = startScheduler(context, profiles)
      plane.scheduler = scheduler
      context.informers.start()
      return {
        stop() {
          context.informers.stop()
          scheduler.stop()
          plane.scheduler = undefined
        },
      }
    },
  }

  const plane: ControlPlane & { scheduler: Scheduler | undefined } = {
    start(component) {
      if (!running.has(component)) running.set(component, starters[component]())
    },
    stop(component) {
      running.get(component)?.stop()
      running.delete(component)
    },
    isRunning: (component) => running.has(component),
    scheduler: undefined,
  }
  plane.start('kube-apiserver')
  plane.start('kube-controller-manager')
  plane.start('kube-scheduler')
  return plane
}

/** One process: its controllers share informers, and each writes under its own service account. */
function startControllerManager(server: ApiServer): RunningComponent {
  const manager = createComponentContext(server, {
    user: { name: 'system:kube-controller-manager', groups: ['system:authenticated'] },
    fieldManager: 'kube-controller-manager',
  })
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
