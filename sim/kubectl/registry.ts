/** Every command: a line each. */
import type { Command } from './command.ts'
import { apply } from './commands/apply.ts'
import { create } from './commands/create.ts'
import { deleteCommand } from './commands/delete.ts'
import { describe } from './commands/describe.ts'
import { get } from './commands/get.ts'

export const commands: readonly Command[] = [apply, create, deleteCommand, describe, get]
