package dev.muster.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code muster}, and how its commands fail. */
@Command(
    name = "muster",
    description = "Keeps CI runner fleets in the state that a git repository describes.",
    synopsisSubcommandLabel = "COMMAND")
public final class MusterCommand implements Runnable {
  private static final int BUG = 70;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command? See muster --help");
  }

  /** The whole command line. */
  public static CommandLine commandLine(World world) {
    CommandLine muster = new CommandLine(new MusterCommand());
    muster.addSubcommand(new ServeCommand(world));
    muster.addSubcommand(new TryCommand(world));
    for (CommandLine command : muster.getSubcommands().values()) {
      addHelp(command);
    }
    addHelp(muster);
    muster.setCaseInsensitiveEnumValuesAllowed(true);
    muster.setExecutionExceptionHandler((e, line, result) -> failed(world, e));
    muster.setParameterExceptionHandler(
        (e, arguments) -> {
          world.err().println("muster: " + e.getMessage());
          return Failure.UNUSABLE;
        });
    return muster;
  }

  private static void addHelp(CommandLine command) {
    command
        .getCommandSpec()
        .addOption(
            CommandLine.Model.OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Shows this help.")
                .build());
    command.getSubcommands().values().forEach(MusterCommand::addHelp);
  }

  private static int failed(World world, Exception e) {
    if (e instanceof Failure failure) {
      world.err().println("muster: " + failure.getMessage());
      return failure.exitCode();
    }
    if (e instanceof dev.muster.kernel.home.Settings.BadSettingException
        || e instanceof java.io.IOException) {
      world.err().println("muster: " + e.getMessage());
      return Failure.UNUSABLE;
    }
    world.err().println("muster: a bug: " + e);
    e.printStackTrace(world.err());
    return BUG;
  }
}
