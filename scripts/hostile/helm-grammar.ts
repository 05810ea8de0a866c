/** Charts and lines of Helm: templates that never end or grow, values that nobody meant, names and versions of any form. */
import { repeated, type Step } from './input.ts'
import { quoted } from './line-grammar.ts'
import type { Draw } from './random.ts'
import { aMinute } from './steps.ts'
import { names, quantities, regexes, strings } from './values.ts'

type Drawn = { about: string; steps: Step[] }

function drawTemplate(draw: Draw): string {
  const many = draw.oneOf(['100', '100000', '99999999999', '-1'])
  const list = `(until ${many})`
  const text = `(repeat ${many} "ab")`
  const regex = draw.oneOf(regexes).replaceAll('`', '')
  return draw.oneOf([
    `{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`,
    `{{ define "a" }}{{ tpl "{{ include \\"a\\" . }}" . }}{{ end }}{{ template "a" . }}`,
    `{{ range $i := ${list} }}{{ range $j := ${list} }}{{ range $k := ${list} }}x{{ end }}{{ end }}{{ end }}`,
    `{{ $s := "ab" }}{{ range ${list} }}{{ $s = cat $s $s }}{{ end }}{{ len $s }}`,
    `{{ $l := list 1 }}{{ range ${list} }}{{ $l = concat $l $l }}{{ end }}{{ len $l }}`,
    `{{ $d := dict }}{{ range $i := ${list} }}{{ $_ := set $d (toString $i) $d }}{{ end }}{{ toJson $d }}`,
    `{{ $d := dict "a" 1 }}{{ $_ := set $d "a" $d }}{{ toYaml $d }}{{ deepCopy $d | len }}`,
    `{{ ${text} | ${draw.oneOf(['title', 'upper', 'b64enc', 'b32enc', 'sha256sum', 'sha512sum', 'adler32sum', 'swapcase', 'snakecase', 'kebabcase', 'nospace', 'quote', 'squote', 'toJson', 'initials', 'trimAll "a"', 'indent 3', 'nindent 3', 'splitList "a" | len', 'wrap 2', 'shuffle', 'html', 'js', 'urlquery'])} | len }}`,
    `{{ regexReplaceAll ${quotedGo(regex)} ${text} "x" | len }}`,
    `{{ regexFindAll ${quotedGo(regex)} ${text} -1 | len }}`,
    `{{ ${text} | replace "a" ${text} | len }}`,
    `{{ printf "%${many}d" 1 | len }}{{ printf "%.${many}f" 1.5 | len }}{{ printf "%*d" ${many} 1 }}`,
    `{{ ${list} | ${draw.oneOf(['sortAlpha', 'uniq', 'reverse', 'compact', 'toStrings', 'join ","', 'has 3', 'last', 'initial', 'chunk 1', 'toJson', 'toPrettyJson'])} | len }}`,
    `{{ untilStep 0 ${many} ${draw.oneOf(['1', '0', '-1'])} | len }}{{ seq 0 ${many} | len }}`,
    `{{ randAlphaNum ${many} | len }}{{ randInt ${many} 0 }}`,
    `{{ $d := dict }}{{ range $i := ${list} }}{{ $_ := set $d (toString $i) 1 }}{{ end }}{{ range ${list} }}{{ keys $d | len }}{{ end }}`,
    `{{ fromYaml ${quotedGo(repeated(500, 'a: &a [*a, *a]', ' '))} }}{{ fromJson ${quotedGo(repeated(1500, '['))} }}`,
    `{{ ${repeated(300, '(')}1${repeated(300, ')')} }}{{ ${repeated(300, 'if true }}{{ ')}end }}`,
    `{{ ${repeated(800, 'len | ')} len }}{{ .Values${repeated(800, '.a')} }}`,
    `{{ dateModify ${quotedGo(`-${many}h`)} now }}{{ date ${quotedGo(repeated(800, '2006'))} now | len }}{{ duration ${many} }}`,
    `{{ semverCompare ${quotedGo(repeated(400, '>=1.0.0', ', '))} "1.2.3" }}{{ semver ${quotedGo(draw.oneOf(strings))} }}`,
    `{{ lookup "v1" "Pod" "" "" | toYaml | len }}{{ lookup ${quotedGo(draw.oneOf(names))} "X" "" "" }}`,
    `{{ .Files.Glob ${quotedGo(repeated(400, '*a'))} | len }}{{ .Files.Get ${quotedGo(repeated(300, '../'))} }}`,
    `{{ mul ${many} ${many} ${many} }}{{ div 1 0 }}{{ mod 1 0 }}{{ round ${many} ${many} }}{{ int64 "${many}" }}`,
    `{{ ${text} | ${repeated(12, `replace "a" "aa" | `)} len }}`,
    `{{ merge (dict) ${repeated(100, '(dict "a" .Values)', ' ')} | len }}{{ dig ${repeated(200, '"a"', ' ')} 1 .Values }}`,
  ])
}

/** A Go text in double quotes. */
const quotedGo = (text: string): string => JSON.stringify(text)

function drawFlags(draw: Draw): string {
  const value = () => quoted(draw.oneOf([...strings, ...names, ...quantities]))
  return draw.oneOf([
    '',
    '--debug',
    `--set ${quoted(repeated(600, 'a', '.'))}=1`,
    `--set ${quoted(`a[${draw.oneOf(['0', '65537', '99999999999', '-1'])}]=1`)}`,
    `--set ${quoted(repeated(400, 'a#=1', ','))}`,
    `--set ${quoted(repeated(1000, '{'))}`,
    `--set-json ${quoted(`a=${repeated(1000, '[')}`)}`,
    `--set-string ${value()}=${value()}`,
    `--set replicaCount=${draw.oneOf(['1000', '99999999999', '-1', 'x'])}`,
    `-f /etc/passwd`,
    `--namespace ${value()} --create-namespace`,
    `--version ${value()} --timeout ${draw.oneOf(['0', '-1s', '99999999h', 'x'])} --wait`,
    `--post-renderer ${value()}`,
    `--labels ${value()}=${value()} --description ${value()}`,
  ])
}

/** A line or some in the terminal beside a sandbox. */
export function drawHelm(draw: Draw): Drawn {
  const typed = (line: string): Step => ({ do: 'terminal', line })
  const flags = drawFlags(draw)
  return draw.weighted<() => Drawn>([
    [
      6,
      () => {
        const template = drawTemplate(draw)
        const chart = `rm -rf h; helm create h > /dev/null; printf %s ${quoted(template)} > h/templates/x.yaml`
        const act = draw.oneOf(['template h', 'lint h', 'install h h --dry-run', 'install h h', 'upgrade -i h h'])
        return {
          about: `helm ${act} of ${template.slice(0, 60)}`,
          steps: [typed(chart), typed(`helm ${act} ${draw.chance(0.3) ? flags : ''}`)],
        }
      },
    ],
    [
      3,
      () => {
        const act = draw.oneOf(['template', 'install x', 'upgrade -i x', 'show all', 'pull --untar'])
        const chart = draw.oneOf(['demo/nginx', 'demo/redis', 'demo/postgresql', 'demo/guestbook', 'demo/x'])
        return {
          about: `helm ${act} of ${chart} ${flags.slice(0, 50)}`,
          steps: [
            typed('helm repo add demo https://charts.example.com'),
            typed(`helm ${act} ${chart} ${flags}`),
            ...(draw.chance(0.5) ? [aMinute] : []),
          ],
        }
      },
    ],
    [
      2,
      () => {
        const many = draw.oneOf(['30', '200'])
        const line = draw.oneOf([
          `for i in $(seq ${many}); do helm install r$i demo/nginx --set replicaCount=0; done; helm list -a`,
          `helm create h; for i in $(seq ${many}); do helm upgrade -i h ./h --set replicaCount=0; done; helm history h`,
          `helm repo add ${quoted(draw.oneOf(names))} ${quoted(draw.oneOf(strings))}; helm search repo ${quoted(draw.oneOf(regexes))} -r`,
          `helm create ${quoted(draw.oneOf(names))}; helm package h; helm dependency update h; helm get all h`,
          `helm rollback h ${draw.oneOf(['0', '-1', '99999999999'])}; helm uninstall h --wait; helm test h`,
          `helm ${repeated(1000, '-x ')}; helm ${quoted(repeated(5000, 'a'))}; helm list --filter ${quoted(draw.oneOf(regexes))}`,
        ])
        return {
          about: line.slice(0, 70),
          steps: [typed('helm repo add demo https://charts.example.com'), typed(line)],
        }
      },
    ],
  ])()
}
