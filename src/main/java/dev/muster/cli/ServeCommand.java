package dev.muster.cli;

import dev.muster.Appliance;
import dev.muster.Surroundings;
import dev.muster.kernel.access.Tokens;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.HomeLock;
import dev.muster.kernel.home.Running;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.supervision.Supervision;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code muster serve}. Its options are spelled out here, as picocli takes a tenth of a second to
 * read annotations, which is a sixth of the whole start.
 */
final class ServeCommand implements Callable<Integer> {
  private static final String INSECURE_HTTP = "--insecure-http";

  /** Less than the unit's {@code TimeoutStopSec}. */
  private static final Duration LONGEST_END = Duration.ofSeconds(25);

  /** The options that carry a text, each named like its setting. */
  private static final List<OptionSpec> TEXTS =
      List.of(
          text(
              "--listen",
              "HOST:PORT",
              "Public listener; default 0.0.0.0:8080, without TLS 127.0.0.1:8080."),
          text(
              "--admin",
              "HOST:PORT",
              "Admin listener with the status page; default 127.0.0.1:8081."),
          text("--config-url", "URL", "Git repository of the config; default: the embedded one."),
          text("--config-branch", "NAME", "Branch of the config; default main."),
          text("--log-format", "text|json", "Form of the log's lines; default text."));

  /** Made by whoever needs it first: Java's providers take a while to load, beside the database. */
  private static final class Secure {
    private static final SecureRandom RANDOM = new SecureRandom();
  }

  private final World world;
  private final CommandSpec spec;

  ServeCommand(World world) {
    this.world = world;
    this.spec = MusterCommand.spec(this).name("serve");
  }

  /** The command with its options. */
  CommandLine commandLine() {
    spec.usageMessage().description("Runs the appliance.");
    spec.addOption(
        OptionSpec.builder(HomeOption.NAME)
            .paramLabel(HomeOption.LABEL)
            .type(Path.class)
            .description(HomeOption.WHAT, HomeOption.DEFAULT)
            .build());
    TEXTS.forEach(spec::addOption);
    spec.addOption(
        OptionSpec.builder(INSECURE_HTTP)
            .type(boolean.class)
            .description("Lets plain HTTP leave this machine: tokens and secrets go in clear.")
            .build());
    return MusterCommand.line(spec);
  }

  private static OptionSpec text(String name, String label, String description) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(String.class)
        .description(description)
        .build();
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path named = spec.commandLine().getParseResult().matchedOptionValue(HomeOption.NAME, null);
    Home folder = HomeOption.home(world, named);
    Settings settings = Settings.read(folder, given(), world.environment());
    Logging.configure(Level.INFO, settings.jsonLog());
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch stop = new CountDownLatch(1);
    SystemTimers timers = new SystemTimers(world.clock());
    Surroundings around =
        new Surroundings(
            world.clock(),
            timers,
            () -> Secure.RANDOM.nextLong(),
            world.environment(),
            world.programs(),
            world.build().version(),
            Map.of(),
            world.programs().agentFiles());
    // Before the start: one that is told to end then ends in order, as soon as it has begun.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> await(stop, stopped), "stop"));
    try (timers;
        Appliance appliance = Appliance.start(folder, settings, around)) {
      welcome(folder, settings, appliance);
      Optional<Supervision> supervision =
          Supervision.start(
              world.environment(), appliance.running().pid(), world.clock(), timers, appliance);
      stop.await();
      supervision.ifPresent(Supervision::close); // it says so before anything is closed
    } catch (HomeLock.TakenException e) {
      throw new Failure(Failure.NO, String.valueOf(e.getMessage()));
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  /**
   * The process ends when the shutdown hooks have: this one waits for the appliance to close,
   * though not for ever for one that does not get so far.
   */
  private static void await(CountDownLatch stop, CountDownLatch stopped) {
    stop.countDown();
    try {
      if (!stopped.await(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
        System.getLogger(ServeCommand.class.getName())
            .log(
                System.Logger.Level.ERROR,
                "Not closed after {0}; ending as after a crash",
                LONGEST_END);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The settings that the command line gives. */
  private Map<String, String> given() {
    ParseResult parsed = spec.commandLine().getParseResult();
    Map<String, String> given = new HashMap<>();
    for (OptionSpec option : TEXTS) {
      if (parsed.hasMatchedOption(option)) {
        given.put(option.longestName().substring(2).replace('-', '_'), option.getValue());
      }
    }
    if (parsed.hasMatchedOption(INSECURE_HTTP)) {
      given.put("insecure_http", "true");
    }
    return given;
  }

  private void welcome(Home folder, Settings settings, Appliance appliance) {
    PrintStream out = world.out();
    Running running = appliance.running();
    out.println("Muster runs on " + folder.root());
    out.println("  status page  " + running.adminUrl());
    if (settings.configUrl().isPresent()) {
      out.println("  config from  " + settings.configUrl().get());
    } else {
      out.println("  config push  git push " + running.publicUrl() + "/git/config.git main");
    }
    if (appliance.firstToken().isPresent()) {
      Tokens.Created token = appliance.firstToken().get();
      out.println("  admin token  " + token.value() + "  (shown this once; git asks for it as");
      out.println("               the password, with any user name)");
    }
    if (settings.listen().loopback()) {
      out.println(
          "  Only this machine reaches it: set tls_certificate and tls_key in "
              + folder.properties());
    }
    out.flush();
  }
}
