#!/usr/bin/env bash
# Sees to it that a Docker engine answers: `make engine`. Where one does, nothing is changed. Where none does, it is
# started, and installed from the distribution's packages before that if need be.
#
# KUBELAB_NO_INSTALL=1 keeps it from installing packages. An existing daemon.json is never written to.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="${KUBELAB_ENGINE_ROOT:-}" # where this machine's files are; only a test says anything else
runtime="$root/usr/local/bin/runc-lowcap"
config="$root/etc/docker/daemon.json"
log="$root/var/log/kubelab-dockerd.log"
dropin="$root/etc/systemd/system/docker.service.d/kubelab-runtime.conf"
wanted_json="\"runtimes\": {\"lowcap\": {\"path\": \"$runtime\"}}, \"default-runtime\": \"lowcap\""
wait_seconds="${KUBELAB_ENGINE_WAIT:-60}"
PATH="$PATH:/usr/sbin:/sbin"

say() { printf 'engine: %s\n' "$*"; }

# fail SAW WANT COMMAND: the exit code 3 means that something is missing.
fail() {
  printf 'engine: %s\n        %s\n        다음을 실행하세요: %s\n' "$1" "$2" "$3" >&2
  exit 3
}

answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

need_root() { # need_root COMMAND WHY
  if [ "$(id -u)" -ne 0 ]; then
    fail "root 권한이 없습니다." "$2" "sudo $1"
  fi
}

# explain_silence says why an engine that runs may not answer this user.
explain_silence() {
  if [ -n "${DOCKER_HOST:-}" ]; then
    fail "DOCKER_HOST($DOCKER_HOST)의 Docker 엔진이 응답하지 않습니다." \
      "그 엔진이 켜져 있거나, DOCKER_HOST가 비어 있어야 합니다." "unset DOCKER_HOST"
  fi
  if [ -e "$root/var/run/docker.sock" ] && [ ! -w "$root/var/run/docker.sock" ]; then
    fail "Docker 엔진의 소켓 /var/run/docker.sock을 열 권한이 없습니다." \
      "사용자 $(id -un)이(가) docker 그룹에 있어야 합니다. 추가한 뒤 다시 로그인하세요." "sudo usermod -aG docker $(id -un)"
  fi
}

install_packages() { # install_packages PACKAGE…
  local how
  if command -v apt-get >/dev/null; then
    how="apt-get update && apt-get install -y --no-install-recommends $*"
  elif command -v dnf >/dev/null; then
    fail "이 배포판에는 apt-get이 없습니다." "Docker 엔진이 설치되어 있어야 합니다." "sudo dnf install -y moby-engine jq"
  elif command -v pacman >/dev/null; then
    fail "이 배포판에는 apt-get이 없습니다." "Docker 엔진이 설치되어 있어야 합니다." "sudo pacman -S docker jq"
  elif command -v zypper >/dev/null; then
    fail "이 배포판에는 apt-get이 없습니다." "Docker 엔진이 설치되어 있어야 합니다." "sudo zypper install docker jq"
  elif command -v apk >/dev/null; then
    fail "이 배포판에는 apt-get이 없습니다." "Docker 엔진이 설치되어 있어야 합니다." "sudo apk add docker jq bash"
  else
    fail "패키지 관리자를 찾지 못했습니다." "Docker 엔진이 설치되어 있어야 합니다." \
      "https://docs.docker.com/engine/install 의 안내대로 설치하세요"
  fi
  if [ -n "${KUBELAB_NO_INSTALL:-}" ]; then
    fail "$* 패키지가 없고, KUBELAB_NO_INSTALL이 설정되어 있어 설치하지 않았습니다." "이 패키지들이 필요합니다." "$how"
  fi
  need_root "make engine" "패키지를 설치하는 apt-get은 root로 실행해야 합니다."
  say "패키지를 설치합니다: $*"
  export DEBIAN_FRONTEND=noninteractive
  # Without the terminal: apt would put it into raw mode, under the output of whatever runs beside it.
  apt-get update -qq </dev/null
  apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@" </dev/null >/dev/null
}

# lacks_resource: the wrapper runtime is for hosts without CAP_SYS_RESOURCE (bit 24 of the bounding set).
lacks_resource() {
  local bounding
  bounding="$(awk '/^CapBnd:/ {print $2}' "$root/proc/self/status")"
  (((16#$bounding >> 24 & 1) == 0))
}

install_engine() {
  local packages=()
  command -v dockerd >/dev/null || packages+=(docker.io iptables ca-certificates)
  if lacks_resource && ! command -v jq >/dev/null; then
    packages+=(jq)
  fi
  if [ "${#packages[@]}" -gt 0 ]; then
    install_packages "${packages[@]}"
  fi
  # From Debian 13 on the docker command is a package of its own.
  if ! command -v docker >/dev/null; then
    install_packages docker-cli
  fi
}

# runtime_flags prepares the wrapper runtime and sets flags to what dockerd has to be told of it. Where a daemon.json
# exists and configures runtimes itself, dockerd refuses the same settings as flags: then the file has to name ours.
runtime_flags() {
  flags=()
  lacks_resource || return 0
  say "이 컴퓨터에는 CAP_SYS_RESOURCE가 없어, 그 권한 없이 컨테이너를 시작하는 런타임(runc-lowcap)을 씁니다."
  install -D -m 0755 "$here/runc-lowcap" "$runtime"
  if [ -e "$config" ] && grep -q 'runc-lowcap' "$config"; then
    return 0
  fi
  if [ -e "$config" ] && grep -Eq '"(runtimes|default-runtime)"' "$config"; then
    fail "$config 에 이미 다른 런타임이 설정되어 있습니다. 이 파일은 고치지 않습니다." \
      "$wanted_json 이(가) 그 파일에 있어야 합니다." \
      "sudo \${EDITOR:-vi} $config && make engine"
  fi
  flags=(--add-runtime "lowcap=$runtime" --default-runtime lowcap)
}

wait_until_answers() {
  local deadline=$((SECONDS + wait_seconds))
  until answers; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      fail "Docker 엔진이 ${wait_seconds}초 안에 응답하지 않았습니다." "엔진의 기록에서 까닭을 찾아야 합니다." "$1"
    fi
    sleep 0.2
  done
}

start_with_systemd() {
  if [ "${#flags[@]}" -gt 0 ]; then
    mkdir -p "$(dirname "$dropin")"
    # The unit's own command, with our flags behind it.
    local start
    start="$(systemctl show -p ExecStart --value docker.service | sed -n 's/.*argv\[\]=\([^;]*\) ;.*/\1/p')"
    printf '[Service]\nExecStart=\nExecStart=%s %s\n' "${start:-/usr/sbin/dockerd -H fd://}" "${flags[*]}" >"$dropin"
    systemctl daemon-reload
  fi
  say "systemd로 Docker 엔진을 시작합니다."
  # Installing the package may have started it without the flags.
  if [ "${#flags[@]}" -gt 0 ]; then systemctl restart docker; else systemctl start docker; fi
  wait_until_answers "journalctl -u docker -n 50"
}

start_alone() {
  if answers; then # installing the package started it
    if [ "${#flags[@]}" -eq 0 ]; then return 0; fi
    service docker stop >/dev/null
  fi
  mkdir -p "$(dirname "$log")"
  say "Docker 엔진을 시작합니다. 기록: $log"
  setsid nohup dockerd "${flags[@]}" >"$log" 2>&1 </dev/null &
  wait_until_answers "tail -n 50 $log"
}

# warn_of_runtime: an engine that somebody else set up on a host without CAP_SYS_RESOURCE runs everything but a cluster.
warn_of_runtime() {
  if [ "$(uname -s)" = Linux ] && lacks_resource && [ "$(docker info --format '{{.DefaultRuntime}}')" = runc ]; then
    say "이 컴퓨터에는 CAP_SYS_RESOURCE가 없어 쿠버네티스 노드(--privileged 컨테이너)가 시작되지 않습니다."
    say "클러스터가 필요하면 $here/runc-lowcap을 $runtime(으)로 복사하고, $config 에"
    say "$wanted_json 을 더한 뒤 Docker를 다시 시작하세요."
  fi
}

# raise_inotify lifts what each node's kubelet and containerd, and kubelab's own watching, eat from: Debian's 128
# instances end with the third node. The numbers are those of kind's known issues. They hold until the machine is
# started again: a file in /etc would outlive kubelab.
raise_inotify() {
  [ "$(id -u)" -eq 0 ] || return 0 # kubelab doctor says which command an administrator runs
  local setting file now
  for setting in max_user_instances=512 max_user_watches=524288; do
    file="$root/proc/sys/fs/inotify/${setting%=*}"
    [ -r "$file" ] || continue
    read -r now <"$file"
    if [ "$now" -lt "${setting#*=}" ] && { echo "${setting#*=}" >"$file"; } 2>/dev/null; then
      say "커널의 한도 fs.inotify.${setting%=*}을(를) $now에서 ${setting#*=}(으)로 올렸습니다(다시 부팅할 때까지)."
    fi
  done
}

main() {
  if [ "$(uname -s)" = Linux ]; then raise_inotify; fi
  if command -v docker >/dev/null && answers; then
    say "Docker 엔진 $(docker version --format '{{.Server.Version}}')이(가) 이미 실행 중입니다."
    warn_of_runtime
    return 0
  fi
  if [ "$(uname -s)" != Linux ]; then
    fail "Docker 엔진이 응답하지 않습니다." "Docker Desktop이 켜져 있어야 합니다." "open -a Docker"
  fi
  explain_silence
  install_engine
  need_root "make engine" "Docker 엔진을 시작하는 dockerd는 root로 실행해야 합니다."
  runtime_flags
  if [ -d "$root/run/systemd/system" ]; then
    start_with_systemd
  else
    start_alone
  fi
  say "Docker 엔진 $(docker version --format '{{.Server.Version}}')이(가) 실행 중입니다."
}

main "$@"
