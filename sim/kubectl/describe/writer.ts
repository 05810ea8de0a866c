/** Text that describers write: lines at a level, with tabs between columns. Source: k8s.io/kubectl/pkg/describe, PrefixWriter */
import { describeTabs, layOut } from '../printers/tab-writer.ts'

export class DescribeWriter {
  private text = ''
  private done = ''

  /** Writes at a level; each level is two spaces. Without a newline at its end, the next write goes on in the line. */
  write(level: number, text: string): void {
    this.text += '  '.repeat(level) + escapeControls(text)
  }

  line(level: number, text: string): void {
    this.write(level, `${text}\n`)
  }

  /** `Name:` and its value in the next column. */
  field(level: number, name: string, value: string | number | boolean): void {
    this.line(level, `${name}:\t${value}`)
  }

  /** What came before forms no columns with what follows. */
  flush(): void {
    this.done += layOut(this.text, describeTabs)
    this.text = ''
  }

  /** What was written since the last flush, with its tabs. */
  raw(): string {
    return this.text
  }

  finish(): string {
    this.flush()
    return this.done
  }
}

/** So that a text cannot command the terminal. Source: k8s.io/cli-runtime/pkg/printers/terminal.go */
const escapeControls = (text: string): string => text.replaceAll('\x1b', '^[').replaceAll('\r', '\\r')
