/** What two kubectls may print differently although they say the same: moments, ages, what chance gave. */

/**
 * Log lines without their time and process: `W0101 00:00:00.000000       1 helpers.go:719] …`; without those of client-go's reflector,
 * which tell of a watch that was given up or not, as the moment will have it.
 */
export const maskLog = (text: string): string =>
  text
    .replace(/^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ reflector\.go:\d+\].*\n/gm, '')
    .replace(/^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ (?=\w+\.go:\d+\])/gm, '$1 ')
    .replace(/^I (.*)$/gm, (_, line: string) => `I ${maskRequest(line)}`)
    .replace(/(^I envvar\.go.*\n)+/gm, (lines) => `${lines.trimEnd().split('\n').sort().join('\n')}\n`)
    .replace(/^\t(Connection|Keep-Alive|Transfer-Encoding|Content-Length|X-Kubernetes-Pf-[-\w]+): .*\n/gm, '')
    .replace(/^\tSec-Websocket-Accept: .*\n|^\tUpgrade: .*\n/gm, '')
    .replace(/^ > milliseconds=\d+.*/gm, ' > milliseconds=#')
    .replace(/(?<=-H "User-Agent: )[^"]+/g, '…')
    .replace(/(?<=^\tcurl -v -X\w+ )( -H "[^"]*")+/gm, (headers) =>
      headers
        .split(/(?= -H )/)
        .sort()
        .join(''),
    )
    .replace(/^I \w+\.go\] (?="(Request|Response) Body")/gm, 'I ')
    .replace(/^\t(User-Agent|Date): .*$/gm, '\t$1: …')

/** A line that tells of a request: without line numbers, times, and what client-go takes from a map or by chance. */
const maskRequest = (line: string): string =>
  line
    .replace(/^(\w+\.go):\d+/, '$1')
    .replace(/ milliseconds=\d+.*/, ' milliseconds=#')
    .replace(/timeoutSeconds=\d+/, 'timeoutSeconds=#')
    .replace(/timeout=\d+m(\d+s)?&/, '')
    .replace(/(?<=fieldSelector=)[^&"]+/, (terms) => terms.split('%2C').sort().join('%2C'))

/** Ages keep the width of their column. */
export const maskMoment = (text: string): string =>
  text
    // Of a ConfigMap's keys Go's map gives another one first each time.
    .replace(
      /(^Warning: key .* transferred to .*\n)+/gm,
      (lines) => `${lines.trimEnd().split('\n').sort().join('\n')}\n`,
    )
    .replace(/(?<=\w-)[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '<random>')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>')
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:?\d\d)/g, '<time>')
    .replace(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [-+]\d{4}/g, '<time>')
    // Those of one second are in the order of their names, those of two in that of time: a body of one line, as -v=9 tells it.
    .replace(/(?<="managedFields":)\[\{[^\]\n]*\}\]/g, (list) => {
      const entries = (JSON.parse(list) as object[]).map((entry) => JSON.stringify(entry))
      return `[${entries.sort().join(',')}]`
    })
    .replace(/(resourceVersion"?: )"\d+"/g, '$1"<revision>"')
    .replace(/(?<=[\s(])(?:\d+[smhd])+(?=[\s)]|$)( *)/gm, (age, pad: string) =>
      pad ? '<age>'.padEnd(age.length) : '<age>',
    )

/** Ages that are told to the second, as wide as they are, and when usage was measured: metrics are of the moment at which one asks. */
export const maskSeconds = (text: string): string =>
  (/^Kind: +(Pod|Node)Metrics$/m.test(text) ? text.replace(/(?<=Timestamp: +)[-\dT:]+Z$/gm, '<time>') : text)
    .replace(/(?<=[\s(])(?:\d+m)?\d+s(?=[\s)]|$)/gm, (age) => age.replace(/\d/g, '#'))
    .replace(/(?<=, age: )(?:\d+[hm])*[\d.]+s$/gm, '#s')

/** The folders that diff compares and the times of their files, besides the time of a file that is not there. */
export const maskFolders = (text: string): string =>
  text
    .replace(/\/tmp\/(LIVE|MERGED)-\d+/g, '/tmp/$1-<number>')
    .replace(/^((?:---|\+\+\+) \S+\t)(?!1970)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} [-+]\d{4}$/gm, '$1<time>')
