package dev.muster.cli;

import dev.muster.kernel.home.Settings;
import dev.muster.kernel.store.MigrationFailedException;
import dev.muster.kernel.store.NewerDatabaseException;
import dev.muster.kernel.store.StoreUnavailableException;
import dev.muster.kernel.store.UnreadableDatabaseException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code muster}, and how its commands fail. */
public final class MusterCommand {
  private static final int BUG = 70;

  private MusterCommand() {}

  /** The whole command line. */
  public static CommandLine commandLine(World world) {
    return commandLine(world, commands(world).values());
  }

  /** The command line for these arguments: reading the other commands takes a tenth of a second. */
  public static CommandLine commandLine(World world, String[] arguments) {
    Supplier<CommandLine> named = arguments.length == 0 ? null : commands(world).get(arguments[0]);
    return named == null || arguments[0].equals("completion")
        ? commandLine(world)
        : commandLine(world, List.of(named));
  }

  private static CommandLine commandLine(World world, Collection<Supplier<CommandLine>> commands) {
    CommandLine muster = line(root());
    commands.forEach(command -> muster.addSubcommand(command.get()));
    addHelp(muster);
    muster.setCaseInsensitiveEnumValuesAllowed(true);
    muster.setExecutionExceptionHandler((e, line, result) -> failed(world, e));
    muster.setParameterExceptionHandler((e, arguments) -> {
      world.err().println("muster: " + e.getMessage());
      UnmatchedArgumentException.printSuggestions(
          e, new PrintWriter(world.err(), true, StandardCharsets.UTF_8));
      String command = e.getCommandLine().getCommandSpec().qualifiedName();
      world.err().println("See " + command + " --help");
      return Failure.UNUSABLE;
    });
    return muster;
  }

  /** Without a command of its own; see {@link ServeCommand} on why without annotations. */
  private static CommandSpec root() {
    CommandSpec root = spec(null).name("muster");
    root.usageMessage()
        .description("Keeps CI runner fleets in the state that a git repository describes.")
        .synopsisSubcommandLabel("COMMAND");
    return root;
  }

  /** A command, of an object with annotations or of a spec. */
  static CommandLine line(Object command) {
    return new CommandLine(command);
  }

  /** A spec to be filled in, of a command without annotations. */
  static CommandSpec spec(@Nullable Object command) {
    return CommandSpec.wrapWithoutInspection(command);
  }

  private static Map<String, Supplier<CommandLine>> commands(World world) {
    Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
    commands.put("serve", () -> new ServeCommand(world).commandLine());
    commands.put("try", () -> line(new TryCommand(world)));
    commands.put("validate", () -> line(new ValidateCommand(world)));
    commands.put("plan", () -> line(new PlanCommand(world)));
    commands.put("schema", () -> line(new SchemaCommand(world)));
    commands.put("import", () -> line(new ImportCommand(world)));
    commands.put("status", () -> line(new StatusCommand(world)));
    commands.put("why", () -> line(new WhyCommand(world)));
    commands.put("token", () -> token(new TokenCommand(world)));
    commands.put("backup", () -> line(new BackupCommand(world)));
    commands.put("restore", () -> line(new RestoreCommand(world)));
    commands.put("pause", () -> line(new PauseCommand.Pause(world)));
    commands.put("resume", () -> line(new PauseCommand.Resume(world)));
    commands.put(
        "runner",
        () ->
            group(
                RunnerCommand.group(),
                new RunnerCommand.ListAll(world),
                new RunnerCommand.Terminate(world)));
    commands.put("job", () -> group(JobCommand.group(), new JobCommand.Retry(world)));
    commands.put("audit", () -> group(new AuditCommand(world), new AuditCommand.Verify(world)));
    commands.put(
        "infra",
        () ->
            group(
                new InfraCommand(),
                new InfraCommand.TemplateCommand(world),
                new InfraCommand.CheckCommand(world)));
    commands.put("doctor", () -> line(new DoctorCommand(world)));
    commands.put("accept", () -> line(new AcceptCommand(world)));
    commands.put("bench", () -> line(new BenchCommand(world)));
    commands.put("train", () -> line(new TrainCommand(world)));
    commands.put("train-brief", () -> line(new TrainCommand.Brief(world)));
    commands.put("version", () -> line(new VersionCommand(world)));
    commands.put("completion", () -> line(new CompletionCommand(world)));
    return commands;
  }

  private static CommandLine token(TokenCommand token) {
    return group(token, token.create(), token.list(), token.revoke());
  }

  private static CommandLine group(Object command, Object... commands) {
    CommandLine group = line(command);
    for (Object sub : commands) {
      group.addSubcommand(line(sub));
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
    if (saysTheWayOut(e)) {
      world.err().println("muster: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
      return Failure.UNUSABLE;
    }
    world.err().println("muster: a bug: " + e);
    e.printStackTrace(world.err());
    return BUG;
  }

  /** What nobody but a person can mend: a setting, the machine, or a home of another version. */
  private static boolean saysTheWayOut(Exception e) {
    return e instanceof Settings.BadSettingException
        || e instanceof IOException
        || e instanceof NewerDatabaseException
        || e instanceof MigrationFailedException
        || e instanceof StoreUnavailableException
        || e instanceof UnreadableDatabaseException;
  }
}
