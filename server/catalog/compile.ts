/** The last step of the build: reads a content folder as the server would, so that its start need not. */
import { resolve } from 'node:path'
import { builtCatalogs } from './built.ts'
import { compiledCatalog } from './compiled.ts'
import { ContentError } from './source.ts'

const options = builtCatalogs(() => {})
if (!options) throw new Error('compile: only a server that was built keeps compiled content: npm run build')
try {
  await compiledCatalog(resolve(process.argv[2] ?? 'content'), options)
} catch (error) {
  console.error(error instanceof ContentError ? error.message : error)
  process.exitCode = 1
}
