/** The process of the sandboxes in a server that runs from its sources (`npm run dev`, tests): loads TypeScript, then the entry. */
import { register } from 'tsx/esm/api'

register()
await import('./host-process.ts')
