/** The entry of a process that keeps live clusters. */
import { connectToParent, sharedFile } from '../../child-processes.ts'
import { type HostOptions, SandboxHost } from './host.ts'
import { realWall } from './live-sandbox.ts'
import { noteIn } from './notes.ts'
import type { FromHost, ToHost } from './protocol.ts'

connectToParent<HostOptions, ToHost, FromHost[]>((options, say) => {
  const host = new SandboxHost(say, realWall, options, noteIn(sharedFile))
  return (message) => host.receive(message)
})
