#!/bin/sh
# The only window of a session's screen. It runs the program, and tells its pid and its exit code in small files.
#
#   signalbox-run FOLDER COMMAND...           the window itself: writes FOLDER/shim, runs the command, writes FOLDER/exit
#   signalbox-run --child FOLDER COMMAND...   the last step before the program: writes FOLDER/child and becomes the program
#   signalbox-run --spare FOLDER              a window that has no program yet: writes FOLDER/shim, takes an order from the pipe FOLDER/words,
#                                             writes FOLDER/child, and runs the command with the word from the pipe FOLDER/go; ends when nobody
#                                             is left who could say something there
#
# COMMAND begins with one `flock --no-fork` per lock, then comes the --child step, so one process takes the locks, tells its pid and becomes
# the program, which thereby holds the locks for as long as it or any process it leaves behind lives. A spare window tells the pid before
# it takes the locks: it is there already.
#
# Names of variables begin with `signalbox_`: whatever else the environment holds is the program's.
set -f

# Field 22 of /proc/PID/stat, counted behind the name, which may hold anything.
ticks_of() {
  IFS= read -r signalbox_line <"/proc/$1/stat" || return 1
  set -- ${signalbox_line##*) }
  signalbox_ticks=${20}
}

# In one write of less than a page: a reader sees nothing or the whole line, and no mv has to be started for it.
put() {
  printf '%s\n' "$2" >"$signalbox_folder/$1"
}

if [ "$1" = --child ]; then
  signalbox_folder=$2
  shift 2
  # Without its start time: whoever reads this looks that up (a shell reads byte by byte, and a program would wait half a millisecond for it).
  put child "$$"
  # Ends when the terminal is as it has to be.
  read -r _ <&4
  exec 4<&-
  exec "$@"
fi

# Becomes the program of the order that comes. Nothing of this is the window's own: it runs in a process that is there before the order is.
become() {
  # Its own pid, which $$ is not.
  read -r signalbox_pid _ </proc/self/stat
  # Lines, each behind an = sign: its folder, name and program, settings, a dot, words, a dot. Less than that is no order. By cat, which waits for it
  # from now on: a shell reads byte by byte, 2 us each.
  signalbox_order=$(cat <&5 5<&- 4<&- 6<&-)
  exec 5<&-
  case $signalbox_order in *"
.") ;; *) exit 75 ;; esac
  signalbox_ifs=$IFS
  IFS="
"
  set -- $signalbox_order
  IFS=$signalbox_ifs
  cd "${1#=}" 2>&3 || exit 126
  unset OLDPWD SIGNALBOX_SPARE
  STY=${STY%%.*}.${2#=}
  signalbox_program=${3#=}
  shift 3
  while [ "$1" != . ]; do
    export "${1#=}"
    shift
  done
  shift
  signalbox_count=$#
  while [ "$signalbox_count" -gt 1 ]; do
    set -- "$@" "${1#=}"
    shift
    signalbox_count=$((signalbox_count - 1))
  done
  shift
  put child "$signalbox_pid"
  read -r signalbox_word <&4
  [ "$signalbox_word" = go ] || exit 75
  exec 4<&- 6<&- 2>&3 3>&-
  # flock has a code of its own for what cannot be executed; the shell says why, with the code that everybody knows.
  case $signalbox_program in
  */*) [ -x "$signalbox_program" ] && [ ! -d "$signalbox_program" ] ;;
  *) command -v "$signalbox_program" >/dev/null ;;
  esac || exec "$signalbox_program"
  exec "$@"
}

IFS= read -r signalbox_boot </proc/sys/kernel/random/boot_id
ticks_of $$
# Caught, not ignored: the program keeps the default for each. HUP is left alone, so that a closed terminal ends the program too.
trap : INT QUIT TERM USR1 USR2
if [ "$1" = --spare ]; then
  stty -ixon
  # Its folder will be the run's, under another name. The pipes are opened before anybody is told, or an order could come and go unread.
  exec 6<"$2" 5<"$2/words" 4<"$2/go"
  signalbox_folder=/proc/self/fd/6
  put shim "$$ $signalbox_ticks $STY $signalbox_boot"
  # As below: its own word goes nowhere.
  exec 3>&2 2>/dev/null
  (become)
else
  signalbox_folder=$1
  shift
  put shim "$$ $signalbox_ticks $STY $signalbox_boot"
  # The shell's own word about a killed program would block in a frozen terminal for ever, and the exit code with it: it goes nowhere.
  exec 3>&2 2>/dev/null
  # Ctrl-S would freeze the program for good, long after whoever pressed it has left. Set while the locks are taken: the pipe is only there
  # to tell the last step when that is done, and the program's own input is the terminal.
  stty -ixon <&3 | (exec "$@" 4<&0 <&3 2>&3 3>&-)
fi
signalbox_code=$?
put exit "$signalbox_code"
exit "$signalbox_code"
