/** Podium's Markdown: GFM, callouts, folds, highlighted YAML, headings with ids. What comes out is safe to put into a page. */
import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import yaml from 'highlight.js/lib/languages/yaml'
import { Marked, type Token, type TokenizerAndRendererExtension, type Tokens } from 'marked'
import sanitizeHtml from 'sanitize-html'
import { escapeHtml } from '../escape-html.ts'
import { msg, t } from '../i18n/translate.ts'

/** A part of a text: prose as HTML, or a fenced block that the page draws itself. */
export type Segment = { html: string } | { fence: string; body: string; line: number }

export interface Heading {
  id: string
  text: string
  depth: number
}

const highlighter = hljs.newInstance()
highlighter.registerLanguage('yaml', yaml)
highlighter.registerLanguage('bash', bash)
highlighter.registerAliases(['sh', 'shell', 'console'], { languageName: 'bash' })

const calloutKinds: Record<string, string> = {
  note: msg('Note'),
  tip: msg('Tip'),
  trap: msg('Common trap'),
  warning: msg('Warning'),
}

interface CalloutToken extends Tokens.Generic {
  kind: string
  title: Token[]
}

const callout: TokenizerAndRendererExtension = {
  name: 'callout',
  level: 'block',
  start: (source) => source.match(/^:::/m)?.index,
  tokenizer(source) {
    const match = /^:::(\w+)[ \t]*([^\n]*)\n([\s\S]*?)\n:::[ \t]*(?:\n|$)/.exec(source)
    if (!match || !(match[1]! in calloutKinds)) return undefined
    const title = this.lexer.inlineTokens(match[2]!.trim())
    const token: CalloutToken = { type: 'callout', raw: match[0], kind: match[1]!, title, tokens: [] }
    this.lexer.blockTokens(match[3]!, token.tokens)
    return token
  },
  renderer(token) {
    const { kind, title, tokens } = token as CalloutToken
    const label = t(calloutKinds[kind]!)
    const heading = title.length > 0 ? t('{label}: {title}', { label, title: this.parser.parseInline(title) }) : label
    return `<aside class="callout callout-${kind}"><p class="callout-title">${heading}</p>${this.parser.parse(tokens ?? [])}</aside>`
  },
}

interface FoldToken extends Tokens.Generic {
  summary: Token[]
}

const foldBlock = /^:::fold[ \t]*([^\n]*)\n([\s\S]*?)\n:::[ \t]*(?:\n|$)/

/** What is there to be looked up, or to compare with: closed, until somebody opens it by what its summary says. */
const fold: TokenizerAndRendererExtension = {
  name: 'fold',
  level: 'block',
  start: (source) => source.match(/^:::fold/m)?.index,
  tokenizer(source) {
    const match = foldBlock.exec(source)
    if (!match) return undefined
    const summary = this.lexer.inlineTokens(match[1]!.trim())
    const token: FoldToken = { type: 'fold', raw: match[0], summary, tokens: [] }
    this.lexer.blockTokens(match[2]!, token.tokens)
    return token
  },
  renderer(token) {
    const { summary, tokens } = token as FoldToken
    const body = this.parser.parse(tokens ?? [])
    return `<details class="folded"><summary>${this.parser.parseInline(summary)}</summary><div class="folded-body">${body}</div></details>`
  },
}

/**
 * @param ids of the headings, in their order; made from their texts unless told
 * @param told puts values in their places, where a text is read as it will stand there
 */
function createMarked(ids: readonly string[] = [], told = (text: string): string => text): Marked {
  let place = 0
  const seen = new Map<string, number>()
  return new Marked({
    gfm: true,
    extensions: [callout, fold],
    walkTokens(token) {
      if (token.type === 'link') token.href = told(token.href)
    },
    renderer: {
      heading({ tokens, depth, text }) {
        const base = slugOf(told(text))
        const count = seen.get(base) ?? 0
        seen.set(base, count + 1)
        const id = ids[place++] ?? (count === 0 ? base : `${base}-${count + 1}`)
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>`
      },
      code({ text: given, lang }) {
        const text = told(given)
        const language = (lang ?? '').split(/\s/)[0]!
        const html = highlighter.getLanguage(language) ? highlightCode(text, language) : escapeHtml(text)
        // A region that scrolls has to be reachable by keyboard.
        return `<pre tabindex="0"><code class="hljs">${html}</code></pre>`
      },
      table({ header, rows }) {
        const inline = ({ tokens }: Tokens.TableCell) => this.parser.parseInline(tokens)
        const labels = header.map(({ tokens }) => escapeHtml(this.parser.parseInline(tokens, this.parser.textRenderer)))
        const isProse = header.length > 2 && rows.some((row) => row.some(({ text }) => text.length > shortCell))
        const [table, part, line, cell] = isProse ? stackedRoles : ['', '', '', '']
        const heads = header.map((one) => `<th${isProse ? ' role="columnheader"' : ''}>${inline(one)}</th>`).join('')
        const cells = (row: Tokens.TableCell[]) =>
          row.map((one, n) => `<td${cell}${isProse && n > 0 ? ` data-label="${labels[n]}"` : ''}>${inline(one)}</td>`)
        const body = rows.map((row) => `<tr${line}>${cells(row).join('')}</tr>`).join('')
        return `<div class="table-scroll" tabindex="0"><table${table}><thead${part}><tr${line}>${heads}</tr></thead><tbody${part}>${body}</tbody></table></div>`
      },
    },
  })
}

/** Characters: a table of three columns and cells no longer than this is compared at a glance, and scrolls where it is too wide. */
const shortCell = 20
/** Of a table whose rows may be drawn one below the other: what is no longer drawn as a table has to say that it is one. */
const stackedRoles = [' class="stacks" role="table"', ' role="rowgroup"', ' role="row"', ' role="cell"'] as const

/** YAML or shell text as HTML with highlight.js classes. */
function highlightCode(text: string, language: string): string {
  return highlighter.highlight(text, { language }).value
}

/** What is filled into a text, by name: each is shown as it is, and never read as Markdown or HTML. */
export type Values = Readonly<Record<string, string | number>>

/** @param values stand where the text names them as `{{name}}`; unknown names stay as they are */
export function renderMarkdown(markdown: string, values: Values = {}): string {
  return renderFilled(markdown, values, (marked, text) => marked.parse(text, { async: false }))
}

/** One line of Markdown, without a paragraph around it. @param values as of `renderMarkdown` */
export function renderInline(markdown: string, values: Values = {}): string {
  return renderFilled(markdown, values, (marked, text) => marked.parseInline(text, { async: false }))
}

/** The tags in a text that no page shows, such as `<pending>` where that was not written as code. */
export function findUnshownTags(markdown: string): string[] {
  const marked = createMarked()
  const found: string[] = []
  marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type !== 'html') return
    for (const [tag, name] of token.raw.matchAll(/<\/?([a-z][^\s/>]*)[^>]*>/gi))
      if (!allowedTags.includes(name!.toLowerCase())) found.push(tag)
  })
  return [...new Set(found)]
}

/** Holds the place of a value until all is HTML. To Markdown it is a word, which no mark is made of. */
const placeOf = (n: number): string => `\uE000${n}\uE001`
const places = /\uE000(\d+)\uE001/g

function renderFilled(markdown: string, values: Values, render: (marked: Marked, text: string) => string): string {
  const filled: string[] = []
  const text = markdown.replace(/\{\{\s*(\w+)\s*\}\}/g, (all, name: string) =>
    Object.hasOwn(values, name) ? placeOf(filled.push(String(values[name])) - 1) : all,
  )
  const told = (given: string): string => given.replace(places, (all, n) => filled[Number(n)] ?? all)
  return sanitize(render(createMarked([], told), text)).replace(places, (place) => escapeHtml(told(place)))
}

/**
 * Cuts a text at its fenced blocks of the given languages.
 * @param firstLine the line of the file on which `markdown` starts, so that a block's line can be told
 * @param headingIds of a translation: the ids that its headings have in the original
 */
export function renderSegments(
  markdown: string,
  fences: string | readonly string[],
  firstLine = 1,
  headingIds: readonly string[] = [],
): Segment[] {
  const marked = createMarked(headingIds)
  const segments: Segment[] = []
  let prose: string[] = []
  let line = firstLine
  const flush = () => {
    const text = prose.join('')
    if (text.trim()) segments.push({ html: sanitize(marked.parse(text, { async: false })) })
    prose = []
  }
  for (const token of marked.lexer(markdown)) {
    const fence = token.type === 'code' ? (token as Tokens.Code).lang?.trim() : undefined
    if (fence && [fences].flat().includes(fence)) {
      flush()
      segments.push({ fence, body: (token as Tokens.Code).text, line: line + 1 })
    } else prose.push(token.raw)
    line += token.raw.split('\n').length - 1
  }
  flush()
  return segments
}

/** The ids of all headings, in their order. */
export function findHeadingIds(segments: readonly object[]): string[] {
  return segments.flatMap((segment) =>
    'html' in segment ? [...String(segment.html).matchAll(/<h[1-6] id="([^"]*)">/g)].map(([, id]) => id!) : [],
  )
}

export function findHeadings(segments: readonly Segment[]): Heading[] {
  const found: Heading[] = []
  for (const segment of segments)
    if ('html' in segment)
      for (const [, depth, id, html] of segment.html.matchAll(/<h([23]) id="([^"]+)">(.*?)<\/h\1>/g))
        found.push({ id: id!, text: html!.replace(/<[^>]+>/g, ''), depth: Number(depth) })
  return found
}

/** The lines of tables of which a column has no heading. @param firstLine the line of the file on which `markdown` starts */
export function findUnheadedTables(markdown: string, firstLine = 1): number[] {
  const found: number[] = []
  let line = firstLine
  for (const token of createMarked().lexer(markdown)) {
    if (token.type === 'table' && (token as Tokens.Table).header.some(({ text }) => text.trim() === ''))
      found.push(line)
    line += token.raw.split('\n').length - 1
  }
  return found
}

/**
 * What is wrong with the folds of a text. A closed one has to say what it holds, and what others lead to, or cut a lesson at, is in none.
 * @param fences of blocks that the page draws itself @param firstLine the line of the file on which `markdown` starts
 */
export function findBadFolds(
  markdown: string,
  fences: readonly string[],
  firstLine = 1,
): { line: number; message: string }[] {
  const found: { line: number; message: string }[] = []
  const marked = createMarked()
  let line = firstLine
  for (const token of marked.lexer(markdown)) {
    if (token.type === 'fold') {
      const { summary, tokens = [] } = token as FoldToken
      const complain = (message: string) => found.push({ line, message })
      if (summary.length === 0) complain('a fold says what it holds: ":::fold The fields and their defaults"')
      marked.walkTokens(tokens, (inner) => {
        if (inner.type === 'heading') complain(`a fold holds no heading: move "${inner.text}" before it`)
        if (inner.type === 'code' && fences.includes(inner.lang?.trim() ?? ''))
          complain(`a fold holds no block "${inner.lang}": move it out`)
      })
    } else if (token.type === 'paragraph' && /^:::/m.test(token.raw))
      found.push({ line, message: '":::" begins a callout or a fold, and a line ":::" ends it' })
    line += token.raw.split('\n').length - 1
  }
  return found
}

export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[`*_~]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

const allowedTags = [
  ...sanitizeHtml.defaults.allowedTags,
  'aside',
  'section',
  'sup',
  'kbd',
  'del',
  'input',
  'details',
  'summary',
]

function sanitize(html: string): string {
  return sanitizeHtml(html, {
    allowedTags,
    allowedAttributes: {
      a: ['href', 'title'],
      code: ['class'],
      span: ['class'],
      aside: ['class'],
      details: ['class'],
      p: ['class'],
      table: ['class', 'role'],
      thead: ['role'],
      tbody: ['role'],
      tr: ['role'],
      th: ['role'],
      td: ['role', 'data-label'],
      pre: ['tabindex'],
      div: ['class', 'tabindex'],
      ol: ['start'],
      input: ['type', 'checked', 'disabled'],
      ...Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((tag) => [tag, ['id']])),
    },
    allowedSchemes: ['http', 'https', 'mailto'],
  })
}
