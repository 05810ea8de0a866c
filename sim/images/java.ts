/** Java: the JDK and JRE images, Tomcat and Jenkins. A JVM takes CPU to start, so a CPU limit makes it slow. */
import type { HttpRequest, HttpResponse } from '../network/types.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { sh } from '../runtime/shell/sh.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { becomes, createDaemon, stamp } from './programs/daemon.ts'
import { notSimulated } from './programs/not-simulated.ts'
import { response } from './programs/web-server.ts'
import { eachRelease, type Releases } from './releases.ts'

const megabyte = 1024 * 1024

/** A release of Temurin: `21.0.7+6`; `8u452-b09` in the manner of Java 8. */
interface Java {
  release: string
  /** What it calls itself: `21.0.7`, `1.8.0_452`. */
  version: string
  /** With its build. */
  build: string
  isLongTerm: boolean
}

function javaOf(release: string): Java {
  const old = /^8u(\d+)-(b\d+)$/.exec(release)
  if (old) return { release, version: `1.8.0_${old[1]}`, build: `1.8.0_${old[1]}-${old[2]}`, isLongTerm: false }
  // The first that has it in its name is 21, though 11 and 17 are such as well.
  const isLongTerm = release.startsWith('21.')
  return { release, version: release.split('+')[0], build: `${release}${isLongTerm ? '-LTS' : ''}`, isLongTerm }
}

function javaVersionText({ release, version, build, isLongTerm }: Java, isLong: boolean): string {
  if (release.startsWith('8u'))
    return `openjdk version "${version}"\nOpenJDK Runtime Environment (Temurin)(build ${build})\nOpenJDK 64-Bit Server VM (Temurin)(build 25.${build.slice('1.8.0_'.length)}, mixed mode)\n`
  const name = isLong ? version : `version "${version}"`
  const mode = release.startsWith('11.') ? 'mixed mode' : 'mixed mode, sharing'
  return `openjdk ${name} 2025-04-15${isLongTerm ? ' LTS' : ''}\nOpenJDK Runtime Environment Temurin-${release} (build ${build})\nOpenJDK 64-Bit Server VM Temurin-${release} (build ${build}, ${mode})\n`
}

const javaProgram = (java: Java): Program =>
  function* (process) {
    const [, ...args] = process.argv
    if (args.includes('--version') && java.release.startsWith('8u')) {
      process.stderr.write(
        'Unrecognized option: --version\nError: Could not create the Java Virtual Machine.\nError: A fatal exception has occurred. Program will exit.\n',
      )
      return 1
    }
    if (args.some((arg) => /^--?version$/.test(arg))) {
      const isLong = args.includes('--version')
      process[isLong ? 'stdout' : 'stderr'].write(javaVersionText(java, isLong))
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
const jshell = ({ version }: Java): Program =>
  function* (process) {
    process.stdout.write(`|  Welcome to JShell -- Version ${version}\n|  For an introduction type: /help intro\n\n`)
    if (process.stdin.isTerminal) yield* waitFor(process.forever())
    yield* waitFor(process.stdin.readAll())
    return 0
  }

/** What every image with that Java has. */
const withJava = (java: Java): Pick<Image, 'files' | 'programs'> & { env: Readonly<Record<string, string>> } => ({
  env: {
    JAVA_HOME: '/opt/java/openjdk',
    JAVA_VERSION: `jdk${java.release.startsWith('8u') ? '' : '-'}${java.release}`,
    PATH: '/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  },
  files: { ...debianFiles, '/opt/java/openjdk/release': `JAVA_VERSION="${java.version}"\n` },
  programs: {
    ...debianPrograms,
    '/opt/java/openjdk/bin/java': javaProgram(java),
    '/opt/java/openjdk/bin/javac': notSimulated,
    ...(!java.release.startsWith('8u') && { '/opt/java/openjdk/bin/jshell': jshell(java) }),
  },
})

const tagsOfJava = (major: string): readonly string[] => [
  major,
  `${major}-jdk`,
  `${major}-jre`,
  `${major}-jdk-alpine`,
  `${major}-jre-alpine`,
  `${major}-jdk-slim`,
  `${major}-slim`,
]

const javaVersions: Releases = {
  '24.0.1+9': tagsOfJava('24'),
  '21.0.7+6': ['latest', ...tagsOfJava('21')],
  '17.0.15+6': tagsOfJava('17'),
  '11.0.27+6': tagsOfJava('11'),
  '8u452-b09': tagsOfJava('8'),
}

const tomcatLine = (process: Process, logger: string, text: string): string =>
  `${stamp(process, '%d-%b-%Y %H:%M:%S.%L')} INFO [main] ${logger} ${text}\n`

function tomcatAnswer(process: Process, version: string, request: HttpRequest): HttpResponse {
  const path = request.path.split('?')[0]
  const root = '/usr/local/tomcat/webapps'
  const file = path.endsWith('/') ? `${root}/ROOT${path}index.html` : `${root}/ROOT${path}`
  if (process.files.exists(file) && process.files.stat(file).type === 'file')
    return response(200, process.files.read(file), { 'Content-Type': 'text/html' })
  // The image keeps its web applications in webapps.dist: a fresh Tomcat knows no page.
  return response(
    404,
    `<!doctype html><html lang="en"><head><title>HTTP Status 404 – Not Found</title></head><body><h1>HTTP Status 404 – Not Found</h1><hr class="line" /><h3>Apache Tomcat/${version}</h3></body></html>`,
    { 'Content-Type': 'text/html;charset=utf-8' },
  )
}

const tomcatServer = (version: string): Program =>
  createDaemon({
    ports: [8080],
    memoryBytes: 130 * megabyte,
    cpuMillis: 5,
    logsTo: 'stderr',
    starting: (process) =>
      `${tomcatLine(process, 'org.apache.catalina.startup.VersionLoggerListener.log', `Server version name:   Apache Tomcat/${version}`)}${tomcatLine(process, 'org.apache.coyote.AbstractProtocol.init', 'Initializing ProtocolHandler ["http-nio-8080"]')}`,
    startMs: 300,
    startCpuMs: 1800,
    ready: (process) =>
      `${tomcatLine(process, 'org.apache.coyote.AbstractProtocol.start', 'Starting ProtocolHandler ["http-nio-8080"]')}${tomcatLine(process, 'org.apache.catalina.startup.Catalina.start', 'Server startup in [1183] milliseconds')}`,
    serve: (process) => ({ http: (request, reply) => reply(tomcatAnswer(process, version, request)) }),
    stopping: (process) =>
      `${tomcatLine(process, 'org.apache.coyote.AbstractProtocol.pause', 'Pausing ProtocolHandler ["http-nio-8080"]')}${tomcatLine(process, 'org.apache.catalina.core.StandardService.stopInternal', 'Stopping service [Catalina]')}`,
    stopMs: 300,
    // A JVM that a signal ends says so in its exit code, though it ends in good order.
    signals: { SIGTERM: 143, SIGINT: 130 },
  })

const jenkinsServer = (version: string): Program =>
  createDaemon({
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
              ? response(
                  200,
                  '<!DOCTYPE html><html><head><title>Sign in [Jenkins]</title></head><body></body></html>',
                  {
                    'X-Jenkins': version,
                  },
                )
              : response(
                  403,
                  "<html><head><meta http-equiv='refresh' content='1;url=/login?from=%2F'/></head><body>Authentication required</body></html>",
                  { 'X-Jenkins': version },
                ),
        ),
    }),
    stopping: (process) =>
      `${stamp(process, '%Y-%m-%d %H:%M:%S.%L+0000')} [id=23]\tINFO\twinstone.Logger#logInternal: JVM is terminating. Shutting down Jetty\n`,
    stopMs: 800,
    signals: { SIGTERM: 143, SIGINT: 130 },
  })

const tomcatVersions: Releases = {
  '11.0.8': ['latest', '11', '11.0', '11.0.8', 'jdk21'],
  '10.1.42': ['10', '10.1', '10.1.42', '10.1-jdk21'],
  '9.0.106': ['9', '9.0', '9.0.106'],
  '8.5.100': ['8', '8.5', '8.5.100'],
}

const tomcat = (version: string, java: Java): Omit<Image, 'tags'> => {
  const { env, files, programs } = withJava(java)
  return {
    repositories: ['tomcat'],
    sizeBytes: 205_000_000,
    base: 'ubuntu:noble',
    cmd: ['catalina.sh', 'run'],
    env: {
      ...env,
      CATALINA_HOME: '/usr/local/tomcat',
      TOMCAT_MAJOR: version.split('.')[0],
      TOMCAT_VERSION: version,
      PATH: `/usr/local/tomcat/bin:${env.PATH}`,
    },
    workingDir: '/usr/local/tomcat',
    exposedPorts: [8080],
    files: {
      ...files,
      '/usr/local/tomcat/webapps/': '',
      '/usr/local/tomcat/webapps.dist/ROOT/index.jsp': '\n',
      '/usr/local/tomcat/conf/server.xml': '<Server port="8005" shutdown="SHUTDOWN"/>\n',
      '/usr/local/tomcat/logs/': '',
    },
    programs: { ...programs, '/usr/local/tomcat/bin/catalina.sh': tomcatServer(version) },
  }
}

const jenkinsVersions: Releases = {
  '2.521': ['latest', 'jdk21', '2.521'],
  '2.504.3': ['lts', 'lts-jdk21', '2.504.3'],
}

const jenkins = (version: string, java: Java): Omit<Image, 'tags'> => {
  const { env, files, programs } = withJava(java)
  return {
    repositories: ['jenkins/jenkins'],
    sizeBytes: 270_000_000,
    base: 'debian:bookworm',
    entrypoint: ['/usr/bin/tini', '--', '/usr/local/bin/jenkins.sh'],
    env: { ...env, JENKINS_HOME: '/var/jenkins_home', JENKINS_VERSION: version },
    user: 'jenkins',
    exposedPorts: [8080, 50000],
    modes: { '/var/jenkins_home': 0o777 },
    files: {
      ...files,
      '/var/jenkins_home/': '',
      '/etc/passwd': `${debianFiles['/etc/passwd']}jenkins:x:1000:1000::/var/jenkins_home:/bin/bash\n`,
    },
    programs: {
      ...programs,
      '/usr/bin/tini': becomesAfterDashes(),
      '/usr/local/bin/jenkins.sh': jenkinsServer(version),
      '/bin/bash': sh,
    },
  }
}

const java17 = javaOf('17.0.15+6')
const java21 = javaOf('21.0.7+6')

export const javaImages: readonly Image[] = [
  ...eachRelease(javaVersions, [], (release) => ({
    ...withJava(javaOf(release)),
    repositories: ['openjdk', 'eclipse-temurin', 'amazoncorretto'],
    sizeBytes: 232_000_000,
    base: 'ubuntu:noble',
    variants: {
      alpine: { base: 'alpine:3.22', sizeBytes: 160_000_000 },
      slim: { base: 'debian:bookworm-slim', sizeBytes: 220_000_000 },
    },
    // Java 8 has no shell of its own.
    cmd: release.startsWith('8u') ? ['/bin/bash'] : ['jshell'],
  })),
  ...eachRelease(tomcatVersions, [], (version) => tomcat(version, java21)),
  ...eachRelease({ '9.0.106': ['9-jdk17'] }, [], (version) => tomcat(version, java17)),
  ...eachRelease(jenkinsVersions, [], (version) => jenkins(version, java21)),
  ...eachRelease({ '2.504.3': ['lts-jdk17'] }, [], (version) => jenkins(version, java17)),
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
