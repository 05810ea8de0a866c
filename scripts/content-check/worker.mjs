/** Loads TypeScript in a worker thread, and the proofs with it. */
import { register } from 'tsx/esm/api'

register()
const { default: prove } = await import('./worker.ts')
export default prove
