/** The entry of a thread that keeps live clusters. */
import { parentPort, workerData } from 'node:worker_threads'
import { SandboxHost } from './host.ts'
import { cell, type ThreadData } from './host-links.ts'
import { realWall } from './live-sandbox.ts'
import type { ToHost } from './protocol.ts'

const { options, progress } = workerData as ThreadData
const noted = new Int32Array(progress)
const port = parentPort!
const host = new SandboxHost(
  (messages) => port.postMessage(messages),
  realWall,
  options,
  (opening) => {
    Atomics.store(noted, cell.current, opening)
    if (opening !== 0) Atomics.store(noted, cell.last, opening)
    Atomics.add(noted, cell.pauses, 1)
  },
)
port.on('message', (message: ToHost) => host.receive(message))
