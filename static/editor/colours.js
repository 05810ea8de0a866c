/** The colours of YAML, in the page's own tokens. */
import { HighlightStyle } from '@codemirror/language'
import { tags } from '@lezer/highlight'

export const colours = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: 'var(--code-key)' },
  { tag: tags.propertyName, color: 'var(--code-key)' },
  { tag: [tags.string, tags.content], color: 'var(--ink)' },
  { tag: [tags.special(tags.string), tags.quote], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.meta], color: 'var(--code-comment)' },
])
