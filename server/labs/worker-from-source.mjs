/** The worker thread of a server that runs from its sources (`npm run dev`, tests): loads TypeScript, then the worker. */
import { register } from 'tsx/esm/api'

register()
const { default: work } = await import('./worker.ts')
export default work
