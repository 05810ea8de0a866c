/** The child process of a server that runs from its sources (`npm run dev`, tests): loads TypeScript, then the entry. */
import { register } from 'tsx/esm/api'

register()
await import('./reader-process.ts')
