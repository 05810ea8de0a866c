/** The last step of the build: reads the content as the server would, so that its start need not. */
import { resolve } from 'node:path'
import { builtCatalogs } from './built.ts'
import { compiledCatalog } from './compiled.ts'
import { ContentError } from './source.ts'

const options = builtCatalogs(() => {})
if (!options) throw new Error('compile: only a server that was built keeps compiled content: npm run build')
try {
  const folders = process.argv.slice(2)
  await compiledCatalog(
    (folders.length > 0 ? folders : ['content']).map((folder) => resolve(folder)),
    options,
  )
} catch (error) {
  console.error(error instanceof ContentError ? error.message : error)
  process.exitCode = 1
}
