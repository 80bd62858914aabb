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
    muster.addSubcommand(new ValidateCommand(world));
    muster.addSubcommand(new PlanCommand(world));
    muster.addSubcommand(new SchemaCommand(world));
    muster.addSubcommand(new ImportCommand(world));
    muster.addSubcommand(new StatusCommand(world));
    muster.addSubcommand(new WhyCommand(world));
    TokenCommand token = new TokenCommand(world);
    muster.addSubcommand(group(token, token.create(), token.list(), token.revoke()));
    muster.addSubcommand(new BackupCommand(world));
    muster.addSubcommand(new RestoreCommand(world));
    muster.addSubcommand(new PauseCommand.Pause(world));
    muster.addSubcommand(new PauseCommand.Resume(world));
    muster.addSubcommand(
        group(
            RunnerCommand.group(),
            new RunnerCommand.ListAll(world),
            new RunnerCommand.Terminate(world)));
    muster.addSubcommand(group(JobCommand.group(), new JobCommand.Retry(world)));
    muster.addSubcommand(group(new AuditCommand(world), new AuditCommand.Verify(world)));
    muster.addSubcommand(new DoctorCommand(world));
    muster.addSubcommand(new BenchCommand(world));
    muster.addSubcommand(new VersionCommand(world));
    muster.addSubcommand(new CompletionCommand(world));
    addHelp(muster);
    muster.setCaseInsensitiveEnumValuesAllowed(true);
    muster.setExecutionExceptionHandler((e, line, result) -> failed(world, e));
    muster.setParameterExceptionHandler((e, arguments) -> {
      world.err().println("muster: " + e.getMessage());
      return Failure.UNUSABLE;
    });
    return muster;
  }

  private static CommandLine group(Object command, Object... commands) {
    CommandLine group = new CommandLine(command);
    for (Object sub : commands) {
      group.addSubcommand(sub);
    }
    return group;
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
