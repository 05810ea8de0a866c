/** The stream of a terminal's sizes: JSON objects behind each other, `{"Width":80,"Height":24}`. */

/** No size is as long as this. */
const maxBytes = 1024

/** Takes the text in any pieces. What is no size ends the reading, and nothing else. */
export function createSizeReader(resize: (columns: number, rows: number) => void): (data: Uint8Array) => void {
  const decoder = new TextDecoder()
  let text = ''
  let isBroken = false
  return (data) => {
    if (isBroken) return
    text += decoder.decode(data, { stream: true })
    for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      const size = parseSize(text.slice(0, end + 1))
      text = text.slice(end + 1)
      isBroken ||= !size
      if (!isBroken && size) resize(size.columns, size.rows)
    }
    isBroken ||= text.length > maxBytes
    if (isBroken) text = ''
  }
}

function parseSize(text: string): { columns: number; rows: number } | undefined {
  try {
    const { Width: columns, Height: rows } = JSON.parse(text) as { Width?: unknown; Height?: unknown }
    return isSize(columns) && isSize(rows) ? { columns, rows } : undefined
  } catch {
    return undefined
  }
}

const isSize = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65536
