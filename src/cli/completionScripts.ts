// The scripts of `twindex completion`. They are short, since `twindex complete` prints the candidates: one
// per line, with a tab before its description, or `:files` if the shell should complete the name of a file.
// Each script calls the program that the user is typing, so it still works after an update of twindex.

const BASH = String.raw`# bash completion of twindex
_twindex() {
  local word rest
  COMPREPLY=()
  while IFS=$'\t' read -r word rest; do
    if [[ $word == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
    else
      # bash takes the part after = for a word of its own
      [[ $word == *=* && $COMP_WORDBREAKS == *=* ]] && word=\${word#*=}
      COMPREPLY+=("$word")
    fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _twindex twindex
`.replaceAll('\\${', '${');

const ZSH = String.raw`#compdef twindex
# zsh completion of twindex
_twindex() {
  local -a candidates
  local line tab=$'\t'
  for line in "\${(@f)$("$words[1]" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ":files" ]]; then
      _files
      return
    fi
    [[ -n $line ]] && candidates+=("\${\${line//:/\\:}/$tab/:}")
  done
  _describe twindex candidates
}
if [[ $funcstack[1] == _twindex ]]; then _twindex "$@"; else compdef _twindex twindex; fi
`.replaceAll('\\${', '${');

const FISH = String.raw`# fish completion of twindex
function __twindex_complete
  set -l before (commandline -opc)
  set -l current (commandline -ct)
  for line in (command $before[1] complete -- $before[2..-1] "$current" 2>/dev/null)
    if test "$line" = ":files"
      __fish_complete_path "$current"
    else
      echo $line
    end
  end
end
complete -c twindex -f -a '(__twindex_complete)'
`;

export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;

export type Shell = keyof typeof COMPLETION_SCRIPTS;
