/** Every command of Helm. */
import { create, dependency, packageCommand, pull, show } from './commands/charts.ts'
import { get } from './commands/get.ts'
import { env, version } from './commands/information.ts'
import { installCommand } from './commands/install.ts'
import { lint } from './commands/lint.ts'
import { history, list, rollbackCommand, status, test, uninstallCommand } from './commands/releases.ts'
import { repo, search } from './commands/repositories.ts'
import { template } from './commands/template.ts'
import { upgradeCommand } from './commands/upgrade.ts'
import type { HelmCommand } from './context.ts'

export const helmCommands: readonly HelmCommand[] = [
  ...[create, dependency, env, get, history, installCommand, lint, list, packageCommand, pull, repo, rollbackCommand],
  ...[search, show, status, template, test, uninstallCommand, upgradeCommand, version],
]
