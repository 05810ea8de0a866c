/**
 * Bundles static/editor into static/generated for the browser: the editor of manifests, and the one of the terminal, which is loaded when
 * it is first used. A step of scripts/build.mjs, which `npm ci` runs.
 */
import { readFile } from 'node:fs/promises'
import { build as esbuild } from 'esbuild'

const folder = 'static/generated'
const bundles = [
  { name: 'editor.js', format: 'iife' },
  { name: 'terminal-editor.js', format: 'esm' },
]

/** The library looks for small letters in any case, whatever is set; vim does so with ignorecase alone. */
const caseOfVim = {
  name: 'case-of-vim',
  setup({ onLoad }) {
    onLoad({ filter: /codemirror-vim-core[/\\]vim\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const whole = /if \(smartCase\) \{\s*ignoreCase = [^;]+;\s*\}/g
      if (text.match(whole)?.length !== 1) throw new Error(`${path} does not decide the case of a search where it did`)
      const decided = "ignoreCase = getOption('ignorecase') && !(getOption('smartcase') && /[A-Z]/.test(regexPart));"
      return { contents: text.replace(whole, () => decided), loader: 'js' }
    })
  },
}

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
      plugins: [caseOfVim],
      legalComments: 'none',
      metafile: true,
    })
    return `${outfile}, ${metafile.outputs[outfile].bytes} bytes`
  })
  return (await Promise.all(made)).join('; ')
}
