/** What happens, told to people: a text in English with `{name}` where a value goes. Whoever shows it may translate the text first. */
export interface Told {
  readonly text: string
  readonly values?: Readonly<Record<string, string | number>>
}

/** Marks a text of a `Told`, so that the test of the translations finds it. */
export const msg = (text: string): string => text
