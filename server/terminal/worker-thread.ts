/** The entry of the thread. */
import { type MessagePort, parentPort } from 'node:worker_threads'
import { serveTerminals } from './worker.ts'

if (parentPort) serveTerminals(parentPort as MessagePort)
