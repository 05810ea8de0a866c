/** Java: the JDK and JRE images, Tomcat and Jenkins. A JVM takes CPU to start, so a CPU limit makes it slow. */
import type { HttpRequest, HttpResponse } from '../network/types.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { sh } from '../runtime/shell/sh.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { becomes, createDaemon, stamp } from './programs/daemon.ts'
import { notSimulated } from './programs/not-simulated.ts'
import { response } from './programs/web-server.ts'

const megabyte = 1024 * 1024

const java: Program = function* (process) {
  const [, ...args] = process.argv
  if (args.some((arg) => /^--?version$/.test(arg))) {
    process[args.includes('--version') ? 'stdout' : 'stderr'].write(
      'openjdk version "21.0.7" 2025-04-15 LTS\nOpenJDK Runtime Environment Temurin-21.0.7+6 (build 21.0.7+6-LTS)\nOpenJDK 64-Bit Server VM Temurin-21.0.7+6 (build 21.0.7+6-LTS, mixed mode, sharing)\n',
    )
    return 0
  }
  const jar = args.indexOf('-jar')
  if (
    jar >= 0 &&
    !process.files.exists(args[jar + 1]?.startsWith('/') ? args[jar + 1] : `${process.cwd}/${args[jar + 1]}`)
  ) {
    process.stderr.write(`Error: Unable to access jarfile ${args[jar + 1] ?? ''}\n`)
    return 1
  }
  return yield* notSimulated(process)
}

/** A shell without input ends at once, as jshell does. */
const jshell: Program = function* (process) {
  process.stdout.write('|  Welcome to JShell -- Version 21.0.7\n|  For an introduction type: /help intro\n\n')
  if (process.stdin.isTerminal) yield* waitFor(process.forever())
  yield* waitFor(process.stdin.readAll())
  return 0
}

const files = { ...debianFiles, '/opt/java/openjdk/release': 'JAVA_VERSION="21.0.7"\n' }
const javaEnv = {
  JAVA_HOME: '/opt/java/openjdk',
  JAVA_VERSION: 'jdk-21.0.7+6',
  PATH: '/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
}
const javaPrograms = {
  ...debianPrograms,
  '/opt/java/openjdk/bin/java': java,
  '/opt/java/openjdk/bin/javac': notSimulated,
  '/opt/java/openjdk/bin/jshell': jshell,
}
const releases = ['8', '11', '17', '21', '24']
const releaseTags = releases.flatMap((release) => [
  release,
  `${release}-jdk`,
  `${release}-jre`,
  `${release}-jdk-alpine`,
  `${release}-jre-alpine`,
  `${release}-jdk-slim`,
  `${release}-slim`,
])

const tomcatLine = (process: Process, logger: string, text: string): string =>
  `${stamp(process, '%d-%b-%Y %H:%M:%S.%L')} INFO [main] ${logger} ${text}\n`

function tomcatAnswer(process: Process, request: HttpRequest): HttpResponse {
  const path = request.path.split('?')[0]
  const root = '/usr/local/tomcat/webapps'
  const file = path.endsWith('/') ? `${root}/ROOT${path}index.html` : `${root}/ROOT${path}`
  if (process.files.exists(file) && process.files.stat(file).type === 'file')
    return response(200, process.files.read(file), { 'Content-Type': 'text/html' })
  // The image keeps its web applications in webapps.dist: a fresh Tomcat knows no page.
  return response(
    404,
    '<!doctype html><html lang="en"><head><title>HTTP Status 404 – Not Found</title></head><body><h1>HTTP Status 404 – Not Found</h1><hr class="line" /><h3>Apache Tomcat/10.1.42</h3></body></html>',
    { 'Content-Type': 'text/html;charset=utf-8' },
  )
}

const tomcatServer = createDaemon({
  ports: [8080],
  memoryBytes: 130 * megabyte,
  cpuMillis: 5,
  logsTo: 'stderr',
  starting: (process) =>
    `${tomcatLine(process, 'org.apache.catalina.startup.VersionLoggerListener.log', 'Server version name:   Apache Tomcat/10.1.42')}${tomcatLine(process, 'org.apache.coyote.AbstractProtocol.init', 'Initializing ProtocolHandler ["http-nio-8080"]')}`,
  startMs: 300,
  startCpuMs: 1800,
  ready: (process) =>
    `${tomcatLine(process, 'org.apache.coyote.AbstractProtocol.start', 'Starting ProtocolHandler ["http-nio-8080"]')}${tomcatLine(process, 'org.apache.catalina.startup.Catalina.start', 'Server startup in [1183] milliseconds')}`,
  serve: (process) => ({ http: (request, reply) => reply(tomcatAnswer(process, request)) }),
  stopping: (process) =>
    `${tomcatLine(process, 'org.apache.coyote.AbstractProtocol.pause', 'Pausing ProtocolHandler ["http-nio-8080"]')}${tomcatLine(process, 'org.apache.catalina.core.StandardService.stopInternal', 'Stopping service [Catalina]')}`,
  stopMs: 300,
  // A JVM that a signal ends says so in its exit code, though it ends in good order.
  signals: { SIGTERM: 143, SIGINT: 130 },
})

const jenkinsServer = createDaemon({
  ports: [8080, 50000],
  memoryBytes: 420 * megabyte,
  cpuMillis: 15,
  logsTo: 'stderr',
  refuse: (process) => {
    if (process.files.may('/var/jenkins_home', 2)) return undefined
    return "touch: cannot touch '/var/jenkins_home/copy_reference_file.log': Permission denied\nCan not write to /var/jenkins_home/copy_reference_file.log. Wrong volume permissions?\n"
  },
  starting: 'Running from: /usr/share/jenkins/jenkins.war\n',
  startMs: 2000,
  startCpuMs: 14_000,
  ready: (process) =>
    `${stamp(process, '%Y-%m-%d %H:%M:%S.%L+0000')} [id=30]\tINFO\thudson.lifecycle.Lifecycle#onReady: Jenkins is fully up and running\n`,
  serve: (_, port) => ({
    http: (request, reply) =>
      reply(
        port === 50000
          ? response(200, 'Jenkins-Agent-Protocols: JNLP4-connect, Ping\n')
          : request.path.startsWith('/login')
            ? response(200, '<!DOCTYPE html><html><head><title>Sign in [Jenkins]</title></head><body></body></html>', {
                'X-Jenkins': '2.504.3',
              })
            : response(
                403,
                "<html><head><meta http-equiv='refresh' content='1;url=/login?from=%2F'/></head><body>Authentication required</body></html>",
                { 'X-Jenkins': '2.504.3' },
              ),
      ),
  }),
  stopping: (process) =>
    `${stamp(process, '%Y-%m-%d %H:%M:%S.%L+0000')} [id=23]\tINFO\twinstone.Logger#logInternal: JVM is terminating. Shutting down Jetty\n`,
  stopMs: 800,
  signals: { SIGTERM: 143, SIGINT: 130 },
})

export const javaImages: readonly Image[] = [
  {
    repositories: ['openjdk', 'eclipse-temurin', 'amazoncorretto'],
    tags: ['latest', ...releaseTags],
    sizeBytes: 232_000_000,
    base: 'ubuntu:noble',
    variants: {
      alpine: { base: 'alpine:3.22', sizeBytes: 160_000_000 },
      slim: { base: 'debian:bookworm-slim', sizeBytes: 220_000_000 },
    },
    cmd: ['jshell'],
    env: javaEnv,
    files,
    programs: javaPrograms,
  },
  {
    repositories: ['tomcat'],
    tags: ['latest', '8', '8.5', '9', '9.0', '10', '10.1', '11', '11.0', 'jdk21', '9-jdk17', '10.1-jdk21'],
    sizeBytes: 205_000_000,
    base: 'ubuntu:noble',
    cmd: ['catalina.sh', 'run'],
    env: { ...javaEnv, CATALINA_HOME: '/usr/local/tomcat', PATH: `/usr/local/tomcat/bin:${javaEnv.PATH}` },
    workingDir: '/usr/local/tomcat',
    exposedPorts: [8080],
    files: {
      ...files,
      '/usr/local/tomcat/webapps/': '',
      '/usr/local/tomcat/webapps.dist/ROOT/index.jsp': '\n',
      '/usr/local/tomcat/conf/server.xml': '<Server port="8005" shutdown="SHUTDOWN"/>\n',
      '/usr/local/tomcat/logs/': '',
    },
    programs: { ...javaPrograms, '/usr/local/tomcat/bin/catalina.sh': tomcatServer },
  },
  {
    repositories: ['jenkins/jenkins'],
    tags: ['latest', 'lts', 'lts-jdk17', 'lts-jdk21', 'jdk21', '2.504.3'],
    sizeBytes: 270_000_000,
    base: 'debian:bookworm',
    entrypoint: ['/usr/bin/tini', '--', '/usr/local/bin/jenkins.sh'],
    env: { ...javaEnv, JENKINS_HOME: '/var/jenkins_home' },
    user: 'jenkins',
    exposedPorts: [8080, 50000],
    modes: { '/var/jenkins_home': 0o777 },
    files: {
      ...files,
      '/var/jenkins_home/': '',
      '/etc/passwd': `${debianFiles['/etc/passwd']}jenkins:x:1000:1000::/var/jenkins_home:/bin/bash\n`,
    },
    programs: {
      ...javaPrograms,
      '/usr/bin/tini': becomesAfterDashes(),
      '/usr/local/bin/jenkins.sh': jenkinsServer,
      '/bin/bash': sh,
    },
  },
]

/** `tini -- PROGRAM`: Simplified: it becomes the program instead of being its parent. */
function becomesAfterDashes(): Program {
  const become = becomes()
  return function* (process) {
    ;(process as { argv: readonly string[] }).argv = process.argv.filter(
      (word, index) => index === 0 || word !== '--' || index > 2,
    )
    return yield* become(process)
  }
}
