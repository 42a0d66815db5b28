# A Ctrl-C while this is read would leave a shell of which kubelab sees nothing.
trap '' INT
# kubelab tells by these variables what differs between shells. They must not reach the programs.
__kl_nonce=$KUBELAB_SHELL_NONCE
__kl_state=$KUBELAB_SHELL_STATE
__kl_root=$KUBELAB_SHELL_ROOT
__kl_label=$KUBELAB_SHELL_LABEL
__kl_host=$KUBELAB_SHELL_HOST
__kl_ps0=$KUBELAB_SHELL_PS0
unset KUBELAB_SHELL_{NONCE,STATE,ROOT,LABEL,HOST,PS0}

# What the system's own bashrc did is taken back, so that every learner's shell is the same.
unalias -a
unset -f command_not_found_handle
unset PROMPT_COMMAND PS0 BASH_ENV ENV
trap - DEBUG
shopt -s checkwinsize cmdhist lithist histappend promptvars
set +o histexpand
HISTFILE=$__kl_state/bash_history HISTSIZE=10000 HISTFILESIZE=10000
HISTCONTROL= HISTIGNORE= HISTTIMEFORMAT=
bind 'set enable-bracketed-paste on' 2>/dev/null
bind 'set enable-active-region off' 2>/dev/null
bind 'set bell-style none' 2>/dev/null
bind 'set colored-stats off' 2>/dev/null
COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}
alias k=kubectl ls='ls --color=auto' grep='grep --color=auto'
ls --color=auto -d / >/dev/null 2>&1 || unalias ls grep
if [[ -z ${EDITOR-} ]]; then
  for __kl_editor in nano vi vim; do
    type -P "$__kl_editor" >/dev/null && export EDITOR=$__kl_editor && break
  done
  unset __kl_editor
fi

# __kl_escape puts $1 into __kl_out so that it can stand in an OSC sequence.
__kl_escape() {
  local LC_ALL=C s=$1
  s=${s//\\/\\\\}
  s=${s//;/\\x3b}
  s=${s//$'\n'/\\x0a}
  s=${s//$'\a'/\\x07}
  s=${s//$'\e'/\\x1b}
  s=${s//$'\x18'/\\x18}
  s=${s//$'\x1a'/\\x1a}
  __kl_out=$s
}

# __kl_newest puts the number and the text of the newest line of the history into __kl_number and __kl_text.
__kl_newest() {
  local line
  line=$(HISTTIMEFORMAT= builtin history 1)
  line=${line#"${line%%[![:space:]]*}"}
  __kl_number=${line%%[!0-9]*}
  line=${line#"$__kl_number"}
  __kl_text=${line:2}
}

__kl_typed() {
  __kl_escape "$__kl_text"
  builtin printf '\e]633;E;%s;%s\a' "$__kl_out" "$__kl_nonce"
}

# __kl_preexec runs between a command line and its commands.
__kl_preexec() {
  __kl_newest
  __kl_typed
  builtin printf '\e]633;C;%s\a' "$__kl_nonce"
}

# __kl_prompt runs before each prompt. Whatever the learner did to the history's settings, the next line must get into it.
__kl_prompt() {
  local status=$?
  # Quiet under set -x. Redirecting the trace instead would leave the prompt in /dev/null after a Ctrl-C in here.
  [[ $- == *x* ]] && local - && set +x
  __kl_before=$__kl_number
  __kl_newest
  if [[ -z $__kl_ran && $__kl_before != start && $__kl_number != "$__kl_before" ]]; then
    __kl_typed # entered, and refused: a syntax error
  fi
  builtin printf '\e]633;D;%s;%s\a' "$status" "$__kl_nonce"
  __kl_escape "$PWD"
  builtin printf '\e]633;P;Cwd=%s;%s\a' "$__kl_out" "$__kl_nonce"
  HISTCONTROL= HISTIGNORE= HISTTIMEFORMAT= HISTSIZE=10000
  shopt -s cmdhist lithist promptvars
  set -o history
  builtin history -a
  case $PWD in
  "$__kl_root") __kl_where=$__kl_label ;;
  "$__kl_root"/*) __kl_where=$__kl_label/${PWD#"$__kl_root"/} ;;
  "$HOME") __kl_where='~' ;;
  "$HOME"/*) __kl_where="~/${PWD#"$HOME"/}" ;;
  *) __kl_where=$PWD ;;
  esac
  [[ $PS1 == *"$__kl_b"* ]] || PS1=$__kl_a$PS1$__kl_b
  __kl_ran=
  __kl_armed=1
}

__kl_debug() {
  [[ -n $__kl_armed && -z ${COMP_LINE-} && $BASH_COMMAND != __kl_prompt ]] || return 0
  __kl_armed= __kl_ran=1
  __kl_preexec
}

__kl_ran= __kl_armed= __kl_number=start __kl_nil= __kl_where=$__kl_label
__kl_a="\[\e]633;A;\$?;$__kl_nonce\a\]"
__kl_b="\[\e]633;B;$__kl_nonce\a\]"
PS1="$__kl_a\[\e[1;32m\]$__kl_host\[\e[m\]:\[\e[1;34m\]\$__kl_where\[\e[m\]\$ $__kl_b"
PROMPT_COMMAND=__kl_prompt
if [[ -n $__kl_ps0 ]] && ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
  PS0='$({ __kl_preexec; } 2>/dev/null)${__kl_nil:$((__kl_ran=1,0)):0}'
else
  trap __kl_debug DEBUG
fi

# __kl_cobra completes kubectl and docker, which answer for themselves.
__kl_cobra() {
  local tool=$1 cur=$2 line directive candidate
  [[ $tool == k ]] && tool=kubectl
  local -a args=("${COMP_WORDS[@]:1:COMP_CWORD}") out=()
  if ((COMP_CWORD > 1)) && [[ ${args[COMP_CWORD - 2]} == '=' ]]; then
    args=("${args[@]:0:COMP_CWORD-3}" "${args[COMP_CWORD - 3]}=${args[COMP_CWORD - 1]}") # --output=ya: split at =
  elif ((COMP_CWORD > 0)) && [[ ${args[COMP_CWORD - 1]} == '=' ]]; then
    args=("${args[@]:0:COMP_CWORD-2}" "${args[COMP_CWORD - 2]}=")
    cur=
  fi
  COMPREPLY=()
  while IFS= read -r line; do out+=("$line"); done < <("$tool" __complete "${args[@]}" 2>/dev/null)
  ((${#out[@]})) || { compopt -o default; return; }
  directive=${out[${#out[@]} - 1]#:}
  unset "out[${#out[@]}-1]"
  for line in "${out[@]}"; do
    candidate=${line%%$'\t'*}
    [[ $candidate == "$cur"* && $candidate != _activeHelp_* ]] && COMPREPLY+=("$candidate")
  done
  ((directive & 2)) && compopt -o nospace
  ((${#COMPREPLY[@]} == 0 && (directive & 4) == 0)) && compopt -o default
}
complete -F __kl_cobra kubectl k docker

# Completion for everything else is loaded when it is first asked for.
__kl_load_completion() {
  complete -r -D
  local file
  for file in /usr/share/bash-completion/bash_completion /opt/homebrew/etc/profile.d/bash_completion.sh; do
    if [[ -r $file ]]; then
      . "$file"
      complete -F __kl_cobra kubectl k docker
      return 124
    fi
  done
}
((BASH_VERSINFO[0] > 4)) && complete -o bashdefault -o default -D -F __kl_load_completion
trap - INT
