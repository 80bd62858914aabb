package dev.muster.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster completion}. */
@Command(
    name = "completion",
    description = {"Prints the shell's completion script.", "  source <(muster completion bash)"})
final class CompletionCommand implements Runnable {
  enum Shell {
    BASH,
    ZSH
  }

  private final World world;

  @Parameters(paramLabel = "bash|zsh", description = "One script serves both.")
  private Shell shell = Shell.BASH;

  @Spec private CommandSpec spec = CommandSpec.create();

  CompletionCommand(World world) {
    this.world = world;
  }

  @Override
  public void run() {
    String script = AutoComplete.bash("muster", spec.root().commandLine());
    if (shell == Shell.ZSH) {
      world.out().println("autoload -U +X bashcompinit && bashcompinit");
    }
    world.out().print(script);
  }
}
