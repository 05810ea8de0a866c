/** What `:set` knows in the terminal's vim, and what a ~/.vimrc says. */

/** Those that have an effect. */
const effective = {
  number: { short: 'nu', type: 'boolean' },
  list: { type: 'boolean' },
  wrap: { type: 'boolean' },
  paste: { type: 'boolean' },
  expandtab: { short: 'et', type: 'boolean' },
  tabstop: { short: 'ts', type: 'number' },
  shiftwidth: { short: 'sw', type: 'number' },
  ignorecase: { short: 'ic', type: 'boolean' },
  smartcase: { short: 'scs', type: 'boolean' },
}

/** Those of the real one that are taken, and change nothing here. */
const idle = new Set(
  (
    'softtabstop sts autoindent ai smartindent si cindent cin smarttab sta relativenumber rnu hlsearch hls incsearch is ' +
    'showcmd sc showmode smd showmatch sm ruler ru cursorline cul cursorcolumn cuc mouse compatible cp backspace bs encoding ' +
    'enc fileencoding fenc fileformat ff filetype ft syntax syn background bg laststatus ls wildmenu wmnu hidden hid scrolloff so visualbell ' +
    'vb errorbells eb swapfile swf backup bk writebackup wb undofile udf clipboard cb foldmethod fdm foldlevel fdl foldlevelstart fdls ' +
    'foldenable fen textwidth tw modeline ml modelines mls listchars lcs shiftround sr history hi title termguicolors tgc timeoutlen tm ' +
    'pastetoggle pt linebreak lbr breakindent bri autoread ar splitbelow sb splitright spr t_Co'
  ).split(' '),
)

const longName = (name) => Object.keys(effective).find((long) => long === name || effective[long].short === name)
const isKnown = (name) => idle.has(name) || longName(name) !== undefined

/**
 * One word of a `:set`.
 * @returns `{ name, value }` of an option with an effect, `{ asked }` the name of one whose value is asked for, `{ error }`, or nothing
 */
export function readSetting(word) {
  const [, text = word, sign = '', value = ''] = /^([A-Za-z_]+)([=:?!&]?)(.*)$/.exec(word) ?? []
  const prefix = isKnown(text) ? '' : (/^(?:no|inv)/.exec(text)?.[0] ?? '')
  const option = text.slice(prefix.length)
  if (!isKnown(option)) return { error: `E518: Unknown option: ${text}` }
  const name = longName(option)
  if (!name) return {}
  if (sign === '?') return { asked: name }
  const isSet = sign === '=' || sign === ':'
  if (effective[name].type === 'boolean') {
    if (isSet) return { error: `E474: Invalid argument: ${word}` }
    return { name, value: sign === '!' || prefix === 'inv' ? 'turned' : prefix === '' }
  }
  if (!isSet) return { asked: name }
  if (!/^\d+$/.test(value)) return { error: `E521: Number required after =: ${word}` }
  const isOutside = Number(value) > 64 || (Number(value) === 0 && name === 'tabstop')
  return isOutside ? { error: `E487: Argument must be positive: ${word}` } : { name, value: Number(value) }
}

/** As `:set` shows a value. */
export const shownSetting = (name, value) =>
  typeof value === 'boolean' ? `${value ? '  ' : 'no'}${name}` : `  ${name}=${value}`

/** @returns words for `:set`, and lines that map keys */
export function readVimrc(text, isYaml) {
  const words = []
  const maps = []
  for (const line of text.split('\n')) {
    const own = line.trim().replace(/^:/, '')
    const [, types, late] = /^au(?:tocmd)?!?\s+FileType\s+(\S+)\s+(.*)$/i.exec(own) ?? []
    const command =
      types === undefined ? own : isYaml && types.split(',').some((type) => /^(ya?ml|\*)$/.test(type)) ? late : ''
    const [, settings] = /^set?(?:l(?:ocal)?|g(?:lobal)?)?\s+([^"]*)/.exec(command) ?? []
    if (settings) words.push(...settings.trim().split(/\s+/))
    else if (/^[nvio]?(nore)?map\s/.test(command)) maps.push(command)
  }
  return { words, maps }
}
