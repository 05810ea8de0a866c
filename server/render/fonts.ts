/** The site's faces: one to read, one for controls, each in two weights and in Latin letters alone. Chinese is set in the reader's own. */

interface Font {
  family: string
  /** In percent of its own. */
  size: number
  /** Of the CSS: 600 stands for bold as well. */
  weight: string
  /** Address on the site; the number is the package's version, since it may be kept for good. */
  path: string
  /** In its package. */
  file: string
}

const version = '5.3.1'
/** The sans is drawn small: in percent, as tall as the faces of systems. */
const families = [
  ['Source Serif 4', 'source-serif-4', 100],
  ['Source Sans 3', 'source-sans-3', 106],
] as const

export const fonts: readonly Font[] = families.flatMap(([family, name, size]) =>
  [400, 600].map((weight) => {
    const file = `${name}-latin-${weight}-normal.woff2`
    return {
      family,
      size,
      weight: weight === 400 ? '400 500' : '600 800',
      path: `/static/vendor/fonts/${version}/${file}`,
      file: `@fontsource/${name}/files/${file}`,
    }
  }),
)

/** Letters, digits and punctuation of the Latin subset, without the signs that stand in the system's faces as well. */
const range =
  'U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC, U+2122, U+2212'

/** Optional: what has not come when the page is drawn stays away from this page, so that no line moves under the reader. */
export const fontFaces = (): string =>
  fonts
    .map(
      ({ family, size, weight, path }) =>
        `@font-face { font-family: "${family}"; font-weight: ${weight}; font-display: optional; size-adjust: ${size}%; src: url("${path}") format("woff2"); unicode-range: ${range}; }`,
    )
    .join('\n')
