/** The process that simulates, of a server that runs from its sources (`npm run dev`, tests): loads TypeScript, then the entry. */
import { register } from 'tsx/esm/api'

register()
await import('./lab-process.ts')
