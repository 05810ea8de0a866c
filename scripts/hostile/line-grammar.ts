/** Lines of kubectl, programs in containers and on nodes, and lines of the terminal's shell. */
import { drawObject, fitting } from './api-grammar.ts'
import { repeated, type Step, shortJson } from './input.ts'
import type { Draw } from './random.ts'
import { aMinute, applied, challengePath, running, typed } from './steps.ts'
import {
  cidrs,
  crons,
  customColumns,
  durations,
  goTemplates,
  jsonPaths,
  names,
  quantities,
  regexes,
  selectors,
  strings,
} from './values.ts'

type Drawn = { about: string; steps: Step[] }

/** In single quotes, as a shell reads them; a line takes 8,000 characters. */
export const quoted = (text: string): string =>
  `'${short(text)
    .replaceAll("'", '"')
    .replace(/[\n\r\0]/g, ' ')}'`
const short = (text: string): string =>
  text.replace(/⟦(\d+)\|([^|⟧]*)\|([^⟧]*)⟧/g, (_, times: string, between: string, unit: string) => {
    const most = Math.max(1, Math.floor(3500 / (unit.length + between.length)))
    return `⟦${Math.min(Number(times), most)}|${between}|${unit}⟧`
  })

const resources = [
  'pods',
  'nodes',
  'all',
  'pods -A',
  'events',
  'deploy/web',
  'svc,ep,cm',
  'cm settings',
  'pods,nodes,svc',
  'ns',
  'pods/shell',
]
const values = [...strings, ...names].filter((text) => !text.includes('\n'))

function drawLine(draw: Draw): string {
  const resource = draw.oneOf(resources)
  const text = () => quoted(draw.oneOf(values))
  const number = () => draw.oneOf(['-1', '0', '2147483648', '99999999999999999999', '1e9', 'a', '1.5'])
  const image = () => draw.oneOf(['nginx:1.27', 'busybox:1.36', quoted(repeated(3000, 'a/')), 'x@sha256:0', 'nginx:99'])
  return draw.weighted<() => string>([
    [4, () => `get ${resource} -o jsonpath=${quoted(draw.oneOf(jsonPaths))}`],
    [4, () => `get ${resource} -o go-template=${quoted(draw.oneOf(goTemplates))}`],
    [3, () => `get ${resource} -o custom-columns=${quoted(draw.oneOf(customColumns))}`],
    [2, () => `get ${resource} --sort-by=${quoted(draw.oneOf(jsonPaths))}`],
    [2, () => `get ${resource} -l ${quoted(draw.oneOf(selectors))} --show-labels`],
    [1, () => `get ${resource} -o jsonpath-as-json=${quoted(draw.oneOf(jsonPaths))}`],
    [1, () => `get ${resource} --field-selector=${quoted(draw.oneOf(selectors))} -o wide`],
    [1, () => `get --raw ${quoted(`/${repeated(1000, 'a/')}`)}`],
    [1, () => `get ${resource} -L ${repeated(1000, 'l#', ',')} --chunk-size=${number()}`],
    [
      2,
      () =>
        `wait ${resource} --for=jsonpath=${quoted(draw.oneOf(jsonPaths))}=x --timeout=${draw.oneOf(['1s', '-1s', '99999999999h'])}`,
    ],
    [
      1,
      () =>
        `wait pods --all --for=${draw.oneOf(['delete', 'condition=', 'condition=x=y', 'create'])} --timeout=${draw.oneOf(['1s', '0', '-1s'])}`,
    ],
    [
      2,
      () =>
        `explain ${draw.oneOf(['pods', 'deploy', 'nodes', 'hpa', quoted(repeated(800, 'pods.spec', '.'))])} --recursive`,
    ],
    [2, () => `set image deploy/web ${draw.oneOf(['web', '*', repeated(500, 'c#=a', ' ')])}=${image()}`],
    [1, () => `set env deploy/web ${repeated(500, 'V#=$(V#)', ' ')}`],
    [
      2,
      () =>
        `set resources deploy/web --requests=cpu=${quoted(draw.oneOf(quantities))},memory=${quoted(draw.oneOf(quantities))}`,
    ],
    [1, () => `set selector svc/web ${quoted(draw.oneOf(selectors))}`],
    [
      2,
      () =>
        `label ${draw.oneOf(['pods', 'nodes', 'all'])} --all --overwrite ${draw.oneOf([repeated(500, 'k#=v', ' '), `a=${text()}`, `${text()}=a`, `a-`])}`,
    ],
    [1, () => `annotate deploy/web --overwrite a=${text()} ${repeated(400, 'k#=v', ' ')}`],
    [1, () => `taint nodes --all ${repeated(300, 'k#=v:NoSchedule', ' ')}`],
    [
      2,
      () =>
        `patch deploy web --type=json -p ${quoted(`[${repeated(40, '{"op":"copy","from":"/spec","path":"/metadata/annotations/c#"}', ',')}]`)}`,
    ],
    [
      1,
      () =>
        `patch deploy web --type=${draw.oneOf(['merge', 'strategic', 'json', 'x'])} -p ${quoted(draw.oneOf([repeated(3000, '['), repeated(600, '{"a":'), '{"spec":{"replicas":1e999}}', 'null', '[]', '{"spec":null}', '"a"']))}`,
    ],
    [
      2,
      () =>
        `create deployment d${draw.whole(1, 99)} --image=${image()} --replicas=${draw.oneOf([number(), '5000', '100'])}`,
    ],
    [1, () => `create cronjob c --image=busybox:1.36 --schedule=${quoted(draw.oneOf(crons))} -- true`],
    [
      1,
      () =>
        `create quota q --hard=${quoted(`cpu=${draw.oneOf(quantities)},${repeated(300, 'count/k#.e.org=1', ',')}`)}`,
    ],
    [1, () => `create configmap c${draw.whole(1, 99)} ${repeated(300, '--from-literal=k#=v', ' ')}`],
    [
      1,
      () =>
        `create ingress i --rule=${quoted(draw.oneOf([`a.example/${repeated(1000, 'p/')}*=web:80`, '*=web:99999', '/=:', `${repeated(3000, 'a')}/=web:80,tls`]))}`,
    ],
    [1, () => `create token default --duration=${quoted(draw.oneOf(durations))}`],
    [1, () => `create role r --verb=${repeated(800, 'get', ',')} --resource=${repeated(400, 'pods', ',')}`],
    [1, () => `create service clusterip s --clusterip=${quoted(draw.oneOf(cidrs))} --tcp=${number()}:${number()}`],
    [
      1,
      () =>
        `run p${draw.whole(1, 99)} --image=${image()} --restart=Never ${draw.oneOf(['-- sh -c "while :; do :; done"', '--env=A=$(A)', `--labels=${repeated(400, 'k#=v', ',')}`, `--overrides=${quoted(repeated(1500, '{"a":'))}`, '-it --rm -- sh'])}`,
    ],
    [
      1,
      () =>
        `expose deploy web --name=e${draw.whole(1, 99)} --port=${number()} --target-port=${text()} --external-ip=${quoted(draw.oneOf(cidrs))}`,
    ],
    [
      1,
      () =>
        `autoscale deploy web --min=${number()} --max=${number()} --cpu=${draw.oneOf(['80%', '-1', '1e9', quoted(draw.oneOf(quantities))])}`,
    ],
    [1, () => `scale deploy web --replicas=${draw.oneOf([number(), '100000', '10000'])}`],
    [
      1,
      () =>
        `rollout ${draw.oneOf(['history', 'undo', 'status', 'restart', 'pause'])} deploy/web ${draw.oneOf(['', '--to-revision=99999999999', '--revision=-1', '--timeout=1s'])}`,
    ],
    [1, () => `describe ${draw.oneOf(['nodes', 'all -A', 'pods -A', 'quota,limits', 'ingress', resource])}`],
    [
      1,
      () =>
        `logs ${draw.oneOf(['shell', 'deploy/web', '-l app=web', '--all-containers -l app!=x'])} ${draw.oneOf([`--tail=${number()}`, `--since=${quoted(draw.oneOf(durations))}`, `--limit-bytes=${number()}`, '--max-log-requests=0', '-f'])}`,
    ],
    [
      1,
      () =>
        `top ${draw.oneOf(['pods -A --containers', 'nodes', `pods --sort-by=${text()}`, `pods -l ${quoted(draw.oneOf(selectors))}`])}`,
    ],
    [
      1,
      () =>
        `auth can-i ${draw.oneOf(['--list', `${text()} ${text()}`, `get pods --as=${text()}`, `get pods ${repeated(300, '--as-group=g#', ' ')}`])}`,
    ],
    [
      1,
      () =>
        `delete ${draw.oneOf(['pods --all --wait=false', 'all --all --wait=false', `pods -l ${quoted(draw.oneOf(selectors))} --wait=false`, 'ns other --wait=false', `pod shell --grace-period=${number()} --wait=false`])}`,
    ],
    [
      1,
      () =>
        `drain node-1 --ignore-daemonsets --force --delete-emptydir-data --timeout=1s --pod-selector=${quoted(draw.oneOf(selectors))}`,
    ],
    [
      1,
      () =>
        `debug ${draw.oneOf(['node/node-1', 'shell', 'deploy/web'])} --image=busybox:1.36 -- sh -c ${quoted(drawProgram(draw))}`,
    ],
    [1, () => `events ${draw.oneOf(['-A', `--for=${text()}`, `--types=${repeated(500, 'Normal', ',')}`])}`],
    [
      1,
      () =>
        `api-resources --sort-by=${draw.oneOf(['kind', 'x'])} -o ${draw.oneOf(['wide', 'name', 'x'])} --verbs=${repeated(500, 'get', ',')}`,
    ],
    [
      1,
      () => `cp ${draw.oneOf(['shell:/etc/passwd x', 'shell:/proc /x', `shell:${quoted(repeated(1000, '../'))} x`])}`,
    ],
    [1, () => `podium ${draw.oneOf(['trace pod/shell', 'why pod/shell', 'path shell web', 'x'])}`],
    [1, () => `${repeated(1000, '-v')} get pods`],
    [1, () => `get ${repeated(700, 'pods', ',')}`],
    [1, () => `get pods ${repeated(700, 'p#', ' ')} --ignore-not-found`],
    [3, () => `exec shell -- sh -c ${quoted(drawProgram(draw))}`],
  ])()
}

export function drawKubectl(draw: Draw): Drawn {
  const line = drawLine(draw)
  const about = `kubectl ${line.slice(0, 60)}`
  const where = draw.weighted([
    [8, 'sandbox'],
    [2, 'challenge'],
    [1, 'terminal'],
  ] as const)
  if (where === 'challenge')
    return {
      about: `${about} in a challenge`,
      steps: [{ do: 'form', path: challengePath, fields: { do: 'kubectl', line, file: 'deployment.yaml' } }],
    }
  if (where === 'terminal')
    return { about: `${about} in the terminal`, steps: [{ do: 'terminal', line: `kubectl ${line}` }] }
  return { about, steps: draw.chance(0.3) ? [typed(line), aMinute] : [typed(line)] }
}

/** Lines that take a manifest beside them. */
export function drawFileLine(draw: Draw): Drawn {
  const { object, kind, field } = drawObject(draw, 'form')
  const one = shortJson(object)
  const manifest = draw.weighted<() => string>([
    [5, () => one],
    [1, () => `{"apiVersion":"v1","kind":"List","items":[${one},${one}]}`],
    [1, () => kustomization(draw)],
    [
      1,
      () =>
        `${one}\n---\n${repeated(300, '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"f#"}}', '\n---\n')}`,
    ],
  ])()
  const line = draw.oneOf([
    'apply -f - --prune --all',
    `apply -f - --prune -l ${quoted(draw.oneOf(selectors))}`,
    'apply -f - --server-side --force-conflicts',
    'apply -f - --dry-run=server -o yaml',
    'diff -f -',
    'create -f - --save-config -o json',
    'replace -f - --force',
    'delete -f - --wait=false',
    'apply -f - --recursive --validate=ignore',
    `create -f - -o jsonpath=${quoted(draw.oneOf(jsonPaths))}`,
    `get -f - -o go-template=${quoted(draw.oneOf(goTemplates))}`,
    'label -f - a=b --local -o yaml',
    'set image -f - c=nginx:1.26 --local -o yaml',
    `patch -f - --type=merge -p ${quoted('{"metadata":{"labels":{"a":"b"}}}')}`,
    'auth reconcile -f -',
    'kustomize -',
  ])
  return { about: `kubectl ${line.split(' -')[0]} of a file, ${kind.kind} ${field}`, steps: [typed(line, manifest)] }
}

const kustomization = (draw: Draw): string => `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namePrefix: ${repeated(3000, 'a')}
commonLabels: {${repeated(500, 'k#: v', ', ')}}
resources: [${draw.oneOf(['.', '..', 'https://example.org/x', repeated(1000, 'r#.yaml', ', ')])}]
patches: [${repeated(500, '{patch: "[]", target: {kind: Pod}}', ', ')}]
`

/** Manifests in each place of the site that takes one. */
export function drawManifest(draw: Draw, places: { demo: string; fix: string; challenge: string }): Drawn {
  const { object, kind, field } = drawObject(draw, 'form')
  const text = draw.weighted<() => string>([
    [8, () => shortJson(object)],
    [1, () => `${repeated(20_000, '- ')}a`],
    [1, () => `a: ${repeated(50_000, '[')}`],
    [
      1,
      () =>
        repeated(3000, '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m#"}}', '\n---\n').replace(
          '3000',
          '1500',
        ),
    ],
    [1, () => `${shortJson(object)}\n---\n${repeated(100_000, '#x\n').replaceAll('#', ' ')}`],
    [1, () => `a: &a [${repeated(30, '*a', ',')}]`],
    [1, () => `<<: ${repeated(10_000, '{<<: ')}`],
    [1, () => `? ${repeated(20_000, '? ')}`],
    [1, () => `a: !!binary ${repeated(100_000, 'A')}`],
    [1, () => repeated(20_000, 'k#: v\n')],
    [1, () => repeated(20_000, 'k: v\n')],
    [1, () => `a: "${repeated(100_000, '\\x00')}"`],
  ])()
  const isObject = text === shortJson(object)
  const what = isObject ? `${kind.kind} ${field}` : `YAML ${text.slice(0, 30)}`
  return draw.weighted<() => Drawn>([
    [4, () => ({ about: `apply ${what}`, steps: [applied(fitting(text, 'form')), aMinute] })],
    [3, () => ({ about: `lint ${what}`, steps: [{ do: 'form', path: '/editor/lint', fields: { text } }] })],
    [2, () => ({ about: `demo ${what}`, steps: [{ do: 'form', path: places.demo, fields: { manifest: text } }] })],
    [
      2,
      () => ({
        about: `fix ${what}`,
        steps: [{ do: 'form', path: places.fix, fields: { v: '1', do: 'answer', answer: text } }],
      }),
    ],
    [
      2,
      () => ({
        about: `challenge ${what}`,
        steps: [
          { do: 'form', path: places.challenge, fields: { do: 'apply', file: 'deployment.yaml', content: text } },
        ],
      }),
    ],
    [
      1,
      () => ({
        about: `graded ${what}`,
        steps: [
          { do: 'form', path: places.challenge, fields: { do: 'apply', file: 'deployment.yaml', content: text } },
          { do: 'form', path: places.challenge, fields: { do: 'grade', file: 'deployment.yaml', content: text } },
        ],
      }),
    ],
    [
      2,
      () => ({
        about: `scenario of ${what}`,
        steps: [{ do: 'form', path: '/sandboxes', fields: { from: 'file', scenario: scenarioOf(draw, text) } }],
      }),
    ],
  ])()
}

const scenarioOf = (draw: Draw, manifest: string): string =>
  draw.weighted<() => string>([
    [
      4,
      () =>
        `name: x\nduration: ${draw.oneOf(['30', '1e9', '-1', '604800', '86400'])}\nsteps:\n- at: 0\n  apply: ${JSON.stringify(manifest)}\n`,
    ],
    [1, () => `name: x\nsteps: [${repeated(5000, '{at: #, run: kubectl get pods}', ', ')}]`],
    [
      1,
      () =>
        `name: x\nnodes: ${draw.oneOf(['100000', '-1', '1e9', `[${repeated(5000, '{name: n#}', ', ')}]`])}\nsteps: []`,
    ],
    [
      1,
      () =>
        `name: x\nstart: ${draw.oneOf(['9999-12-31T23:59:59Z', 'x', '0000-01-01'])}\nsteps: [{at: ${draw.oneOf(['-1', '1e15', '.inf', '.nan'])}, run: kubectl get pods}]`,
    ],
    [1, () => `name: x\nsteps: [{at: 0, run: ${JSON.stringify(`kubectl ${drawLine(draw)}`)}}]`],
    [1, () => `name: ${repeated(100_000, 'x')}\nsteps: []`],
  ])()

/** A program of a container or a node. */
function drawProgram(draw: Draw): string {
  const regex = draw.oneOf(regexes).replaceAll("'", '')
  const many = draw.oneOf(['1000000000', '100000', '3000', '50'])
  return draw.oneOf([
    `head -c ${many} /dev/zero | tr "\\0" a | wc -c`,
    `head -c ${many} /dev/urandom | md5sum`,
    `yes | head -n ${many} | wc -l`,
    `yes ${repeated(1000, 'a')} > /dev/null`,
    `seq ${many} | sort -R | tail -1`,
    `seq ${many} | sort -n | uniq -c | wc -l`,
    `seq ${many} | tac | rev | nl | tail -1`,
    `printf "%1000000000d" 1 | wc -c`,
    `printf "%.1000000000f" 1.5 | wc -c`,
    `printf "%s" $(seq ${many}) | wc -c`,
    `a=aaaaaaaa; for i in $(seq 40); do a=$a$a; done; echo \${#a}`,
    `a=$(head -c 1000000 /dev/zero | tr "\\0" a); echo \${a//a/bb} | wc -c`,
    `while :; do :; done`,
    `for i in $(seq ${many}); do echo $i; done | wc -l`,
    `f() { f; }; f`,
    `f() { f | f & }; f`,
    `i=0; while [ $i -lt ${many} ]; do i=$((i+1)); done`,
    `echo $((9223372036854775807 + 1)) $((1 << 100)) $((2 ** 62)) $((1 / 0))`,
    `mkdir /g; cd /g; for i in $(seq 2000); do : > f$i; done; echo */../*/../* f*[0-9]*[0-9]* | wc -c`,
    `mkdir -p ${repeated(500, 'd/')}; find / | wc -l`,
    `find / -name "*a*b*c*d*" -exec cat {} + | wc -c`,
    `dd if=/dev/zero of=/tmp/x bs=1M count=${many}; ls -l /tmp/x`,
    `dd if=/dev/zero bs=1000000000 count=1 | wc -c`,
    `echo ${repeated(2000, 'a')} | grep -E "${regex}"`,
    `echo ${repeated(2000, 'a')} | sed -E "s/${regex.replaceAll('/', '.')}/b/g" | wc -c`,
    `echo ${repeated(2000, 'a')} | awk "/${regex.replaceAll('/', '.')}/ {print}" | wc -c`,
    `sed ":a;s/^/aa/;ta" /etc/passwd | head -c 10`,
    `echo a | sed ":a;s/a/aa/g;ba" | head -c 10`,
    `awk "BEGIN { while (1) i++ }"`,
    `awk "BEGIN { for (i = 0; i < ${many}; i++) a[i] = i; print length(a) }"`,
    `awk "BEGIN { s = \\"a\\"; while (1) s = s s }" | wc -c`,
    `awk "BEGIN { printf \\"%1000000000d\\", 1 }" | wc -c`,
    `expr ${repeated(1500, '1', ' + ')}`,
    `expr $(printf "%0100d" 9) "*" $(printf "%0100d" 9)`,
    `wget -qO- http://web & wget -qO- http://web.default.svc.cluster.local:${draw.oneOf(['80', '99999', '-1'])}`,
    `for i in $(seq ${many}); do wget -qO- http://web; done | wc -c`,
    `nslookup ${repeated(100, 'a.')}example.org`,
    `for i in $(seq ${many}); do nslookup web; done | wc -l`,
    `tar cf - / | tar tf - | wc -l`,
    `tar cf - / | gzip | base64 | wc -c`,
    `cat /dev/zero | base64 | head -c 100 | wc -c`,
    `cat /proc/*/cmdline /proc/*/environ | wc -c`,
    `while :; do sleep 0; done`,
    `while :; do sleep 0.001; done`,
    `trap "" TERM INT; sleep ${many}`,
    `sh -c "sh -c 'sh -c \\"sh\\"'" < /dev/null; kill -9 -1; kill -STOP $$`,
    `exec 3<>/dev/tcp/web/80; cat <&3`,
    `echo ${repeated(300, '$(echo ')}a${repeated(300, ')')}`,
    `${repeated(1000, '( ')}true${repeated(1000, ' )')}`,
    `case ${repeated(1000, 'a')} in ${repeated(300, '*a')}b) echo x;; esac`,
    `echo \${x:-${repeated(300, '${x:-')}a${repeated(300, '}')}}`,
    `cat <<E\n${repeated(1000, '$(echo a)\n')}\nE`,
    `{a,b}{c,d}{e,f}; echo ${repeated(30, '{a,b}')} | wc -c`,
    `xargs -n 1 echo < /dev/zero`,
    `timeout 1000000 tail -f /dev/null`,
    `date -d "@99999999999999999"; date +${repeated(1000, '%N')}; cal 9999999`,
    `ulimit -a; nice -n -20 sh -c "while :; do :; done"`,
    `od -A x -t x1z -v /dev/zero | head -c 100`,
    `cut -c 1-1000000000 /etc/passwd; cut -d: -f ${repeated(1000, '1', ',')} /etc/passwd`,
    `tr "\\000-\\377" a < /etc/passwd; tr -d [:alpha:] < /etc/passwd | wc -c`,
    `head -n -1 /dev/zero | wc -c`,
    `sort /dev/zero | wc -c`,
    `split -b 1 /etc/passwd; ls | wc -l; diff /etc/passwd /etc/group`,
    `ln -s /l /l; cat /l; cd /; ln -s . s; cat ${repeated(500, 's/')}etc/passwd | wc -c`,
  ])
}

const images = [
  'busybox:1.36',
  'alpine:3.20',
  'nginx:1.27',
  'curlimages/curl:8.9.1',
  'nicolaka/netshoot:v0.13',
  'python:3.12',
  'registry.k8s.io/e2e-test-images/agnhost:2.53',
]

export function drawRunning(draw: Draw): Drawn {
  const program = drawProgram(draw)
  const about = `program ${program.slice(0, 60)}`
  return draw.weighted<() => Drawn>([
    [5, () => ({ about: `${about} in a container`, steps: running(program, draw.oneOf(images)) })],
    [3, () => ({ about: `${about} by exec`, steps: [typed(`exec shell -- sh -c ${quoted(program)}`)] })],
    [2, () => ({ about: `${about} on a node`, steps: [{ do: 'terminal', line: `ssh node-1 ${quoted(program)}` }] })],
    [2, () => ({ about: `${about} as a probe`, steps: [applied(probed(program)), aMinute] })],
    [3, () => ({ about: `${about} in the terminal`, steps: [{ do: 'terminal', line: program }] })],
    [
      1,
      () => ({
        about: 'curl in the terminal',
        steps: [
          {
            do: 'terminal',
            line: draw.oneOf([
              'for i in {1..3000}; do curl -s web; done',
              'curl http://node-1:30000',
              'kubectl port-forward svc/web 8080:80 & for i in {1..500}; do curl -s localhost:8080; done | wc -c',
              'while true; do kubectl get pods; done',
              'watch -n 0.001 kubectl get pods',
              'kubectl get pods -w',
              `alias a="${repeated(500, 'a;')}"; a`,
            ]),
          },
        ],
      }),
    ],
    [1, () => ({ about: 'DNS with many search domains', steps: [applied(searching(draw)), aMinute] })],
  ])()
}

const probed = (program: string): string => `apiVersion: v1
kind: Pod
metadata: {name: probed}
spec:
  containers:
  - name: c
    image: busybox:1.36
    command: [sleep, "100000"]
    livenessProbe: {periodSeconds: 1, timeoutSeconds: 100000, exec: {command: [sh, -c, ${JSON.stringify(program)}]}}
`

const searching = (draw: Draw): string => `apiVersion: v1
kind: Pod
metadata: {name: searching}
spec:
  dnsConfig: {searches: [${repeated(draw.oneOf([32, 500, 3000]), 's#.example.org', ', ')}], options: [{name: ndots, value: "${draw.oneOf(['15', '1000000000', '-1'])}"}]}
  containers:
  - {name: c, image: "busybox:1.36", command: [sh, -c, "while :; do nslookup nobody; done"]}
`
