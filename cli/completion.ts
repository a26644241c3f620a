import { Command } from "@commander-js/extra-typings";
import type { Command as AnyCommand, Option } from "commander";
import { choicesOf, oneOf } from "./options.ts";

/** A flag, as a shell has to know it. */
interface Flag {
  name: string;
  description: string;
  /** Whether a word follows it. */
  takesValue: boolean;
  /** The words that may follow; none where it may be any, such as a file. */
  choices: readonly string[];
}

/** A command with the words that lead to it, such as "train cifar"; "" is layermix itself. */
interface CommandNode {
  path: string;
  description: string;
  flags: Flag[];
  /** What may come next: commands, or the choices of its argument. */
  next: { word: string; description: string }[];
}

const shells = { bash, zsh, fish };
type Shell = keyof typeof shells;

const example = `
Examples:
  layermix completion bash > ~/.local/share/bash-completion/completions/layermix
  layermix completion zsh >> ~/.zshrc
  layermix completion fish > ~/.config/fish/completions/layermix.fish`;

/** `layermix completion`: what a shell needs to complete commands, flags and names. */
export function completion() {
  const names = Object.keys(shells) as Shell[];
  return new Command("completion")
    .description("Print a script by which a shell completes commands, flags and names.")
    .argument("<shell>", names.join(", "), oneOf("the shell", names))
    .addHelpText("after", example)
    .action((shell, _, command) => {
      const root = command.parent as unknown as AnyCommand;
      console.log(shells[shell](nodesOf(root, "")));
    });
}

/** A command and all below it. */
function nodesOf(command: AnyCommand, path: string): CommandNode[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const [argument] = command.registeredArguments as unknown as { parseArg?: object }[];
  const node = {
    path,
    description: command.description(),
    flags: help.visibleOptions(command).filter(({ long }) => long).map(flagOf),
    next: [
      ...commands.map((one) => ({ word: one.name(), description: one.description() })),
      ...choicesOf(argument?.parseArg).map((word) => ({ word, description: "" })),
    ],
  };
  const below = commands.filter((one) => one.name() !== "help");
  return [node, ...below.flatMap((one) => nodesOf(one, `${path} ${one.name()}`.trim()))];
}

function flagOf({ long, description, required, optional, parseArg }: Option): Flag {
  return {
    name: long!,
    description: description.split(/[:;(]/)[0]!.trim(),
    takesValue: required || optional,
    choices: choicesOf(parseArg as object | undefined),
  };
}

/** A script for bash, which completes files where nothing else is known. */
function bash(nodes: readonly CommandNode[]): string {
  const arm = (pattern: string, words: readonly string[]) =>
    `    "${pattern}") words="${words.join(" ")}" ;;`;
  const values = nodes.flatMap(({ path, flags }) =>
    flags.filter(({ takesValue }) => takesValue)
      .map(({ name, choices }) => arm(`${path} ${name}`, choices))
  );
  const next = nodes.map(({ path, next }) => arm(path, next.map(({ word }) => word)));
  const flags = nodes.map(({ path, flags }) => arm(path, flags.map(({ name }) => name)));
  const paths = nodes.slice(1).map(({ path }) => `"${path}"`).join(" | ");
  return `_layermix() {
  local current=\${COMP_WORDS[COMP_CWORD]} path= word words= head=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
    ${paths}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join("\n")}
    *) case "$current" in
      -*) case "$path" in
${flags.join("\n")}
      esac ;;
      *) case "$path" in
${next.join("\n")}
      esac ;;
    esac ;;
  esac
  case "$current" in
  *,*) head=\${current%,*}, ;;
  esac
  COMPREPLY=($(compgen -P "$head" -W "$words" -- "\${current#"$head"}"))
}
complete -o default -F _layermix layermix`;
}

/** Bash's script, by zsh's functions for such. */
function zsh(nodes: readonly CommandNode[]): string {
  return `autoload -U +X compinit bashcompinit && compinit && bashcompinit\n${bash(nodes)}`;
}

function fish(nodes: readonly CommandNode[]): string {
  const quoted = (text: string) => `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
  const lines = nodes.flatMap(({ path, flags, next }) => {
    const words = path.split(" ").filter(Boolean);
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const names = next.map(({ word }) => word).join(" ");
    const none = next.length ? [`not __fish_seen_subcommand_from ${names}`] : [];
    const when = (conditions: readonly string[]) =>
      `complete -c layermix -n ${quoted(conditions.join("; and ") || "true")}`;
    const before = when([...seen, ...none]);
    return [
      ...next.map(({ word, description }) =>
        `${before} -f -a ${word} -d ${quoted(description.split(/[:;]/)[0]!)}`
      ),
      ...flags.map(({ name, description, takesValue, choices }) => {
        const value = choices.length ? ` -x -a ${quoted(choices.join(" "))}` : " -r";
        const told = `-l ${name.slice(2)} -d ${quoted(description)}`;
        return `${when(seen)} ${told}${takesValue ? value : ""}`;
      }),
    ];
  });
  return lines.join("\n");
}
