/**
 * Bundles static/editor into static/generated for the browser: the editor of manifests, and the one of the terminal, which is loaded when
 * it is first used. A step of scripts/build.mjs, which `npm ci` runs.
 */
import { build as esbuild } from 'esbuild'

const folder = 'static/generated'
const bundles = [
  { name: 'editor.js', format: 'iife' },
  { name: 'terminal-editor.js', format: 'esm' },
]

export async function build() {
  const made = bundles.map(async ({ name, format }) => {
    const outfile = `${folder}/${name}`
    const { metafile } = await esbuild({
      entryPoints: [`static/editor/${name}`],
      outfile,
      bundle: true,
      minify: true,
      format,
      target: ['es2022'],
      // Styles that come with a bundle are adopted by its script.
      loader: { '.css': 'text' },
      legalComments: 'none',
      metafile: true,
    })
    return `${outfile}, ${metafile.outputs[outfile].bytes} bytes`
  })
  return (await Promise.all(made)).join('; ')
}
