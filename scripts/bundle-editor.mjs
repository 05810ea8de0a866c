/** Bundles static/editor into static/generated/editor.js for the browser. Runs at `npm ci` (script `prepare`). */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { metafile } = await build({
  entryPoints: [join(root, 'static/editor/editor.js')],
  outfile: join(root, 'static/generated/editor.js'),
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022'],
  legalComments: 'none',
  metafile: true,
})
for (const [file, { bytes }] of Object.entries(metafile.outputs)) console.log(`bundle-editor: ${file}, ${bytes} bytes`)
