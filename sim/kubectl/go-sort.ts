/**
 * The order that Go's `sort.Sort` and `sort.Slice` leave: equal items do not keep theirs, once there are more than a few. What kubectl
 * prints shows it. A pattern-defeating quicksort. Source: https://arxiv.org/abs/2106.05123, and the constants of Go's package sort
 */

type Less<T> = (a: T, b: T) => boolean

/** Up to so many are sorted by insertion, which keeps the order of equals. */
const SMALL = 12
/** From so many on the pivot is sought among nine, and a nearly sorted range is repaired in place. */
const LARGE = 50
const MAX_REPAIRS = 5

/** A sorted copy. */
export function goSorted<T>(items: readonly T[], less: Less<T>): T[] {
  const sorted = [...items]
  new Sorter(sorted, less).sort(0, sorted.length, bitLength(sorted.length))
  return sorted
}

const bitLength = (value: number): number => (value === 0 ? 0 : value.toString(2).length)

class Sorter<T> {
  readonly #items: T[]
  readonly #less: Less<T>

  constructor(items: T[], less: Less<T>) {
    this.#items = items
    this.#less = less
  }

  /** @param patience how many bad pivots are borne before the range is sorted as a heap */
  sort(from: number, to: number, patience: number): void {
    let [start, end, left] = [from, to, patience]
    let wasBalanced = true
    let wasPartitioned = true
    while (end - start > SMALL) {
      if (left === 0) {
        this.#heapSort(start, end)
        return
      }
      if (!wasBalanced) {
        this.#breakPatterns(start, end)
        left--
      }
      let { pivot, swaps } = this.#choosePivot(start, end)
      if (swaps === 'all') {
        this.#reverse(start, end)
        pivot = end - 1 - (pivot - start)
        swaps = 'none'
      }
      if (wasBalanced && wasPartitioned && swaps === 'none' && this.#repair(start, end)) return
      if (start > 0 && !this.#isLess(start - 1, pivot)) {
        start = this.#partitionEqual(start, end, pivot)
        continue
      }
      const length = end - start
      const { middle, wasDone } = this.#partition(start, end, pivot)
      wasPartitioned = wasDone
      const [before, after] = [middle - start, end - middle]
      wasBalanced = Math.min(before, after) >= Math.floor(length / 8)
      if (before < after) {
        this.sort(start, middle, left)
        start = middle + 1
      } else {
        this.sort(middle + 1, end, left)
        end = middle
      }
    }
    this.#insertionSort(start, end)
  }

  #isLess(a: number, b: number): boolean {
    return this.#less(this.#items[a], this.#items[b])
  }

  #swap(a: number, b: number): void {
    const items = this.#items
    ;[items[a], items[b]] = [items[b], items[a]]
  }

  #insertionSort(start: number, end: number): void {
    for (let i = start + 1; i < end; i++) for (let j = i; j > start && this.#isLess(j, j - 1); j--) this.#swap(j, j - 1)
  }

  #heapSort(start: number, end: number): void {
    const size = end - start
    for (let i = Math.floor((size - 1) / 2); i >= 0; i--) this.#sink(i, size, start)
    for (let i = size - 1; i >= 0; i--) {
      this.#swap(start, start + i)
      this.#sink(0, i, start)
    }
  }

  #sink(from: number, size: number, start: number): void {
    let root = from
    for (;;) {
      let child = 2 * root + 1
      if (child >= size) return
      if (child + 1 < size && this.#isLess(start + child, start + child + 1)) child++
      if (!this.#isLess(start + root, start + child)) return
      this.#swap(start + root, start + child)
      root = child
    }
  }

  #reverse(start: number, end: number): void {
    for (let i = start, j = end - 1; i < j; i++, j--) this.#swap(i, j)
  }

  /** Puts a few items of the middle elsewhere, by numbers that only the length decides. */
  #breakPatterns(start: number, end: number): void {
    const length = end - start
    const mask = (1n << BigInt(bitLength(length))) - 1n
    let random = BigInt(length)
    const middle = start + Math.floor(length / 4) * 2
    for (let i = 0; i < 3; i++) {
      random ^= BigInt.asUintN(64, random << 13n)
      random ^= random >> 7n
      random ^= BigInt.asUintN(64, random << 17n)
      const other = Number(random & mask)
      this.#swap(middle - 1 + i, start + (other >= length ? other - length : other))
    }
  }

  /** The median of three, or of the medians of three neighbours each. @returns how many of the comparisons were the wrong way round */
  #choosePivot(start: number, end: number): { pivot: number; swaps: 'none' | 'some' | 'all' } {
    const length = end - start
    const quarter = Math.floor(length / 4)
    let swaps = 0
    const ordered = (a: number, b: number): [number, number] => {
      if (!this.#isLess(b, a)) return [a, b]
      swaps++
      return [b, a]
    }
    const median = (x: number, y: number, z: number): number => {
      let [a, b] = ordered(x, y)
      ;[b] = ordered(b, z)
      ;[a, b] = ordered(a, b)
      return b
    }
    const near = (at: number): number => (length >= LARGE ? median(at - 1, at, at + 1) : at)
    const candidates = [start + quarter, start + quarter * 2, start + quarter * 3].map(near)
    const pivot = median(candidates[0], candidates[1], candidates[2])
    return { pivot, swaps: swaps === 0 ? 'none' : swaps === 12 ? 'all' : 'some' }
  }

  /** Moves the few items that are out of place in a range that seems sorted; false when there are too many. */
  #repair(start: number, end: number): boolean {
    let i = start + 1
    for (let repairs = 0; repairs < MAX_REPAIRS; repairs++) {
      while (i < end && !this.#isLess(i, i - 1)) i++
      if (i === end) return true
      if (end - start < LARGE) return false
      this.#swap(i, i - 1)
      if (i - start >= 2) for (let j = i - 1; j >= 1 && this.#isLess(j, j - 1); j--) this.#swap(j, j - 1)
      if (end - i >= 2) for (let j = i + 1; j < end && this.#isLess(j, j - 1); j++) this.#swap(j, j - 1)
    }
    return false
  }

  /** Smaller ones before the pivot, the others behind it. */
  #partition(start: number, end: number, pivot: number): { middle: number; wasDone: boolean } {
    this.#swap(start, pivot)
    let [i, j] = [start + 1, end - 1]
    let wasDone = true
    for (;;) {
      while (i <= j && this.#isLess(i, start)) i++
      while (i <= j && !this.#isLess(j, start)) j--
      if (i > j) break
      this.#swap(i++, j--)
      wasDone = false
    }
    this.#swap(j, start)
    return { middle: j, wasDone }
  }

  /** Those that equal the pivot in front; none is smaller. @returns where the greater ones begin */
  #partitionEqual(start: number, end: number, pivot: number): number {
    this.#swap(start, pivot)
    let [i, j] = [start + 1, end - 1]
    for (;;) {
      while (i <= j && !this.#isLess(start, i)) i++
      while (i <= j && this.#isLess(start, j)) j--
      if (i > j) return i
      this.#swap(i++, j--)
    }
  }
}
