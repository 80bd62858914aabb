package dev.muster.agent.linux;

import dev.muster.agent.protocol.AgentCodec;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * {@code AgentMain --config FILE}, or {@code AgentMain --self-test [--user NAME]}.
 *
 * <p>Exit codes: 0 the work is done or the self-test passed (a job ran, whatever its own exit code;
 * told to stop; or the appliance stayed away), 1 the appliance refused the enrolment or the
 * self-test failed, 2 wrong use or a config that cannot be used, 70 an unexpected failure. What
 * happened is on stderr, one line each, without credentials.
 */
public final class AgentMain {
  private static final int USAGE = 2;
  private static final int SOFTWARE = 70;
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /** How long a machine that shuts down is held up to end a job and say so. */
  private static final Duration SHUTDOWN = Duration.ofSeconds(25);

  private AgentMain() {}

  public static void main(String[] args) {
    System.exit(run(args, System.err));
  }

  /** Everything but the exit itself. */
  static int run(String[] args, PrintStream err) {
    if (args.length > 0 && args[0].equals("--self-test")) {
      return selfTest(args, err);
    }
    if (args.length != 2 || !args[0].equals("--config")) {
      return usage(err);
    }
    PrivateFile file = new PrivateFile(Path.of(args[1]));
    AgentConfig config;
    Machine machine;
    Optional<JobUser> user;
    try {
      config = AgentConfig.read(file);
      user =
          config.user().isEmpty()
              ? Optional.empty()
              : Optional.of(JobUser.named(config.user().get()));
      Files.createDirectories(config.home());
      machine = machine();
    } catch (IOException | IllegalArgumentException e) {
      err.println("muster-agent: config %s: %s".formatted(file.path(), explanation(e)));
      return USAGE;
    }
    // A POST that the runtime repeats by itself would hide a lost answer from the protocol.
    System.setProperty("sun.net.http.retryPost", "false");
    AgentTime time = AgentTime.system();
    Agent agent =
        new Agent(
            config,
            file,
            new SessionFile(new PrivateFile(config.home().resolve("session.json"))),
            new Agent.Surroundings(
                machine,
                new HttpApplianceLink(config.url(), new AgentCodec()),
                new SetsidLauncher(config.home(), time, user),
                time,
                new SecureRandom(),
                Limits.DEFAULT,
                line -> err.println("muster-agent: " + line)));
    return runGuarded(agent, err);
  }

  private static int usage(PrintStream err) {
    err.println("usage: AgentMain --config FILE | --self-test [--user NAME]");
    return USAGE;
  }

  private static int selfTest(String[] args, PrintStream err) {
    boolean named = args.length == 3 && args[1].equals("--user");
    if (args.length != 1 && !named) {
      return usage(err);
    }
    try {
      Optional<JobUser> user = named ? Optional.of(JobUser.named(args[2])) : Optional.empty();
      return SelfTest.pass(user, machine(), err) ? 0 : 1;
    } catch (IOException e) {
      err.println("muster-agent: self-test failed: " + e.getMessage());
      return 1;
    }
  }

  private static int runGuarded(Agent agent, PrintStream err) {
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = new Thread(() -> interrupt(agent, ended), "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      AgentResult result = agent.run();
      err.println("muster-agent: " + result.message());
      return result.exitCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return SOFTWARE;
    } catch (RuntimeException e) {
      err.println("muster-agent: unexpected: " + e);
      return SOFTWARE;
    } finally {
      ended.countDown();
    }
  }

  private static void interrupt(Agent agent, CountDownLatch ended) {
    try {
      if (agent.interrupt("the machine is shutting down")) {
        boolean done = ended.await(SHUTDOWN.toSeconds(), TimeUnit.SECONDS);
        if (!done) {
          System.err.println("muster-agent: shut down before the job's end was reported");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Machine machine() throws IOException {
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String version = AgentMain.class.getPackage().getImplementationVersion();
    return new Machine(
        Files.readString(BOOT_ID).strip(),
        arch.equals("aarch64") ? "arm64" : arch,
        version == null ? "development" : version);
  }

  private static String explanation(Exception e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "not found"
        : String.valueOf(e.getMessage());
  }
}
