import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The project's folder for templates and static files; from dist/ it is one level further up. */
export function resourceFolder(name: 'views' | 'static'): string {
  const near = fileURLToPath(new URL(`../../${name}`, import.meta.url))
  return existsSync(near) ? near : fileURLToPath(new URL(`../../../${name}`, import.meta.url))
}
