# The word may be one of these, of which each is KIND=WHAT.
_statbed_any() {
    local what ret=1
    local -a words

    for what; do
        case $what in
        names=*)
            # names change with what is installed and with the current folder: statbed knows them
            words=(${(f)"$($statbed_program list ${what#*=} --format=names 2>/dev/null)"})
            compadd -a words && ret=0
            ;;
        word=*) compadd -- ${what#*=} && ret=0 ;;
        files=*) _files -g "*${what#*=}(-.)" && ret=0 ;;
        folders) _files -/ && ret=0 ;;
        esac
    done
    return ret
}

_statbed() {
    local curcontext=$curcontext state line statbed_program=${(Q)words[1]}
    typeset -A opt_args

    _arguments -C \
        '(- *)'{-h,--help}'[the verbs]' \
        '(- *)--version[the version]' \
        '1: :_statbed_verbs' \
        '*:: :->arguments' && return
    [[ $state == arguments ]] && _statbed_arguments $words[1]
}

_statbed "$@"
