/**
 * A very small SQL for the simulated databases: enough to see that data is there, and still there after a restart.
 * Simplified: create, drop, insert, select, update and delete on one table with `column = value` conditions; anything else is refused.
 */

export type SqlResult =
  | { kind: 'rows'; columns: string[]; rows: string[][] }
  | { kind: 'done'; tag: string; count: number }
  | {
      kind: 'error'
      code: 'unknown-database' | 'unknown-table' | 'unknown-column' | 'exists' | 'no-database' | 'not-simulated'
      name: string
    }

interface Table {
  columns: string[]
  serial: string[]
  rows: Record<string, string | null>[]
}

/** Databases by name, each with its tables by name. */
export type Databases = Record<string, Record<string, Table>>

type Json = Readonly<Record<string, unknown>>

/** The object that a text holds in JSON; undefined when it holds anything else. Files and connections are the learner's. */
export function readObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The texts of an object; what is none is left out. */
export const textsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )

/** Databases as they were stored; what is damaged is left out. */
export function databasesOf(value: unknown): Databases {
  const databases: Databases = {}
  for (const [name, stored] of Object.entries(isObject(value) ? value : {})) {
    const tables: Record<string, Table> = {}
    for (const [table, content] of Object.entries(isObject(stored) ? stored : {})) {
      if (!isObject(content) || !Array.isArray(content.columns) || !Array.isArray(content.rows)) continue
      tables[table] = {
        columns: content.columns.map(String),
        serial: Array.isArray(content.serial) ? content.serial.map(String) : [],
        rows: content.rows.map(textsOf),
      }
    }
    databases[name] = tables
  }
  return databases
}

interface Word {
  text: string
  isLiteral: boolean
}

function words(sql: string): Word[] {
  const found: Word[] = []
  for (const match of sql.matchAll(
    /'((?:[^']|'')*)'|"([^"]*)"|`([^`]*)`|-?\d+(?:\.\d+)?|[\w.@$]+|<=|>=|<>|!=|[^\s]/g,
  )) {
    if (match[1] !== undefined) found.push({ text: match[1].replaceAll("''", "'"), isLiteral: true })
    else found.push({ text: match[2] ?? match[3] ?? match[0], isLiteral: /^-?\d/.test(match[0]) })
  }
  return found
}

/** Statements of a text, split at semicolons outside of quotes. */
export const statements = (text: string): string[] =>
  [...text.matchAll(/(?:'[^']*'|"[^"]*"|`[^`]*`|[^;'"`]|['"`])+/g)].map((match) => match[0].trim()).filter(Boolean)

export class SqlSession {
  private readonly databases: Databases
  database: string | undefined
  private readonly values: Readonly<Record<string, string>>
  /** Something was written. */
  hasChanged = false

  /** @param values what functions without arguments give: `version()` */
  constructor(databases: Databases, database: string | undefined, values: Readonly<Record<string, string>>) {
    this.databases = databases
    this.database = database
    this.values = values
  }

  run(sql: string): SqlResult {
    const list = words(sql.replace(/;\s*$/, ''))
    let at = 0
    const peek = (): string => list[at]?.text.toLowerCase() ?? ''
    const take = (...expected: string[]): boolean => {
      if (!expected.every((word, index) => list[at + index]?.text.toLowerCase() === word)) return false
      at += expected.length
      return true
    }
    const next = (): Word => list[at++] ?? { text: '', isLiteral: false }
    const refuse = (): SqlResult => ({ kind: 'error', code: 'not-simulated', name: sql.trim().slice(0, 60) })
    const done = (tag: string, count = 0): SqlResult => {
      this.hasChanged = true
      return { kind: 'done', tag, count }
    }

    if (take('begin') || take('commit') || take('set') || take('flush') || take('grant'))
      return { kind: 'done', tag: 'OK', count: 0 }
    if (take('use')) {
      const name = next().text
      if (!Object.hasOwn(this.databases, name)) return { kind: 'error', code: 'unknown-database', name }
      this.database = name
      return { kind: 'done', tag: 'USE', count: 0 }
    }
    if (take('show', 'databases'))
      return {
        kind: 'rows',
        columns: ['Database'],
        rows: Object.keys(this.databases)
          .sort()
          .map((name) => [name]),
      }
    if (take('create', 'database') || take('create', 'schema')) {
      const isLenient = take('if', 'not', 'exists')
      const name = next().text
      if (Object.hasOwn(this.databases, name))
        return isLenient ? done('CREATE DATABASE') : { kind: 'error', code: 'exists', name }
      this.databases[name] = {}
      return done('CREATE DATABASE', 1)
    }
    if (take('drop', 'database')) {
      const isLenient = take('if', 'exists')
      const name = next().text
      if (!Object.hasOwn(this.databases, name) && !isLenient) return { kind: 'error', code: 'unknown-database', name }
      delete this.databases[name]
      return done('DROP DATABASE')
    }
    if (take('show', 'tables')) {
      const tables = this.tables()
      if ('kind' in tables) return tables
      return {
        kind: 'rows',
        columns: [`Tables_in_${this.database}`],
        rows: Object.keys(tables.all)
          .sort()
          .map((name) => [name]),
      }
    }
    if (take('create', 'table')) {
      const isLenient = take('if', 'not', 'exists')
      const place = this.place(next().text)
      if ('kind' in place) return place
      if (Object.hasOwn(place.tables, place.name))
        return isLenient ? done('CREATE TABLE') : { kind: 'error', code: 'exists', name: place.name }
      if (!take('(')) return refuse()
      const table: Table = { columns: [], serial: [], rows: [] }
      for (let depth = 1, isStart = true; at < list.length && depth > 0; at++) {
        const word = peek()
        if (word === '(') depth++
        else if (word === ')') depth--
        else if (word === ',' && depth === 1) isStart = true
        else if (isStart) {
          isStart = false
          if (!['primary', 'unique', 'foreign', 'constraint', 'key', 'index'].includes(word))
            table.columns.push(list[at].text)
        } else if (['serial', 'bigserial', 'auto_increment', 'identity'].includes(word))
          table.serial.push(table.columns.at(-1) ?? '')
      }
      place.tables[place.name] = table
      return done('CREATE TABLE')
    }
    if (take('drop', 'table')) {
      const isLenient = take('if', 'exists')
      const place = this.place(next().text)
      if ('kind' in place) return place
      if (!Object.hasOwn(place.tables, place.name) && !isLenient)
        return { kind: 'error', code: 'unknown-table', name: place.name }
      delete place.tables[place.name]
      return done('DROP TABLE')
    }
    const readWhere = (table: Table): { test: (row: Table['rows'][number]) => boolean } | SqlResult => {
      const tests: ((row: Table['rows'][number]) => boolean)[] = []
      if (take('where'))
        do {
          const column = next().text
          if (!table.columns.includes(column)) return { kind: 'error', code: 'unknown-column', name: column }
          const operator = next().text
          const wanted = next().text
          if (!['=', '<>', '!='].includes(operator)) return refuse()
          tests.push((row) => (row[column] === wanted) === (operator === '='))
        } while (take('and'))
      return { test: (row) => tests.every((each) => each(row)) }
    }
    const tableAt = (name: string): Table | SqlResult => {
      const place = this.place(name)
      if ('kind' in place) return place
      return Object.hasOwn(place.tables, place.name)
        ? place.tables[place.name]
        : { kind: 'error', code: 'unknown-table', name: place.name }
    }
    if (take('insert', 'into')) {
      const table = tableAt(next().text)
      if ('kind' in table) return table
      let columns = table.columns
      if (take('(')) {
        columns = []
        for (let word = next(); word.text !== ')' && word.text !== ''; word = next())
          if (word.text !== ',') columns.push(word.text)
      }
      const unknown = columns.find((column) => !table.columns.includes(column))
      if (unknown !== undefined) return { kind: 'error', code: 'unknown-column', name: unknown }
      if (!take('values')) return refuse()
      let count = 0
      while (take('(')) {
        const row: Table['rows'][number] = Object.fromEntries(table.columns.map((column) => [column, null]))
        for (const column of table.serial) row[column] = String(table.rows.length + 1)
        for (const column of columns) {
          const value = next()
          row[column] = !value.isLiteral && value.text.toLowerCase() === 'null' ? null : value.text
          if (take('(')) {
            row[column] = this.valueOf(value.text.toLowerCase()) ?? ''
            take(')')
          }
          take(',')
        }
        if (!take(')')) return refuse()
        table.rows.push(row)
        count++
        take(',')
      }
      return count ? done(`INSERT 0 ${count}`, count) : refuse()
    }
    if (take('delete', 'from')) {
      const table = tableAt(next().text)
      if ('kind' in table) return table
      const where = readWhere(table)
      if ('kind' in where) return where
      const before = table.rows.length
      table.rows = table.rows.filter((row) => !where.test(row))
      return done(`DELETE ${before - table.rows.length}`, before - table.rows.length)
    }
    if (take('update')) {
      const table = tableAt(next().text)
      if ('kind' in table || !take('set')) return 'kind' in table ? table : refuse()
      const changes: [string, string][] = []
      do {
        const column = next().text
        if (!table.columns.includes(column)) return { kind: 'error', code: 'unknown-column', name: column }
        if (!take('=')) return refuse()
        changes.push([column, next().text])
      } while (take(','))
      const where = readWhere(table)
      if ('kind' in where) return where
      const hit = table.rows.filter(where.test)
      for (const row of hit) for (const [column, value] of changes) row[column] = value
      return done(`UPDATE ${hit.length}`, hit.length)
    }
    if (!take('select')) return refuse()
    const wanted: { name: string; value?: string; count?: boolean }[] = []
    do {
      const word = next()
      const name = word.text
      if (word.isLiteral) wanted.push({ name, value: name })
      else if (take('(')) {
        if (name.toLowerCase() === 'count') {
          next()
          wanted.push({ name: 'count(*)', count: true })
        } else {
          const value = this.valueOf(name.toLowerCase())
          if (value === undefined) return refuse()
          wanted.push({ name: `${name}()`, value })
        }
        if (!take(')')) return refuse()
      } else if (name.startsWith('@@'))
        wanted.push({ name, value: this.valueOf(name.replace(/^@@(?:global\.)?/, '')) ?? '' })
      else wanted.push({ name })
      if (take('as')) wanted[wanted.length - 1].name = next().text
    } while (take(','))
    if (!take('from')) {
      if (at < list.length || wanted.some(({ value }) => value === undefined)) return refuse()
      return { kind: 'rows', columns: wanted.map(({ name }) => name), rows: [wanted.map(({ value }) => value ?? '')] }
    }
    const table = tableAt(next().text)
    if ('kind' in table) return table
    const where = readWhere(table)
    if ('kind' in where) return where
    if (take('order', 'by')) {
      next()
      if (!take('asc')) take('desc')
    }
    const limit = take('limit') ? Number(next().text) : Number.POSITIVE_INFINITY
    if (at < list.length) return refuse()
    const rows = table.rows.filter(where.test)
    const columns = wanted.flatMap((each) =>
      each.name === '*' ? table.columns.map((name): typeof each => ({ name })) : [each],
    )
    const unknown = columns.find(
      ({ name, value, count }) => value === undefined && !count && !table.columns.includes(name),
    )
    if (unknown) return { kind: 'error', code: 'unknown-column', name: unknown.name }
    if (columns.some(({ count }) => count))
      return {
        kind: 'rows',
        columns: columns.map(({ name }) => name),
        rows: [columns.map(({ value }) => value ?? String(rows.length))],
      }
    return {
      kind: 'rows',
      columns: columns.map(({ name }) => name),
      rows: rows.slice(0, limit).map((row) => columns.map(({ name, value }) => value ?? row[name] ?? 'NULL')),
    }
  }

  private valueOf(name: string): string | undefined {
    return Object.hasOwn(this.values, name) ? this.values[name] : undefined
  }

  private tables(): { all: Record<string, Table> } | SqlResult {
    if (this.database === undefined) return { kind: 'error', code: 'no-database', name: '' }
    if (!Object.hasOwn(this.databases, this.database))
      return { kind: 'error', code: 'unknown-database', name: this.database }
    return { all: this.databases[this.database] }
  }

  /** Where a table of that name is, or would be: `table`, `database.table`. */
  private place(name: string): { tables: Record<string, Table>; name: string } | SqlResult {
    const dot = name.indexOf('.')
    if (dot > 0 && name.slice(0, dot) !== 'public') {
      const database = name.slice(0, dot)
      if (!Object.hasOwn(this.databases, database)) return { kind: 'error', code: 'unknown-database', name: database }
      return { tables: this.databases[database], name: name.slice(dot + 1) }
    }
    const tables = this.tables()
    return 'kind' in tables ? tables : { tables: tables.all, name: name.slice(dot + 1) }
  }
}
