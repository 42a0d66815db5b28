# A Ctrl-C while this is read would leave a shell of which kubelab sees nothing.
trap '' INT
# kubelab tells by these variables what differs between shells. They must not reach the programs.
__kl_nonce=$KUBELAB_SHELL_NONCE
__kl_state=$KUBELAB_SHELL_STATE
__kl_root=$KUBELAB_SHELL_ROOT
__kl_label=$KUBELAB_SHELL_LABEL
__kl_host=$KUBELAB_SHELL_HOST
unset KUBELAB_SHELL_{NONCE,STATE,ROOT,LABEL,HOST,PS0}

unset ZDOTDIR # a zsh that the learner starts is their own
setopt prompt_subst interactive_comments append_history inc_append_history
unsetopt prompt_sp beep bang_hist
HISTFILE=$__kl_state/zsh_history HISTSIZE=10000 SAVEHIST=10000
zle_highlight=(paste:none)
bindkey -e
alias k=kubectl ls='ls --color=auto' grep='grep --color=auto'
ls --color=auto -d / >/dev/null 2>&1 || unalias ls grep
if [[ -z ${EDITOR-} ]]; then
  for __kl_editor in nano vi vim; do
    (( $+commands[$__kl_editor] )) && export EDITOR=$__kl_editor && break
  done
  unset __kl_editor
fi

# __kl_escape puts $1 into __kl_out so that it can stand in an OSC sequence.
__kl_escape() {
  emulate -L zsh
  local s=$1
  s=${s//\\/\\\\}
  s=${s//;/\\x3b}
  s=${s//$'\n'/\\x0a}
  s=${s//$'\a'/\\x07}
  s=${s//$'\e'/\\x1b}
  s=${s//$'\x18'/\\x18}
  s=${s//$'\x1a'/\\x1a}
  __kl_out=$s
}

# __kl_finish runs when a line was entered; lines before it are in PREBUFFER.
__kl_finish() { __kl_text=$PREBUFFER$BUFFER }
zle -N zle-line-finish __kl_finish

__kl_typed() {
  __kl_escape "$__kl_text"
  builtin printf '\e]633;E;%s;%s\a' "$__kl_out" "$__kl_nonce"
}

__kl_preexec() {
  [[ -n $__kl_text ]] || __kl_text=$1
  __kl_ran=1
  __kl_typed
  builtin printf '\e]633;C;%s\a' "$__kl_nonce"
}

__kl_precmd() {
  local exit_status=$?
  if [[ -z $__kl_ran && $__kl_text == *[![:space:]]* ]]; then
    __kl_typed # entered, and refused: a syntax error
  fi
  builtin printf '\e]633;D;%s;%s\a' "$exit_status" "$__kl_nonce"
  __kl_escape "$PWD"
  builtin printf '\e]633;P;Cwd=%s;%s\a' "$__kl_out" "$__kl_nonce"
  case $PWD in
  ($__kl_root) __kl_where=$__kl_label ;;
  ($__kl_root/*) __kl_where=$__kl_label/${PWD#$__kl_root/} ;;
  ($HOME) __kl_where='~' ;;
  ($HOME/*) __kl_where="~/${PWD#$HOME/}" ;;
  (*) __kl_where=$PWD ;;
  esac
  __kl_where=${__kl_where//\%/%%}
  [[ $PS1 == *"$__kl_b"* ]] || PS1=$__kl_a$PS1$__kl_b
  __kl_ran= __kl_text=
}
precmd_functions+=(__kl_precmd)
preexec_functions+=(__kl_preexec)

__kl_ran= __kl_text= __kl_where=$__kl_label
__kl_a=$'%{\e]633;A;%?;'$__kl_nonce$'\a%}'
__kl_b=$'%{\e]633;B;'$__kl_nonce$'\a%}'
PS1="$__kl_a%B%F{green}$__kl_host%f%b:%B%F{blue}\${__kl_where}%f%b\$ $__kl_b"

# __kl_cobra completes kubectl and docker, which answer for themselves.
__kl_cobra() {
  emulate -L zsh
  local -a out names
  local directive
  out=("${(@f)$(${words[1]} __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  directive=${out[-1]#:}
  [[ $directive == <-> ]] || { _files; return }
  out=("${(@)out[1,-2]}")
  names=("${(@)out%%$'\t'*}")
  names=("${(@)names:#_activeHelp_*}")
  [[ ${words[CURRENT]} == --*=* ]] && compset -P '*='
  if (( $#names )); then
    if (( directive & 2 )); then compadd -S '' -a names; else compadd -a names; fi
  elif (( ! (directive & 4) )); then
    _files
  fi
}

# Completion is loaded when it is first asked for.
__kl_tab() {
  bindkey '^I' expand-or-complete
  autoload -Uz compinit && compinit -u -d "$__kl_state/zcompdump"
  compdef __kl_cobra kubectl k docker
  zle expand-or-complete
}
zle -N __kl_tab
bindkey '^I' __kl_tab
trap - INT
