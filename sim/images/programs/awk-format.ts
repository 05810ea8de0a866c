/** awk's numbers as texts, and its printf. */

/** A number as print shows it: whole ones in full, others with six significant digits. */
export function printNumber(value: number, format = '%.6g'): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return String(value === 0 ? 0 : value)
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return sprintf(format, [{ text: '', number: value }])
}

function general(value: number, precision: number, keepsZeros: boolean): string {
  const digits = Math.min(precision || 1, 100)
  if (value === 0) return '0'
  const exponent = Number(value.toExponential(digits - 1).split('e')[1])
  const text =
    exponent < -4 || exponent >= digits
      ? exponential(value, digits - 1)
      : value.toFixed(Math.min(100, Math.max(0, digits - 1 - exponent)))
  return keepsZeros || !/\./.test(text) ? text : text.replace(/\.?0+($|e)/, '$1')
}

const exponential = (value: number, precision: number): string =>
  value.toExponential(Math.min(precision, 100)).replace(/e([-+])(\d)$/, 'e$10$2')

/** Formats as C does. Missing arguments are empty. */
export function sprintf(format: string, args: readonly { text: string; number: number }[]): string {
  let index = 0
  const next = () => args[index++] ?? { text: '', number: 0 }
  return format.replace(
    /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?([diouxXeEfFgGcs%])/g,
    (whole, flags: string, width: string | undefined, precision: string | undefined, type: string) => {
      if (type === '%') return '%'
      let isLeft = flags.includes('-')
      let size = width === '*' ? next().number : Number(width ?? 0)
      if (size < 0) {
        isLeft = true
        size = -size
      }
      size = Math.min(size, 10_000)
      const places =
        precision === undefined ? undefined : Math.min(precision === '*' ? next().number : Number(precision), 10_000)
      const given = next()
      let text: string
      if (type === 's') text = given.text.slice(0, places)
      else if (type === 'c')
        text =
          given.text && Number.isNaN(Number(given.text))
            ? given.text[0]
            : given.text === ''
              ? ''
              : String.fromCodePoint(Math.max(0, Math.min(0x10ffff, Math.trunc(given.number) || 0)))
      else {
        const { number } = given
        if (!Number.isFinite(number)) text = printNumber(number)
        else if ('diu'.includes(type))
          text = Math.abs(number) < 1e21 ? BigInt(Math.trunc(number)).toString() : String(number)
        else if ('oxX'.includes(type)) {
          text = BigInt.asUintN(64, BigInt(Math.trunc(number))).toString(type === 'o' ? 8 : 16)
          if (flags.includes('#')) text = (type === 'o' ? '0' : '0x') + text
          if (type === 'X') text = text.toUpperCase()
        } else if ('fF'.includes(type)) text = number.toFixed(Math.min(places ?? 6, 100))
        else if ('eE'.includes(type)) text = exponential(number, places ?? 6)
        else text = general(number, places ?? 6, flags.includes('#'))
        if ('EG'.includes(type)) text = text.toUpperCase()
        if ('diuoxX'.includes(type) && places !== undefined)
          text = text.replace(/^(-?)(.*)$/, (_, sign: string, digits: string) => sign + digits.padStart(places, '0'))
        if (flags.includes('+') && number >= 0 && !'uoxX'.includes(type)) text = `+${text}`
        else if (flags.includes(' ') && number >= 0 && !'uoxX'.includes(type)) text = ` ${text}`
        if (flags.includes('0') && !isLeft) {
          const sign = /^[-+ ]?/.exec(text)![0]
          text = sign + text.slice(sign.length).padStart(size - sign.length, '0')
        }
      }
      return whole === '' ? '' : isLeft ? text.padEnd(size) : text.padStart(size)
    },
  )
}
