# SPDX-License-Identifier: Apache-2.0
# Of ./mien: installs what a command needs (tools/packages.txt, tools/assets.json) and builds it. Expects $root, $program,
# $goal (the build's target: all, or the program alone), say and fail.
# prepare PRESET leaves everything ready, with the path of the Python that has the packages in $python.

readonly state=$root/build/.mien venv=$root/.venv
readonly lists=$root/tools/packages.txt assets=$root/tools/assets.json log=$state/setup.log

# ---- progress --------------------------------------------------------------------------------------------------
now_ms() { local t=${EPOCHREALTIME/[.,]/}; printf -v "$1" '%d' $((t / 1000)); }


tick() {  # elapsed seconds and the compiler's counter: rewritten each second on a terminal, else a line every ten
  local seconds=0 counter every=10 start='\n' never
  [[ ! -t 2 ]] || { every=1; start='\r\033[K'; }
  # Nothing ever arrives there. A 'sleep' would outlive its parent and keep the lock and the reader of a pipe waiting.
  exec {never}<> <(:)
  until read -rt "$every" -u "$never"; do
    counter=$(tail -n 1 "$log" | grep -oE '^\[[0-9]+/[0-9]+\]' || true)
    printf "${start}mien: %s … %d s %s" "$1" $((seconds += every)) "$counter" >&2
  done
}

step() {  # step WHAT COMMAND…: one line, with the time it took; output goes to the log
  local what=$1 begin end code=0 ticker=''; shift
  printf 'mien: %s …' "$what" >&2
  printf '\n== %s: %s\n' "$what" "$*" >>"$log"
  now_ms begin
  tick "$what" &
  ticker=$!
  "$@" >>"$log" 2>&1 || code=$?
  now_ms end
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [[ ! -t 2 ]] || printf '\r\033[Kmien: %s …' "$what" >&2
  if ((code == 0)); then
    printf ' %d.%d s\n' $(((end - begin) / 1000)) $(((end - begin) % 1000 / 100)) >&2
    return
  fi
  printf ' failed\n' >&2
  { grep -E '(error|Error): |undefined reference' "$log" | tail -n 5; tail -n 12 "$log"; } >&2
  ((code < 128)) || exit "$code"
  return 1
}

# ---- what is needed --------------------------------------------------------------------------------------------
packages() {  # packages KIND GROUP…: lines "package probe…" of the list
  local kind=$1 group k package probe; shift
  while read -r group k package probe; do
    [[ $k == "$kind" && " $* " == *" $group "* ]] && echo "$package${probe:+ $probe}"
  done <"$lists"
  return 0
}

system_python() { if [[ -x /usr/bin/python3 ]]; then echo /usr/bin/python3; else type -P python3 || true; fi; }

is_present() {  # is_present KIND VALUE: a probe of the list
  local dir
  case $1 in
    command) type -P "$2" >/dev/null ;;
    file) [[ -e $2 ]] ;;
    module) local python; python=$(system_python); [[ -n ${MIEN_PYTHON:-} ]] || { [[ -n $python ]] && "$python" -c "import $2" 2>/dev/null; } ;;
    header)
      for dir in ${MIEN_HEADERS:-} ${CONDA_PREFIX:+"$CONDA_PREFIX/include"} /usr/include /usr/local/include /usr/include/*-linux-gnu; do
        [[ -e $dir/$2 ]] && return 0
      done
      return 1 ;;
  esac
}

missing_apt() {  # names of Debian packages whose probe fails
  local package kind value
  packages apt "$@" | while read -r package kind value; do is_present "$kind" "$value" || echo "$package"; done
}

pip_words() {  # what pip is to install for one group
  if [[ $1 == train && -n ${MIEN_TORCH:-} ]]; then echo "$MIEN_TORCH"; else packages pip "$1" | paste -sd ' '; fi
}

# A stamp holds the list it was made from: equal text means nothing to do.
is_stamped() { [[ -f $1 && $(<"$1") == "$2" ]]; }
stamp() { printf '%s\n' "$2" >"$1.new" && mv "$1.new" "$1"; }

# ---- steps -----------------------------------------------------------------------------------------------------
apt_install() {
  local as_root=()
  ((EUID)) && { as_root=(sudo); [[ -t 0 ]] || as_root=(sudo -n); }
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -y)
  [[ -z $(dpkg --audit) ]] || "${as_root[@]}" dpkg --configure -a  # an installation that was broken off
  compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null && "${apt[@]}" install --no-install-recommends "$@" && return
  "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"
}

need_apt() {
  local list; mapfile -t list < <(missing_apt "$@")
  ((${#list[@]})) || return 0
  local why=''
  if ! type -P apt-get >/dev/null || ! grep -qsiE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release; then
    why='this is neither Debian nor Ubuntu, so nothing was installed'
  elif ((EUID)) && ! type -P sudo >/dev/null; then
    why='installing needs root or sudo, and neither is available'
  fi
  [[ -z $why ]] || fail 4 "Missing, and $why:" "  ${list[*]}" \
    'Install these packages (names as in Debian 12) and run the same command again.' \
    'Training needs fewer packages: MIEN_PRESET=core-only with header-only libraries in MIEN_HEADERS=DIR.'
  step "installing ${#list[@]} Debian packages (${list[*]})" apt_install "${list[@]}" ||
    fail 4 'The Debian packages could not be installed.' "  ${list[*]}" "Full log: $log. Install the packages manually, or fix the connection, and run the command again."
}

want_apt() {  # packages that some tests skip without: only where the lists have them, and never a reason to stop
  local list=() package
  for package in $(missing_apt "$@"); do apt-cache show "$package" >/dev/null 2>&1 && list+=("$package"); done
  ((${#list[@]})) || return 0
  step "installing packages for some tests (${list[*]})" apt_install "${list[@]}" || say "without ${list[*]}, some tests are skipped"
}

make_venv() { rm -rf "$venv" && "$(system_python)" -m venv "$venv"; }

need_python() {  # need_python GROUP…: Python packages, in .venv or in the Python that the user named
  local group words module
  if [[ -n ${MIEN_PYTHON:-} ]]; then
    for group; do
      case $group in deploy) module=openvino ;; train) module=torch ;; *) continue ;; esac
      "$MIEN_PYTHON" -c "import importlib.util as u, sys; sys.exit(u.find_spec('$module') is None)" 2>/dev/null ||
        fail 4 "MIEN_PYTHON = $MIEN_PYTHON has no package '$module'." "Install it for that Python ($(pip_words "$group")), or unset MIEN_PYTHON."
    done
    return
  fi
  # pip takes a package that was broken off for a whole one: start again.
  if [[ -e $venv/.mien-unfinished ]] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    step 'creating .venv for Python packages' make_venv || fail 4 "$venv could not be created." "Full log: $log."
  fi
  for group; do
    words=$(pip_words "$group")
    if [[ -z $words ]] || is_stamped "$venv/.mien-$group" "$words"; then continue; fi
    : >"$venv/.mien-unfinished"
    # shellcheck disable=SC2086  # words for pip
    step "installing Python packages ($words)" "$venv/bin/python" -m pip install --disable-pip-version-check --progress-bar off $words ||
      fail 4 "The Python packages could not be installed: $words" "Full log: $log. Fix the connection and run the command again."
    rm -f "$venv/.mien-unfinished" "$root"/build/*/CMakeCache.txt  # paths into the packages may have changed
    stamp "$venv/.mien-$group" "$words"
  done
}

assets_text() { printf '%s %s %s\n%s' "${MIEN_HOME:-}" "${XDG_DATA_HOME:-}" "${HOME:-}" "$(<"$assets")"; }
need_assets() {
  is_stamped "$state/assets" "$(assets_text)" && return
  step 'fetching face detectors and the sample picture' "$python" "$root/tools/fetch_assets.py" predict ||
    fail 4 'The face detectors could not be downloaded.' "Full log: $log. Fix the connection and run the command again."
  stamp "$state/assets" "$(assets_text)"
}

has_new_sources() {  # true where a source is younger than the last good build, or that build had a smaller goal
  local built=$root/build/$1/.mien-built
  [[ -f $built && ! $root/.git/logs/HEAD -nt $built ]] || return 0
  [[ $goal == mien || $(<"$built") == all ]] || return 0
  local sources=("$root"/{src,cmake,CMakeLists.txt,CMakePresets.json})
  [[ $1 == deploy || $1 == release || $1 == core-only ]] || sources+=("$root/tests")
  [[ $(find "${sources[@]}" -newer "$built" -print -quit) ]]
}

configure() (  # in a subshell: the user's own folder stays the current one
  cd "$root" && MIEN_CCACHE=$(type -P ccache || true) cmake --preset "$1" -U Torch_DIR -U OpenVINO_DIR \
    -DMIEN_PYTHON="$python" ${MIEN_HEADERS:+-DMIEN_HEADERS="$MIEN_HEADERS"}
)

num_jobs() {  # a unit with LibTorch's headers takes up to 1.7 GB; nproc counts OMP_NUM_THREADS, which is not about jobs
  local jobs memory; jobs=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc 2>/dev/null || echo 2)
  memory=$(awk '/MemAvailable/ {print int($2 / 1700000)}' /proc/meminfo 2>/dev/null || echo "$jobs")
  ((memory < jobs)) && jobs=$memory
  echo "${MIEN_JOBS:-$((jobs > 0 ? jobs : 1))}"
}

compile() {  # paths relative to the build folder, so that all build folders share their objects in ccache
  CCACHE_BASEDIR=$root CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros ninja -C "$root/build/$1" -j "$(num_jobs)" "$goal"
}

need_build() {  # need_build PRESET
  has_new_sources "$1" || return 0
  local dir=$root/build/$1
  mkdir -p "$dir"
  if [[ -e $dir/.mien-building ]]; then  # killed in the middle: what was being written may be half
    find "$dir" -newer "$dir/.mien-building" -type f \( -name '*.o' -o -name '*.a' -o -name '*.gch' -o -path '*/bin/*' \) -delete
    rm -f "$dir/CMakeCache.txt"  # a cut one fails every later configuration
  fi
  echo "$goal" >"$dir/.mien-building"
  trap 'rm -f "$root"/build/*/.mien-building; exit 130' INT TERM  # ninja tidies up after itself
  if [[ ! -f $dir/build.ninja || ! -f $dir/CMakeCache.txt || $root/.git/logs/HEAD -nt $dir/build.ninja ]]; then
    step "configuring build/$1" configure "$1" || { rm -rf "$dir"/CMake{Cache.txt,Files}; step "configuring build/$1 from scratch" configure "$1"; } || { rm "$dir/.mien-building"; fail 1 "build/$1 could not be configured." "Full log: $log."; }
  fi
  step "compiling build/$1" compile "$1" || { rm "$dir/.mien-building"; fail 1 "build/$1 could not be built." "Full log: $log."; }
  trap - INT TERM
  mv "$dir/.mien-building" "$dir/.mien-built"  # its time is the build's beginning: later edits are younger
}

# ---- which preset, which groups --------------------------------------------------------------------------------
groups_of() {
  case $1 in
    deploy) echo base deploy ;;
    core-only) echo base train ;;
    release) echo base deploy train ;;
    *) echo base deploy train test ;;
  esac
}

is_ready() {  # is_ready PRESET GROUP…: nothing to install, nothing to build
  local preset=$1 group; shift
  [[ -f $state/apt-$preset && ! $lists -nt $state/apt-$preset ]] || return 1
  if [[ -z ${MIEN_PYTHON:-} ]]; then
    [[ -x $venv/bin/python && ! -e $venv/.mien-unfinished ]] || return 1
    for group; do [[ $group == base ]] || is_stamped "$venv/.mien-$group" "$(pip_words "$group")" || return 1; done
  fi
  [[ " $* " != *' deploy '* ]] || is_stamped "$state/assets" "$(assets_text)" || return 1
  ! has_new_sources "$preset"
}

prepare() {  # prepare PRESET: all that its programs need
  local preset=$1 groups; read -ra groups < <(groups_of "$1")
  python=${MIEN_PYTHON:-$venv/bin/python}
  is_ready "$preset" "${groups[@]}" && return
  if ! mkdir -p "$state" 2>/dev/null || [[ ! -w $state ]]; then  # another user's folder: what is built can still be used
    [[ ! -x $root/build/$preset/bin/$program ]] || return 0
    fail 1 "$root is not writable, so nothing can be installed or built there." "Ask the owner to run './mien setup', or use your own copy."
  fi
  exec {lock}>"$state/lock"
  if type -P flock >/dev/null && ! flock -n "$lock"; then
    say 'another ./mien is running the setup; waiting for it'
    flock "$lock"
  fi
  : >"$log"
  need_apt "${groups[@]}"
  [[ " ${groups[*]} " != *' test '* ]] || want_apt optional
  touch "$state/apt-$preset"
  need_python "${groups[@]:1}"
  [[ " ${groups[*]} " != *' deploy '* ]] || need_assets
  need_build "$preset"
  exec {lock}>&-
}

built_for() {  # the preset that gives a command's programs: the smallest, or a larger one that has nothing left to install or build
  local larger=() groups one
  [[ $1 == deploy ]] && larger=(release dev)
  [[ $1 == release ]] && larger=(dev)
  if [[ ! -f $root/build/$1/.mien-built ]]; then
    for one in "${larger[@]}"; do
      read -ra groups < <(groups_of "$one")
      if is_ready "$one" "${groups[@]}"; then echo "$one"; return; fi
    done
  fi
  echo "$1"
}
