/** Handlers that fall silent when their controller stops, although the informer they hang on goes on. */
import type { KubeObject } from '../api/meta/object.ts'
import type { InformerHandlers, SharedInformer } from '../client/informer.ts'
import type { RunningComponent } from '../client/machinery.ts'

export interface Listening extends RunningComponent {
  on<T extends KubeObject>(informer: SharedInformer<T>, handlers: InformerHandlers<T>): void
}

/** @param release what else ends with the controller: its queues and timers */
export function createListening(release: () => void): Listening {
  let isStopped = false
  return {
    on(informer, { onAdd, onUpdate, onDelete }) {
      informer.addHandlers({
        onAdd: onAdd && ((object) => isStopped || onAdd(object)),
        onUpdate: onUpdate && ((object, old) => isStopped || onUpdate(object, old)),
        onDelete: onDelete && ((object) => isStopped || onDelete(object)),
      })
    },
    stop() {
      isStopped = true
      release()
    },
  }
}
