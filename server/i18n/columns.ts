/** How much room a text takes, where a picture has to know: in letters, of which a Chinese character takes two. */
export function columnsOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (isWide(letter) ? 2 : 1), 0)
}

/** Han, kana, hangul, and the full-width forms of punctuation: Unicode's East Asian Width W and F, as far as texts here have them. */
export function isWide(letter: string): boolean {
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6“”‘’…—]/.test(
    letter,
  )
}
