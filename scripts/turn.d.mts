export function isTurn(place: number, parts: number, asked: string | undefined): boolean
export function turnOf(parts: number, asked: string | undefined): number
