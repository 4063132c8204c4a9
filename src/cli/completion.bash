# The word to be completed may be one of these, of which each is KIND=WHAT.
_statbed_any() {
    local what

    for what; do
        case $what in
        names=*) _statbed_names "${what#*=}" ;;
        files=*) _statbed_files "${what#*=}" ;;
        folders) _statbed_folders ;;
        word=*) _statbed_add "${what#*=}" ;;
        esac
    done
}

_statbed_add() {
    local word

    for word; do
        [[ $word != "$cur"* ]] || COMPREPLY+=("$word")
    done
}

# Names change with what is installed and with the current folder: statbed knows them.
_statbed_names() {
    local names

    mapfile -t names < <("$program" list ${1:+"$1"} --format=names 2>/dev/null)
    _statbed_add "${names[@]}"
}

# Files of this ending; folders on the way to them where a part of the path is there, or nothing else.
_statbed_files() {
    local file

    compopt -o filenames 2>/dev/null
    while IFS= read -r file; do
        [[ -d $file || $file != *"$1" ]] || COMPREPLY+=("$file")
    done < <(compgen -f -- "$cur")
    [[ ${#COMPREPLY[@]} -gt 0 && $cur != */* ]] || _statbed_folders
}

_statbed_folders() {
    local file

    compopt -o filenames 2>/dev/null
    while IFS= read -r file; do
        COMPREPLY+=("$file")
    done < <(compgen -d -- "$cur")
}

# Does this option take a value?
_statbed_valued() {
    local option

    for option in "${options[@]}"; do
        [[ $option != "$1=" ]] || return 0
    done
    return 1
}

# bash takes words apart at '=' (COMP_WORDBREAKS): words, as they were written.
_statbed_join() {
    local i glue=''

    words=()
    for ((i = 1; i <= COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == = && ${#words[@]} -gt 0 ]]; then
            words[-1]+='='
            glue=1
        elif [[ $glue ]]; then
            words[-1]+=${COMP_WORDS[i]}
            glue=''
        else
            words+=("${COMP_WORDS[i]}")
        fi
    done
}

_statbed() {
    local program=${COMP_WORDS[0]} cur='' verb place=0 valued='' ended='' prefix='' i word
    local words=() options=()

    COMPREPLY=()
    _statbed_join
    verb=${words[0]-}
    cur=${words[-1]-}
    if [[ ${#words[@]} -le 1 ]]; then
        _statbed_add "${_statbed_verbs[@]}"
        return
    fi
    if [[ $verb == help ]]; then
        _statbed_add "${_statbed_verbs[@]}"
        return
    fi
    _statbed_options "$verb"
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        if [[ $valued ]]; then
            valued=''
        elif [[ ! $ended && $word == -- ]]; then
            ended=1
        elif [[ ! $ended ]] && _statbed_valued "$word"; then
            valued=$word
        elif [[ $ended || $word != -* ]]; then
            place=$((place + 1))
        fi
    done
    if [[ $valued ]]; then
        _statbed_value "$verb $valued"
    elif [[ ! $ended && $cur == --*=* ]]; then
        prefix=${cur%%=*}
        cur=${cur#*=}
        _statbed_value "$verb $prefix"
        [[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/$prefix=}")
    elif [[ ! $ended && $cur == -* ]]; then
        for word in "${options[@]}"; do
            [[ $word != --* ]] || _statbed_add "$word"
        done
        [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
    else
        _statbed_operand "$verb $place"
    fi
}

complete -F _statbed statbed
