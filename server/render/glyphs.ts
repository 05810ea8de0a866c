/** Small pictures beside words: what kind of thing something is, and how hard. They have the text's colour, and the words say the same. */

/** 16 by 16, drawn with a pen. */
const paths: Readonly<Record<string, string>> = {
  lesson: 'M8 4.3C6.4 3.2 4.4 2.9 2 3v9.4c2.4-.1 4.4.2 6 1.3 1.6-1.1 3.6-1.4 6-1.3V3c-2.4-.1-4.4.2-6 1.3zv9.4',
  question: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M8 13v.1',
  challenge: 'M3.5 14.5v-13M3.5 2.5h9l-2 3 2 3h-9',
  lock: 'M3.5 7.5h9v6.5h-9zM5.5 7.5v-2.5a2.5 2.5 0 0 1 5 0v2.5',
  // Types of questions.
  single: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 9.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z',
  multiple: 'M2.5 2.5h11v11h-11zM5.2 8.2l2 2 3.6-4.4',
  'true-false': 'M1.5 8.5l2.2 2.2L7.5 6M10 6l4.5 4.5M14.5 6L10 10.5',
  predict: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  order: 'M7 4h7M7 8h7M7 12h7M3.5 3v10M1.5 11l2 2 2-2',
  match: 'M3 4.5h.1M3 11.5h.1M13 4.5h.1M13 11.5h.1M5.5 5l5 6M5.5 11l5-6',
  short: 'M2 12.5h12M4 9.5h4M4 9.5v-6',
  numeric: 'M6 2.5l-1 11M11 2.5l-1 11M2.5 6h11.5M2 10.5h11.5',
  spot: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6L14 14M7 4.8v2.4M7 9.2v.1',
  fix: 'M13.6 4.2l-2.3 2.3-2-.6-.5-1.9 2.3-2.3a4 4 0 0 0-5 5L2 10.8 2 14h3.2l4.1-4.1a4 4 0 0 0 4.3-5.7z',
  open: 'M2 3h12v8H7.5L4.5 14v-3H2z',
  // Styles of challenges.
  build: 'M8 1.8l5.5 3.1v6.2L8 14.2l-5.5-3.1V4.9zM2.5 4.9L8 8l5.5-3.1M8 8v6.2',
  operate: 'M2 3h12v10H2zM4.5 6l2 2-2 2M8.5 10.2h3',
  design: 'M2 14l1-4 8.5-8.5 3 3L6 13zM9.5 3.5l3 3',
  task: 'M8 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 6v3l2 1.5M6.5 1.5h3',
}

/** @param name of a kind of item, a type of questions or a style of challenges; of another nothing is drawn */
export function glyph(name: string): string {
  const path = Object.hasOwn(paths, name) ? paths[name] : undefined
  return path === undefined ? '' : `<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true"><path d="${path}"/></svg>`
}

const highest = 5

/** @param level from 1 to 5 */
export function levelGlyph(level: number): string {
  const bars = Array.from({ length: highest }, (_, n) => {
    const tall = 4 + n * 2.5
    return `<path${n < level ? '' : ' class="is-above"'} d="M${n * 4} ${15 - tall}h3v${tall}h-3z"/>`
  })
  return `<svg class="glyph is-level" viewBox="0 0 19 16" aria-hidden="true">${bars.join('')}</svg>`
}
