/** Bundles static/editor into static/generated/editor.js for the browser. A step of scripts/build.mjs, which `npm ci` runs. */
import { build as esbuild } from 'esbuild'

const outfile = 'static/generated/editor.js'

export async function build() {
  const { metafile } = await esbuild({
    entryPoints: ['static/editor/editor.js'],
    outfile,
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['es2022'],
    legalComments: 'none',
    metafile: true,
  })
  return `${outfile}, ${metafile.outputs[outfile].bytes} bytes`
}
