/** The entry of the process in which shells run. */
import { connectToParent } from '../child-processes.ts'
import type { FromTerminals, ToTerminals } from './protocol.ts'
import { serveTerminals } from './worker.ts'

connectToParent<undefined, ToTerminals, FromTerminals>((_, say) => serveTerminals(say), { mayComputeForever: true })
